"""Analyses a queue of videos: a bad one does not stop the others, a finished one is skipped."""

import logging
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fer_live import __version__
from fer_live.batch.job_files import (
    OutputLock,
    OutputPaths,
    digest_of,
    find_outputs,
    fingerprint,
    is_output,
    source_of,
    stale_reason,
)
from fer_live.batch.video_job import OnProgress, Progress, analyse_video
from fer_live.capture.container_probe import probe_video
from fer_live.capture.image_folder import others_in
from fer_live.capture.video_file import check_file
from fer_live.core.errors import FerLiveError, ModelError
from fer_live.core.formats import is_hidden, is_image, is_video
from fer_live.core.paths import find_models, is_folder, user_path
from fer_live.core.settings import Settings
from fer_live.live.control import unexpected
from fer_live.live.protocols import FaceClassifier

_log = logging.getLogger(__name__)

DONE, SKIPPED, BUSY, FAILED = "done", "skipped", "busy", "failed"
"""Status of a video: analysed now; finished earlier; locked by another run; see ``error``."""

Records = Generator[dict[str, Any], None, None]
"""Yields records of videos; `close` ends the analysis."""


@dataclass(frozen=True)
class VideoOptions:
    """How videos are analysed.

    Args:
        settings: Model, device, smoothing and overlay, as the user chose.
        out_dir: Folder of logs and summaries; None is that of each video.
        annotate_dir: Folder of annotated videos; None makes none.
        log_suffix: Format of the log: ``.csv``, ``.jsonl`` or ``.parquet``.
        force: Analyse finished videos again.
    """

    settings: Settings
    out_dir: Path | None = None
    annotate_dir: Path | None = None
    log_suffix: str = ".csv"
    force: bool = False


def split_inputs(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Inputs of `batch.images`, and videos, each once, both in the order given.

    A folder stands for the images and videos in it, not in its subfolders; outputs of earlier runs
    are left out. A path that is neither is among the images, where it is reported.
    """
    images: list[Path] = []
    videos: dict[Path, Path] = {}
    for path in map(user_path, paths):
        inside = _videos_in(path) if is_folder(path) else [path] if is_video(path) else []
        for video in inside:
            videos.setdefault(_resolved(video), video)
        if not inside or (is_folder(path) and _has_image(path)):
            images.append(path)
    return images, list(videos.values())


def predict_videos(
    videos: Sequence[Path],
    options: VideoOptions,
    on_progress: OnProgress = lambda _: None,
    notify: Callable[[str], None] = lambda _: None,
) -> Records:
    """One record per video, in the order given.

    Args:
        videos: From `split_inputs`.
        options: How they are analysed.
        on_progress: Called on this thread several times a second while a video is analysed.
        notify: Receives a sentence for the user when a video is analysed again.

    Yields:
        The summary, which is also written beside the log: ``path``, ``status``, the counts, the
        output files, ``problems`` that were survived, and ``error``: None or a sentence.

    Raises:
        FerLiveError: The model or device is not available.
    """
    queue = VideoQueue(videos, options, on_progress, notify)
    for number in range(len(videos)):
        yield queue.do(number)


class VideoQueue:
    """Analyses videos one by one with a model that is loaded when the first needs it.

    Args:
        videos, options, on_progress, notify: As for `predict_videos`.
        alone: False if other processes do other videos of the queue; progress then does not state
            the length of the later ones.

    Raises:
        ModelError: The model cannot be read.
    """

    def __init__(
        self,
        videos: Sequence[Path],
        options: VideoOptions,
        on_progress: OnProgress,
        notify: Callable[[str], None],
        *,
        alone: bool = True,
    ) -> None:
        self._alone = alone
        self._videos = videos
        self._options = options
        self._on_progress = on_progress
        self._notify = notify
        self._lengths_s: dict[Path, float] = {}
        self._classifier: FaceClassifier | None = None
        self._models = find_models(options.settings.model or None)
        try:
            self._model_sha256 = "+".join(digest_of(path) for path in self._models)
        except OSError as error:
            raise ModelError(
                f"The model {error.filename} cannot be read: {error.strerror or error}."
            ) from error

    def do(self, number: int) -> dict[str, Any]:
        """Analyses the video with this number, from 0, unless it is finished.

        Returns:
            Its record, see `predict_videos`.

        Raises:
            FerLiveError: The model or device is not available.
        """
        video = self._videos[number]
        record: dict[str, Any] = {"path": str(video), "width": None, "height": None}
        try:
            outputs, current = self._plan(video)
        except (FerLiveError, OSError) as error:
            return {**record, "status": FAILED, "error": str(error)}
        again = self._stale_reason(outputs, current)
        if again is None:
            return _printed({**(outputs.previous or {}), "status": SKIPPED}, outputs)
        if self._classifier is None:
            self._load()
            # Loading takes seconds, in which another run may have begun or finished this video.
            return self.do(number)
        try:
            lock = OutputLock(outputs, None if self._options.force else current)
            if not lock.held:
                return {**record, "status": BUSY, "error": None}
            try:
                if lock.ready is not None:
                    self._notify(f"{video} was analysed earlier; its outputs are only renamed.")
                elif outputs.previous is not None:
                    self._notify(f"{video} is analysed again: {again}.")
                summary = lock.ready or self._analyse(number, outputs, current)
                lock.complete(summary)
                return _printed(summary, outputs)
            finally:
                lock.give_up()
        except FerLiveError as error:
            return {**record, "status": FAILED, "error": str(error)}
        except Exception as error:
            # A video too large for the memory, for example, must not stop the others.
            _log.exception("%s could not be analysed", video)
            return {**record, "status": FAILED, "error": str(unexpected(error, "in this video"))}

    def _analyse(
        self, number: int, outputs: OutputPaths, current: dict[str, Any]
    ) -> dict[str, Any]:
        assert self._classifier is not None
        later = self._videos[number + 1 :] if self._alone else ()
        later_s = sum(map(self._length_s, later))
        count = len(self._videos)

        def progress(now: Progress) -> None:
            self._on_progress(replace(now, number=number + 1, count=count, later_s=later_s))

        seen = analyse_video(outputs, self._classifier, self._options.settings, progress)
        return {
            "path": str(outputs.video),
            "status": DONE,
            **seen,
            "error": None,
            "model": self._classifier.model_name,
            "device": self._classifier.device_name,
            "finished_at": datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
            "source": source_of(outputs),
            "made_with": current,
        }

    def _plan(self, video: Path) -> tuple[OutputPaths, dict[str, Any]]:
        """Its output files and present fingerprint. Raises FerLiveError and OSError."""
        check_file(video)
        options = self._options
        current = fingerprint(video, self._model_sha256, self._values())
        folder = options.out_dir or video.parent
        return find_outputs(video, folder, options.log_suffix, options.annotate_dir), current

    def _stale_reason(self, outputs: OutputPaths, current: dict[str, Any]) -> str | None:
        """Why it must be analysed; None if it is finished."""
        if outputs.previous is None:
            return "it is new"
        return "--force was given" if self._options.force else stale_reason(outputs, current)

    def _length_s(self, video: Path) -> float:
        """Length of a video to be analysed, seconds; 0 if finished or if the length is unknown."""
        if video not in self._lengths_s:
            try:
                to_do = self._stale_reason(*self._plan(video)) is not None
            except (FerLiveError, OSError):
                to_do = False
            self._lengths_s[video] = (probe_video(video).length_s or 0.0) if to_do else 0.0
        return self._lengths_s[video]

    def _values(self) -> dict[str, Any]:
        settings = self._options.settings
        values: dict[str, Any] = {
            "fer_live": __version__,
            "detector": settings.detector,
            "smoothing_s": settings.smoothing_s,
            "unsure_below": settings.unsure_below,
            "prior": settings.prior,
        }
        if self._options.annotate_dir is not None:
            values |= {"show_bars": settings.show_bars, "show_ids": settings.show_ids}
            values["privacy"] = settings.hiding
        return values

    def _load(self) -> None:
        if self._classifier is None:
            from fer_live.live.assembly import load_classifier

            self._classifier = load_classifier(
                self._models, self._options.settings.device, prior=self._options.settings.prior
            )


def _printed(summary: dict[str, Any], outputs: OutputPaths) -> dict[str, Any]:
    """A summary for printing: without what only a later run needs, and with the present paths."""
    printed = {key: value for key, value in summary.items() if key not in ("source", "made_with")}
    return {**printed, "path": str(outputs.video), "log": str(outputs.log)}


def _videos_in(folder: Path) -> list[Path]:
    try:
        inside = sorted(folder.iterdir())
        shown = [p for p in inside if is_video(p) and not is_hidden(p) and not is_output(p)]
        return [p for p in shown if p.is_file()]
    except OSError:
        return []  # reported when the folder is searched for images


def _resolved(video: Path) -> Path:
    try:
        return video.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself; reported when it is opened
        return video


def left_out(paths: Sequence[Path]) -> list[str]:
    """One sentence for each folder among the paths that says what in it is not analysed.

    Hidden files and outputs of earlier runs are not counted.
    """
    sentences = []
    for folder in filter(is_folder, map(user_path, paths)):
        named = others_in(folder, lambda path: is_image(path) or is_video(path) or is_output(path))
        if named:
            sentences.append(
                f"{folder}: left out is what is no picture or video in a known format ({named}). "
                "Convert HEIC pictures to JPEG; name subfolders on their own."
            )
    return sentences


def _has_image(folder: Path) -> bool:
    try:
        return any(is_image(path) and not is_hidden(path) for path in folder.iterdir())
    except OSError:
        return False
