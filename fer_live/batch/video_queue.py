"""A queue of videos: each analysed once, a bad one holding up no other, resumed where it ended."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fer_live import __version__
from fer_live.batch.job_files import (
    OutputLock,
    OutputPaths,
    digest_of,
    find_results,
    fingerprint,
    is_result,
    source_of,
    stale_reason,
)
from fer_live.batch.video_job import OnProgress, Progress, analyse_video
from fer_live.capture.container_probe import probe_video
from fer_live.capture.video_file import check_file
from fer_live.core.errors import FerLiveError, ModelError
from fer_live.core.formats import is_hidden, is_image, is_video
from fer_live.core.paths import find_models, is_folder, user_path
from fer_live.core.settings import Settings
from fer_live.live.control import unexpected
from fer_live.live.protocols import FaceClassifier

_log = logging.getLogger(__name__)

DONE, SKIPPED, BUSY, FAILED = "done", "skipped", "busy", "failed"
"""What became of a video: analysed now; finished before; in another run's hands; see ``error``."""


@dataclass(frozen=True)
class VideoOptions:
    """What to make of each video.

    Args:
        settings: Model, device, tuning and overlay, as the user chose.
        out_dir: For logs and summaries; None is beside each video.
        annotate_dir: For annotated videos; None makes none.
        log_suffix: Format of the log: ``.csv``, ``.jsonl`` or ``.parquet``.
        force: Do again what is finished.
    """

    settings: Settings
    out_dir: Path | None = None
    annotate_dir: Path | None = None
    log_suffix: str = ".csv"
    force: bool = False


def split_inputs(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """What is for `pipeline.pictures`, and the videos, each once, both in the order given.

    A folder stands for the pictures and videos in it, not in its subfolders; results of earlier
    runs are left out. A path that is neither goes with the pictures, where it is told of.
    """
    pictures: list[Path] = []
    videos: dict[Path, Path] = {}
    for path in map(user_path, paths):
        inside = _videos_in(path) if is_folder(path) else [path] if is_video(path) else []
        for video in inside:
            videos.setdefault(video.resolve(), video)
        if not inside or (is_folder(path) and _has_picture(path)):
            pictures.append(path)
    return pictures, list(videos.values())


def predict_videos(
    videos: Sequence[Path],
    options: VideoOptions,
    on_progress: OnProgress = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[dict[str, Any]]:
    """One answer per video, in the order given.

    Args:
        videos: As `split_inputs` gives them.
        options: What to make of them.
        on_progress: Called several times a second while a video is analysed, on this thread.
        tell: Takes a sentence for the user when something is done again.

    Yields:
        The summary that also stands beside the log: ``path``, ``status``, what was seen, where
        the results are, ``problems`` that were survived, and ``error``: None or a sentence.

    Raises:
        FerLiveError: Model or device cannot be had.
    """
    queue = _Queue(videos, options, on_progress, tell)
    for number in range(len(videos)):
        yield queue.do(number)


class _Queue:
    def __init__(
        self,
        videos: Sequence[Path],
        options: VideoOptions,
        on_progress: OnProgress,
        tell: Callable[[str], None],
    ) -> None:
        self._videos = videos
        self._options = options
        self._on_progress = on_progress
        self._tell = tell
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
        """Does the video at this place in the queue, from 0, unless it is finished."""
        video = self._videos[number]
        answer: dict[str, Any] = {"path": str(video), "width": None, "height": None}
        try:
            results, wanted = self._plan(video)
        except (FerLiveError, OSError) as error:
            return {**answer, "status": FAILED, "error": str(error)}
        again = self._stale_reason(results, wanted)
        if again is None:
            return _told({**(results.previous or {}), "status": SKIPPED}, results)
        if self._classifier is None:
            self._load()
            # That takes seconds, in which another run may have begun or finished this video.
            return self.do(number)
        try:
            claim = OutputLock(results, None if self._options.force else wanted)
            if not claim.held:
                return {**answer, "status": BUSY, "error": None}
            try:
                if claim.ready is not None:
                    self._tell(f"{video} was analysed before; its results only lacked their names.")
                elif results.previous is not None:
                    self._tell(f"{video} is done again: {again}.")
                summary = claim.ready or self._analyse(number, results, wanted)
                claim.complete(summary)
                return _told(summary, results)
            finally:
                claim.give_up()
        except FerLiveError as error:
            return {**answer, "status": FAILED, "error": str(error)}
        except Exception as error:
            # One video that is too large for the memory, say, must not cost the others.
            _log.exception("%s could not be analysed", video)
            return {**answer, "status": FAILED, "error": str(unexpected(error, "in this video"))}

    def _analyse(self, number: int, results: OutputPaths, wanted: dict[str, Any]) -> dict[str, Any]:
        assert self._classifier is not None
        later_s = sum(map(self._length_s, self._videos[number + 1 :]))
        count = len(self._videos)

        def progress(now: Progress) -> None:
            self._on_progress(replace(now, number=number + 1, count=count, later_s=later_s))

        seen = analyse_video(results, self._classifier, self._options.settings, progress)
        return {
            "path": str(results.video),
            "status": DONE,
            **seen,
            "error": None,
            "model": self._classifier.model_name,
            "device": self._classifier.device_name,
            "finished_at": datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
            "source": source_of(results),
            "made_with": wanted,
        }

    def _plan(self, video: Path) -> tuple[OutputPaths, dict[str, Any]]:
        """Where its results go, and what they depend on. Raises FerLiveError and OSError."""
        check_file(video)
        options = self._options
        wanted = fingerprint(video, self._model_sha256, self._values())
        folder = options.out_dir or video.parent
        return find_results(video, folder, options.log_suffix, options.annotate_dir), wanted

    def _stale_reason(self, results: OutputPaths, wanted: dict[str, Any]) -> str | None:
        """Why it must be done; None if it is finished."""
        if results.previous is None:
            return "it is new"
        return "--force was given" if self._options.force else stale_reason(results, wanted)

    def _length_s(self, video: Path) -> float:
        """Of a video still to be done; 0 if it is finished, or its length not known."""
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
            "smoothing_s": settings.smoothing_s,
            "unsure_below": settings.unsure_below,
        }
        if self._options.annotate_dir is not None:
            values |= {"show_bars": settings.show_bars, "show_ids": settings.show_ids}
            values["privacy"] = settings.hiding
        return values

    def _load(self) -> None:
        if self._classifier is None:
            from fer_live.live.assembly import load_classifier

            self._classifier = load_classifier(self._models, self._options.settings.device)


def _told(summary: dict[str, Any], results: OutputPaths) -> dict[str, Any]:
    """A summary as it is printed: without what only a later run needs, and with today's paths."""
    told = {key: value for key, value in summary.items() if key not in ("source", "made_with")}
    return {**told, "path": str(results.video), "log": str(results.log)}


def _videos_in(folder: Path) -> list[Path]:
    try:
        inside = sorted(folder.iterdir())
        shown = [p for p in inside if is_video(p) and not is_hidden(p) and not is_result(p)]
        return [p for p in shown if p.is_file()]
    except OSError:
        return []  # said of the folder when its pictures are looked for


def _has_picture(folder: Path) -> bool:
    try:
        return any(is_image(path) and not is_hidden(path) for path in folder.iterdir())
    except OSError:
        return False
