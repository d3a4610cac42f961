"""Drawing of results on frames, the same for window, snapshot and recording."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from fer_live.core.labels import UNSURE, colour_rgb
from fer_live.core.settings import Settings
from fer_live.core.types import Face, ImageBgr
from fer_live.overlay.heat_map import blend_heat
from fer_live.overlay.text import put_text, text_mask

Bgr = tuple[int, int, int]

TEXT_SHARE = 1 / 36
"""Type size as a share of the frame's shorter side: 20 px at 1280x720."""
MIN_TEXT_PX = 11
"""Smallest readable type size, pixels."""
INK: Bgr = (20, 20, 20)
PAPER: Bgr = (255, 255, 255)
SHADE = 0.55
"""Opacity of the dark panel behind the bars, 0-1."""
BRIGHT = 120
"""Luma (ITU-R BT.601, 0-255) above which dark text has the higher contrast."""


@dataclass(frozen=True)
class OverlayOptions:
    """What is drawn besides box and label.

    Args:
        show_bars: A bar for every class beside each face.
        show_fps: The frame rate in the top left corner.
        show_ids: The identity after the label.
        show_heat: The heat map of each face that has one.
    """

    show_bars: bool = False
    show_fps: bool = True
    show_ids: bool = True
    show_heat: bool = True

    @classmethod
    def from_settings(cls, settings: Settings) -> "OverlayOptions":
        """What the user chose."""
        return cls(settings.show_bars, settings.show_fps, settings.show_ids, settings.show_heat)


def draw_overlay(
    image_bgr: ImageBgr,
    faces: Sequence[Face],
    labels: Sequence[str],
    options: OverlayOptions | None = None,
    fps: float | None = None,
) -> ImageBgr:
    """Draws heat maps, boxes, labels and frame rate on a copy of the frame.

    Args:
        image_bgr: (H, W, 3) uint8; not changed.
        faces: What to draw; may be empty.
        labels: Class names in the order of the faces' probabilities.
        options: What to draw besides box and label.
        fps: Frames per second to show; None shows none.

    Returns:
        (H, W, 3) uint8, a new array.
    """
    options = options or OverlayOptions()
    canvas = image_bgr.copy()
    size = text_size_px(canvas)
    for face in faces:
        if options.show_heat and face.heat is not None:
            blend_heat(canvas, face.box_xyxy, face.heat)
    # Small, distant faces first, so that near ones are on top.
    for face in sorted(faces, key=lambda f: f.box_xyxy[3] - f.box_xyxy[1]):
        _draw_box(canvas, face, size)
        if options.show_bars and face.probabilities is not None:
            _draw_bars(canvas, face, labels, size)
    for face in sorted(faces, key=lambda f: f.box_xyxy[3] - f.box_xyxy[1]):
        _draw_label(canvas, face, size, show_id=options.show_ids)
    if options.show_fps and fps is not None:
        _chip(canvas, f"{fps:.0f} FPS", size // 2, size // 2, size, INK)
    return canvas


def text_size_px(image_bgr: ImageBgr) -> int:
    """Readable type size for this resolution, pixels."""
    return max(round(int(min(image_bgr.shape[:2])) * TEXT_SHARE), MIN_TEXT_PX)


def label_text(face: Face, *, show_id: bool = True) -> str:
    """Text of a face's label: class, probability and identity."""
    identity = f"  #{face.track_id}" if show_id else ""
    if face.label is None:
        return f"…{identity}"
    if face.label == UNSURE:
        return f"{UNSURE}{identity}"
    return f"{face.label} {face.confidence * 100:.0f} %{identity}"


def _bgr(label: str | None) -> Bgr:
    red, green, blue = colour_rgb(label or UNSURE)
    return blue, green, red


def _ink_on(bgr: Bgr) -> Bgr:
    luma = 0.114 * bgr[0] + 0.587 * bgr[1] + 0.299 * bgr[2]
    return INK if luma > BRIGHT else PAPER


def _corners(face: Face) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(v) for v in face.box_xyxy)
    return left, top, right, bottom


def _draw_box(canvas: ImageBgr, face: Face, size: int) -> None:
    left, top, right, bottom = _corners(face)
    thickness = max(size // 8, 1)
    # A dark line under the coloured line keeps the box visible on any background.
    cv2.rectangle(canvas, (left, top), (right, bottom), INK, thickness + 2, cv2.LINE_AA)
    if face.missed_s > 0:
        thickness = max(thickness // 2, 1)
    cv2.rectangle(canvas, (left, top), (right, bottom), _bgr(face.label), thickness, cv2.LINE_AA)


def _draw_label(canvas: ImageBgr, face: Face, size: int, *, show_id: bool) -> None:
    text = label_text(face, show_id=show_id)
    left, top, _, bottom = _corners(face)
    width, height = _chip_size(text, size)
    rows, cols = canvas.shape[:2]
    y = top - height
    if y < 0:
        y = bottom if bottom + height <= rows else max(top, 0)
    x = min(max(left, 0), max(cols - width, 0))
    _chip(canvas, text, x, y, size, _bgr(face.label))


def _chip_size(text: str, size: int) -> tuple[int, int]:
    mask = text_mask(text, size)
    return mask.shape[1] + size, mask.shape[0] + size // 2


def _chip(canvas: ImageBgr, text: str, x: int, y: int, size: int, bgr: Bgr) -> None:
    width, height = _chip_size(text, size)
    cv2.rectangle(canvas, (x, y), (x + width, y + height), bgr, cv2.FILLED)
    put_text(canvas, text, x + size // 2, y + size // 4, size, _ink_on(bgr))


def _draw_bars(canvas: ImageBgr, face: Face, labels: Sequence[str], size: int) -> None:
    assert face.probabilities is not None
    type_px = max(round(size * 0.75), MIN_TEXT_PX)
    line = round(type_px * 1.5)
    name_px = max(text_mask(name, type_px).shape[1] for name in labels)
    bar_px = type_px * 5
    width, height = name_px + bar_px + 3 * (type_px // 2), line * len(labels) + type_px
    left, top, right, _ = _corners(face)
    rows, cols = canvas.shape[:2]
    gap = max(size // 4, 2)
    x = right + gap if right + gap + width <= cols else left - gap - width
    x = min(max(x, 0), max(cols - width, 0))
    y = min(max(top, 0), max(rows - height, 0))
    area = canvas[y : y + height, x : x + width]
    np.multiply(area, 1 - SHADE, out=area, casting="unsafe")
    for number, (name, probability) in enumerate(zip(labels, face.probabilities, strict=True)):
        text_y = y + type_px // 2 + number * line
        put_text(canvas, name, x + type_px // 2, text_y, type_px, PAPER)
        bar_x, bar_y = x + name_px + type_px, text_y
        end = bar_x + round(bar_px * float(probability))
        cv2.rectangle(canvas, (bar_x, bar_y), (end, bar_y + type_px), _bgr(name), cv2.FILLED)
