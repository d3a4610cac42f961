"""Anti-aliased text in OpenCV images, in Pillow's built-in typeface."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from fer_live.core.types import ImageBgr

CACHED_TEXTS = 1024
"""Texts kept: every label with every whole percentage at two sizes; at most about 10 MB."""


@lru_cache(maxsize=16)
def _font(height_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(height_px)


@lru_cache(maxsize=CACHED_TEXTS)
def text_mask(text: str, height_px: int) -> NDArray[np.uint8]:
    """Coverage of a line of text, (h, w) uint8; h depends on `height_px` only, not on the text.

    Args:
        text: One line.
        height_px: Nominal size of the type, pixels.
    """
    font = _font(height_px)
    _, top, _, bottom = font.getbbox("Afgjlp|")
    left, _, right, _ = font.getbbox(text)
    width, height = max(int(np.ceil(right - left)), 1), int(np.ceil(bottom - top))
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).text((-left, -top), text, fill=255, font=font)
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
