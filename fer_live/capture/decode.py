"""Images from bytes: measured before they are decoded, then upright, opaque and 8-bit."""

import io
import logging
import math
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from typing import Any, BinaryIO, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from fer_live.core.errors import SourceError
from fer_live.core.settings import Settings
from fer_live.core.types import ImageBgr

_log = logging.getLogger(__name__)

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF", "JPEG2000", "PPM")
"""Image formats, as Pillow names them.

Pillow alone reads them: what it has measured must be what is decoded, and a PNG of 129 bytes that
lies about the length of its parts makes OpenCV 4.14 fill four gigabytes of memory.
"""

KINDS = "JPEG, PNG, WebP, HEIC, GIF, TIFF, BMP, AVIF, JPEG 2000 or PNM"
"""The formats for display."""

MAX_PIXELS = round(Settings.max_megapixels * 1e6)
"""Most pixels of one image unless another number is given. Decoding takes up to 10 bytes a pixel,
0.9 GB. Pillow's own limit, where nobody has changed it, is above this."""

_WEIGHTS = {"WEBP": 1.5, "JPEG2000": 1.5, "HEIF": 1.5}
"""Formats whose decoders hold several copies, 15 bytes a pixel: their pixels count so often."""

_JPEG_SAMPLES = 4.5
"""Most samples of a JPEG file at full size, per pixel of the limit. At reduced size, too,
libjpeg holds two bytes for each sample of a progressive file."""

_WEBP_PIXELS = 1.5
"""Most pixels of a WebP file that is read at reduced size, per pixel of the limit."""

_BLOCK_PX = 1 << 20
"""Pixels of a block: the image is converted in blocks, so that only copies of one block exist."""

Color: TypeAlias = Literal["bgr", "rgb"]
"""Order of the channels of an array: OpenCV's, or that of Pillow, scikit-image and Matplotlib."""

HEIF_LIBRARY = "pillow-heif"
"""Reads HEIC, the format of iPhones; an extra. Its reader is used as a class and not registered in
Pillow, which would change what other users of Pillow in this process can open."""

_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
"""Bytes 8 to 11 of a HEIC file."""

_PREFIX = 16  # bytes that Pillow shows its readers for them to recognise their format
_PAPER = "white"
"""Background of transparent parts, as image viewers show it."""


class NotAnImageError(SourceError):
    """Bytes that are no image of a known format."""


class MissingReaderError(NotAnImageError):
    """An image whose format needs a library that is not installed."""


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
        reduced: 2 or 4 if it was decoded at that part of its size; 1 otherwise.
    """

    image_bgr: ImageBgr
    animated: bool
    reduced: int = 1


def decode_image(
    data: bytes | BinaryIO, max_pixels: int = MAX_PIXELS, *, reduce: bool = True
) -> DecodedImage:
    """Decodes an image file; no pixel is decoded before its size is known.

    16 bits are reduced to 8, grey and CMYK become colour, transparent parts become white.

    Args:
        data: The file: its content, or opened for reading.
        max_pixels: Most pixels, width times height.
        reduce: A JPEG or WebP file with more pixels is decoded at a half or a quarter of its size,
            if that is small enough; False refuses it.

    Raises:
        NotAnImageError: No image, or none of `FORMATS`.
        TooManyPixelsError: Larger than `max_pixels`.
        DamagedImageError: The file is cut off, or damaged in another way.
    """
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    header = _open(file)
    width, height = header.size
    reduced = 1
    weight = _WEIGHTS.get(header.format or "", 1.0)
    if width * height * weight > max_pixels:
        if reduce and header.format == "WEBP" and (n := _webp_reduction(header, max_pixels)):
            return _reduced_webp(file, header, n)
        reduced = _reduction(header, max_pixels) if reduce else 0
        if not reduced:
            raise TooManyPixelsError(
                f"The picture has {width} x {height} pixels, more than the "
                f"{max_pixels / weight / 1e6:.4g} million allowed"
                f"{'' if weight == 1 else f' for {header.format}'}.",
                "Make it smaller, or raise the limit (--max-megapixels).",
            )
        header.draft(None, (width // reduced, height // reduced))
    try:
        image_bgr, orientation = _pixels(header)
        # Phones hide a depth map or a second exposure in their images.
        may_move = header.format not in ("MPO", "HEIF")
        animated = may_move and bool(getattr(header, "is_animated", False))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large_for_pillow() from error
    except Exception as error:  # a reader may raise anything over a damaged file
        raise _damaged() from error
    finally:
        header.close()
    # Pillow's pixels are gone by now.
    return DecodedImage(_upright(image_bgr, orientation), animated, reduced)


def _reduction(header: Image.Image, max_pixels: int) -> int:
    """How many times smaller a JPEG must be read to have at most `max_pixels`; 0 if it cannot."""
    if not isinstance(header, JpegImagePlugin.JpegImageFile):
        return 0
    width, height = header.size
    across, down = (max(part[place] for part in header.layer) for place in (1, 2))
    samples = sum(part[1] * part[2] for part in header.layer) / (across * down)
    if width * height * samples > _JPEG_SAMPLES * max_pixels:
        return 0
    return _part_that_fits(width, height, max_pixels)


def _webp_reduction(header: Image.Image, max_pixels: int) -> int:
    """How many times smaller a WebP picture must be made; 0 if it is too large, or an animation."""
    width, height = header.size
    if getattr(header, "is_animated", False) or width * height > _WEBP_PIXELS * max_pixels:
        return 0
    return _part_that_fits(width, height, max_pixels)


def _reduced_webp(file: BinaryIO, header: Image.Image, reduced: int) -> DecodedImage:
    """A WebP picture by FFmpeg, which holds it as it is coded, at most 4 bytes a pixel.

    Pillow holds 18 bytes a pixel. Raises DamagedImageError.
    """
    import av
    from av.video.reformatter import VideoReformatter

    (width, height), orientation = header.size, _orientation_of(header)
    # A file whose parts are larger than it says is damaged.
    options = {"protocol_whitelist": "", "max_pixels": str(width * height)}
    try:
        file.seek(0)
        with av.open(file, "r", format="webp_pipe", options=options) as container:
            frame = next(container.decode(video=0))
            if (frame.width, frame.height) != header.size:
                raise ValueError("FFmpeg and Pillow do not agree about the size")
            small = VideoReformatter().reformat(
                frame,
                math.ceil(width / reduced),
                math.ceil(height / reduced),
                format="rgba",
                threads=1,
            )
            del frame
        image_bgr = image_from_array(small.to_ndarray(), "rgb")
    except Exception as error:  # a reader may raise anything over a damaged file
        raise _damaged() from error
    finally:
        header.close()
    return DecodedImage(_upright(image_bgr, orientation), False, reduced)


def _part_that_fits(width: int, height: int, max_pixels: int) -> int:
    """2 or 4, if a picture at that part of its size has at most `max_pixels`; else 0."""
    sizes = {n: (math.ceil(width / n), math.ceil(height / n)) for n in (2, 4)}
    fits = [n for n, (w, h) in sizes.items() if w * h <= max_pixels and min(width, height) >= n]
    return fits[0] if fits else 0


def _open(file: BinaryIO) -> Image.Image:
    """Reads the header of an image; raises NotAnImageError.

    This is `PIL.Image.open` without its size limit, a setting of the whole process that refuses
    images smaller than `MAX_PIXELS`. The caller compares the size with its own limit before any
    pixel is decoded. Inside Pillow, WebP and TIFF keep to the limit of the process.
    """
    Image.preinit()
    prefix = file.read(_PREFIX)
    for name in FORMATS:
        if name not in Image.OPEN:
            Image.init()
        reader, accepts = Image.OPEN.get(name, (None, None))
        try:
            accepted = reader is not None and (accepts is None or accepts(prefix))
            # Text in place of True says that Pillow was built without this format.
            if reader is not None and accepted and not isinstance(accepted, str):
                file.seek(0)
                return reader(file, "")
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise _too_large_for_pillow() from error
        except Exception as error:  # a reader may raise anything over bytes of another format
            _log.debug("not read as %s: %s", name, error)
    if prefix[4:8] == b"ftyp" and prefix[8:12] in _HEIF_BRANDS:
        return _open_heif(file)
    raise NotAnImageError(
        "This is not a picture, or its beginning is damaged.", f"Choose a {KINDS} file."
    )


def _open_heif(file: BinaryIO) -> Image.Image:
    try:
        from pillow_heif import HeifImageFile
    except ImportError as error:
        raise MissingReaderError(
            f"This is a HEIC picture, and {HEIF_LIBRARY}, which reads it, is not installed.",
            'Install the optional part: pip install "fer-live[heif]".',
        ) from error
    file.seek(0)
    try:
        return HeifImageFile(file, "")  # type: ignore[no-untyped-call, no-any-return, unused-ignore]
    except Exception as error:  # a reader may raise anything over a damaged file
        raise _damaged() from error


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
        return _upright(*_pixels(image))
    except Exception as error:  # a reader may raise anything over a damaged file
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


def _pixels(image: Image.Image) -> tuple[ImageBgr, int]:
    """The pixels as they are stored, (H, W, 3), and the orientation that EXIF states, 1 to 8."""
    image.load()
    orientation = _orientation_of(image)
    most = _white_level(image)
    width, height = image.size
    image_bgr = np.empty((height, width, 3), np.uint8)
    across = min(width, _BLOCK_PX)
    down = _BLOCK_PX // across
    for top, left in product(range(0, height, down), range(0, width, across)):
        right, bottom = min(left + across, width), min(top + down, height)
        block = image.crop((left, top, right, bottom))
        image_bgr[top:bottom, left:right] = _opaque(_eight_bits(block, most))
    return image_bgr, orientation


def _orientation_of(image: Image.Image) -> int:
    with suppress(Exception):  # damaged EXIF does not damage the image
        return int(image.getexif().get(_ORIENTATION, 1))
    return 1


_ORIENTATION = 0x0112
"""EXIF's number of the orientation."""


def _upright(image_bgr: ImageBgr, orientation: int) -> ImageBgr:
    """The image turned and mirrored from an EXIF orientation; itself if it is upright."""
    if orientation in (5, 6, 7, 8):
        image_bgr = np.asarray(cv2.transpose(image_bgr), np.uint8)
    flip = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)
    return image_bgr if flip is None else np.asarray(cv2.flip(image_bgr, flip), np.uint8)


def _white_level(image: Image.Image) -> float:
    """The value that stands for white in an image of more than 8 bits a channel."""
    if image.mode.startswith("I"):
        return 65535.0
    if image.mode == "F":
        return 1.0 if image.getextrema()[1] <= 1 else 255.0  # type: ignore[operator]
    return 255.0


def _eight_bits(image: Image.Image, most: float) -> Image.Image:
    """The image with at most 8 bits a channel: Pillow would clip values over 255."""
    if not image.mode.startswith(("I", "F")):
        return image
    values = np.asarray(image, np.float32)
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
