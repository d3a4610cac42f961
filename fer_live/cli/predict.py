"""The command that analyses pictures and videos from disk."""

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fer_live.cli.options import (
    PRIVACY_HELP,
    DetectorOption,
    DeviceOption,
    MaxMegapixelsOption,
    ModelOption,
    PriorOption,
    read_settings,
)
from fer_live.cli.progress import PictureProgress, VideoProgress
from fer_live.core.formats import is_url
from fer_live.core.process import share_cores
from fer_live.core.settings import Privacy
from fer_live.report.formatting import clock

if TYPE_CHECKING:
    from fer_live.batch.dataset.dataset import Dataset
    from fer_live.batch.dataset.image_queue import Runner
    from fer_live.batch.images import ImageOptions
    from fer_live.batch.video_queue import Records, VideoOptions


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
            "--out",
            help="Folder for the videos' logs, or of the dataset.",
            show_default="beside each video",
        ),
    ] = None,
    log_format: Annotated[
        LogFormat, typer.Option("--format", help="Format of the videos' logs.")
    ] = LogFormat.csv,
    dataset: Annotated[
        bool,
        typer.Option(
            "--dataset",
            help="Make --out one Parquet dataset of all pictures and videos, with a manifest.",
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Analyse again what is finished.")] = False,
    fps: Annotated[
        float | None,
        typer.Option(
            "--fps",
            min=0.01,
            max=1000.0,
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
            help="Number of processes that analyse videos, and the pictures of a dataset.",
            show_default="as many as cores and memory allow",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster",
            metavar="local|tcp://HOST:PORT|slurm:FILE",
            help="Analyse videos, and the pictures of a dataset, on a Dask cluster: on this "
            "computer with --workers processes, by the address of a scheduler, or as SLURM jobs.",
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
    so an interrupted queue continues. Files of other programs are never overwritten. With
    --dataset the same is true of pictures.
    """
    from fer_live.batch.analysis import AnalysisOptions
    from fer_live.batch.images import ImageOptions, predict_paths
    from fer_live.batch.video_queue import VideoOptions, left_out, split_inputs

    pictures, videos = split_inputs(paths)
    # A path has lost one of the slashes of an address.
    if any(is_url(path.as_posix().replace(":/", "://", 1)) for path in pictures + videos):
        raise typer.BadParameter(
            "predict reads files; for a stream: fer-live run --headless --source ADDRESS --log FILE"
        )
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
    for_videos = {
        "--out": out is not None and not dataset,
        "--format": log_format is not LogFormat.csv,
        "--fps": fps is not None,
        "--thorough": thorough,
    }
    if pictures and not videos:
        _tell_unused([flag for flag, given in for_videos.items() if given])
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
    picture_options = ImageOptions(
        model=settings.model or None,
        device=settings.device,
        prior=settings.prior,
        detect=not no_detect,
        detector=settings.detector,
        min_face_px=min_face,
        annotate_dir=annotate,
        privacy=settings.hiding,
        max_pixels=round(settings.max_megapixels * 1e6),
    )
    failures = []
    with contextlib.ExitStack() as ends:
        crew = _Workers(workers, cluster, collect, ends)
        collected = _open_dataset(out) if dataset else None
        if pictures or not videos:
            if collected is None:
                answers = predict_paths(pictures, picture_options)
                failures.append(print_pictures(answers, partial(_print, as_csv=as_csv)))
            else:
                failures.append(
                    _add_pictures(pictures, picture_options, collected, crew, as_csv, force)
                )
        if videos:
            how = AnalysisOptions(fps, thorough)
            options = VideoOptions(settings, out, annotate, f".{log_format.value}", force, how)
            failures.append(_predict_videos(videos, options, as_csv, crew, collected))
        if collected is not None:
            typer.echo(f"The dataset's manifest is {collected.close()}.", err=True)
    for sentence in left_out(paths):
        typer.echo(f"fer-live: {sentence}", err=True)
    for failure in filter(None, failures):
        typer.echo(f"fer-live: {failure}", err=True)
    if any(failures):
        raise typer.Exit(1)


def _tell_unused(flags: Sequence[str]) -> None:
    """Says that options for videos do nothing, because only pictures are named."""
    if flags:
        typer.echo(
            f"fer-live: {' and '.join(flags)} only {'applies' if len(flags) == 1 else 'apply'} to "
            "videos, and no video is named: the results go to standard output.",
            err=True,
        )


def _open_dataset(folder: Path | None) -> "Dataset":
    from fer_live.batch.dataset.dataset import Dataset

    assert folder is not None
    return Dataset(folder)


def print_pictures(
    answers: Iterator[dict[str, Any]], show: Callable[[dict[str, Any]], None]
) -> str | None:
    """Prints the record of every picture, and counts those that have an error.

    Args:
        answers: Records, see `batch.images.predict_paths`.
        show: Prints one record.

    Returns:
        A sentence if pictures have an error; otherwise None.
    """
    count = failed = 0
    for answer in answers:
        count += 1
        failed += answer["error"] is not None
        show(answer)
    if not failed:
        return None
    return f"{failed} of {count} pictures could not be read; 'error' in the results says why."


def _add_pictures(
    paths: Sequence[Path],
    options: "ImageOptions",
    dataset: "Dataset",
    crew: "_Workers",
    as_csv: bool,
    force: bool,
) -> str | None:
    """Analyses pictures and adds them to a dataset."""
    from fer_live.batch.dataset.image_queue import predict_images
    from fer_live.batch.video_queue import SKIPPED

    screen, skipped = PictureProgress(), 0

    def told(answers: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        nonlocal skipped
        for answer in answers:
            skipped += answer["status"] == SKIPPED
            if answer["error"] is not None:
                dataset.add_failed(answer["path"], answer["error"])
            yield answer

    with contextlib.ExitStack() as ends:
        ends.callback(screen.clear)
        parts = dataset.open_images()
        ends.callback(parts.close)
        runner = crew.of_pictures(options.device, screen.tell)
        answers = predict_images(paths, options, parts, runner, screen.show, force=force)
        ends.callback(answers.close)
        failure = print_pictures(told(answers), partial(_print, as_csv=as_csv))
    if skipped:
        screen.tell(
            f"{skipped} of the pictures skipped: the dataset has them with this model and these "
            "settings (--force repeats them)."
        )
    return failure


def _predict_videos(
    videos: Sequence[Path],
    options: Any,
    as_csv: bool,
    crew: "_Workers",
    collected: "Dataset | None",
) -> str | None:
    from fer_live.batch.video_queue import FAILED

    if collected is not None:
        from fer_live.session_log.files import PARQUET

        options = replace(options, out_dir=collected.logs, log_suffix=PARQUET)
    screen = VideoProgress()
    failed = []
    with contextlib.ExitStack() as ends:
        ends.callback(screen.clear)
        answers = crew.of_videos(videos, options, screen)
        ends.callback(answers.close)
        for answer in answers:
            screen.end(Path(answer["path"]), _outcome(answer))
            _print(answer, as_csv)
            if collected is not None:
                collected.add(answer)
            if answer["status"] == FAILED:
                failed.append(answer["path"])
    if not failed:
        return None
    return f"{len(failed)} of {len(videos)} videos could not be analysed: {', '.join(failed)}"


@dataclass
class _Workers:
    """Who analyses videos and the pictures of a dataset: this process, several, or a cluster.

    Args:
        workers, cluster, collect: As on the command line.
        ends: Closes the cluster, which pictures and videos share.
    """

    workers: int | None
    cluster: str | None
    collect: bool
    ends: contextlib.ExitStack
    _client: Any = None

    def of_videos(
        self, videos: Sequence[Path], options: "VideoOptions", screen: VideoProgress
    ) -> "Records":
        """The records of videos."""
        from fer_live.batch.video_queue import predict_videos
        from fer_live.batch.video_workers import predict_videos_in_processes

        show, tell, workers = screen.show, screen.tell, self._count(options.settings.device)
        if self.cluster is not None:
            from fer_live.batch.cluster_queue import predict_videos_on_cluster

            client = self._connected(workers, tell)
            return predict_videos_on_cluster(
                videos, options, client, show, tell, collect=self.collect
            )
        if workers > 1 and len(videos) > 1:
            return predict_videos_in_processes(videos, options, workers, show, tell)
        share_cores()
        return predict_videos(videos, options, show, tell)

    def of_pictures(self, device: str, tell: Callable[[str], None]) -> "Runner":
        """Who analyses the pictures of a dataset."""
        from fer_live.batch.dataset import image_queue

        workers = self._count(device)
        if self.cluster is not None:
            return image_queue.on_cluster(self._connected(workers, tell))
        if workers > 1:
            return image_queue.in_processes(workers)
        share_cores()
        return image_queue.in_this_process

    def _count(self, device: str) -> int:
        from fer_live.batch.crew import default_workers

        return self.workers or default_workers(device)

    def _connected(self, workers: int, tell: Callable[[str], None]) -> Any:
        from fer_live.batch.cluster import open_cluster

        if self._client is None:
            assert self.cluster is not None
            opened = open_cluster(self.cluster, workers, tell)
            self._client = self.ends.enter_context(opened)
        return self._client


def _outcome(answer: dict[str, Any]) -> str:
    from fer_live.batch.video_queue import BUSY, DONE, SKIPPED

    frames, problems = answer.get("frames"), " ".join(answer.get("problems", ()))
    said: Callable[[], str] = {
        DONE: lambda: (
            f"{frames} {'frame' if frames == 1 else 'frames'} in "
            f"{clock(round(answer['took_s']))}. {problems}"
        ),
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
