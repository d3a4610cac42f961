"""The overlay, checked by geometry."""

import numpy as np
import pytest
from PIL import ImageFont

from fer_live.core.labels import FERPLUS, UNSURE
from fer_live.core.types import Face
from fer_live.overlay.draw import OverlayOptions, draw_overlay, label_text, text_size_px
from fer_live.overlay.text import text_mask

LABELS = FERPLUS.labels
EVEN = np.full(8, 1 / 8, np.float32)


def face(box, **values) -> Face:
    return Face(**{"track_id": 7, "box_xyxy": box, "label": "happy", "confidence": 0.87, **values})


def grey(height=720, width=1280, level=90):
    return np.full((height, width, 3), level, np.uint8)


def changed(before, after):
    rows, cols = np.nonzero((before != after).any(axis=2))
    return cols.min(), rows.min(), cols.max(), rows.max()


def test_nothing_to_draw_gives_an_equal_copy():
    image = grey()
    image.setflags(write=False)
    drawn = draw_overlay(image, (), LABELS)
    assert drawn is not image
    assert np.array_equal(drawn, image)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_the_box_stands_out_on_any_background(level):
    image = grey(level=level)
    drawn = draw_overlay(image, [face((500, 300, 700, 500))], LABELS)
    edge = drawn[400, 490:510].astype(int)
    assert np.abs(edge - level).max() > 90
    assert np.array_equal(drawn[310:490, 510:690], image[310:490, 510:690])


@pytest.mark.parametrize("size", [(120, 160), (480, 640), (2160, 3840)])
@pytest.mark.parametrize("where", ["inside", "left-top", "right-bottom", "larger"])
def test_every_size_and_place_keeps_the_label_inside(size, where):
    height, width = size
    side = height // 3
    box = {
        "inside": (side, side, 2 * side, 2 * side),
        "left-top": (-side // 2, -side // 2, side // 2, side // 2),
        "right-bottom": (width - side, height - side // 2, width + side, height + side),
        "larger": (-9, -9, width + 9, height + 9),
    }[where]
    image = grey(height, width)
    drawn = draw_overlay(
        image, [face(box, probabilities=EVEN)], LABELS, OverlayOptions(show_bars=True), 30.0
    )
    assert drawn.shape == image.shape
    left, top, right, bottom = changed(image, drawn)
    assert left >= 0
    assert bottom < height
    assert right - left > text_size_px(image)
    assert top <= bottom


def test_bars_grow_with_the_probability():
    image = grey()
    low = face((100, 300, 200, 400), probabilities=EVEN)
    peak = np.zeros(8, np.float32)
    peak[1] = 1
    high = face((100, 300, 200, 400), probabilities=peak)
    options = OverlayOptions(show_bars=True)
    count = [
        int((draw_overlay(image, [f], LABELS, options)[300:, 210:] == (66, 228, 240)).all(2).sum())
        for f in (low, high)
    ]
    assert count[1] > 4 * count[0] > 0


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "happy 87 %  #7"),
        ({"label": UNSURE, "confidence": 0.2}, "unsure  #7"),
        ({"label": None}, "…  #7"),
    ],
)
def test_label_text(values, text):
    assert label_text(face((0, 0, 9, 9), **values)) == text
    assert label_text(face((0, 0, 9, 9), **values), show_id=False) == text.split("  #")[0]


@pytest.mark.parametrize("size", [11, 20, 60])
def test_no_letter_is_cut_off(size):
    font = ImageFont.load_default(size)
    for text in (*LABELS, UNSURE, "0123456789 %  #"):
        _, top, _, bottom = font.getbbox(text)
        _, first, _, _ = font.getbbox("Afgjlp|")
        assert first <= top
        assert bottom - first <= text_mask(text, size).shape[0]
