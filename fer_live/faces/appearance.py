"""A tiny description of how a face looks, to tell faces apart while they cross."""

import numpy as np
from numpy.typing import NDArray

from fer_live.faces.crop import crop_faces
from fer_live.types import Boxes, ImageBgr

_SIDE_PX = 16
"""Enough to part two people over a second; too coarse to recognise anyone later."""


def describe_faces(image_bgr: ImageBgr, boxes_xyxy: Boxes) -> NDArray[np.float32]:
    """Grey thumbnails without their mean, at unit length: dot products are correlations.

    Args:
        image_bgr: (H, W, 3) uint8.
        boxes_xyxy: (N, 4), pixels.

    Returns:
        (N, 256) float32.
    """
    thumbnails = crop_faces(image_bgr, boxes_xyxy, _SIDE_PX, "gray", 1.0)
    flat = thumbnails.reshape(len(thumbnails), _SIDE_PX * _SIDE_PX).astype(np.float32)
    flat -= flat.mean(1, keepdims=True)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(length, 1e-6), np.float32)
