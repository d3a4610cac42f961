"""One frame in grey, whole and reduced: converted once, shared by all that search it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.core.types import ImageBgr

Grey = NDArray[np.uint8]
"""(H, W) uint8."""

_SMALL_SIDE_PX = 360
"""A frame is halved as long as its shorter side stays as long as this."""


class GrayPyramid:
    """A frame's grey versions.

    Args:
        image_bgr: (H, W, 3) uint8.

    Attributes:
        image_bgr: The frame itself.
        grey: (H, W), all of it.
        small: Halved, or halved again; the same as `grey` for a small frame.
        scale: Of `small` to the frame: 1, 1/2, 1/4 ...
    """

    def __init__(self, image_bgr: ImageBgr) -> None:
        self.image_bgr = image_bgr
        self._colour = [image_bgr]
        # Grey first: half the cost of reducing three channels.
        self.grey: Grey = np.asarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2GRAY), np.uint8)
        self.small, self.scale = self.grey, 1.0
        while min(self.small.shape) >= 2 * _SMALL_SIDE_PX:
            # Halving is what OpenCV is quickest at: a tenth of the cost of other reductions.
            halves = self.small.shape[1] // 2, self.small.shape[0] // 2
            small = cv2.resize(self.small, halves, interpolation=cv2.INTER_AREA)
            self.small, self.scale = np.asarray(small, np.uint8), self.scale / 2

    @classmethod
    def of(cls, image: "Image") -> "GrayPyramid":
        """The picture itself, or the one of an (H, W, 3) array."""
        return image if isinstance(image, GrayPyramid) else cls(image)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the frame, pixels."""
        return int(self.grey.shape[0]), int(self.grey.shape[1])

    def level(self, needed: float) -> tuple[Grey, float]:
        """The smallest version that has at least this scale, and its scale."""
        return (self.small, self.scale) if self.scale >= needed else (self.grey, 1.0)

    def colour(self, needed: float) -> tuple[ImageBgr, float]:
        """The smallest version in colour that has at least this scale, and its scale.

        Versions are halved once more each, and made when they are first asked for.
        """
        level = 0
        while 0.5 ** (level + 1) >= needed and min(self.shape) >= 2 ** (level + 1):
            level += 1
            if level == len(self._colour):
                before = self._colour[-1]
                halves = before.shape[1] // 2, before.shape[0] // 2
                half = cv2.resize(before, halves, interpolation=cv2.INTER_AREA)
                self._colour.append(np.asarray(half, np.uint8))
        return self._colour[level], 0.5**level


Image = ImageBgr | GrayPyramid
"""A frame as it came, or already in grey."""
