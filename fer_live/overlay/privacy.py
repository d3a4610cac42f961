"""Faces made unrecognisable, on screen and in files, also where a detector loses them briefly.

Both ways keep no more of a face than `CELLS` x `CELLS` mean colours: what is thrown away cannot be
won back by sharpening. Whatever a detector finds is hidden, be it shown as a face or not. A face
that it does not find is not hidden: one turned away, covered, small or dark.
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
"""Mean colours along each side of a hidden place: two or three across the face itself. So few,
because networks trained on a small known group match faces in finer mosaics that no person
recognises (McPherson, Shokri, Shmatikov 2016, arXiv:1609.00408)."""
MARGIN = 0.3
"""Added to each side of a box, in box sides: a detector's box ends at brows and chin."""
LOST_GROWTH_PER_S = 1.0
"""While a face is not found, its hidden place grows at each side by so many box sides a second."""
HOLD_S = 1.0
"""A face stays hidden where it was for so long after it was last reported: trackers give up
sooner, and it often comes back."""
BEFORE_S = 0.6
"""A face is hidden for so long before it is first reported: a tracker shows a new face only once
it has held for up to 0.45 s."""
REACH_S = 0.15
"""Boxes this near in time are hidden together: shown boxes are steadied, so they trail a fast
face by up to a few frames."""
LINK_SIDES = 1.0
LINK_RATIO = 2.0
"""Boxes found within `HOLD_S` are the same face's if they are no more than so many sides apart,
and none has a side so many times the other's."""
WHOLE: Box = (0.0, 0.0, 1e6, 1e6)
"""Covers any picture."""


@dataclass(frozen=True)
class _Place:
    """Where something is hidden.

    Args:
        number: Identity of a face; of what was only found, a number below 0.
        box: Pixels.
        missed_s: Since it was last found there, seconds.
    """

    number: int
    box: Box
    missed_s: float = 0.0


class FaceHider:
    """Knows the faces of some seconds, and hides them. Used by one thread at a time.

    For a recording, call `see` for frames up to `BEFORE_S` ahead of the one that is hidden, so
    that a face is covered before it is first reported. On a live screen call `see`, then `hide`.

    Args:
        mode: ``none``, ``blur`` or ``pixelate``.
    """

    def __init__(self, mode: Privacy) -> None:
        self.mode: Privacy = mode
        self._seen: deque[tuple[float, tuple[_Place, ...]]] = deque()
        self._unsearched: float | None = None
        self._chains: dict[int, tuple[float, Box]] = {}
        self._next = -1

    def see(self, time_s: float, faces: Sequence[Face], found: Sequence[Box] | None = ()) -> None:
        """Learns the faces of a frame; a time that lies before the last one starts afresh.

        Args:
            time_s: The frame's time.
            faces: Those that are shown.
            found: As in `FrameResult`; None hides the whole frame.
        """
        if self._seen and time_s < self._seen[-1][0]:
            self.reset()
        if found is None:
            self._unsearched = time_s
        shown = tuple(_Place(face.track_id, face.box_xyxy, face.missed_s) for face in faces)
        self._seen.append((time_s, shown + self._linked(time_s, found or ())))
        while self._seen[0][0] < time_s - HOLD_S - BEFORE_S:
            self._seen.popleft()

    def reset(self) -> None:
        """Forgets all faces: the next frame shows another place."""
        self._seen.clear()
        self._chains.clear()
        self._unsearched = None

    def hide(self, image_bgr: ImageBgr, time_s: float) -> ImageBgr:
        """The picture of a frame with its faces hidden.

        Args:
            image_bgr: (H, W, 3) uint8; not changed.
            time_s: The frame's time.

        Returns:
            (H, W, 3) uint8; the same array where nothing is hidden.
        """
        if self.mode == "none":
            return image_bgr
        return hide_boxes(image_bgr, self.boxes(time_s), self.mode)

    def boxes(self, time_s: float) -> list[Box]:
        """Places to hide in a frame: of each face those near in time, else the nearest.

        Args:
            time_s: The frame's time.

        Returns:
            Pixels; `WHOLE` for a frame that was never searched.
        """
        if time_s == self._unsearched:
            return [WHOLE]
        near: dict[int, list[Box]] = {}
        nearest: dict[int, tuple[float, _Place]] = {}
        for seen_s, places in self._seen:
            away_s = abs(time_s - seen_s)
            if not -BEFORE_S <= time_s - seen_s <= HOLD_S:
                continue
            for place in places:
                number = place.number
                if away_s <= REACH_S:
                    near.setdefault(number, []).append(_margined(place))
                elif number not in nearest or away_s < nearest[number][0]:
                    nearest[number] = (away_s, place)
        boxes = [_around(group) for group in near.values()]
        far = [held for number, held in nearest.items() if number not in near]
        return boxes + [_margined(place, away_s - REACH_S) for away_s, place in far]

    def _linked(self, time_s: float, found: Sequence[Box]) -> tuple[_Place, ...]:
        """Numbers what was found by place alone, so that each face has one trail, not many."""
        self._chains = {n: c for n, c in self._chains.items() if time_s - c[0] <= HOLD_S}
        free = {number: box for number, (_, box) in self._chains.items()}
        places = []
        for box in found:
            number = min(free, key=lambda n: _sides_apart(free[n], box), default=None)
            if number is None or _sides_apart(free[number], box) > LINK_SIDES:
                number, self._next = self._next, self._next - 1
            free.pop(number, None)
            self._chains[number] = (time_s, box)
            places.append(_Place(number, box))
        return tuple(places)


def hide_boxes(image_bgr: ImageBgr, boxes_xyxy: Iterable[Box], mode: Privacy) -> ImageBgr:
    """Hides what lies in the boxes.

    Args:
        image_bgr: (H, W, 3) uint8; not changed.
        boxes_xyxy: Pixels; may reach outside the picture.
        mode: How; ``none`` hides nothing.

    Returns:
        (H, W, 3) uint8; the same array where nothing is hidden.
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
        # The mean colours come from the picture itself, so that faces that overlap are each hidden
        # whole, whichever comes first.
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
    """`hide_boxes` for a single picture, of which nothing earlier or later is known."""
    hider = FaceHider(mode)
    hider.see(0.0, faces, found)
    return hider.hide(image_bgr, 0.0)


def _margined(place: _Place, lost_s: float = 0.0) -> Box:
    return _grown(place.box, MARGIN + LOST_GROWTH_PER_S * (place.missed_s + lost_s))


def _sides_apart(one: Box, other: Box) -> float:
    """Distance of two boxes' centres, in mean sides; infinite if their sizes differ too much."""
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
