"""Images from bytes: measured before they are decoded, then upright, opaque and 8-bit."""

import io
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from fer_live.core.errors import SourceError
from fer_live.core.types import ImageBgr

_log = logging.getLogger(__name__)

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF", "JPEG2000", "PPM")
"""Image formats, as Pillow names them.

Pillow alone reads them: what it has measured must be what is decoded, and a PNG of 129 bytes that
lies about the length of its parts makes OpenCV 4.14 fill four gigabytes of memory.
"""

KINDS = "JPEG, PNG, WebP, GIF, TIFF, BMP, AVIF, JPEG 2000 or PNM"
"""The formats for display."""

MAX_PIXELS = 1 << 28
"""Most pixels of one image: more than any camera has, 0.8 GB when decoded."""

Color: TypeAlias = Literal["bgr", "rgb"]
"""Order of the channels of an array: OpenCV's, or that of Pillow, scikit-image and Matplotlib."""

_PREFIX = 16  # bytes that Pillow shows its readers for them to recognise their format
_PAPER = "white"
"""Background of transparent parts, as image viewers show it."""


class NotAnImageError(SourceError):
    """Bytes that are no image of a known format."""


class DamagedImageError(SourceError):
    """An image whose pixels cannot be decoded."""


class TooManyPixelsError(SourceError):
    """An image with more pixels than allowed."""


@dataclass(frozen=True)
class DecodedImage:
    """A decoded image.

    Args:
        image_bgr: (H, W, 3) uint8, upright as its EXIF says.
        animated: True if it is the first of several: an animation, or a TIFF of many pages.
    """

    image_bgr: ImageBgr
    animated: bool


def decode_image(data: bytes, max_pixels: int = MAX_PIXELS) -> DecodedImage:
    """Decodes an image file; no pixel is decoded before its size is known.

    16 bits are reduced to 8, grey and CMYK become colour, transparent parts become white.

    Args:
        data: The file.
        max_pixels: Most pixels, width times height.

    Raises:
        NotAnImageError: No image, or none of `FORMATS`.
        TooManyPixelsError: Larger than `max_pixels`.
        DamagedImageError: The file is cut off, or damaged in another way.
    """
    with _open(data) as header:
        width, height = header.size
        if width * height > max_pixels:
            raise TooManyPixelsError(
                f"The picture has {width} x {height} pixels, more than the "
                f"{max_pixels / 1e6:.4g} million allowed.",
                "Make it smaller.",
            )
        try:
            image_bgr = _pixels(header, in_place=True)
            # Phones hide a depth map or a second exposure in their images (MPO).
            animated = header.format != "MPO" and bool(getattr(header, "is_animated", False))
        except Image.DecompressionBombError as error:
            raise _too_large_for_pillow() from error
        except Exception as error:  # as above
            raise _damaged() from error
    return DecodedImage(image_bgr, animated)


def _open(data: bytes) -> Image.Image:
    """Reads the header of an image; raises NotAnImageError.

    This is `PIL.Image.open` without its size limit, a setting of the whole process that refuses
    images smaller than `MAX_PIXELS`. The caller compares the size with its own limit before any
    pixel is decoded. Inside Pillow, WebP and TIFF keep to the limit of the process.
    """
    Image.preinit()
    for name in FORMATS:
        if name not in Image.OPEN:
            Image.init()
        reader, accepts = Image.OPEN.get(name, (None, None))
        try:
            accepted = reader is not None and (accepts is None or accepts(data[:_PREFIX]))
            # Text in place of True says that Pillow was built without this format.
            if reader is not None and accepted and not isinstance(accepted, str):
                return reader(io.BytesIO(data), "")
        except Image.DecompressionBombError as error:
            raise _too_large_for_pillow() from error
        except Exception as error:  # a reader may raise anything over bytes of another format
            _log.debug("not read as %s: %s", name, error)
    raise NotAnImageError(
        "This is not a picture, or its beginning is damaged.", f"Choose a {KINDS} file."
    )


def _too_large_for_pillow() -> TooManyPixelsError:
    return TooManyPixelsError(
        "The picture has more pixels than Pillow decodes in this format.",
        "Make it smaller, save it as PNG, or raise PIL.Image.MAX_IMAGE_PIXELS.",
    )


def image_from_pillow(image: Image.Image) -> ImageBgr:
    """An image that Pillow has opened or made, as `decode_image` gives it; `image` stays as is.

    Returns:
        (H, W, 3) uint8, a new array.

    Raises:
        DamagedImageError: Its file is cut off or damaged.
    """
    try:
        return _pixels(image)
    except Exception as error:  # a plug-in may raise anything over a damaged file
        raise _damaged() from error


def image_from_array(image: NDArray[Any], color: Color) -> ImageBgr:
    """An array as OpenCV has it; `image` is not changed, and may be what is returned.

    Args:
        image: (H, W, 3), (H, W, 4) with transparency, or grey (H, W), uint8.
        color: Order of its channels.

    Returns:
        (H, W, 3) uint8, contiguous.

    Raises:
        NotAnImageError: Another shape or type.
    """
    channels = 1 if image.ndim == 2 else image.shape[2] if image.ndim == 3 else 0
    if image.dtype != np.uint8 or channels not in (1, 3, 4) or not image.size:
        raise NotAnImageError(
            f"An array of shape {image.shape} and type {image.dtype} is no image.",
            "Give (H, W, 3), (H, W, 4) or grey (H, W), uint8, 0-255.",
        )
    image = np.ascontiguousarray(image)
    if channels == 1:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    if channels == 4:
        rgba = image if color == "rgb" else cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA)
        return _opaque(Image.fromarray(np.asarray(rgba)))
    return image if color == "bgr" else swap_channels(image)


def swap_channels(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 with the first and the last channel exchanged, a new array."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def _damaged() -> DamagedImageError:
    return DamagedImageError(
        "The picture is damaged or cut off.", "Save, copy or download it again."
    )


def _pixels(image: Image.Image, *, in_place: bool = False) -> ImageBgr:
    image.load()
    with suppress(Exception):  # damaged EXIF does not damage the image
        if in_place:
            ImageOps.exif_transpose(image, in_place=True)
        else:
            image = ImageOps.exif_transpose(image)
    return _opaque(_eight_bits(image))


def _eight_bits(image: Image.Image) -> Image.Image:
    """The image with at most 8 bits a channel: Pillow would clip values over 255."""
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
    """(H, W, 3) on `_PAPER`: the colours of fully transparent pixels are arbitrary."""
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, _PAPER)
        image.alpha_composite(layer)
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    return np.asarray(cv2.cvtColor(np.asarray(rgb), cv2.COLOR_RGB2BGR), np.uint8)
