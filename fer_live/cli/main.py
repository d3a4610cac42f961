"""The command line; each command imports what it needs when it runs, so that help is fast."""

import errno
import io
import json
import logging
import sys
import threading
from collections.abc import Collection, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from fer_live.cli import bench as cli_bench
from fer_live.cli import evaluation as cli_evaluation
from fer_live.cli import predict as cli_predict
from fer_live.cli import report as cli_report
from fer_live.cli import review as cli_review
from fer_live.cli import serve as cli_serve
from fer_live.cli import training as cli_training
from fer_live.cli.live_outputs import (
    DerivedOption,
    JsonOption,
    LayoutOption,
    LslOption,
    OscOption,
    RunCommand,
    TokenOption,
    VirtualCameraOption,
    WebSocketOption,
    opener,
    output_values,
    without_switches,
)
from fer_live.cli.options import (
    PRIVACY_HELP,
    DetectorOption,
    DeviceOption,
    MaxMegapixelsOption,
    ModelOption,
    PrecisionOption,
    PriorOption,
    read_settings,
)
from fer_live.cli.window import open_window, tell
from fer_live.core.errors import FerLiveError
from fer_live.core.formats import LOG_SUFFIXES
from fer_live.core.process import end_process, open_cameras_quickly, share_cores
from fer_live.core.settings import Pictures, Privacy, Quality, Settings

app = typer.Typer(
    name="fer-live",
    help="Reads a webcam, finds every face and says which expression each one shows.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


VERSION_HELP = "Print the version and the licences."

_FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

SPLITS = (("--split-minutes", "split_minutes"), ("--split-mb", "split_mb"))

SourceOption = Annotated[
    str | None,
    typer.Option(
        "--source",
        help="Camera index or name, video file, picture or folder, URL, or 'demo'.",
        show_default="the last one used, at first the first camera",
    ),
]


def main() -> None:
    """Runs the command line; exit codes: 0 done, 1 failed with a message, 2 wrong usage."""
    # A name that the terminal or pipe cannot encode is shown with escapes and ends nothing.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    code: str | int | None = 0
    try:
        _refuse_empty_words(sys.argv[1:])
        app()
    except SystemExit as end:
        code = end.code
    except FerLiveError as error:
        tell(error)
        code = 1
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        # The program that read the output has ended.
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        # Files that are named are written elsewhere: this is standard output on a full disk.
        if error.errno not in _FULL_DISK:
            raise
        reason = f"The results cannot be written to standard output: {error.strerror}."
        tell(FerLiveError(reason, "Free some space, or write them to another disk."))
        code = 1
    end_process(code if isinstance(code, int) else int(code is not None))


def _refuse_empty_words(words: Sequence[str]) -> None:
    """Ends with code 2 at an empty argument, which as a path would mean the current folder."""
    for before, word in pairwise(("", *words)):
        flag, equals, value = word.partition("=")
        if not word:
            which = f"argument after {before}" if before else "first argument"
        elif flag.startswith("--") and equals and not value:
            which = f"value of {flag}"
        else:
            continue
        hint = "Name a file or value; a variable in the command may be unset."
        tell(FerLiveError(f"The {which} is empty.", hint))
        sys.exit(2)


def _version(wanted: bool) -> None:
    if wanted:
        from fer_live.core.licences import version_text

        typer.echo(version_text())
        raise typer.Exit


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=VERSION_HELP)
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what happens.")] = False,
) -> None:
    """Without a command: opens the window on the last source, at first the first camera."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
    )
    if context.invoked_subcommand is None:
        open_window(read_settings({}), None)


@app.command(cls=RunCommand)
def run(
    source: SourceOption = None,
    ca_file: Annotated[
        str | None,
        typer.Option("--ca-file", help="Certificate (PEM) of a camera or its private authority."),
    ] = None,
    model: ModelOption = None,
    device: DeviceOption = None,
    precision: PrecisionOption = None,
    detector: DetectorOption = None,
    prior: PriorOption = None,
    max_megapixels: MaxMegapixelsOption = None,
    headless: Annotated[bool, typer.Option("--headless", help="No window.")] = False,
    duration: Annotated[
        float | None, typer.Option("--duration", min=0.0, help="Stop after this many seconds.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--record", help="Write a video (.mp4 or a folder).")
    ] = None,
    pictures: Annotated[
        Pictures | None,
        typer.Option("--record-pictures", help="With overlay, without, or a file of each."),
    ] = None,
    quality: Annotated[
        Quality | None, typer.Option("--quality", help="Of the video, against its size.")
    ] = None,
    privacy: Annotated[
        Privacy | None,
        typer.Option("--privacy", help=PRIVACY_HELP),
    ] = None,
    split_minutes: Annotated[
        float | None, typer.Option("--split-minutes", help="A new part after so long.")
    ] = None,
    split_mb: Annotated[
        float | None, typer.Option("--split-mb", help="A new part before so many megabytes.")
    ] = None,
    record_name: Annotated[
        str | None,
        typer.Option("--record-name", help="File name in a folder: text, {date}, {time}, {ms}."),
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option("--log", help="Write every face's figures (.csv, .jsonl, .parquet)."),
    ] = None,
    stats: Annotated[
        Path | None, typer.Option("--stats", help="Write what was measured as JSON.")
    ] = None,
    width: Annotated[int | None, typer.Option(help="Camera width, pixels.")] = None,
    height: Annotated[int | None, typer.Option(help="Camera height, pixels.")] = None,
    fps: Annotated[float | None, typer.Option(help="Camera frames per second.")] = None,
    mirror: Annotated[
        bool | None, typer.Option("--mirror/--no-mirror", help="Flip left and right.")
    ] = None,
    paced: Annotated[
        bool,
        typer.Option("--paced", help="Headless: play a file at its own rate, as a camera would."),
    ] = False,
    log_layout: LayoutOption = None,
    derived: DerivedOption = None,
    json_lines: JsonOption = None,
    websocket: WebSocketOption = None,
    websocket_token: TokenOption = None,
    osc: OscOption = None,
    lsl: LslOption = None,
    virtual_camera: VirtualCameraOption = False,
) -> None:
    """Opens the window on a source, or runs the same engine without one."""
    values = {
        "ca_file": ca_file,
        "model": model,
        "device": device.value if device else None,
        "precision": precision.value if precision else None,
        "detector": detector.value if detector else None,
        "prior": prior,
        "max_megapixels": max_megapixels,
        "width": width,
        "height": height,
        "fps": fps,
        "mirror": mirror,
        "log_layout": log_layout,
        "derived_figures": derived,
    }
    outputs = output_values(websocket, websocket_token, osc, lsl, camera=virtual_camera)
    flags = {
        "--record-pictures": ("record_pictures", pictures),
        "--quality": ("record_quality", quality),
        "--privacy": ("privacy", privacy),
        "--split-minutes": ("split_minutes", split_minutes),
        "--split-mb": ("split_mb", split_mb),
        "--record-name": ("record_name", record_name),
    }
    settings = read_settings({**values, **outputs, **dict(flags.values())})
    given = [flag for flag, (_, value) in flags.items() if value is not None]
    _check_outputs(settings, record, log, given if headless else ())
    if not headless:
        if stats is not None:
            raise typer.BadParameter("--stats needs --headless")
        wanted = {"record": record, "log": log, "json_lines": json_lines, "duration_s": duration}
        open_window(settings, source, **wanted)
        return
    share_cores()
    open_cameras_quickly()
    from fer_live.batch.headless import run_source
    from fer_live.outputs.json_lines import STDOUT, ReaderLeftError

    stop_event = threading.Event()
    try:
        report = run_source(
            settings,
            source,
            duration_s=duration,
            record=record,
            log_path=log,
            stats_path=stats,
            paced=paced,
            stop_event=stop_event,
            open_outputs=opener(without_switches(settings, outputs), json_lines, stop_event),
        )
    except ReaderLeftError as error:
        if json_lines != STDOUT:
            raise
        raise BrokenPipeError from error
    if stats is None and json_lines != STDOUT:
        typer.echo(json.dumps(report, indent=2))


def _check_outputs(
    settings: Settings, record: Path | None, log: Path | None, flags: Collection[str]
) -> None:
    if record is None and flags:
        raise typer.BadParameter(f"{next(iter(flags))} needs --record")
    if record is not None:
        named = record.suffix.lower() == ".mp4" and not record.is_dir()
        if record.suffix and not named and not record.is_dir():
            raise typer.BadParameter("--record takes a name ending in .mp4, or a folder")
        if named and "--record-name" in flags:
            raise typer.BadParameter("--record-name needs a folder: --record names the file itself")
        if settings.record_pictures == "none" and "--record-pictures" in flags:
            raise typer.BadParameter("for numbers only leave out --record, and name a --log")
        if not all(getattr(settings, name) for flag, name in SPLITS if flag in flags):
            raise typer.BadParameter("parts of no length are too short: leave the flag out")
        from fer_live.recording.options import RecordingOptions

        try:
            RecordingOptions.from_settings(settings)
        except FerLiveError as error:
            raise typer.BadParameter(str(error)) from error
    if log is not None and log.suffix.lower() not in LOG_SUFFIXES and not log.is_dir():
        raise typer.BadParameter(
            f"--log takes a name ending in {', '.join(LOG_SUFFIXES)}, or a folder"
        )
    if log is not None and settings.log_layout != "fer_live":
        from fer_live.session_log.files import check_layout

        suffix = f".{settings.log_format}" if log.is_dir() else log.suffix
        try:
            check_layout(settings.log_layout, suffix)
        except FerLiveError as error:
            raise typer.BadParameter(str(error)) from error


@app.command()
def cameras(
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    check: Annotated[
        str | None,
        typer.Option("--check", help="Measure this camera, index or name, and say what to change."),
    ] = None,
) -> None:
    """Lists the cameras: index, name, back-end. The index shown is the index that opens."""
    if check is not None:
        _check_camera(check, as_json=as_json)
        return
    from fer_live.capture.devices import list_cameras

    found = list_cameras()
    if as_json:
        rows = [{"index": c.index, "name": c.name, "backend": c.backend} for c in found]
        typer.echo(json.dumps(rows, indent=2))
        return
    if not found:
        typer.echo("No camera found. Plug one in, or try: fer-live run --source demo", err=True)
    for camera in found:
        typer.echo(f"{camera.index}\t{camera.name}\t{camera.backend}")


def _check_camera(text: str, *, as_json: bool) -> None:
    share_cores()
    from dataclasses import asdict

    from fer_live.capture.devices import find_camera
    from fer_live.gui.window.camera_formats import offered_formats
    from fer_live.live.assembly import check_settings_camera

    settings = read_settings({})
    device = find_camera(text)
    offered = offered_formats(device.name)
    found = check_settings_camera(settings, str(device.index), offered)
    if as_json:
        typer.echo(json.dumps({**asdict(found), "advice": found.advice}, indent=2))
        return
    for name, value in found.rows:
        typer.echo(f"{name + ':':20} {value}")
    typer.echo("")
    for sentence in found.advice:
        typer.echo(sentence)


cli_predict.register(app)
cli_report.register(app)
cli_review.register(app)
cli_training.register(app)
cli_evaluation.register(app)
cli_serve.register(app)
cli_bench.register(app)
