"""Writes images as PNG files."""

from pathlib import Path

import cv2

from fer_live.core.errors import RecordingError
from fer_live.core.files import write_error
from fer_live.core.types import ImageBgr


def write_png(path: Path, image_bgr: ImageBgr) -> None:
    """Encodes an image into a PNG file.

    Args:
        path: A reserved file, whose content is overwritten; removed if writing fails.
        image_bgr: (H, W, 3) uint8.

    Raises:
        RecordingError: The image cannot be encoded or the file cannot be written.
    """
    try:
        done, data = cv2.imencode(".png", image_bgr)
        if not done:
            raise RecordingError(f"The image {path.name} could not be encoded as PNG.")
        path.write_bytes(data.tobytes())
    except Exception as error:
        path.unlink(missing_ok=True)
        raise (write_error(path, error) if isinstance(error, OSError) else error) from error
