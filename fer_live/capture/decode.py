"""Pictures from bytes: measured before they are decoded, then upright, opaque and 8-bit."""

import io
from contextlib import suppress
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageOps

from fer_live.core.errors import SourceError
from fer_live.core.types import ImageBgr

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF", "JPEG2000", "PPM")
"""Kinds of picture, as Pillow names them.

Pillow alone reads them: what it has measured must be what is decoded, and a PNG of 129 bytes that
lies about the length of its parts makes OpenCV 4.14 fill four gigabytes of memory.
"""

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
class DecodedImage:
    """A decoded picture.

    Args:
        image_bgr: (H, W, 3) uint8, upright as its EXIF says.
        animated: True if it is the first of several: an animation, or a TIFF of many pages.
    """

    image_bgr: ImageBgr
    animated: bool


def decode_picture(data: bytes, max_pixels: int = MAX_PIXELS) -> DecodedImage:
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
    except Exception as error:  # a plug-in may raise anything over bytes that are no picture
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
            header.load()
            with suppress(Exception):  # damaged EXIF is no damage to the picture
                ImageOps.exif_transpose(header, in_place=True)
            image_bgr = _opaque(_eight_bits(header))
            # Phones hide a depth map or a second exposure in their pictures (MPO).
            animated = header.format != "MPO" and bool(getattr(header, "is_animated", False))
        except Exception as error:  # as above
            raise DamagedPictureError(
                "The picture is damaged or cut off.", "Save, copy or download it again."
            ) from error
    return DecodedImage(image_bgr, animated)


def _eight_bits(image: Image.Image) -> Image.Image:
    """The picture with at most 8 bits a channel: Pillow would cut off what is over 255."""
    if not image.mode.startswith(("I", "F")):
        return image
    values = np.asarray(image, np.float32)
    most = 65535.0 if image.mode.startswith("I") else 1.0 if values.max() <= 1 else 255.0
    gray = Image.fromarray((values * (255 / most)).clip(0, 255).astype(np.uint8))
    level = image.info.get("transparency")
    if level is not None:
        gray.putalpha(Image.fromarray(np.where(values == level, 0, 255).astype(np.uint8)))
    return gray


def _opaque(image: Image.Image) -> ImageBgr:
    """(H, W, 3) on paper: the colours hidden under full transparency are arbitrary."""
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, _PAPER)
        image.alpha_composite(layer)
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    return np.asarray(cv2.cvtColor(np.asarray(rgb), cv2.COLOR_RGB2BGR), np.uint8)
