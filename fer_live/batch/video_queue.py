"""Analyses a queue of videos: a bad one does not stop the others, a finished one is skipped."""

import logging
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fer_live import __version__
from fer_live.batch.analysis import AnalysisOptions
from fer_live.batch.job_files import (
    OutputLock,
    OutputPaths,
    find_outputs,
    fingerprint,
    is_output,
    models_digest,
    source_of,
    stale_reason,
)
from fer_live.batch.video_job import OnProgress, Progress, about_of, analyse_video
from fer_live.capture.container.probe import probe_video
from fer_live.capture.image_folder import others_in
from fer_live.classification.runtime.base import FaceClassifier
from fer_live.core.errors import FerLiveError
from fer_live.core.files import check_readable
from fer_live.core.formats import is_hidden, is_image, is_video
from fer_live.core.paths import find_models, is_folder, user_path
from fer_live.core.settings import Settings
from fer_live.live.control import unexpected
from fer_live.session_log.schema import SessionAbout

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
        how: Which frames are taken and searched for faces.
    """

    settings: Settings
    out_dir: Path | None = None
    annotate_dir: Path | None = None
    log_suffix: str = ".csv"
    force: bool = False
    how: AnalysisOptions = field(default_factory=AnalysisOptions)


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
            the length of all.
        classifier: The model, if it is loaded.

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
        classifier: FaceClassifier | None = None,
    ) -> None:
        self._alone = alone
        self._videos = videos
        self._options = options
        self._on_progress = on_progress
        self._notify = notify
        self._lengths_s: dict[Path, float] = {}
        self._classifier = classifier
        self._model_sha256 = models_digest(find_models(options.settings.model or None))

    def do(self, number: int) -> dict[str, Any]:
        """Analyses the video with this number, from 0, unless it is finished.

        Returns:
            Its record, see `predict_videos`.

        Raises:
            FerLiveError: The model or device is not available.
        """
        record = self.finished(number)
        if record is not None:
            return record
        if self._classifier is None:
            # Takes seconds, in which another run may begin or finish this video.
            self._classifier = load_for(self._options)
        claimed = self.claim(number)
        if isinstance(claimed, dict):
            return claimed
        return self.complete(claimed, lambda: self._analyse(number, claimed))

    def finished(self, number: int) -> dict[str, Any] | None:
        """The record of a video that needs no analysis, or cannot have any; None for another."""
        try:
            outputs, current = self._plan(self._videos[number])
        except (FerLiveError, OSError) as error:
            return self._record(number, FAILED, str(error))
        if self._stale_reason(outputs, current) is None:
            return _printed({**(outputs.previous or {}), "status": SKIPPED}, outputs)
        return None

    def claim(self, number: int) -> "Claimed | dict[str, Any]":
        """The exclusive right to write a video's outputs, or the record that says why not."""
        record = self.finished(number)
        if record is not None:
            return record
        try:
            outputs, current = self._plan(self._videos[number])
            lock = OutputLock(outputs, None if self._options.force else current)
        except (FerLiveError, OSError) as error:
            return self._record(number, FAILED, str(error))
        if not lock.held:
            return self._record(number, BUSY, None)
        again = self._stale_reason(outputs, current)
        video = self._videos[number]
        if lock.ready is not None:
            self._notify(f"{video} was analysed earlier; its outputs are only renamed.")
        elif outputs.previous is not None:
            self._notify(f"{video} is analysed again: {again}.")
        return Claimed(number, outputs, current, lock)

    def complete(self, claimed: "Claimed", analyse: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Writes a claimed video's outputs; returns its record and gives the claim back.

        Args:
            claimed: From `claim`.
            analyse: Writes the part files and returns the summary; not called if an earlier run
                has done so.
        """
        lock, video = claimed.lock, self._videos[claimed.number]
        try:
            summary = lock.ready or analyse()
            lock.complete(summary)
            return _printed(summary, claimed.outputs)
        except FerLiveError as error:
            return self._record(claimed.number, FAILED, str(error))
        except Exception as error:
            # A video too large for the memory, for example, must not stop the others.
            _log.exception("%s could not be analysed", video)
            return self._record(claimed.number, FAILED, str(unexpected(error, "in this video")))
        finally:
            lock.give_up()

    def summary(
        self, claimed: "Claimed", seen: dict[str, Any], about: SessionAbout
    ) -> dict[str, Any]:
        """The summary of a video, to be stored: what was seen in it, and how it was made."""
        return {
            "path": str(claimed.outputs.video),
            "status": DONE,
            **seen,
            "error": None,
            "model": about.model,
            "device": about.device,
            "finished_at": datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
            "source": source_of(claimed.outputs),
            "made_with": claimed.current,
        }

    def length_s(self, number: int) -> float:
        """Known length of a video that was to be analysed, seconds; 0 if it is not known."""
        return self._length_s(self._videos[number])

    def _analyse(self, number: int, claimed: "Claimed") -> dict[str, Any]:
        assert self._classifier is not None
        total_s = self.total_s() if self._alone else 0.0
        count = len(self._videos)

        def progress(now: Progress) -> None:
            self._on_progress(replace(now, number=number + 1, count=count, total_s=total_s))

        options, outputs = self._options, claimed.outputs
        seen = analyse_video(outputs, self._classifier, options.settings, progress, options.how)
        about = about_of(outputs.video, self._classifier)
        return self.summary(claimed, seen, about)

    def _record(self, number: int, status: str, error: str | None) -> dict[str, Any]:
        path = str(self._videos[number])
        return {"path": path, "width": None, "height": None, "status": status, "error": error}

    def total_s(self) -> float:
        """Known length of all videos that were to be analysed when it was first asked for, s."""
        return sum(map(self._length_s, self._videos))

    def _plan(self, video: Path) -> tuple[OutputPaths, dict[str, Any]]:
        """Its output files and present fingerprint. Raises FerLiveError and OSError."""
        check_readable(video)
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
            "fps": self._options.how.fps,
            "thorough": self._options.how.thorough,
        }
        if self._options.annotate_dir is not None:
            values |= {"show_bars": settings.show_bars, "show_ids": settings.show_ids}
            values["privacy"] = settings.hiding
        return values


@dataclass(frozen=True, eq=False)
class Claimed:
    """The exclusive right to write a video's outputs.

    Args:
        number: The video's number in the queue.
        outputs: Its files.
        current: What they depend on, see `job_files.fingerprint`.
        lock: To be given back.
    """

    number: int
    outputs: OutputPaths
    current: dict[str, Any]
    lock: OutputLock


def load_for(options: VideoOptions) -> FaceClassifier:
    """The model of a queue, loaded. Raises FerLiveError."""
    from fer_live.live.assembly import load_classifier

    settings = options.settings
    models = find_models(settings.model or None)
    return load_classifier(models, settings.device, prior=settings.prior)


def name_groups(videos: Sequence[Path]) -> list[list[int]]:
    """Numbers of the videos; those whose outputs may have the same name are in one group.

    A group is done one video after the other, so that each finds the names taken.
    """
    groups: dict[str, list[int]] = {}
    for number, video in enumerate(videos):
        groups.setdefault(video.stem.casefold(), []).append(number)
    return list(groups.values())


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
                f"Other files and folders in {folder} are left out ({named}). "
                "Name a subfolder to have it analysed."
            )
    return sentences


def _has_image(folder: Path) -> bool:
    try:
        return any(is_image(path) and not is_hidden(path) for path in folder.iterdir())
    except OSError:
        return False
