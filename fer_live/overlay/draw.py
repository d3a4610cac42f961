"""Drawing of results on frames, the same for window, snapshot and recording."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from fer_live.core.labels import UNSURE, colour_rgb
from fer_live.core.settings import Settings
from fer_live.core.types import Face, ImageBgr
from fer_live.overlay.heat_map import blend_heat
from fer_live.overlay.placement import Placement, Rect, around
from fer_live.overlay.screen import fit_to_screen
from fer_live.overlay.text import put_text, text_mask
from fer_live.tracking.quality_flags import advice

Bgr = tuple[int, int, int]

TEXT_SHARE = 1 / 36
"""Type size as a share of the frame's shorter side: 20 px at 1280x720."""
MIN_TEXT_PX = 11
"""Smallest readable type size, pixels."""
SCREEN_TEXT_PX = (12, 24)
"""Smallest and largest type size on a screen, logical pixels; the window's text has about 13."""
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


def percent(share: float) -> str:
    """A share in 0-1 as a whole percentage, in English."""
    return f"{share * 100:.0f}%"


@dataclass(frozen=True)
class Screen:
    """The place on a screen where an image is shown.

    Args:
        width, height: Its size, device pixels.
        ratio: Device pixels per logical pixel.
    """

    width: int
    height: int
    ratio: float = 1.0


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
        percent: Writes a share in 0-1 in the language of the window.
    """

    show_bars: bool = False
    show_fps: bool = True
    show_ids: bool = True
    show_heat: bool = True
    show_advice: bool = True
    word: Callable[[str], str] = str
    percent: Callable[[float], str] = percent

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
    screen: Screen | None = None,
) -> ImageBgr:
    """Draws heat maps, boxes, labels and frame rate on a copy of the frame.

    For a screen, the copy has the size that it has there, so that text is sharp and readable in
    windows of every size.

    Args:
        image_bgr: (H, W, 3) uint8; not changed.
        faces: What to draw; may be empty.
        labels: Class names in the order of the faces' probabilities.
        options: What to draw besides box and label.
        fps: Frames per second to show; None shows none.
        analysed_fps: Frames analysed per second; shown where they are fewer.
        screen: Where the copy is shown; None for a file.

    Returns:
        (H, W, 3) uint8, or of the size on the screen; a new array.
    """
    options = options or OverlayOptions()
    canvas, faces = _scaled(image_bgr, faces, screen)
    size = text_size_px(canvas, screen)
    for face in faces:
        if options.show_heat and face.heat is not None:
            blend_heat(canvas, face.box_xyxy, face.heat)
    placement = Placement((canvas.shape[1], canvas.shape[0]), map(_corners, faces))
    far_first = sorted(faces, key=lambda f: f.box_xyxy[3] - f.box_xyxy[1])
    for face in far_first:
        _draw_box(canvas, face, size)
    if options.show_fps and fps is not None:
        _draw_rate(canvas, rate_text(fps, analysed_fps, options.word), placement, size)
    # Near faces choose their places first. All labels are placed before any bars.
    _draw_labels(canvas, far_first[::-1], placement, size, options)
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


def text_size_px(image_bgr: ImageBgr, screen: Screen | None = None) -> int:
    """Readable type size for this resolution, or on this screen, pixels."""
    size = round(int(min(image_bgr.shape[:2])) * TEXT_SHARE)
    if screen is None:
        return max(size, MIN_TEXT_PX)
    least, most = (round(px * screen.ratio) for px in SCREEN_TEXT_PX)
    return min(max(size, least), most)


def _scaled(
    image_bgr: ImageBgr, faces: Sequence[Face], screen: Screen | None
) -> tuple[ImageBgr, Sequence[Face]]:
    """A copy of an image, and faces, in the size that they have on a screen."""
    if screen is None or (screen.height, screen.width) == image_bgr.shape[:2]:
        return image_bgr.copy(), faces
    across, down = screen.width / image_bgr.shape[1], screen.height / image_bgr.shape[0]
    boxes = (face.box_xyxy for face in faces)
    scaled = ((x0 * across, y0 * down, x1 * across, y1 * down) for x0, y0, x1, y1 in boxes)
    return (
        fit_to_screen(image_bgr, screen.width, screen.height),
        [replace(face, box_xyxy=box) for face, box in zip(faces, scaled, strict=True)],
    )


def label_texts(face: Face, options: OverlayOptions) -> tuple[str, ...]:
    """Texts of a face's label, the longest first, for places with less and less room.

    The first has class, probability, and name or identity. A name that the user gave is left out
    last.
    """
    identity = face.name or (f"#{face.track_id}" if options.show_ids else "")
    if face.label is None:
        label = figure = "…"
    elif face.label == UNSURE or math.isnan(face.confidence):
        label = figure = options.word(face.label)
    else:
        label = options.word(face.label)
        figure = f"{label} {options.percent(face.confidence)}"
    whole = f"{figure}  {identity}" if identity else figure
    shorter = (f"{label}  {face.name}",) if face.name else (figure,)
    # Each once, in this order.
    return tuple(dict.fromkeys((whole, *shorter, label)))


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
    thickness = max(size // 8, 2)
    # A dark line under the coloured line keeps the box visible on any background.
    cv2.rectangle(canvas, (left, top), (right, bottom), INK, thickness + 2, cv2.LINE_AA)
    if face.missed_s > 0:
        thickness = max(thickness // 2, 1)
    cv2.rectangle(canvas, (left, top), (right, bottom), _bgr(face.label), thickness, cv2.LINE_AA)


def _draw_labels(
    canvas: ImageBgr,
    faces: Sequence[Face],
    placement: Placement,
    size: int,
    options: OverlayOptions,
) -> None:
    """Draws all labels, each as long as it can be without taking the place of another face's."""
    texts = [label_texts(face, options) for face in faces]
    shortest = [
        _label_places(_corners(face), *_chip_size(words[-1], size))[0]
        for face, words in zip(faces, texts, strict=True)
    ]
    for number, face in enumerate(faces):
        text, place = _place_label(face, texts[number], placement, size, shortest[number + 1 :])
        _chip(canvas, text, place[0], place[1], size, _bgr(face.label))


def _place_label(
    face: Face, texts: Sequence[str], placement: Placement, size: int, others: Sequence[Rect]
) -> tuple[str, Rect]:
    """The longest text that has a place, and the place.

    Args:
        face: The face.
        texts: The longest first.
        placement: What is taken.
        size: Type size, pixels.
        others: Places that later labels need.
    """
    places = [_label_places(_corners(face), *_chip_size(text, size)) for text in texts]
    for kept_free in (others, ()):
        for text, candidates in zip(texts, places, strict=True):
            place = placement.place(candidates, must=False, kept_free=kept_free)
            if place is not None:
                return text, place
    # A label may hide a part of its own face rather than of another, or of another's label.
    left, top, right, bottom = own = _corners(face)
    width, height = _chip_size(texts[-1], size)
    middle = (left + right - width) // 2
    inside = [(middle, y, middle + width, y + height) for y in (bottom - height, top)]
    place = placement.place(inside, must=False, over=own)
    place = place or placement.place(places[-1], must=True)
    assert place is not None
    return texts[-1], place


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
    # The line has room for the dots of capital letters, which few texts have.
    return mask.shape[1] + size, mask.shape[0] + size // 3


def _chip(
    canvas: ImageBgr, text: str, x: int, y: int, size: int, bgr: Bgr, ink: Bgr | None = None
) -> None:
    width, height = _chip_size(text, size)
    cv2.rectangle(canvas, (x, y), (x + width, y + height), bgr, cv2.FILLED)
    put_text(canvas, text, x + size // 2, y + size // 10, size, ink or _ink_on(bgr))


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
