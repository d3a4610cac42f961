"""Results whose pictures are kept small for a while."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from fer_live.core.errors import RecordingError
from fer_live.core.types import FrameResult, ImageBgr

JPEG_QUALITY = 88
"""Hardly seen in the file, which is encoded once more: 0.15 MB a picture at 1280x720."""


@dataclass(frozen=True, eq=False)
class Packed:
    """A result whose picture is a JPEG.

    Args:
        result: With a picture of one pixel.
        jpeg: The picture.
    """

    result: FrameResult
    jpeg: bytes


def pack(result: FrameResult) -> Packed:
    """Makes a result small. Raises RecordingError if the picture cannot be encoded."""
    done, data = cv2.imencode(
        ".jpg", result.frame.image_bgr, (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY)
    )
    if not done:
        raise RecordingError("A picture could not be kept in memory.")
    frame = replace(result.frame, image_bgr=np.zeros((1, 1, 3), np.uint8))
    return Packed(replace(result, frame=frame), data.tobytes())


def unpack(packed: Packed) -> FrameResult:
    """The result with its picture."""
    image: ImageBgr = np.asarray(
        cv2.imdecode(np.frombuffer(packed.jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8
    )
    return replace(packed.result, frame=replace(packed.result.frame, image_bgr=image))
