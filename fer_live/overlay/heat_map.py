"""Heat maps drawn over faces: the areas that support a label."""

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.core.types import Box, HeatMap, ImageBgr

STRENGTH = 0.6
"""Opacity of a map's largest value, 0-1; its smallest value is transparent."""


def blend_heat(canvas: ImageBgr, box_xyxy: Box, heat: HeatMap) -> None:
    """Draws a heat map over a face, in place, clipped to the image.

    Args:
        canvas: (H, W, 3) BGR uint8.
        box_xyxy: The face's box, pixels of the canvas.
        heat: Its heat map, which covers the classifier's square crop.
    """
    left, top, right, bottom = box_xyxy
    side = max(1, round(heat.margin * (right - left + bottom - top) / 2))
    x0, y0 = round((left + right - side) / 2), round((top + bottom - side) / 2)
    rows, columns = canvas.shape[:2]
    top_row, end_row = max(y0, 0), min(y0 + side, rows)
    first_column, end_column = max(x0, 0), min(x0 + side, columns)
    if top_row >= end_row or first_column >= end_column:
        return
    area = canvas[top_row:end_row, first_column:end_column]
    coarse = np.asarray(np.rint(_spread(heat.values) * 255), np.uint8)
    fine = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_LINEAR)
    fine = fine[top_row - y0 : end_row - y0, first_column - x0 : end_column - x0]
    levels = cv2.merge((fine, fine, fine))
    kept = cv2.multiply(area, cv2.LUT(levels, _KEPT), scale=1 / 255)
    cv2.add(kept, cv2.LUT(levels, _COLOURS), dst=kept)
    area[...] = kept


def _spread(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The values stretched to 0-1: what differs within the face is seen. A flat map stays."""
    least, most = values.min(), values.max()
    return values if most == least else (values - least) / (most - least)


def _tables() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """For each level, 0-255: the share of the image that remains, and the colour that is added."""
    levels = np.arange(256, dtype=np.uint8)
    colours = cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO).astype(np.float32)
    cover = (STRENGTH * levels.astype(np.float32) / 255)[:, None, None]
    kept = np.broadcast_to(255 * (1 - cover), colours.shape)
    return np.rint(kept).astype(np.uint8), np.rint(colours * cover).astype(np.uint8)


_KEPT, _COLOURS = _tables()
