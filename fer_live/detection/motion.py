"""Which parts of a picture have changed since they were last searched for faces."""

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.core.types import Boxes
from fer_live.detection.boxes import Rect
from fer_live.detection.gray_pyramid import Grey

_CELL_PX = 8
"""Side of the cells that changes are told by, pixels of the reduced picture: a third of the
smallest face."""

_HALVINGS = (2, 4, 8)

_CHANGED = 5
"""Mean change of a cell, grey levels: a noisy webcam's cells change by under 2."""

_REACH_CELLS = 2
"""Changed cells count with so many cells around them: part of a face may look like what was there
before."""

_WHOLE_SHARE = 0.6
"""When so much of the picture has changed, it is searched as one."""

_HEAD = 1.3
"""Side of a head with its hair, in sides of the face's box: no other face begins inside."""

_NEAR = 1.7
"""What moves within so many sides of a known face's box moves with it."""

_MOVING_CELLS = 9
"""So many cells that move may be a new face: the smallest has as many."""

_Cells = NDArray[np.bool_]


class Changes:
    """Which parts of a picture have changed since they were last searched.

    Args:
        grey: (H, W) the first picture; all of it counts as changed in the first round.
    """

    def __init__(self, grey: Grey) -> None:
        self.shape = grey.shape
        # At least one cell; a strip at the far edges that is narrower than a cell belongs to none.
        self._cells = max(1, grey.shape[0] // _CELL_PX), max(1, grey.shape[1] // _CELL_PX)
        self._searched, self._before = grey.copy(), grey.copy()
        self._owed = np.ones(self._cells, np.bool_)
        self._covered = np.zeros(self._cells, np.bool_)

    def since(self, grey: Grey, covered: Boxes) -> tuple[list[Rect], list[Rect]]:
        """Rectangles, apart from each other, to be searched in turn, and those in which to hurry.

        Args:
            grey: (H, W) the picture now.
            covered: (N, 4) known faces, which need no search as long as they are known.
        """
        known = self._under(around(covered, _HEAD))
        wanted = (self._owed | self._covered | self._differs(grey, self._searched)) & ~known
        # What moved in the last round already is searched in turn: a body, a curtain.
        moving = self._differs(grey, self._before) & ~self._owed
        moving &= ~self._under(around(covered, _NEAR))
        self._covered |= known
        self._before = grey.copy()
        rects = self._rects(wanted)
        if moving.mean() > _WHOLE_SHARE:
            return rects, []  # the camera itself moves
        return rects, [rect for rect in rects if self._count(moving, rect) >= _MOVING_CELLS]

    def _under(self, boxes: Boxes) -> _Cells:
        cells = np.zeros(self._cells, np.bool_)
        for left, top, right, bottom in np.rint(boxes / np.float32(_CELL_PX)).astype(int).tolist():
            cells[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = True
        return cells

    @staticmethod
    def _count(cells: _Cells, rect: Rect) -> int:
        left, top, right, bottom = (px // _CELL_PX for px in rect)
        return int(cells[top:bottom, left:right].sum())

    def begin_round(self, grey: Grey) -> None:
        """What has changed in the round that ends is searched once more in the next one."""
        changed = self._differs(grey, self._searched)
        self._owed = changed | self._covered
        self._covered = np.zeros(self._cells, np.bool_)
        pixels = changed.repeat(_CELL_PX, 0).repeat(_CELL_PX, 1)[: self.shape[0], : self.shape[1]]
        height, width = pixels.shape
        np.copyto(self._searched[:height, :width], grey[:height, :width], where=pixels)

    def _differs(self, grey: Grey, before: Grey) -> _Cells:
        change = cv2.absdiff(grey, before)
        height, width = (side * _CELL_PX for side in self._cells)
        change = change[:height, :width]
        # Halving is a tenth of the cost of a reduction by another factor.
        for factor in _HALVINGS:
            size = width // factor, height // factor
            change = cv2.resize(change, size, interpolation=cv2.INTER_AREA)
        return np.asarray(change > _CHANGED, np.bool_)

    def _rects(self, wanted: _Cells) -> list[Rect]:
        height, width = self.shape
        if wanted.mean() > _WHOLE_SHARE:
            return [(0, 0, width, height)]
        if not wanted.any():
            return []
        reach = np.ones((2 * _REACH_CELLS + 1,) * 2, np.uint8)
        grown = cv2.dilate(wanted.astype(np.uint8), reach)
        count, _, stats, _ = cv2.connectedComponentsWithStats(grown)
        # One cell more: the strips at the far edges belong to none.
        rects = [
            (
                x * _CELL_PX,
                y * _CELL_PX,
                min(width, (x + w + 1) * _CELL_PX),
                min(height, (y + h + 1) * _CELL_PX),
            )
            for x, y, w, h in stats[1:count, :4].tolist()
        ]
        return merged(rects)


def merged(rects: list[Rect]) -> list[Rect]:
    """Rectangles of which none overlaps another: those that do are joined."""
    apart: list[Rect] = []
    for rect in rects:
        while True:
            other = next((r for r in apart if _overlap(r, rect)), None)
            if other is None:
                break
            apart.remove(other)
            rect = (
                min(rect[0], other[0]),
                min(rect[1], other[1]),
                max(rect[2], other[2]),
                max(rect[3], other[3]),
            )
        apart.append(rect)
    return apart


def around(boxes: Boxes, share: float) -> Boxes:
    """(N, 4) boxes of the same centres, their sides times a share."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    halves = (boxes[:, 2:] - boxes[:, :2]) * np.float32(share / 2)
    return np.concatenate([centres - halves, centres + halves], axis=1)


def _overlap(first: Rect, second: Rect) -> bool:
    across = first[0] < second[2] and second[0] < first[2]
    return across and first[1] < second[3] and second[1] < first[3]
