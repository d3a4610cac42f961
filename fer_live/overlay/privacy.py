"""Faces made unrecognisable, on screen and in files, also where a detector loses them briefly.

Both ways keep no more of a face than `CELLS` x `CELLS` mean colours: what is thrown away cannot be
won back by sharpening. A face that no detector ever finds is not hidden.
"""

from collections import deque
from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from fer_live.config import Privacy
from fer_live.types import Box, Face, ImageBgr

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


class FaceHider:
    """Knows the faces of some seconds, and hides them. Used by one thread at a time.

    For a recording, call `see` for frames up to `BEFORE_S` ahead of the one that is hidden, so
    that a face is covered before it is first reported. On a live screen call `see`, then `hide`.

    Args:
        mode: ``none``, ``blur`` or ``pixelate``.
    """

    def __init__(self, mode: Privacy) -> None:
        self.mode: Privacy = mode
        self._seen: deque[tuple[float, tuple[Face, ...]]] = deque()

    def see(self, time_s: float, faces: Sequence[Face]) -> None:
        """Learns the faces of a frame; a time that lies before the last one starts afresh."""
        if self._seen and time_s < self._seen[-1][0]:
            self._seen.clear()
        self._seen.append((time_s, tuple(faces)))
        while self._seen[0][0] < time_s - HOLD_S - BEFORE_S:
            self._seen.popleft()

    def reset(self) -> None:
        """Forgets all faces: the next frame shows another place."""
        self._seen.clear()

    def hide(self, image_bgr: ImageBgr, time_s: float) -> ImageBgr:
        """The picture of a frame with its faces hidden.

        Args:
            image_bgr: (H, W, 3) uint8; not changed.
            time_s: The frame's time.

        Returns:
            (H, W, 3) uint8; the same array where nothing is hidden.
        """
        return hide_boxes(image_bgr, self._boxes(time_s), self.mode)

    def _boxes(self, time_s: float) -> list[Box]:
        """Places to hide in a frame: of each face those near in time, else the nearest."""
        near: dict[int, list[Box]] = {}
        nearest: dict[int, tuple[float, Box]] = {}
        for seen_s, faces in self._seen:
            past_s = time_s - seen_s
            if not -BEFORE_S <= past_s <= HOLD_S:
                continue
            for face in faces:
                away_s = abs(past_s)
                lost_s = face.missed_s + max(0.0, away_s - REACH_S)
                box = _grown(face.box_xyxy, MARGIN + LOST_GROWTH_PER_S * lost_s)
                if away_s <= REACH_S:
                    near.setdefault(face.track_id, []).append(box)
                elif face.track_id not in nearest or away_s < nearest[face.track_id][0]:
                    nearest[face.track_id] = (away_s, box)
        boxes = [_around(group) for group in near.values()]
        return boxes + [box for number, (_, box) in nearest.items() if number not in near]


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


def hide_faces(image_bgr: ImageBgr, faces: Sequence[Face], mode: Privacy) -> ImageBgr:
    """`hide_boxes` for a single picture, of which nothing earlier or later is known."""
    hider = FaceHider(mode)
    hider.see(0.0, faces)
    return hider.hide(image_bgr, 0.0)


def _grown(box: Box, share: float) -> Box:
    left, top, right, bottom = box
    more = share * max(right - left, bottom - top)
    return left - more, top - more, right + more, bottom + more


def _around(boxes: Sequence[Box]) -> Box:
    left, top, right, bottom = np.array(boxes, np.float64).T
    return float(left.min()), float(top.min()), float(right.max()), float(bottom.max())
