"""Flags for live outputs, and how a run without a window opens them."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from fer_live.core.errors import ConfigError
from fer_live.core.network import LOOPBACK, parse_address
from fer_live.core.settings import LogLayout, Settings

if TYPE_CHECKING:
    from fer_live.batch.headless import OpenOutputs
    from fer_live.live.engine import Engine
    from fer_live.outputs.live_outputs import LiveOutputs
    from fer_live.outputs.options import OutputOptions
    from fer_live.outputs.output import Output

PANEL = "Live outputs"
LSL_FLAG = "--lsl"
SWITCHES = ("json_output", "websocket", "osc", "lsl", "virtual_camera")
"""Settings that switch outputs on."""

JsonOption = Annotated[
    str | None,
    typer.Option(
        "--json",
        metavar="FILE|-",
        help="Write a JSON line per frame to a new file or, with -, to standard output.",
        rich_help_panel=PANEL,
    ),
]
WebSocketOption = Annotated[
    str | None,
    typer.Option(
        "--ws",
        metavar="[HOST:]PORT",
        help="Serve a WebSocket, and the page /overlay for OBS; on 127.0.0.1 without a host.",
        rich_help_panel=PANEL,
    ),
]
TokenOption = Annotated[
    str | None,
    typer.Option(
        "--ws-token",
        help="Demanded of WebSocket clients; better set as FER_LIVE_WEBSOCKET_TOKEN, since other "
        "users of this computer can see flags.",
        rich_help_panel=PANEL,
    ),
]
OscOption = Annotated[
    str | None,
    typer.Option(
        "--osc", metavar="HOST:PORT", help="Send OSC messages there.", rich_help_panel=PANEL
    ),
]
LslOption = Annotated[
    str | None,
    typer.Option(
        LSL_FLAG,
        metavar="[NAME]",
        help="Publish Lab Streaming Layer streams of this name, or of the name in the settings.",
        rich_help_panel=PANEL,
    ),
]
VirtualCameraOption = Annotated[
    bool,
    typer.Option(
        "--virtual-camera",
        help="Send the annotated picture to a virtual camera.",
        rich_help_panel=PANEL,
    ),
]
DerivedOption = Annotated[
    bool | None,
    typer.Option(
        "--derived/--no-derived",
        help="Valence and entropy of each face, in log and outputs.",
        rich_help_panel=PANEL,
    ),
]
LayoutOption = Annotated[
    LogLayout | None,
    typer.Option("--log-layout", help="Columns of a CSV log: ours, or OpenFace's and then ours."),
]


class RunCommand(TyperCommand):
    """A command whose ``--lsl`` may stand without a name."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses the arguments; '' stands for the name that was left out."""
        given: list[str] = []
        for place, argument in enumerate(args):
            given.append(argument)
            following = args[place + 1 : place + 2]
            if argument == LSL_FLAG and (not following or following[0].startswith("-")):
                given.append("")
        return super().parse_args(ctx, given)


def output_values(
    websocket: str | None, token: str | None, osc: str | None, lsl: str | None, *, camera: bool
) -> dict[str, Any]:
    """The settings that flags stand for; None is not given.

    Raises:
        typer.BadParameter: An address cannot be used.
    """
    for flag, address, default_host in (("--ws", websocket, LOOPBACK), ("--osc", osc, None)):
        if address is not None:
            try:
                parse_address(address, default_host)
            except ConfigError as error:
                raise typer.BadParameter(f"{flag}: {error}") from error
    return {
        "websocket": None if websocket is None else True,
        "websocket_address": websocket,
        "websocket_token": token,
        "osc": None if osc is None else True,
        "osc_address": osc,
        "lsl": None if lsl is None else True,
        "lsl_name": lsl or None,
        "virtual_camera": camera or None,
    }


def without_switches(settings: Settings, given: dict[str, Any]) -> Settings:
    """Settings whose outputs are those of the flags alone: what the window has switched on is the
    window's."""
    return settings.with_values({name: bool(given.get(name)) for name in SWITCHES})


def opener(
    settings: Settings, json: str | None, stop_event: threading.Event
) -> "OpenOutputs | None":
    """Opens the outputs that are on; None if none is.

    Args:
        settings: The user's.
        json: File for JSON lines, or ``-``.
        stop_event: Set when the reader of standard output has ended: nobody needs the run then.
    """
    from fer_live.outputs.options import OutputOptions

    options = OutputOptions.from_settings(settings, json or "")
    if not options.wanted():
        return None
    return lambda engine, wait: _opened(engine, wait, settings, options, stop_event)


def _opened(
    engine: "Engine",
    wait: bool,
    settings: Settings,
    options: "OutputOptions",
    stop_event: threading.Event,
) -> "LiveOutputs":
    from fer_live.live.log_listener import session_about
    from fer_live.outputs.json_lines import ReaderLeftError
    from fer_live.outputs.live_outputs import LiveOutputs
    from fer_live.outputs.switches import OutputSwitches
    from fer_live.recording.frame_renderer import annotated_images

    def failed(output: "Output") -> None:
        if isinstance(output.error, ReaderLeftError):
            stop_event.set()
        else:
            typer.echo(f"fer-live: {output.error}", err=True)

    live = LiveOutputs(lambda: session_about(engine), derived=lambda: settings.derived_figures)
    switches = OutputSwitches(
        live,
        lambda: annotated_images(lambda: settings, lambda: engine.statistics().analysis_fps),
        lambda: engine.source_info.fps if engine.source_info else None,
        failed,
        wait=wait,
    )
    opened, errors = switches.apply(options)
    if errors:
        switches.stop()
        raise errors[0]
    _announce(opened)
    return live


def _announce(outputs: Sequence["Output"]) -> None:
    for output in outputs:
        typer.echo(f"{output.name}: {output.place}", err=True)
        if output.warning:
            typer.echo(output.warning, err=True)
