"""Tiles that cover a picture, for a detector that sees small faces only at full size."""

import math
from itertools import pairwise

from fer_live.detection.boxes import Rect

TILE_PX = 640
"""Side of a tile at the scale of the search, without what it shares with its neighbours."""

OVERLAP_PX = 96
"""Neighbouring tiles share as much, at the scale of the search: a smaller face is whole in one."""


def tiles(width: int, height: int, scale: float) -> list[Rect]:
    """Equal parts of a picture, row by row, which overlap.

    Args:
        width, height: Of the picture, pixels.
        scale: Of the search to the picture, over 0.

    Returns:
        One or more rectangles in pixels of the picture.
    """
    across, down = _spans(width, scale), _spans(height, scale)
    return [(left, top, right, bottom) for top, bottom in down for left, right in across]


def _spans(length: int, scale: float) -> list[tuple[int, int]]:
    count = max(1, math.ceil(length * scale / TILE_PX))
    edges = [round(length * n / count) for n in range(count + 1)]
    share = math.ceil(OVERLAP_PX / scale / 2)
    return [(max(0, a - share), min(length, b + share)) for a, b in pairwise(edges)]
