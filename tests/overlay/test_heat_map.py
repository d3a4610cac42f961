"""The heat map over a face, checked by geometry."""

import numpy as np
import pytest

from fer_live.core.labels import FERPLUS
from fer_live.core.types import Face, HeatMap
from fer_live.overlay.draw import OverlayOptions, draw_overlay
from fer_live.overlay.heat_map import STRENGTH, blend_heat


def heat(values, margin=1.0) -> HeatMap:
    return HeatMap(np.array(values, np.float32), "happy", margin)


def grey(height=200, width=300, level=90):
    return np.full((height, width, 3), level, np.uint8)


def changed(before, after):
    rows, columns = np.nonzero((before != after).any(axis=2))
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("margin", [1.0, 1.4])
def test_it_covers_the_square_that_was_classified(margin):
    canvas = grey()
    blend_heat(canvas, (100, 50, 160, 130), heat(np.ones((3, 3)), margin))
    side = round(margin * 70)
    left, top = round((260 - side) / 2), round((180 - side) / 2)
    assert changed(grey(), canvas) == (left, top, left + side, top + side)


def test_it_is_strong_where_the_map_is_hot_and_leaves_the_cold_alone():
    canvas = grey(level=100)
    blend_heat(canvas, (100, 50, 200, 150), heat([[1, 0, 0], [0, 0, 0], [0, 0, 0]]))
    change = np.abs(canvas.astype(int) - 100).sum(2)
    assert not change[120:150, 170:200].any()
    assert change[55, 105] == change[50:150, 100:200].max() > 100
    assert change[55, 105] > change[75, 125] > 0
    black = grey(level=0)
    blend_heat(black, (100, 50, 200, 150), heat(np.ones((2, 2))))
    white = grey(level=255)
    blend_heat(white, (100, 50, 200, 150), heat(np.ones((2, 2))))
    kept = (white[100, 150].astype(int) - black[100, 150]).mean() / 255
    assert kept == pytest.approx(1 - STRENGTH, abs=0.02)


def test_what_differs_within_the_face_is_drawn():
    box = (100, 50, 200, 150)
    high, low = grey(), grey()
    blend_heat(high, box, heat([[1, 0.7, 0.7], [0.7, 0.7, 0.7], [0.7, 0.7, 0.4]]))
    blend_heat(low, box, heat([[1, 0.5, 0.5], [0.5, 0.5, 0.5], [0.5, 0.5, 0]]))
    assert np.abs(high.astype(int) - low).max() <= 2
    assert (high[145, 195] == grey()[145, 195]).all()


@pytest.mark.parametrize(
    "box", [(-50, -50, 50, 50), (250, 150, 350, 250), (-20, -60, 320, 280), (100.4, 50.6, 101, 51)]
)
def test_a_box_that_reaches_outside_is_cut(box):
    canvas = grey()
    blend_heat(canvas, box, heat(np.ones((3, 3))))
    left, top, right, bottom = changed(grey(), canvas)
    assert (left, top) == (max(round(box[0]), 0), max(round(box[1]), 0)) or right - left == 1
    assert (right, bottom) <= (300, 200)


@pytest.mark.parametrize("box", [(400, 50, 500, 150), (-200, -200, -100, -100)])
def test_a_box_wholly_outside_draws_nothing(box):
    canvas = grey()
    blend_heat(canvas, box, heat(np.ones((3, 3))))
    assert np.array_equal(canvas, grey())


def test_the_overlay_draws_it_only_for_faces_that_have_one():
    image, options = grey(), OverlayOptions(show_fps=False)
    face = Face(1, (100, 50, 200, 150), label="happy", confidence=0.9)
    plain = draw_overlay(image, [face], FERPLUS.labels, options)
    warm = Face(1, (100, 50, 200, 150), label="happy", confidence=0.9, heat=heat(np.ones((3, 3))))
    drawn = draw_overlay(image, [warm], FERPLUS.labels, options)
    assert np.array_equal(image, grey())
    assert (plain[100, 150] == 90).all()
    assert (drawn[100, 150] != 90).any()
    assert np.array_equal(drawn[:40], plain[:40]), "the label stays on top"
    unwanted = OverlayOptions(show_fps=False, show_heat=False)
    assert np.array_equal(draw_overlay(image, [warm], FERPLUS.labels, unwanted), plain)
