"""Follows known faces from frame to frame by template matching, at a tenth of a search's cost."""

import math
from collections.abc import Sequence
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.core.types import Boxes
from fer_live.detection.crop import square_around
from fer_live.detection.gray_pyramid import GrayPyramid

_SIDE_PX = 24
"""Side of a template: two pixels are a tenth of the face."""

_SEARCH_PX = 40
"""Side of the searched region: it reaches a third of a face in each direction."""

_ALIKE = 0.8
"""Normalised cross-correlation from which the match counts as the same face."""

_FLAT = 4.0
"""A template with a smaller standard deviation, grey levels, matches anywhere and is not used."""

Template = NDArray[np.uint8]
"""(24, 24) grey."""

OneBox = NDArray[np.float32]
"""(4,): left, top, right, bottom, pixels."""

GRAIN_S = 1e-3
"""Frames of a steady source fall on an interval to within this."""

SETTLED_IOU = 0.75
"""A box has settled when a close look changes it by no more than this."""


class KnownFace:
    """A face that is followed from frame to frame.

    Args:
        box: (4,) float32, pixels.
        score: The detector's.
        due_s: When it is to be looked at closely, monotonic seconds.
        template: How it looks; None is a face without one, which is looked at in every frame.
    """

    def __init__(
        self, box: OneBox, score: float, due_s: float, template: Template | None = None
    ) -> None:
        self.box = box
        self.score = score
        self.due_s = due_s
        self.template = template
        self.missed_s: float | None = None
        """Since when close looks have missed it; None while it is found."""

    def carry(self, picture: GrayPyramid) -> bool:
        """Moves it to where its template is now; False if it must be looked for."""
        if self.missed_s is not None or self.template is None:
            return False
        box = follow(picture, self.box, self.template)
        if box is not None:
            self.box = box
        return box is not None


Known = TypeVar("Known", bound=KnownFace)


def due_faces(
    carried: Sequence[Known], now_s: float, step_s: float, interval_s: float
) -> list[Known]:
    """Faces to be looked at closely in this frame, those that have waited longest first.

    Args:
        carried: Faces that were followed to this frame.
        now_s: Time of the frame, monotonic seconds.
        step_s: Seconds since the frame before.
        interval_s: Every face is looked at about this often, and no frame looks at more faces
            than that takes.
    """
    overdue = [face for face in carried if now_s >= face.due_s - GRAIN_S]
    turns = max(1, round(len(carried) * step_s / interval_s))
    return sorted(overdue, key=lambda face: face.due_s)[:turns]


def stacked(faces: Sequence[KnownFace]) -> Boxes:
    """(N, 4) boxes of N faces."""
    return np.array([face.box for face in faces], np.float32).reshape(-1, 4)


def extract_templates(picture: GrayPyramid, boxes_xyxy: Boxes) -> list[Template | None]:
    """The template of each of the (N, 4) boxes; None for a flat one."""
    templates = [_cut(picture, box, _SIDE_PX) for box in boxes_xyxy]
    return [template if template.std() >= _FLAT else None for template in templates]


def follow(picture: GrayPyramid, box_xyxy: OneBox, template: Template) -> OneBox | None:
    """Finds where a face is now that was at a place in the last frame, at the same size.

    Normalised cross-correlation at a few hundred places, refined by a parabola.

    Args:
        picture: The frame.
        box_xyxy: (4,) where it was.
        template: How it looked.

    Returns:
        (4,), or None if nothing there looks like it.
    """
    region = _cut(picture, box_xyxy, _SEARCH_PX)
    likeness = cv2.matchTemplate(region, template, cv2.TM_CCOEFF_NORMED)
    _, best, _, (column, row) = cv2.minMaxLoc(likeness)
    if not best >= _ALIKE:
        return None
    most = _SEARCH_PX - _SIDE_PX
    if not (0 < column < most and 0 < row < most):
        return None  # it moved farther than can be seen
    x = column + _peak(*likeness[row, column - 1 : column + 2].tolist()) - most / 2
    y = row + _peak(*likeness[row - 1 : row + 2, column].tolist()) - most / 2
    side = float((box_xyxy[2:] - box_xyxy[:2]).mean())
    shift = np.array([x, y, x, y], np.float32) * np.float32(side / _SIDE_PX)
    return np.asarray(box_xyxy + shift, np.float32)


def _cut(picture: GrayPyramid, box_xyxy: OneBox, size: int) -> Template:
    """The square around a box's centre in which the box has `_SIDE_PX`; (size, size)."""
    square = square_around(picture.small, (box_xyxy * picture.scale).tolist(), size / _SIDE_PX)
    how = cv2.INTER_AREA if square.shape[0] > size else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(square, (size, size), interpolation=how), np.uint8)


def _peak(before: float, at: float, after: float) -> float:
    """Place of the top of the parabola through three points, -0.5 to 0.5 from the middle one."""
    bend = before - 2 * at + after
    if bend >= 0 or not math.isfinite(bend):
        return 0.0
    return min(max((before - after) / (2 * bend), -0.5), 0.5)
