"""Square face crops, framed as the model was trained."""

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.core.types import Boxes, FaceCrops, ImageBgr


def crop_faces(
    image_bgr: ImageBgr,
    boxes_xyxy: Boxes,
    size: int,
    color: Literal["gray", "rgb"],
    margin: float,
) -> FaceCrops:
    """Cuts every face out as a square of the box's centre and scales it for a model.

    Where the square reaches outside the picture, the picture's edge is repeated.

    Args:
        image_bgr: (H, W, 3) uint8.
        boxes_xyxy: (N, 4) detector's boxes, pixels; may reach outside the picture.
        size: Side of a crop, pixels.
        color: ``gray`` or ``rgb``, as the checkpoint asks.
        margin: Side of the square divided by the mean side of the box.

    Returns:
        (N, size, size) uint8 for grey, (N, size, size, 3) red, green, blue for rgb.

    Raises:
        ValueError: A box is not finite, or size or margin is not positive.
    """
    if size < 1 or margin <= 0 or not np.isfinite(boxes_xyxy).all():
        raise ValueError(f"cannot crop: size {size}, margin {margin}, boxes {boxes_xyxy}")
    shape = (len(boxes_xyxy), size, size)
    crops = np.empty(shape if color == "gray" else (*shape, 3), np.uint8)
    code = cv2.COLOR_BGR2GRAY if color == "gray" else cv2.COLOR_BGR2RGB
    for index, box in enumerate(boxes_xyxy.tolist()):
        square = cv2.cvtColor(square_around(image_bgr, box, margin), code)
        # INTER_AREA averages all pixels when shrinking; when growing, cubic stays sharp.
        how = cv2.INTER_AREA if square.shape[0] > size else cv2.INTER_CUBIC
        crops[index] = cv2.resize(square, (size, size), interpolation=how)
    return crops


def square_around(
    image: NDArray[np.uint8], box_xyxy: Sequence[float], margin: float
) -> NDArray[np.uint8]:
    """The square around a box's centre, its outside filled with the nearest edge pixels.

    Args:
        image: (H, W) or (H, W, 3).
        box_xyxy: Pixels.
        margin: Side of the square divided by the mean side of the box.

    Returns:
        (S, S) or (S, S, 3); a view where the square lies inside.
    """
    height, width = image.shape[:2]
    x0, y0, side = square_of(box_xyxy, margin)
    # At least one row and column of the picture is kept, also for a box wholly outside it.
    inner_x0, inner_x1 = min(max(x0, 0), width - 1), max(min(x0 + side, width), 1)
    inner_y0, inner_y1 = min(max(y0, 0), height - 1), max(min(y0 + side, height), 1)
    inner = image[inner_y0:inner_y1, inner_x0:inner_x1]
    if inner.shape[:2] == (side, side):
        return inner
    rows = np.clip(np.arange(y0, y0 + side), inner_y0, inner_y1 - 1) - inner_y0
    columns = np.clip(np.arange(x0, x0 + side), inner_x0, inner_x1 - 1) - inner_x0
    filled: NDArray[np.uint8] = inner[rows[:, None], columns[None]]
    return filled


def square_of(box_xyxy: Sequence[float], margin: float) -> tuple[int, int, int]:
    """Left, top and side, whole pixels, of the square that `square_around` cuts out."""
    left, top, right, bottom = box_xyxy
    side = max(1, round(margin * (right - left + bottom - top) / 2))
    return round((left + right - side) / 2), round((top + bottom - side) / 2), side
