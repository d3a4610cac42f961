"""Anti-aliased text in OpenCV images, in the same typeface on every computer."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from PIL.ImageFont import FreeTypeFont

from fer_live.core.types import ImageBgr

CACHED_TEXTS = 1024
"""Texts kept: every label with every whole percentage at two sizes; at most about 10 MB."""

TYPEFACE = Path(__file__).resolve().parent / "typeface" / "Roboto-Medium.ttf"
"""Has Latin, Greek and Cyrillic letters."""
SYSTEM_FONTS = ("DejaVuSans.ttf", "arial.ttf", "Arial.ttf", "LiberationSans-Regular.ttf")
"""Looked for, in this order, where a text has letters that `TYPEFACE` lacks."""
UNKNOWN = "\uffff"
"""No character: its drawing is what a typeface shows for each that it lacks."""
TALL = "ÄÖÜÉfgjlp|"
"""Letters that decide the height of a line; a text with taller ones is drawn smaller."""


@lru_cache(maxsize=16)
def _font(height_px: int) -> FreeTypeFont:
    return ImageFont.truetype(str(TYPEFACE), height_px)


@lru_cache(maxsize=16)
def _extent(height_px: int) -> tuple[int, int]:
    """From the upper edge of a line to its lower edge, relative to the base line, pixels."""
    _, top, _, bottom = _font(height_px).getbbox(TALL, anchor="ls")
    return int(np.floor(top)), int(np.ceil(bottom))


@lru_cache(maxsize=CACHED_TEXTS)
def _is_known(character: str) -> bool:
    """Whether `TYPEFACE` has a character."""
    font = _font(16)
    return character.isspace() or bytes(font.getmask(character)) != bytes(font.getmask(UNKNOWN))


def _fits(font: FreeTypeFont, text: str, height_px: int) -> bool:
    """Whether nothing of a text reaches above or below the line."""
    top, bottom = _extent(height_px)
    _, upper, _, lower = font.getbbox(text, anchor="ls")
    return bool(upper >= top and lower <= bottom)


def _fitting(text: str, height_px: int) -> FreeTypeFont:
    """A typeface that has the letters of a text; if there is none, `TYPEFACE` draws boxes."""
    known = all(map(_is_known, text))
    if known and _fits(_font(height_px), text, height_px):
        return _font(height_px)
    for name in (str(TYPEFACE),) if known else SYSTEM_FONTS:
        for size in range(height_px, 4, -1):
            try:
                font = ImageFont.truetype(name, size)
            except OSError:
                break
            if _fits(font, text, height_px):
                return font
    return _font(height_px)


@lru_cache(maxsize=CACHED_TEXTS)
def text_mask(text: str, height_px: int) -> NDArray[np.uint8]:
    """Coverage of a line of text, (h, w) uint8; h depends on `height_px` only, not on the text.

    Args:
        text: One line.
        height_px: Nominal size of the type, pixels.
    """
    font = _fitting(text, height_px)
    top, bottom = _extent(height_px)
    left, _, right, _ = font.getbbox(text, anchor="ls")
    mask = Image.new("L", (max(int(np.ceil(right - left)), 1), bottom - top))
    ImageDraw.Draw(mask).text((-left, -top), text, fill=255, font=font, anchor="ls")
    return np.asarray(mask)


def put_text(
    image_bgr: ImageBgr, text: str, x: int, y: int, height_px: int, bgr: tuple[int, int, int]
) -> None:
    """Draws a line of text into an image in place, clipped to it.

    Args:
        image_bgr: (H, W, 3) uint8, writable.
        text: One line.
        x, y: Top left of the line, pixels; may be outside the image.
        height_px: Nominal size of the type, pixels.
        bgr: Colour, 0-255.
    """
    mask = text_mask(text, height_px)
    rows, cols = image_bgr.shape[:2]
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + mask.shape[1], cols), min(y + mask.shape[0], rows)
    if x0 >= x1 or y0 >= y1:
        return
    alpha = mask[y0 - y : y1 - y, x0 - x : x1 - x, None].astype(np.uint16)
    area = image_bgr[y0:y1, x0:x1]
    area[:] = (area * (255 - alpha) + np.array(bgr, np.uint16) * alpha + 127) // 255
