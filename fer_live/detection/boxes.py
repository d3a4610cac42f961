"""Arithmetic on boxes: overlap, suppression, and the tiles that cover a picture."""

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fer_live.core.types import Boxes

Rect = tuple[int, int, int, int]
"""A part of a picture: left, top, right, bottom, pixels."""

_SAME_IOU = 0.35
"""Two boxes of one detector that overlap more than this show the same face."""

_INSIDE_SHARE = 0.7
"""A box that lies inside another by more than this share of itself is a part of that face."""

TILE_PX = 640
"""Side of a tile at the scale of the search, without what it shares with its neighbours."""

OVERLAP_PX = 96
"""Neighbouring tiles share as much, at the scale of the search: a smaller face is whole in one."""


def _intersection(first: Boxes, second: Boxes) -> NDArray[np.float32]:
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    sides = np.clip(high - low, 0, None)
    return np.asarray(sides[..., 0] * sides[..., 1], np.float32)


def areas(boxes_xyxy: Boxes) -> NDArray[np.float32]:
    """(N,) areas of (N, 4) boxes, square pixels."""
    sides = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    return np.asarray(sides[:, 0] * sides[:, 1], np.float32)


def iou(first: Boxes, second: Boxes) -> NDArray[np.float32]:
    """Intersection over union of every pair: (N, 4) and (M, 4) give (N, M), 0-1."""
    common = _intersection(first, second)
    union = areas(first)[:, None] + areas(second)[None] - common
    return np.asarray(common / np.maximum(union, np.float32(1e-9)), np.float32)


def inside(first: Boxes, second: Boxes) -> NDArray[np.float32]:
    """Share of the smaller box that lies in the larger one, every pair: (N, M), 0-1."""
    smaller = np.minimum(areas(first)[:, None], areas(second)[None])
    return np.asarray(
        _intersection(first, second) / np.maximum(smaller, np.float32(1e-9)), np.float32
    )


def pixels_of(rect: Rect, scale: float) -> tuple[slice, slice]:
    """Rows and columns of a picture at this scale of the frame that show a part of the frame."""
    left, top, right, bottom = rect
    rows = slice(int(top * scale), math.ceil(bottom * scale))
    return rows, slice(int(left * scale), math.ceil(right * scale))


def in_frame(boxes_xyxy: Boxes, rect: Rect, size: tuple[int, int]) -> Boxes:
    """Boxes on a part of a frame that was resized to this width and height, as on the frame."""
    left, top, right, bottom = rect
    per_pixel = np.array([(right - left) / size[0], (bottom - top) / size[1]] * 2, np.float32)
    return boxes_xyxy * per_pixel + np.array([left, top, left, top], np.float32)


def suppress(
    boxes_xyxy: Boxes, scores: NDArray[np.float32], inside_share: float = _INSIDE_SHARE
) -> NDArray[np.intp]:
    """Indices of the boxes to keep, best score first.

    A box goes when a better one overlaps it strongly, or when more than `inside_share` of the
    smaller of the two lies in the other.
    """
    order = np.argsort(-scores, kind="stable")
    same = (iou(boxes_xyxy, boxes_xyxy) > _SAME_IOU) | (
        inside(boxes_xyxy, boxes_xyxy) > inside_share
    )
    kept: list[int] = []
    for index in order.tolist():
        if not same[index, kept].any():
            kept.append(index)
    return np.asarray(kept, np.intp)


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
