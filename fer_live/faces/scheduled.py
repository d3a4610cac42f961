"""A full scan now and then, and a close look at the known faces in between."""

import time
from collections.abc import Callable
from typing import Protocol

import numpy as np

from fer_live.faces.boxes import iou, suppress
from fer_live.faces.detector import Detector
from fer_live.types import Boxes, Detections, ImageBgr

FULL_SCAN_INTERVAL_S = 0.2
"""A new face waits at most this long to be found: short enough to feel immediate."""

_STILL_FOUND_IOU = 0.3
"""A known face counts as found again by a box that overlaps it this much."""


_GRAIN_S = 1e-3
"""Frames of a steady source fall on the interval to within this."""


class NearDetector(Detector, Protocol):
    """A detector that can also search around known faces at a lower cost.

    Boxes that score less than `follow_score` are given out but not followed.
    """

    follow_score: float

    def detect_near(self, image_bgr: ImageBgr, boxes_xyxy: Boxes) -> Detections:
        """Faces close to the (N, 4) known ones in place and size."""
        ...


class ScheduledDetector:
    """Runs a detector's full scan at an interval and follows the known faces in between.

    A known face that the full scan misses is searched for locally too, so that faces are not
    lost and found with the schedule. One that a local search misses is tried again at its last
    place until the next full scan. Stateful: one source at a time, one thread.

    Args:
        detector: Does the work.
        interval_s: Seconds between full scans; 0 scans fully every time.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        detector: NearDetector,
        interval_s: float = FULL_SCAN_INTERVAL_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._detector = detector
        self._interval_s = interval_s
        self._clock = clock
        self._scanned_s: float | None = None
        self._known: Boxes = np.zeros((0, 4), np.float32)

    @property
    def name(self) -> str:
        return self._detector.name

    def reset(self) -> None:
        """Forgets all faces, for a new source; the next call scans fully."""
        self._scanned_s = None
        self._known = np.zeros((0, 4), np.float32)

    def detect(self, image_bgr: ImageBgr) -> Detections:
        """Faces in a (H, W, 3) uint8 picture, the next of a running sequence.

        Raises:
            DetectorError: As the detector does.
        """
        now_s = self._clock()
        if self._scanned_s is None or now_s - self._scanned_s >= self._interval_s - _GRAIN_S:
            found = self._detector.detect(image_bgr)
            missing = self._known[_unmatched(self._known, found.boxes_xyxy)]
            if len(missing):
                found = _merge(found, self._detector.detect_near(image_bgr, missing))
            self._scanned_s = now_s
            self._known = self._worth_following(found)
            return found
        if not len(self._known):
            return Detections()
        found = self._detector.detect_near(image_bgr, self._known)
        missing = self._known[_unmatched(self._known, found.boxes_xyxy)]
        self._known = np.concatenate([self._worth_following(found), missing])
        return found

    def _worth_following(self, found: Detections) -> Boxes:
        return found.boxes_xyxy[found.scores >= self._detector.follow_score]


def _unmatched(known: Boxes, found: Boxes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if not len(known) or not len(found):
        return np.ones(len(known), np.bool_)
    return np.asarray(iou(known, found).max(1) < _STILL_FOUND_IOU, np.bool_)


def _merge(first: Detections, second: Detections) -> Detections:
    boxes = np.concatenate([first.boxes_xyxy, second.boxes_xyxy])
    scores = np.concatenate([first.scores, second.scores])
    kept = suppress(boxes, scores)
    return Detections(boxes[kept], scores[kept])
