"""Photographs of one person in a folder per class, made at test time."""

from pathlib import Path

import cv2
import numpy as np
from skimage import data

ASTRONAUT = np.ascontiguousarray(data.astronaut()[..., ::-1])
"""Head, shoulders and background, (512, 512, 3) BGR uint8; one face."""

EMPTY = np.ascontiguousarray(data.coffee()[..., ::-1])
"""A cup: no face."""


def shifted(right: int, down: int, mirrored: bool = False) -> np.ndarray:
    """The astronaut, moved by so many pixels."""
    move = np.array([[1, 0, right], [0, 1, down]], np.float32)
    moved = cv2.warpAffine(ASTRONAUT, move, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(moved[:, ::-1]) if mirrored else moved


def two_faces() -> np.ndarray:
    """The astronaut, and smaller beside it once more, (512, 768, 3); the larger one is left."""
    beside = np.zeros((512, 256, 3), np.uint8)
    beside[:256] = cv2.resize(ASTRONAUT, (256, 256), interpolation=cv2.INTER_AREA)
    return np.hstack([ASTRONAUT, beside])


def photograph_folders(root: Path, per_class: int = 4) -> Path:
    """Photographs of happy and sad, without splits."""
    for mirrored, name in ((False, "happy"), (True, "sad")):
        (root / name).mkdir(parents=True)
        for number in range(per_class):
            image = shifted(7 * number, 5 * number, mirrored)
            cv2.imwrite(str(root / name / f"{number:02}.png"), image)
    return root
