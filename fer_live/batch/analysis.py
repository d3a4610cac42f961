"""Frames of a video in, the faces of every frame out: what need not wait is done at once for many.

Faces are searched for and classified in some of the frames, and the classifier gets the faces of
many frames in one batch. In the frames between, boxes are interpolated between the two analysed
frames around them, which a live run, that knows no later frame, cannot do.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fer_live.capture.container.frame_choice import GRAIN_S, FirstOfEachPeriod
from fer_live.capture.video_decoder import black_picture, has_picture
from fer_live.capture.video_file import VideoFileSource
from fer_live.classification.runtime.base import FaceClassifier
from fer_live.core.errors import FerLiveError
from fer_live.core.settings import Settings
from fer_live.core.types import Face, Frame, FrameResult, Probabilities
from fer_live.live.assembly import processor_for
from fer_live.live.classify import classify_crops
from fer_live.live.control import unexpected
from fer_live.live.processor import FrameProcessor, Step
from fer_live.live.states import EngineOptions

_log = logging.getLogger(__name__)

ANALYSIS_RATE = 8.0
"""Frames per second in which faces are searched for and classified. The smoothing is slower, and a
face moves little in an eighth of a second."""

CPU_BATCH, GPU_BATCH = 16, 64
"""Faces classified at once. A CPU gains nothing from more."""

_PENDING_FRAMES = 256
_PENDING_BYTES = 128 * 2**20
"""Most frames, and most memory of their pictures, that wait for a batch."""

_AHEAD_FRAMES = 4
"""Frames that are decoded ahead on a thread of their own."""

_POLL_S = 0.1


@dataclass(frozen=True)
class AnalysisOptions:
    """How a video is analysed.

    Args:
        fps: Frames per second to take, chosen by their time; None takes all.
        thorough: Search every frame taken for faces, as a live run does.
        threads: Threads of the video decoder; 0 for one per core.
    """

    fps: float | None = None
    thorough: bool = False
    threads: int = 0

    @property
    def rate(self) -> float | None:
        """Frames per second that are searched for faces; None is all that are taken."""
        sparse = not self.thorough and (self.fps is None or self.fps > ANALYSIS_RATE)
        return ANALYSIS_RATE if sparse else None


class Analysis:
    """The results of a video's frames, a batch at a time. One thread uses it.

    Args:
        processor: Finds and follows the faces; used by nobody else.
        classifier: The classifier of that processor.
        keep_pictures: The results keep the pictures of their frames; otherwise these are black.
    """

    def __init__(
        self, processor: FrameProcessor, classifier: FaceClassifier, *, keep_pictures: bool
    ) -> None:
        self._processor = processor
        self._classifier = classifier
        self._keep = keep_pictures
        self._batch = CPU_BATCH if classifier.device_name.startswith("CPU") else GPU_BATCH
        self._most_failures = EngineOptions().max_failures
        self._pending: list[Step | Frame] = []
        self._faces = self._bytes = self._failures = 0
        self._size: tuple[int, int] | None = None
        self._between: list[Frame] = []
        self._last: FrameResult | None = None
        self.frames_failed = 0
        self.problems: dict[type[BaseException], str] = {}
        """A sentence for each type of error that was survived."""

    def push(self, frame: Frame, *, searched: bool) -> Iterator[FrameResult]:
        """Takes the next frame; gives the results that are ready.

        Args:
            frame: The next in time.
            searched: Whether faces are searched for in it; it then has its picture.

        Raises:
            FerLiveError: So many frames in a row failed that the others will, too.
        """
        size = frame.width, frame.height
        if self._size is not None and size != self._size:
            yield from self.flush()  # the processor forgets its faces, and what waits needs them
        self._size = size
        kept = frame if self._keep else _without_picture(frame)
        if searched:
            try:
                step = self._processor.begin(frame)
            except Exception as error:
                self._survive(error)
                return
            self._pending.append(replace(step, frame=kept))
            self._faces += len(step.crops)
        else:
            self._pending.append(kept)
        self._bytes += kept.image_bgr.nbytes if self._keep else 0
        full = self._faces >= self._batch or len(self._pending) >= _PENDING_FRAMES
        if full or self._bytes >= _PENDING_BYTES:
            yield from self._classified()

    def flush(self) -> Iterator[FrameResult]:
        """The results of all frames so far. Raises as `push`."""
        yield from self._classified()
        yield from self._interpolated(None)

    def _classified(self) -> Iterator[FrameResult]:
        pending, self._pending = self._pending, []
        self._faces = self._bytes = 0
        rows = self._classify_all([item for item in pending if isinstance(item, Step)])
        for item in pending:
            if isinstance(item, Frame):
                self._between.append(item)
                continue
            try:
                own = next(rows)
                if isinstance(own, Exception):
                    raise own
                result = self._processor.finish(item, own)
            except Exception as error:
                self._processor.abandon(item)
                self._survive(error)
                continue
            if len(item.crops):
                self._failures = 0
            yield from self._interpolated(result)
            yield result
            self._last = result

    def _classify_all(self, items: Sequence[Step]) -> Iterator[Probabilities | Exception]:
        """The probabilities of each item's faces, or the error that prevents them."""
        none = np.zeros((0, len(self._classifier.labels)), np.float32)
        due = [item for item in items if len(item.crops)]
        rows = none
        if due:
            try:
                rows = classify_crops(
                    np.concatenate([item.crops for item in due]), self._classifier
                )
            except Exception as error:
                _log.debug("a batch failed and is classified frame by frame: %s", error)
                yield from map(self._classified_alone, items)
                return
        at = 0
        for item in items:
            yield rows[at : at + len(item.crops)]
            at += len(item.crops)

    def _classified_alone(self, item: Step) -> Probabilities | Exception:
        if not len(item.crops):
            return np.zeros((0, len(self._classifier.labels)), np.float32)
        try:
            return classify_crops(item.crops, self._classifier)
        except Exception as error:
            return error

    def _interpolated(self, after: FrameResult | None) -> Iterator[FrameResult]:
        between, self._between = self._between, []
        for frame in between:
            faces = _faces_between(self._last, after, frame.time_s)
            labels = self._processor.labels
            yield FrameResult(frame, faces, labels, {}, time.perf_counter(), None)

    def _survive(self, error: Exception) -> None:
        self.frames_failed += 1
        self._failures += 1
        foreseen = isinstance(error, FerLiveError)
        told = error if foreseen else unexpected(error, "in the analysis of a frame")
        if type(error) not in self.problems:
            _log.warning("%s", told, exc_info=error)
            self.problems[type(error)] = str(told)
        if self._failures >= self._most_failures:
            raise told from error


def analyse_frames(
    video: Path,
    classifier: FaceClassifier,
    settings: Settings,
    options: AnalysisOptions,
    *,
    start_s: float = 0.0,
    end_s: float | None = None,
    keep_pictures: bool = False,
    problems: Callable[[str], None] = lambda _: None,
) -> Generator[FrameResult]:
    """The faces of the frames of a video, or of a part of it, from a new tracker on.

    Args:
        video: The file.
        classifier: Used by nobody else meanwhile.
        settings: Detector, smoothing, threshold.
        options: Which frames are taken and searched.
        start_s, end_s: The part, seconds: frames from the one time to before the other.
        keep_pictures: The results have the pictures of their frames; otherwise these are black.
        problems: Receives a sentence for each problem that was survived, at the end.

    Yields:
        One result for each frame; one that was not searched for faces has no `stage_ms`.

    Raises:
        FerLiveError: The video cannot be opened, or cannot be analysed.
    """
    rate = options.rate
    pictures_fps = None if keep_pictures else rate
    source = VideoFileSource(
        video,
        threads=options.threads,
        fps=options.fps,
        pictures_fps=pictures_fps,
    )
    is_first = None if rate is None or pictures_fps is not None else FirstOfEachPeriod(rate)
    processor = processor_for(settings, source, classifier)
    analysis = Analysis(processor, classifier, keep_pictures=keep_pictures)
    with closing(_read_ahead(source, start_s)) as frames:
        for frame in frames:
            if frame.time_s < start_s - GRAIN_S:
                continue
            if end_s is not None and frame.time_s >= end_s - GRAIN_S:
                break
            due = is_first is None or is_first(frame.time_s)
            # A frame without a picture is none of those that are searched.
            yield from analysis.push(frame, searched=due and has_picture(frame))
    yield from analysis.flush()
    for problem in analysis.problems.values():
        problems(problem)
    if source.early_end is not None:
        problems(source.early_end)
    if analysis.frames_failed:
        problems(f"{analysis.frames_failed} frames could not be analysed and are in no output.")


def _read_ahead(source: VideoFileSource, start_s: float) -> Generator[Frame]:
    """The frames of a source, decoded on a thread of its own. Raises as the source does."""
    ready: queue.Queue[Frame | BaseException | None] = queue.Queue(_AHEAD_FRAMES)
    stop = threading.Event()

    def put(item: Frame | BaseException | None) -> None:
        while not stop.is_set():
            try:
                ready.put(item, timeout=_POLL_S)
                return
            except queue.Full:
                continue

    def read() -> None:
        try:
            source.open()
            if start_s > 0:
                source.seek(start_s)
            while not stop.is_set():
                frame = source.read()
                put(frame)
                if frame is None:
                    return
        except BaseException as error:
            put(error)

    thread = threading.Thread(target=read, name="fer-live-reader", daemon=True)
    thread.start()
    try:
        while True:
            item = ready.get()
            if item is None:
                return
            if isinstance(item, FerLiveError):
                raise item
            if isinstance(item, BaseException):
                raise unexpected(item, "while reading pictures") from item
            yield item
    finally:
        stop.set()
        source.interrupt()
        thread.join()
        source.close()


def _without_picture(frame: Frame) -> Frame:
    return replace(frame, image_bgr=black_picture(frame.width, frame.height))


def _faces_between(
    before: FrameResult | None, after: FrameResult | None, time_s: float
) -> tuple[Face, ...]:
    """The faces of a frame between two analysed ones: those of both, on the way between.

    After the last analysed frame they stay where they were.
    """
    if before is None:
        return ()
    passed_s = time_s - before.frame.time_s
    if after is None:
        return tuple(_later(face, passed_s, missed=True) for face in before.faces)
    share = passed_s / (after.frame.time_s - before.frame.time_s)
    later = {face.track_id: face for face in after.faces}
    faces = []
    for face in before.faces:
        to = later.get(face.track_id)
        if to is None:
            continue
        box = np.asarray(face.box_xyxy) * (1 - share) + np.asarray(to.box_xyxy) * share
        left, top, right, bottom = box.tolist()
        missed = face.missed_s > 0 or to.missed_s > 0
        faces.append(
            replace(_later(face, passed_s, missed=missed), box_xyxy=(left, top, right, bottom))
        )
    return tuple(faces)


def _later(face: Face, passed_s: float, *, missed: bool) -> Face:
    missed_s = face.missed_s + passed_s if missed else 0.0
    return replace(face, age_s=face.age_s + passed_s, missed_s=missed_s)
