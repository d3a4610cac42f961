"""Faces made unrecognisable, on screen and in files, also while the detector misses them briefly.

Both modes keep only `CELLS` x `CELLS` mean colours of a face, so that sharpening cannot restore it.
Every detection is hidden, shown as a face or not. A face that the detector does not find is not
hidden: one that is turned away, covered, small or dark.
"""

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from fer_live.core.settings import Privacy
from fer_live.core.types import Box, Face, ImageBgr

CELLS = 4
"""Mean colours along each side of a hidden area: two or three across the face itself. Networks
trained on a small known group identify faces in finer mosaics that no person recognises
(McPherson, Shokri, Shmatikov 2016, arXiv:1609.00408)."""
MARGIN = 0.3
"""Added to each side of a box, in box sides: a detector's box ends at brows and chin."""
LOST_GROWTH_PER_S = 1.0
"""Growth of the hidden area at each side while a face is missed, box sides per second."""
HOLD_S = 1.0
"""Seconds that a face stays hidden after its last report: trackers drop a face sooner, and it often
reappears."""
BEFORE_S = 0.6
"""Seconds that a face is hidden before its first report: a tracker reports a new face up to 0.45 s
after its first detection."""
REACH_S = 0.15
"""Boxes within this time, seconds, are hidden together: smoothed boxes lag behind a fast face by up
to a few frames."""
LINK_SIDES = 1.0
LINK_RATIO = 2.0
"""Detections within `HOLD_S` belong to the same face if their centres are at most `LINK_SIDES` box
sides apart and their sides differ by a factor of at most `LINK_RATIO`."""
WHOLE: Box = (0.0, 0.0, 1e6, 1e6)
"""Covers any image."""


@dataclass(frozen=True)
class _Area:
    """An area to hide.

    Args:
        number: Id of a track; a number below 0 for a detection without a track.
        box: Pixels.
        missed_s: Seconds since the last detection there.
    """

    number: int
    box: Box
    missed_s: float = 0.0


class FaceHider:
    """Remembers the faces of the last seconds and hides them. Used by one thread at a time.

    For a recording, call `see` for frames up to `BEFORE_S` ahead of the frame passed to `hide`, so
    that a face is covered before its first report. On a live screen call `see`, then `hide`.

    Args:
        mode: ``none``, ``blur`` or ``pixelate``.
    """

    def __init__(self, mode: Privacy) -> None:
        self.mode: Privacy = mode
        self._seen: deque[tuple[float, tuple[_Area, ...]]] = deque()
        self._unsearched: float | None = None
        self._whole_from: float | None = None
        self._sequences: dict[int, tuple[float, Box]] = {}
        self._next = -1

    def see(self, time_s: float, faces: Sequence[Face], found: Sequence[Box] | None = ()) -> None:
        """Adds the faces of a frame; a time before the last one resets the memory first.

        Args:
            time_s: The frame's time, seconds.
            faces: The shown faces.
            found: Detections as in `FrameResult`; None hides the whole frame.
        """
        if self._seen and time_s < self._seen[-1][0]:
            self.reset()
        self._whole_from = None
        if found is None:
            self._unsearched = time_s
        shown = tuple(_Area(face.track_id, face.box_xyxy, face.missed_s) for face in faces)
        self._seen.append((time_s, shown + self._linked(time_s, found or ())))
        while self._seen[0][0] < time_s - HOLD_S - BEFORE_S:
            self._seen.popleft()

    def reset(self) -> None:
        """Forgets all faces; the next frame shows another scene."""
        self._seen.clear()
        self._sequences.clear()
        self._unsearched = self._whole_from = None

    def hide_whole(self, from_s: float) -> None:
        """Hides frames from this time on as a whole, seconds, until the next `reset` or `see`."""
        self._whole_from = from_s

    def hide(self, image_bgr: ImageBgr, time_s: float) -> ImageBgr:
        """Hides the faces in a frame.

        Args:
            image_bgr: (H, W, 3) BGR uint8; not changed.
            time_s: The frame's time, seconds.

        Returns:
            (H, W, 3) uint8; the same array if nothing is hidden.
        """
        if self.mode == "none":
            return image_bgr
        return hide_boxes(image_bgr, self.boxes(time_s), self.mode)

    def boxes(self, time_s: float) -> list[Box]:
        """Boxes to hide in a frame: for each face those near in time, else the nearest in time.

        Args:
            time_s: The frame's time, seconds.

        Returns:
            Pixels; `WHOLE` for a frame that was never searched, or after `hide_whole`.
        """
        if time_s == self._unsearched:
            return [WHOLE]
        if self._whole_from is not None and time_s >= self._whole_from:
            return [WHOLE]
        near: dict[int, list[Box]] = {}
        nearest: dict[int, tuple[float, _Area]] = {}
        for seen_s, areas in self._seen:
            away_s = abs(time_s - seen_s)
            if not -BEFORE_S <= time_s - seen_s <= HOLD_S:
                continue
            for area in areas:
                number = area.number
                if away_s <= REACH_S:
                    near.setdefault(number, []).append(_margined(area))
                elif number not in nearest or away_s < nearest[number][0]:
                    nearest[number] = (away_s, area)
        boxes = [_around(group) for group in near.values()]
        far = [held for number, held in nearest.items() if number not in near]
        return boxes + [_margined(area, away_s - REACH_S) for away_s, area in far]

    def _linked(self, time_s: float, found: Sequence[Box]) -> tuple[_Area, ...]:
        """Numbers detections by position, so that each face has one sequence of areas."""
        self._sequences = {n: c for n, c in self._sequences.items() if time_s - c[0] <= HOLD_S}
        free = {number: box for number, (_, box) in self._sequences.items()}
        areas = []
        for box in found:
            number = min(free, key=lambda n: _sides_apart(free[n], box), default=None)
            if number is None or _sides_apart(free[number], box) > LINK_SIDES:
                number, self._next = self._next, self._next - 1
            free.pop(number, None)
            self._sequences[number] = (time_s, box)
            areas.append(_Area(number, box))
        return tuple(areas)


def hide_boxes(image_bgr: ImageBgr, boxes_xyxy: Iterable[Box], mode: Privacy) -> ImageBgr:
    """Hides the content of the boxes.

    Args:
        image_bgr: (H, W, 3) BGR uint8; not changed.
        boxes_xyxy: Pixels; may reach outside the image.
        mode: ``blur`` or ``pixelate``; ``none`` hides nothing.

    Returns:
        (H, W, 3) uint8; the same array if nothing is hidden.
    """
    if mode == "none":
        return image_bgr
    rows, cols = image_bgr.shape[:2]
    canvas: ImageBgr | None = None
    for left, top, right, bottom in boxes_xyxy:
        x0, y0 = max(int(np.floor(left)), 0), max(int(np.floor(top)), 0)
        x1, y1 = min(int(np.ceil(right)), cols), min(int(np.ceil(bottom)), rows)
        if x1 <= x0 or y1 <= y0:
            continue
        canvas = image_bgr.copy() if canvas is None else canvas
        # The mean colours come from the original image, so that overlapping faces are each hidden
        # entirely, in any order.
        means = cv2.resize(image_bgr[y0:y1, x0:x1], (CELLS, CELLS), interpolation=cv2.INTER_AREA)
        smooth = cv2.INTER_CUBIC if mode == "blur" else cv2.INTER_NEAREST
        canvas[y0:y1, x0:x1] = cv2.resize(means, (x1 - x0, y1 - y0), interpolation=smooth)
    return image_bgr if canvas is None else canvas


def hide_faces(
    image_bgr: ImageBgr,
    faces: Sequence[Face],
    mode: Privacy,
    found: Sequence[Box] | None = (),
) -> ImageBgr:
    """Hides the faces of a single image, without frames before or after it."""
    hider = FaceHider(mode)
    hider.see(0.0, faces, found)
    return hider.hide(image_bgr, 0.0)


def _margined(area: _Area, lost_s: float = 0.0) -> Box:
    return _grown(area.box, MARGIN + LOST_GROWTH_PER_S * (area.missed_s + lost_s))


def _sides_apart(one: Box, other: Box) -> float:
    """Distance of two boxes' centres, mean sides; infinite if their sizes differ too much."""
    sides = [(right - left + bottom - top) / 2 for left, top, right, bottom in (one, other)]
    if max(sides) > LINK_RATIO * min(sides):
        return math.inf
    right = (other[0] + other[2] - one[0] - one[2]) / 2
    down = (other[1] + other[3] - one[1] - one[3]) / 2
    return math.hypot(right, down) / (sum(sides) / 2)


def _grown(box: Box, share: float) -> Box:
    left, top, right, bottom = box
    more = share * max(right - left, bottom - top)
    return left - more, top - more, right + more, bottom + more


def _around(boxes: Sequence[Box]) -> Box:
    left, top, right, bottom = np.array(boxes, np.float64).T
    return float(left.min()), float(top.min()), float(right.max()), float(bottom.max())
