"""Anti-aliased text in OpenCV images, in Pillow's built-in typeface where it has the letters."""

import unicodedata
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from fer_live.core.types import ImageBgr

CACHED_TEXTS = 1024
"""Texts kept: every label with every whole percentage at two sizes; at most about 10 MB."""


SYSTEM_FONTS = ("DejaVuSans.ttf", "arial.ttf", "Arial.ttf", "LiberationSans-Regular.ttf")
"""Looked for, in this order, where a text has letters that Pillow's typeface lacks."""
UNKNOWN = "\uffff"
"""No character: its drawing is what a typeface shows for each that it lacks."""

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@lru_cache(maxsize=16)
def _font(height_px: int) -> Font:
    return ImageFont.load_default(height_px)


@lru_cache(maxsize=16)
def _extent(height_px: int) -> tuple[int, int]:
    """From the upper edge of a line to its lower edge, relative to the base line, pixels."""
    _, top, _, bottom = _font(height_px).getbbox("Afgjlp|", anchor="ls")
    return int(np.floor(top)), int(np.ceil(bottom))


@lru_cache(maxsize=16)
def _system_font(height_px: int) -> Font | None:
    """A typeface of the system, in the size whose letters fit the line; None if none is found."""
    top, bottom = _extent(height_px)
    for name in SYSTEM_FONTS:
        for size in range(height_px, 4, -1):
            try:
                font = ImageFont.truetype(name, size)
            except OSError:
                break
            _, upper, _, lower = font.getbbox("Äfgjlp", anchor="ls")
            if upper >= top and lower <= bottom:
                return font
    return None


@lru_cache(maxsize=CACHED_TEXTS)
def _is_known(character: str) -> bool:
    """Whether Pillow's typeface has a character; it has few besides those of ASCII."""
    font = _font(16)
    return character.isspace() or bytes(font.getmask(character)) != bytes(font.getmask(UNKNOWN))


def _fitting(text: str, height_px: int) -> tuple[str, Font]:
    """A text and a typeface that has its letters; without one, the letters lose their accents."""
    if all(map(_is_known, text)):
        return text, _font(height_px)
    font = _system_font(height_px)
    if font is not None:
        return text, font
    plain = unicodedata.normalize("NFD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)), _font(height_px)


@lru_cache(maxsize=CACHED_TEXTS)
def text_mask(text: str, height_px: int) -> NDArray[np.uint8]:
    """Coverage of a line of text, (h, w) uint8; h depends on `height_px` only, not on the text.

    Args:
        text: One line.
        height_px: Nominal size of the type, pixels.
    """
    text, font = _fitting(text, height_px)
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
