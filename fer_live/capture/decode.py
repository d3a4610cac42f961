"""Pictures from bytes: measured before they are decoded, then upright, opaque and 8-bit."""

import io
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageOps

from fer_live.capture.opencv import quiet_opencv
from fer_live.errors import SourceError
from fer_live.types import ImageBgr

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF", "JPEG2000", "PPM")
"""Kinds of picture, as Pillow names them; both Pillow and OpenCV read all of them."""

KINDS = "JPEG, PNG, WebP, GIF, TIFF, BMP, AVIF, JPEG 2000 or PNM"
"""The same for people to read."""

MAX_PIXELS = 1 << 28
"""Most pixels of one picture: more than any camera has, 0.8 GB when decoded."""

_PAPER = "white"
"""Ground under what is transparent, as picture viewers show it."""


class NotAPictureError(SourceError):
    """Bytes that are no picture of a known kind."""


class DamagedPictureError(SourceError):
    """A picture whose pixels cannot be decoded."""


class TooManyPixelsError(SourceError):
    """A picture that is larger than was allowed."""


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Args:
        image_bgr: (H, W, 3) uint8, upright as its EXIF says.
        animated: True if it is the first of several: an animation, or a TIFF of many pages.
    """

    image_bgr: ImageBgr
    animated: bool


def decode_picture(data: bytes, max_pixels: int = MAX_PIXELS) -> Picture:
    """Decodes a picture file; nothing is decoded before its size is known.

    16 bits are reduced to 8, grey and CMYK become colour, transparent parts become white.

    Args:
        data: The file.
        max_pixels: Most pixels, width times height.

    Raises:
        NotAPictureError: No picture, or none of `FORMATS`.
        TooManyPixelsError: Larger than `max_pixels`.
        DamagedPictureError: The file is cut off, or damaged in another way.
    """
    # The limit below stands in place of Pillow's own, which warns, and refuses large cameras.
    Image.MAX_IMAGE_PIXELS = None
    try:
        header = Image.open(io.BytesIO(data), formats=FORMATS)
    except (OSError, ValueError, SyntaxError) as error:
        raise NotAPictureError(
            "This is not a picture, or its beginning is damaged.", f"Choose a {KINDS} file."
        ) from error
    with header:
        width, height = header.size
        if width * height > max_pixels:
            raise TooManyPixelsError(
                f"The picture has {width} x {height} pixels, more than the "
                f"{max_pixels / 1e6:.4g} million allowed.",
                "Make it smaller.",
            )
        try:
            image_bgr = _flattened(header) if header.has_transparency_data else _decoded(data)
            # Phones hide a depth map or a second exposure in their pictures (MPO).
            animated = header.format != "MPO" and bool(getattr(header, "is_animated", False))
        except (OSError, ValueError, SyntaxError, EOFError, cv2.error) as error:
            raise _damaged() from error
    return Picture(image_bgr, animated)


def _decoded(data: bytes) -> ImageBgr:
    # OpenCV reduces 16 bits to 8 as it should; Pillow cuts off what is over 255.
    with quiet_opencv():
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise _damaged()
    return np.asarray(image, np.uint8)


def _flattened(header: Image.Image) -> ImageBgr:
    """On paper: the colours hidden under full transparency are arbitrary."""
    layer = ImageOps.exif_transpose(header).convert("RGBA")
    page = Image.new("RGBA", layer.size, _PAPER)
    page.alpha_composite(layer)
    return np.ascontiguousarray(np.asarray(page.convert("RGB"))[..., ::-1])


def _damaged() -> DamagedPictureError:
    return DamagedPictureError(
        "The picture is damaged or cut off.", "Save, copy or download it again."
    )
