"""Finds new faces by a scan; follows known ones by close looks and, in between, by templates."""

import time
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fer_live.core.types import Boxes, Detections, ImageBgr
from fer_live.detection.boxes import iou, suppress
from fer_live.detection.gray_pyramid import GrayPyramid
from fer_live.detection.incremental_scan import Scan, WholeScan
from fer_live.detection.template_tracking import (
    GRAIN_S,
    SETTLED_IOU,
    KnownFace,
    Template,
    due_faces,
    extract_templates,
    stacked,
)

FULL_SCAN_INTERVAL_S = 0.2
"""A new face waits at most this long to be found, and as a rule not at all: what begins to move is
searched at once."""

LOOK_INTERVAL_S = 1 / 6
"""A sure face is looked at closely this often and followed by its picture in between. Looking in
every frame costs five times as much and finds the same."""

_STILL_FOUND_IOU = 0.3
"""A known face counts as found again by a box that overlaps it this much."""


class NearDetector(Protocol):
    """A detector that can also search around known faces at a lower cost.

    Boxes that score less than `follow_score` are given out but not followed; those that score
    less than `sure_score` are looked at in every frame.
    """

    follow_score: float
    sure_score: float

    @property
    def name(self) -> str:
        """Shown to the user and stored in statistics."""
        ...

    def detect(self, image: GrayPyramid) -> Detections:
        """All faces."""
        ...

    def detect_near(self, image: GrayPyramid, boxes_xyxy: Boxes) -> Detections:
        """Faces close to the (N, 4) known ones in place and size."""
        ...


class _Known(KnownFace):
    """A face that is followed.

    Args:
        box: (4,) float32, pixels.
        score: The detector's.
        now_s: When it was found, monotonic seconds.
        template: How it looks; None is a face without one.
    """

    def __init__(
        self, box: NDArray[np.float32], score: float, now_s: float, template: Template | None
    ) -> None:
        super().__init__(box, score, now_s, template)
        self.looked_s = now_s
        """When a search last found it."""


class ScheduledDetector:
    """Searches for new faces at an interval and follows the known ones in between.

    A known face that the search misses is looked for at its place. One that a close look misses
    is tried again there in every frame for an interval. Stateful: one source, one thread.

    Args:
        detector: Looks closely.
        interval_s: Seconds in which the whole frame is searched once; 0 searches every time.
        clock: Monotonic seconds.
        scan: Searches for new faces; None is the detector's full search.
    """

    def __init__(
        self,
        detector: NearDetector,
        interval_s: float = FULL_SCAN_INTERVAL_S,
        clock: Callable[[], float] = time.monotonic,
        scan: Scan | None = None,
    ) -> None:
        self._detector = detector
        self._interval_s = interval_s
        self._clock = clock
        self._scan = scan or WholeScan(detector, interval_s)
        self._known: list[_Known] = []
        self._last_s: float | None = None

    @property
    def name(self) -> str:
        return self._detector.name

    def reset(self) -> None:
        """Forgets all faces, for a new source; the next call scans fully."""
        self._scan.reset()
        self._known = []
        self._last_s = None

    def detect(self, image_bgr: ImageBgr) -> Detections:
        """Faces in a (H, W, 3) uint8 picture, the next of a running sequence.

        Raises:
            DetectorError: As the detector does.
        """
        picture = GrayPyramid(image_bgr)
        now_s = self._clock()
        step_s = 0.0 if self._last_s is None else now_s - self._last_s
        self._last_s = now_s
        carried = [known for known in self._known if known.carry(picture)]
        found = self._scan.search(picture, now_s, stacked(carried))
        due = due_faces(carried, now_s, step_s, LOOK_INTERVAL_S)
        wanted = [known for known in self._known if known not in carried or known in due]
        lost = _unmatched(stacked(wanted), found.boxes_xyxy)
        wanted = [known for known, is_lost in zip(wanted, lost, strict=True) if is_lost]
        if wanted:
            near = self._detector.detect_near(picture, stacked(wanted))
            found = _joined(found, near.boxes_xyxy, near.scores)
        missed = _unmatched(stacked(wanted), found.boxes_xyxy)
        again = [known for known, is_missed in zip(wanted, missed, strict=True) if is_missed]
        carried = [known for known in carried if known not in due]
        return self._remember(picture, now_s, found, carried, again)

    def _remember(
        self,
        picture: GrayPyramid,
        now_s: float,
        found: Detections,
        carried: list[_Known],
        missed: list[_Known],
    ) -> Detections:
        """Keeps what is worth following; returns all faces of the frame."""
        sure = found.scores >= self._detector.sure_score
        templates = iter(extract_templates(picture, found.boxes_xyxy[sure]))
        faces = [
            _Known(box, float(score), now_s, next(templates) if is_sure else None)
            for box, score, is_sure in zip(found.boxes_xyxy, found.scores, sure, strict=True)
        ]
        # A box that is new, or has changed, is looked at again in the next frame: the first ones
        # of a face that comes in are too small.
        settled = ~_unmatched(found.boxes_xyxy, stacked(self._known), SETTLED_IOU)
        for face, is_settled in zip(faces, settled, strict=True):
            face.due_s = now_s + LOOK_INTERVAL_S if is_settled else now_s
        faces += carried
        scores = np.array([face.score for face in faces], np.float32)
        boxes = stacked(faces)
        kept = suppress(boxes, scores)
        self._known = [faces[i] for i in kept if scores[i] >= self._detector.follow_score]
        for known in missed:
            known.missed_s = now_s
            if now_s - known.looked_s < self._interval_s - GRAIN_S:
                self._known.append(known)
        return Detections(boxes[kept], scores[kept])


def _unmatched(
    known: Boxes, found: Boxes, least_iou: float = _STILL_FOUND_IOU
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if not len(known) or not len(found):
        return np.ones(len(known), np.bool_)
    return np.asarray(iou(known, found).max(1) < least_iou, np.bool_)


def _joined(found: Detections, boxes: Boxes, scores: NDArray[np.float32]) -> Detections:
    boxes = np.concatenate([found.boxes_xyxy, boxes])
    scores = np.concatenate([found.scores, scores])
    kept = suppress(boxes, scores)
    return Detections(boxes[kept], scores[kept])
