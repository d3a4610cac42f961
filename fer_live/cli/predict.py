"""The command that analyses pictures and videos from disk."""

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from fer_live.cli.options import (
    PRIVACY_HELP,
    DetectorOption,
    DeviceChoice,
    DeviceOption,
    MaxMegapixelsOption,
    ModelOption,
    PriorOption,
    read_settings,
)
from fer_live.cli.progress import VideoProgress
from fer_live.core.process import share_cores
from fer_live.core.settings import Privacy, Settings
from fer_live.report.formatting import clock


class LogFormat(StrEnum):
    """Formats of a video's log."""

    csv = "csv"
    jsonl = "jsonl"
    parquet = "parquet"


def predict(
    paths: Annotated[
        list[Path],
        # The batch itself reports a path that may not be read, and goes on with the next.
        typer.Argument(help="Pictures, videos, and folders of both.", readable=False),
    ],
    model: ModelOption = None,
    device: DeviceOption = None,
    detector: DetectorOption = None,
    min_face: Annotated[
        float | None,
        typer.Option(
            "--min-face",
            min=0.0,
            help="Smallest face to report in pictures, pixels.",
            show_default="24; 40 for the detector haar",
        ),
    ] = None,
    prior: PriorOption = None,
    no_detect: Annotated[
        bool, typer.Option("--no-detect", help="Treat each whole picture as one face.")
    ] = False,
    annotate: Annotated[
        Path | None,
        typer.Option("--annotate", help="Also write annotated pictures and videos here."),
    ] = None,
    privacy: Annotated[Privacy | None, typer.Option("--privacy", help=PRIVACY_HELP)] = None,
    max_megapixels: MaxMegapixelsOption = None,
    as_csv: Annotated[
        bool,
        typer.Option("--csv", help="Print one CSV row per face or video instead of JSON Lines."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Folder for the videos' logs.", show_default="beside each video"
        ),
    ] = None,
    log_format: Annotated[
        LogFormat, typer.Option("--format", help="Format of the videos' logs.")
    ] = LogFormat.csv,
    dataset: Annotated[
        bool,
        typer.Option(
            "--dataset",
            help="Make --out one Parquet dataset of all videos, with a manifest.",
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Analyse finished videos again.")] = False,
    fps: Annotated[
        float | None,
        typer.Option(
            "--fps",
            min=0.01,
            help="Frames per second to take from a video, chosen by their time.",
            show_default="all",
        ),
    ] = None,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough",
            help="Search every frame of a video for faces, as a live run does. Otherwise 8 frames "
            "per second are searched, and boxes in between are interpolated.",
        ),
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            max=256,
            help="Number of videos analysed at the same time, each in a process of its own.",
            show_default="as many as cores and memory allow",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster",
            metavar="local|tcp://HOST:PORT|slurm:FILE",
            help="Analyse videos on a Dask cluster: on this computer with --workers processes, by "
            "the address of a scheduler, or as jobs of SLURM.",
        ),
    ] = None,
    collect: Annotated[
        bool,
        typer.Option(
            "--collect",
            help="Workers of the cluster write nothing and send all results back.",
        ),
    ] = False,
) -> None:
    """Prints one JSON line per picture: every face, its box, label and probabilities.

    A video gets a log of every face in every frame, NAME.fer.csv, with a summary beside it,
    NAME.fer.json, which is also printed as one JSON line. With --annotate, DIR/NAME.fer.mp4 has the
    video's own timing and sound. Finished videos are skipped and unfinished ones start again,
    so an interrupted queue continues. Files of other programs are never overwritten.
    """
    from fer_live.batch.video_queue import left_out, split_inputs

    pictures, videos = split_inputs(paths)
    if no_detect and videos:
        raise typer.BadParameter(f"--no-detect is for pictures, and {videos[0]} is a video")
    if min_face is not None and no_detect:
        raise typer.BadParameter("--min-face and --no-detect do not go together")
    if privacy is not None and annotate is None:
        raise typer.BadParameter("--privacy needs --annotate")
    if collect and cluster is None:
        raise typer.BadParameter("--collect needs --cluster")
    if collect and annotate is not None:
        raise typer.BadParameter("--collect and --annotate do not go together")
    if dataset and out is None:
        raise typer.BadParameter("--dataset needs --out")
    device_name = device.value if device else None
    detector_name = detector.value if detector else None
    settings = read_settings(
        {
            "model": model,
            "device": device_name,
            "detector": detector_name,
            "prior": prior,
            "privacy": privacy,
            "max_megapixels": max_megapixels,
        }
    )
    if as_csv:
        from fer_live.batch.images import CSV_FIELDS

        typer.echo(",".join(CSV_FIELDS))
    failures = []
    if pictures or not videos:
        failures.append(
            _predict_pictures(
                pictures, model, device, not no_detect, min_face, annotate, settings, as_csv
            )
        )
    if videos:
        from fer_live.batch.analysis import AnalysisOptions
        from fer_live.batch.video_queue import VideoOptions

        how = AnalysisOptions(fps, thorough)
        options = VideoOptions(settings, out, annotate, f".{log_format.value}", force, how)
        answers = _Answers(workers, cluster, collect)
        failures.append(_predict_videos(videos, options, as_csv, answers, dataset=dataset))
    for sentence in left_out(paths):
        typer.echo(f"fer-live: {sentence}", err=True)
    for failure in filter(None, failures):
        typer.echo(f"fer-live: {failure}", err=True)
    if any(failures):
        raise typer.Exit(1)


def _predict_pictures(
    paths: Sequence[Path],
    model: Sequence[str] | None,
    device: DeviceChoice | None,
    detect: bool,
    min_face_px: float | None,
    annotate: Path | None,
    settings: Settings,
    as_csv: bool,
) -> str | None:
    from fer_live.batch.images import predict_paths

    answers = predict_paths(
        paths,
        model=model,
        device=device.value if device else "auto",
        prior=settings.prior,
        detect=detect,
        detector=settings.detector,
        min_face_px=min_face_px,
        annotate_dir=annotate,
        privacy=settings.hiding,
        max_pixels=round(settings.max_megapixels * 1e6),
    )
    failed = 0
    for answer in answers:
        failed += answer["error"] is not None
        _print(answer, as_csv)
    return f"{failed} of the pictures could not be read." if failed else None


def _predict_videos(
    videos: Sequence[Path],
    options: Any,
    as_csv: bool,
    answers: "_Answers",
    *,
    dataset: bool = False,
) -> str | None:
    from fer_live.batch.video_queue import FAILED

    collected = None
    if dataset:
        from fer_live.batch.dataset import Dataset
        from fer_live.session_log.files import PARQUET

        collected = Dataset(options.out_dir)
        options = replace(options, out_dir=collected.logs, log_suffix=PARQUET)
    screen = VideoProgress()
    failed = []
    with contextlib.ExitStack() as ends:
        ends.callback(screen.clear)
        for answer in answers.of(videos, options, screen, ends):
            screen.end(Path(answer["path"]), _outcome(answer))
            _print(answer, as_csv)
            if collected is not None:
                collected.add(answer)
            if answer["status"] == FAILED:
                failed.append(answer["path"])
    if collected is not None:
        screen.tell(f"The dataset's manifest is {collected.close()}.")
    if not failed:
        return None
    return f"{len(failed)} of {len(videos)} videos could not be analysed: {', '.join(failed)}"


@dataclass(frozen=True)
class _Answers:
    """Who analyses the videos: this process, several, or a cluster."""

    workers: int | None
    cluster: str | None
    collect: bool

    def of(
        self,
        videos: Sequence[Path],
        options: Any,
        screen: VideoProgress,
        ends: contextlib.ExitStack,
    ) -> Iterator[dict[str, Any]]:
        """The records; `ends` closes what they need."""
        from fer_live.batch.video_queue import predict_videos
        from fer_live.batch.video_workers import default_workers, predict_videos_in_processes

        workers = self.workers or default_workers(options.settings.device)
        if self.cluster is not None:
            from fer_live.batch.cluster import open_cluster
            from fer_live.batch.cluster_queue import predict_videos_on_cluster

            client = ends.enter_context(open_cluster(self.cluster, workers, screen.tell))
            answers = predict_videos_on_cluster(
                videos, options, client, screen.show, screen.tell, collect=self.collect
            )
        elif workers > 1 and len(videos) > 1:
            answers = predict_videos_in_processes(
                videos, options, workers, screen.show, screen.tell
            )
        else:
            share_cores()
            answers = predict_videos(videos, options, screen.show, screen.tell)
        ends.callback(answers.close)
        return answers


def _outcome(answer: dict[str, Any]) -> str:
    from fer_live.batch.video_queue import BUSY, DONE, SKIPPED

    frames, problems = answer.get("frames"), " ".join(answer.get("problems", ()))
    said: Callable[[], str] = {
        DONE: lambda: f"{frames} frames in {clock(round(answer['took_s']))}. {problems}",
        SKIPPED: lambda: (
            "skipped, it is finished with this model and these settings (--force repeats it)."
        ),
        BUSY: lambda: "skipped, another run is analysing it.",
    }.get(answer["status"], lambda: answer["error"])
    return f"{answer['path']}: {said()}".rstrip()


def _print(answer: dict[str, Any], as_csv: bool) -> None:
    if not as_csv:
        typer.echo(json.dumps(answer))
        return
    from fer_live.batch.images import csv_rows

    for row in csv_rows(answer):
        typer.echo(row)


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""
    app.command()(predict)
