"""Results whose images are kept in memory as JPEG."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from fer_live.core.errors import RecordingError
from fer_live.core.types import FrameResult, ImageBgr

JPEG_QUALITY = 88
"""The loss is hardly visible in the video, which is encoded once more: 0.15 MB at 1280x720."""


@dataclass(frozen=True, eq=False)
class CompressedResult:
    """A result whose image is a JPEG.

    Args:
        result: The result with an image of one pixel.
        jpeg: The image.
    """

    result: FrameResult
    jpeg: bytes

    @property
    def time_s(self) -> float:
        """`Frame.time_s` of the result."""
        return self.result.frame.time_s


def compress(result: FrameResult) -> CompressedResult:
    """Encodes a result's image as JPEG. Raises RecordingError if it cannot be encoded."""
    done, data = cv2.imencode(
        ".jpg", result.frame.image_bgr, (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY)
    )
    if not done:
        raise RecordingError("An image could not be compressed for keeping it in memory.")
    frame = replace(result.frame, image_bgr=np.zeros((1, 1, 3), np.uint8))
    return CompressedResult(replace(result, frame=frame), data.tobytes())


def decompress(compressed: CompressedResult) -> FrameResult:
    """The result with its image, (H, W, 3) uint8 BGR."""
    image: ImageBgr = np.asarray(
        cv2.imdecode(np.frombuffer(compressed.jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8
    )
    result = compressed.result
    return replace(result, frame=replace(result.frame, image_bgr=image))
