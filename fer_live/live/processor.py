"""One frame in, one result out: detect, track, crop, classify, smooth. No threads."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fer_live.classification.runtime.base import FaceClassifier
from fer_live.classification.runtime.loading import HeatMapClassifier
from fer_live.core.types import (
    Box,
    Detections,
    Face,
    FaceCrops,
    Frame,
    FrameResult,
    HeatMap,
    ImageBgr,
    Probabilities,
)
from fer_live.detection.detector import Detector
from fer_live.live.classify import classify_crops, explain_crops
from fer_live.live.protocols import (
    Cropper,
    Describer,
    FaceTracker,
    Resettable,
    Smoother,
    TrackedFace,
    Velocity,
)
from fer_live.tracking.face_quality import FaceQuality
from fer_live.tracking.smoothing import SmoothingOptions
from fer_live.tracking.stillness import StillFaces

FORGET_S = 2.0
"""An identity unseen for so long has ended: longer than a tracker waits for a face to return."""


_BATCH_FPS = 30
"""The rate that `ProcessorOptions.max_batch` is given for."""

_LONGEST_STEP_S = 0.15
"""Longest step between frames that raises the number of faces classified in one frame."""


@dataclass(frozen=True)
class ProcessorOptions:
    """Tuning of a processor.

    Args:
        classify_interval_s: Each face is classified about this often; 0 is in every frame. 0.07 to
            0.1 is hardly seen, since the smoothing is slower, and lets many faces take turns.
        hold: A face that looks as it did keeps its last classification, see `StillFaces`.
        independent: Each frame is an image of its own: nothing is tracked or smoothed.
        maps: Faces get heat maps from the start, if the model supports them.
        max_batch: Most faces classified in one frame at 30 frames a second, those that have waited
            longest first; more where frames are farther apart. None is all of them.
    """

    classify_interval_s: float = 0.0
    max_batch: int | None = None
    hold: bool = False
    independent: bool = False
    maps: bool = False


@dataclass(frozen=True, eq=False)
class Step:
    """A frame whose faces are found and followed, and not yet classified.

    Args:
        frame: The frame.
        shown: Its faces, by identity.
        changed: Those that are to be classified.
        crops: (N, S, S) grey or (N, S, S, 3) RGB, what the classifier gets of them.
        held: Those whose last classification still holds.
        known: Identities that have not ended.
        flags: Quality flags of the faces, by identity.
        found: Every box of the detector, pixels.
        detect_ms, track_ms, classify_ms: Wall time spent, milliseconds.
    """

    frame: Frame
    shown: Sequence[TrackedFace]
    changed: Sequence[TrackedFace]
    crops: FaceCrops
    held: Sequence[TrackedFace]
    known: frozenset[int]
    flags: Mapping[int, tuple[str, ...]]
    found: tuple[Box, ...]
    detect_ms: float
    track_ms: float
    classify_ms: float


class FrameProcessor:
    """Holds the state that follows faces from frame to frame. Used by one thread at a time.

    Args:
        detector, classifier, tracker, smoother, crop: The parts.
        describe: Gives the tracker something to tell faces apart by; None leaves it to motion.
        quality: Says what makes faces hard to read; None is one that knows no turn of the head.
        options: Tuning.
        clock: `time.perf_counter`, or another clock that the frames are stamped by.
    """

    def __init__(
        self,
        detector: Detector,
        classifier: FaceClassifier,
        tracker: FaceTracker,
        smoother: Smoother,
        crop: Cropper,
        *,
        describe: Describer | None = None,
        quality: FaceQuality | None = None,
        options: ProcessorOptions | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._detector = detector
        self._classifier = classifier
        self._tracker = tracker
        self._smoother = smoother
        self._crop = crop
        self._describe = describe
        self._quality = quality or FaceQuality()
        self._options = options or ProcessorOptions()
        self._clock = clock
        self.maps = self._options.maps
        self.names: Mapping[int, str] = {}
        """What the user calls the faces, by identity."""
        self._heat: dict[int, HeatMap] = {}
        self._raw: dict[int, Probabilities] = {}
        self._classified_s: dict[int, float] = {}
        self._still = StillFaces()
        self._velocities: dict[int, Velocity] = {}
        self._seen_s: dict[int, float] = {}
        self._last_s: float | None = None
        self._size: tuple[int, int] | None = None
        self._now_s = 0.0

    @property
    def smoothing(self) -> SmoothingOptions:
        """How steady the shown expression is; a new value counts from the next frame on."""
        return self._smoother.options

    @smoothing.setter
    def smoothing(self, options: SmoothingOptions) -> None:
        self._smoother.options = options

    @property
    def now_s(self) -> float:
        """`Frame.time_s` of the frame in hand, a clock for parts that keep a schedule."""
        return self._now_s

    @property
    def labels(self) -> tuple[str, ...]:
        """Class names, in the order of the probabilities."""
        return self._classifier.labels.labels

    @property
    def device_name(self) -> str:
        """The device that really runs."""
        return self._classifier.device_name

    @property
    def model_name(self) -> str:
        """Name of the model."""
        return self._classifier.model_name

    @property
    def supports_heat_maps(self) -> bool:
        """Whether faces get heat maps while `maps`, which any thread may set, is true."""
        return (
            isinstance(self._classifier, HeatMapClassifier) and self._classifier.supports_heat_maps
        )

    @property
    def detector_name(self) -> str:
        """Name of the face detector."""
        return self._detector.name

    @property
    def velocities(self) -> Mapping[int, Velocity]:
        """Of the faces in the last result, by identity; a new mapping for each frame."""
        return self._velocities

    def reset(self) -> None:
        """Forgets every face: after a reopening, a flip, or a jump in a file."""
        if isinstance(self._detector, Resettable):
            self._detector.reset()
        self._tracker.reset()
        self._smoother.reset()
        self._quality.reset()
        self._raw, self._classified_s, self._velocities = {}, {}, {}
        self._heat = {}
        self._still = StillFaces()
        self._seen_s = {}
        self._last_s = None

    def process(self, frame: Frame) -> FrameResult:
        """Analyses one frame.

        Args:
            frame: The next in time; one that lies before its predecessor, or is of another size,
                resets everything.

        Returns:
            The faces worth showing, by identity. `stage_ms` has ``detect``, ``track`` (with the
            smoothing) and ``classify`` (with the cropping and the quality flags).

        Raises:
            FerLiveError: A part failed in a way that it foresaw. After any error the next frame
                can be tried.
        """
        step = self.begin(frame)
        begun_s = self._clock()
        try:
            probabilities = self._classify(step)
        except Exception:
            self.abandon(step)
            raise
        return self.finish(step, probabilities, (self._clock() - begun_s) * 1e3)

    def begin(self, frame: Frame) -> Step:
        """The first half of `process`: finds and follows faces, and says which to classify.

        Where nothing waits for the result, the faces of many frames can be classified at once:
        call `finish` later, in the order of the frames, and before a frame that resets.

        Args:
            frame: As for `process`.

        Raises:
            FerLiveError: As `process` does.
        """
        now_s = frame.time_s
        backwards = self._last_s is not None and now_s < self._last_s
        size = frame.width, frame.height
        resized = self._size is not None and size != self._size
        if backwards or resized or self._options.independent:
            self.reset()
        self._size = size
        step_s = 0.0 if self._last_s is None else now_s - self._last_s
        self._last_s = self._now_s = now_s
        begun_s = self._clock()
        detections = self._detector.detect(frame.image_bgr)
        detected_s = self._clock()
        shown = self._track(frame, detections, now_s)
        tracked_s = self._clock()
        due = self._due(shown, now_s, step_s)
        changed, crops, held = self._changed(frame.image_bgr, due, now_s, self._most(step_s))
        current = [*held, *changed]
        self._quality.update(frame.image_bgr, [(t.id, t.raw_box) for t in current], now_s)
        for track in current:
            self._classified_s.pop(track.id, None)
            self._classified_s[track.id] = now_s
        found = tuple((x0, y0, x1, y1) for x0, y0, x1, y1 in detections.boxes_xyxy.tolist())
        return Step(
            frame,
            shown,
            changed,
            crops,
            held,
            frozenset(self._seen_s),
            {track.id: self._quality.flags(track.id) for track in shown},
            found,
            (detected_s - begun_s) * 1e3,
            (tracked_s - detected_s) * 1e3,
            (self._clock() - tracked_s) * 1e3,
        )

    def finish(
        self, step: Step, probabilities: Probabilities, classify_ms: float = 0.0
    ) -> FrameResult:
        """The second half of `process`.

        Args:
            step: From `begin`.
            probabilities: (N, K) of the N faces in `Step.changed`.
            classify_ms: Wall time spent on them, milliseconds.
        """
        begun_s = self._clock()
        ended = (self._raw.keys() | self._heat.keys()) - step.known
        for track_id in ended:
            self._raw.pop(track_id, None)
            self._heat.pop(track_id, None)
        if ended:
            self._smoother.forget(step.known)
        for track, row in zip(step.changed, probabilities, strict=True):
            self._raw[track.id] = row
        for track in (*step.held, *step.changed):
            if track.id in self._raw:  # not if its classification failed
                # The filter weighs a classification by the time that it holds for.
                self._smoother.update(track.id, self._raw[track.id], step.frame.time_s)
        faces = tuple(self._face(track, step.flags[track.id]) for track in step.shown)
        self._velocities = {t.id: t.velocity for t in step.shown}
        finished_s = self._clock()
        stage_ms = {
            "detect": step.detect_ms,
            "track": step.track_ms + (finished_s - begun_s) * 1e3,
            "classify": step.classify_ms + classify_ms,
        }
        return FrameResult(step.frame, faces, self.labels, stage_ms, finished_s, step.found)

    def abandon(self, step: Step) -> None:
        """Instead of `finish`: its faces could not be classified and are due again at once."""
        failed = {track.id for track in step.changed}
        for track_id in failed:
            self._classified_s.pop(track_id, None)
        self._still.forget(self._seen_s.keys() - failed)

    def _track(self, frame: Frame, found: Detections, now_s: float) -> Sequence[TrackedFace]:
        looks = None
        if self._describe is not None and len(found):
            looks = self._describe(frame.image_bgr, found.boxes_xyxy)
        size = frame.width, frame.height
        tracks = self._tracker.update(found, now_s, looks, size)
        self._seen_s.update((track.id, now_s) for track in tracks)
        gone = [i for i, seen_s in self._seen_s.items() if now_s - seen_s > FORGET_S]
        for track_id in gone:
            del self._seen_s[track_id]
            self._classified_s.pop(track_id, None)
        if gone:
            self._quality.forget(self._seen_s)
            self._still.forget(self._seen_s)
        return sorted(tracks, key=lambda track: track.id)

    def _due(
        self, shown: Sequence[TrackedFace], now_s: float, step_s: float
    ) -> Sequence[TrackedFace]:
        # A track without a detection in this frame has no box: its crop would show something else.
        # Half a frame of slack makes the interval the nearest whole number of frames.
        never_s = -np.inf
        since = {t.id: self._classified_s.get(t.id, never_s) for t in shown if not t.missed_s}
        latest_s = now_s - self._options.classify_interval_s + step_s / 2
        every = self._options.classify_interval_s <= 0
        due = [t for t in shown if t.id in since and (every or since[t.id] <= latest_s)]
        limit = len(due)
        if not every and step_s > 0:
            # As many as it takes for all to have their turn, or nearly, and no more at once.
            turns = len(shown) * step_s / self._options.classify_interval_s
            limit = max(1, round(turns))
        if len(due) > min(limit, self._most(step_s)):
            # The dictionary is in the order of the last classifications; new faces come first.
            turn = {track_id: place for place, track_id in enumerate(self._classified_s)}
            due = sorted(due, key=lambda t: turn.get(t.id, -1))[:limit]
        return due

    def _most(self, step_s: float) -> int:
        """Most faces to be classified in one frame, which comes so long after the one before."""
        if self._options.max_batch is None:
            return sys.maxsize
        frames = min(step_s, _LONGEST_STEP_S) * _BATCH_FPS
        return round(self._options.max_batch * max(1.0, frames))

    def _changed(
        self, image_bgr: ImageBgr, due: Sequence[TrackedFace], now_s: float, most: int
    ) -> tuple[list[TrackedFace], FaceCrops, list[TrackedFace]]:
        """Those that have changed, at most so many, with their crops; and the unchanged ones."""
        spec = self._classifier.input
        if not due:
            return [], np.zeros((0, spec.size, spec.size), np.uint8), []
        boxes = np.array([t.raw_box for t in due], np.float32)
        crops = self._crop(image_bgr, boxes, spec.size, spec.color, spec.crop_margin)
        changed = list(range(len(due)))
        if self._options.hold:
            explained = self.maps and self.supports_heat_maps
            changed = [
                n
                for n, track in enumerate(due)
                if (explained and track.id not in self._heat)
                or not self._still.unchanged(track.id, crops[n], now_s)
            ]
        held = [track for n, track in enumerate(due) if n not in changed]
        changed = changed[:most]
        if self._options.hold:
            for n in changed:
                self._still.remember(due[n].id, crops[n], now_s)
        return [due[n] for n in changed], crops[changed], held

    def _classify(self, step: Step) -> Probabilities:
        classifier = self._classifier
        if not self.maps:
            self._heat.clear()
        if not step.changed:
            return np.zeros((0, len(self.labels)), np.float32)
        if not (self.maps and self.supports_heat_maps):
            return classify_crops(step.crops, classifier)
        assert isinstance(classifier, HeatMapClassifier)
        rows, maps = explain_crops(step.crops, classifier)
        self._heat.update({t.id: one for t, one in zip(step.changed, maps, strict=True)})
        return rows

    def _face(self, track: TrackedFace, flags: tuple[str, ...]) -> Face:
        shown = self._smoother.current(track.id)
        return Face(
            track.id,
            track.box_xyxy,
            track.score,
            None if shown is None else shown.label,
            0.0 if shown is None else shown.confidence,
            None if shown is None else shown.probabilities,
            self._raw.get(track.id),
            track.age_s,
            track.missed_s,
            self._heat.get(track.id),
            self.labels,
            flags,
            self.names.get(track.id, ""),
        )
