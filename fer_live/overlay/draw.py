"""Drawing of results on frames, the same for window, snapshot and recording."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from fer_live.core.labels import UNSURE, colour_rgb
from fer_live.core.settings import Settings
from fer_live.core.types import Face, ImageBgr
from fer_live.overlay.heat_map import blend_heat
from fer_live.overlay.placement import Placement, Rect, around
from fer_live.overlay.text import put_text, text_mask
from fer_live.tracking.quality_flags import advice

Bgr = tuple[int, int, int]

TEXT_SHARE = 1 / 36
"""Type size as a share of the frame's shorter side: 20 px at 1280x720."""
MIN_TEXT_PX = 11
"""Smallest readable type size, pixels."""
KEEPS_UP = 0.9
"""Share of the frames that are analysed above which the two rates count as the same."""
INK: Bgr = (20, 20, 20)
PAPER: Bgr = (255, 255, 255)
AMBER: Bgr = (90, 200, 255)
"""Text that says what makes a face hard to read; 11:1 on `INK`."""
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
        show_advice: What makes a face hard to read, in two words, where there is room.
        word: Gives the word to draw for an English one, in the language of the window.
    """

    show_bars: bool = False
    show_fps: bool = True
    show_ids: bool = True
    show_heat: bool = True
    show_advice: bool = True
    word: Callable[[str], str] = str

    @classmethod
    def from_settings(cls, settings: Settings) -> "OverlayOptions":
        """What the user chose."""
        return cls(
            settings.show_bars,
            settings.show_fps,
            settings.show_ids,
            settings.show_heat,
            settings.show_advice,
        )


def draw_overlay(
    image_bgr: ImageBgr,
    faces: Sequence[Face],
    labels: Sequence[str],
    options: OverlayOptions | None = None,
    fps: float | None = None,
    analysed_fps: float | None = None,
) -> ImageBgr:
    """Draws heat maps, boxes, labels and frame rate on a copy of the frame.

    Args:
        image_bgr: (H, W, 3) uint8; not changed.
        faces: What to draw; may be empty.
        labels: Class names in the order of the faces' probabilities.
        options: What to draw besides box and label.
        fps: Frames per second to show; None shows none.
        analysed_fps: Frames analysed per second; shown where they are fewer.

    Returns:
        (H, W, 3) uint8, a new array.
    """
    options = options or OverlayOptions()
    canvas = image_bgr.copy()
    size = text_size_px(canvas)
    for face in faces:
        if options.show_heat and face.heat is not None:
            blend_heat(canvas, face.box_xyxy, face.heat)
    placement = Placement((canvas.shape[1], canvas.shape[0]), map(_corners, faces))
    if options.show_fps and fps is not None:
        _draw_rate(canvas, rate_text(fps, analysed_fps, options.word), placement, size)
    far_first = sorted(faces, key=lambda f: f.box_xyxy[3] - f.box_xyxy[1])
    for face in far_first:
        _draw_box(canvas, face, size)
    # Near faces choose their places first. All labels are placed before any bars.
    for face in reversed(far_first):
        _draw_label(canvas, face, placement, size, options)
    for face in reversed(far_first):
        if options.show_advice and (words := advice(face.quality)):
            _draw_advice(canvas, face, options.word(words), placement, size)
    for face in reversed(far_first):
        if options.show_bars and face.probabilities is not None:
            _draw_bars(canvas, face, labels, placement, size, options.word)
    return canvas


def rate_text(fps: float, analysed_fps: float | None, word: Callable[[str], str] = str) -> str:
    """The frame rate in words; both rates where the analysis does not keep up."""
    text = f"{fps:.0f} fps"
    if analysed_fps is None or analysed_fps >= KEEPS_UP * fps:
        return text
    return f"{text} · {analysed_fps:.0f} {word('analysed')}"


def text_size_px(image_bgr: ImageBgr) -> int:
    """Readable type size for this resolution, pixels."""
    return max(round(int(min(image_bgr.shape[:2])) * TEXT_SHARE), MIN_TEXT_PX)


def label_text(face: Face, *, show_id: bool = True, word: Callable[[str], str] = str) -> str:
    """Text of a face's label: class, probability, and name or identity."""
    identity = f"  #{face.track_id}" if show_id else ""
    if face.name:
        identity = f"  {face.name}"
    if face.label is None:
        return f"…{identity}"
    if face.label == UNSURE or math.isnan(face.confidence):
        return f"{word(face.label)}{identity}"
    return f"{word(face.label)} {face.confidence * 100:.0f}%{identity}"


def _bgr(label: str | None) -> Bgr:
    red, green, blue = colour_rgb(label or UNSURE)
    return blue, green, red


def _ink_on(bgr: Bgr) -> Bgr:
    luma = 0.114 * bgr[0] + 0.587 * bgr[1] + 0.299 * bgr[2]
    return INK if luma > BRIGHT else PAPER


def _corners(face: Face) -> Rect:
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


def _draw_label(
    canvas: ImageBgr, face: Face, placement: Placement, size: int, options: OverlayOptions
) -> None:
    text = label_text(face, show_id=options.show_ids, word=options.word)
    places = _label_places(_corners(face), *_chip_size(text, size))
    place = placement.place(places, must=True)
    assert place is not None
    _chip(canvas, text, place[0], place[1], size, _bgr(face.label))


def _draw_advice(canvas: ImageBgr, face: Face, words: str, placement: Placement, size: int) -> None:
    places = _label_places(_corners(face), *_chip_size(words, size))
    place = placement.place(places, must=False)
    if place is not None:
        _chip(canvas, words, place[0], place[1], size, INK, AMBER)


def _label_places(box: Rect, width: int, height: int) -> list[Rect]:
    """Places for a label at a box, the best first."""
    left, top, right, bottom = box
    corners = (
        (left, top - height),
        (left, bottom),
        (right - width, top - height),
        (right - width, bottom),
        (right, top),
        (left - width, top),
        (right, bottom - height),
        (left - width, bottom - height),
    )
    return [(x, y, x + width, y + height) for x, y in corners]


def _draw_rate(canvas: ImageBgr, text: str, placement: Placement, size: int) -> None:
    width, height = _chip_size(text, size)
    rows, cols = canvas.shape[:2]
    margin = size // 2
    corners = (
        (margin, margin),
        (cols - margin - width, margin),
        (margin, rows - margin - height),
        (cols - margin - width, rows - margin - height),
    )
    place = placement.place([(x, y, x + width, y + height) for x, y in corners], must=True)
    assert place is not None
    _chip(canvas, text, place[0], place[1], size, INK)


def _chip_size(text: str, size: int) -> tuple[int, int]:
    mask = text_mask(text, size)
    return mask.shape[1] + size, mask.shape[0] + size // 2


def _chip(
    canvas: ImageBgr, text: str, x: int, y: int, size: int, bgr: Bgr, ink: Bgr | None = None
) -> None:
    width, height = _chip_size(text, size)
    cv2.rectangle(canvas, (x, y), (x + width, y + height), bgr, cv2.FILLED)
    put_text(canvas, text, x + size // 2, y + size // 4, size, ink or _ink_on(bgr))


def _draw_bars(
    canvas: ImageBgr,
    face: Face,
    labels: Sequence[str],
    placement: Placement,
    size: int,
    word: Callable[[str], str],
) -> None:
    """Draws a bar for each class beside the face; without names, or not at all, if too tight."""
    assert face.probabilities is not None
    type_px = max(round(size * 0.75), MIN_TEXT_PX)
    name_px = max(text_mask(word(name), type_px).shape[1] for name in labels)
    gap = max(size // 4, 2)
    compact_px = max(type_px // 2, 4)
    for line, name_width, bar_px in (
        (round(type_px * 1.5), name_px + type_px // 2, type_px * 5),
        (compact_px, 0, type_px * 3),
    ):
        pad = type_px // 2 if name_width else 2
        width, height = name_width + bar_px + 2 * pad, line * len(labels) + 2 * pad
        place = placement.place(around(_corners(face), width, height, gap), must=False)
        if place is not None:
            break
    else:
        return
    x, y = place[:2]
    area = canvas[max(y, 0) : y + height, max(x, 0) : x + width]
    np.multiply(area, 1 - SHADE, out=area, casting="unsafe")
    thick = type_px if name_width else compact_px - 1
    for number, (name, probability) in enumerate(zip(labels, face.probabilities, strict=True)):
        text_y = y + pad + number * line
        if name_width:
            put_text(canvas, word(name), x + pad, text_y, type_px, PAPER)
        bar_x = x + pad + name_width
        end = bar_x + round(bar_px * float(probability))
        cv2.rectangle(canvas, (bar_x, text_y), (end, text_y + thick), _bgr(name), cv2.FILLED)
