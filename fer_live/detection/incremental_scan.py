"""The search for new faces, spread over frames and kept to the parts that have changed."""

import math
from typing import Protocol

import numpy as np

from fer_live.core.types import Boxes, Detections
from fer_live.detection.boxes import Rect
from fer_live.detection.gray_pyramid import GrayPyramid, Grey
from fer_live.detection.haar import HaarDetector, Place
from fer_live.detection.motion import Changes, around
from fer_live.detection.template_tracking import GRAIN_S

REFRESH_ROUNDS = 25
"""In so many rounds, five seconds, every part is searched whether it changed or not: a still face
that was missed has its chance."""

PROMPT_S = 0.06
"""Where something begins to move, a face is looked for this often, not once per round."""

_SLICES = (
    (0, 1, 0, 0.5),
    (0, 1, 0.5, 1),
    (1, 2, 0, 1),
    (2, 4, 0, 1),
    (4, 5, 0, 1),
    (5, 7, 0, 1),
    (7, 99, 0, 1),
)
"""Which sizes, counted from the smallest, in which band of the picture: about equal in cost.
From twice its own window's size on OpenCV tries every place, below every second one."""

_CORE = 0.8
"""Share of a known face's box that is blanked: beside it another face may begin."""

_BLANK = 128


class PyramidDetector(Protocol):
    """A detector that takes the shared grey picture."""

    def detect(self, image: GrayPyramid) -> Detections:
        """All faces."""
        ...


class Scan(Protocol):
    """A search for new faces that knows which part of it is due."""

    def search(self, picture: GrayPyramid, now_s: float, known: Boxes) -> Detections:
        """Faces found by the part that is due now; none if nothing is due.

        Args:
            picture: The frame.
            now_s: Monotonic seconds.
            known: (N, 4) faces that are followed surely, which need not be found again.
        """
        ...

    def reset(self) -> None:
        """Starts again, for a new source."""
        ...


class WholeScan:
    """The detector's full search at an interval; known faces are found again, too.

    Args:
        detector: Does the work.
        interval_s: Seconds between searches; 0 searches every time.
    """

    def __init__(self, detector: PyramidDetector, interval_s: float) -> None:
        self._detector = detector
        self._interval_s = interval_s
        self._searched_s: float | None = None

    def search(self, picture: GrayPyramid, now_s: float, known: Boxes) -> Detections:
        if self._searched_s is not None and now_s - self._searched_s < self._interval_s - GRAIN_S:
            return Detections()
        self._searched_s = now_s
        return self._detector.detect(picture)

    def reset(self) -> None:
        self._searched_s = None


class IncrementalScan:
    """The coarse scan in slices of about equal cost, one after another, a round per interval.

    A slice searches for a few sizes where the picture has changed since its last turn; in one
    round of many it searches everywhere. Where something begins to move that is no known head, all
    slices search at once. The first search after a reset is a whole round.

    Args:
        detector: Does the work.
        interval_s: Seconds per round: a new face waits at most this long.
    """

    def __init__(self, detector: HaarDetector, interval_s: float) -> None:
        self._detector = detector
        self._interval_s = interval_s
        self.reset()

    def reset(self) -> None:
        self._searched_s = self._prompted_s = -math.inf
        self._turn = 0
        self._changes: Changes | None = None
        self._shape = (0, 0)

    def search(self, picture: GrayPyramid, now_s: float, known: Boxes) -> Detections:
        slice_s = self._interval_s / len(_SLICES)
        turns = (now_s - self._searched_s + GRAIN_S) / slice_s
        if turns < 1:
            return Detections()
        late = turns >= len(_SLICES)
        due = len(_SLICES) if late else int(turns)
        # A slice that is not quite due yet keeps its time.
        self._searched_s = now_s if late else self._searched_s + due * slice_s
        grey, scale = self._detector.reduce(picture)
        if self._changes is None or self._shape != picture.shape:
            self._changes, self._shape = Changes(grey), picture.shape
        covered = known * np.float32(scale)
        rects, moving = self._changes.since(grey, covered)
        sizes = self._detector.sizes(grey)
        places: list[Place] = []
        for _ in range(due):
            places += self._places(self._turn, grey, sizes, rects)
            self._turn += 1
            if self._turn % len(_SLICES) == 0:
                self._changes.begin_round(grey)
        if moving and now_s - self._prompted_s >= PROMPT_S - GRAIN_S:
            self._prompted_s = now_s
            for turn in range(self._turn, self._turn + len(_SLICES) - due):
                places += self._places(turn, grey, sizes, moving, in_turn=False)
        if not places:
            return Detections()
        blank_known(grey, covered)
        return self._detector.detect_in(picture, grey, scale, places)

    def _places(
        self,
        turn: int,
        grey: Grey,
        sizes: tuple[float, ...],
        rects: list[Rect],
        *,
        in_turn: bool = True,
    ) -> list[Place]:
        rounds, number = divmod(turn, len(_SLICES))
        first, last, top, bottom = _SLICES[number]
        wanted = sizes[first:last]
        if not wanted:
            return []
        height, width = grey.shape
        # Bands overlap by a window, so that no face is cut.
        over = math.ceil(wanted[-1] / 2)
        upper, lower = int(height * top) - over, int(height * bottom) + over
        band = (0, max(0, upper), width, min(height, lower))
        refreshed = rounds % REFRESH_ROUNDS == number * REFRESH_ROUNDS // len(_SLICES)
        if refreshed and in_turn:
            rects = [band]
        places = []
        for rect in rects:
            part = (rect[0], max(rect[1], band[1]), rect[2], min(rect[3], band[3]))
            room = min(part[2] - part[0], part[3] - part[1])
            fitting = tuple(side for side in wanted if round(side) <= room)
            if fitting:
                places.append(Place(part, fitting))
        return places


def blank_known(grey: Grey, known: Boxes) -> None:
    """Fills known faces, in place: a flat part costs the cascade nothing."""
    cores = np.rint(around(known, _CORE)).astype(int)
    for left, top, right, bottom in cores.tolist():
        grey[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = _BLANK
