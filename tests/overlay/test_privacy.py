"""Hidden faces: strongly, everywhere, and also where a detector loses them."""

import cv2
import numpy as np
import pytest
from skimage import data

from fer_live.core.types import Face
from fer_live.overlay.privacy import BEFORE_S, CELLS, HOLD_S, FaceHider, hide_boxes, hide_faces

ASTRONAUT = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)
FACE_BOX = (175.0, 65.0, 275.0, 165.0)
MODES = ["blur", "pixelate"]


def face(left: float, top: float, side: float, *, number: int = 1, missed_s: float = 0.0) -> Face:
    return Face(number, (left, top, left + side, top + side), missed_s=missed_s)


def changed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return (before != after).any(axis=2)


@pytest.fixture
def noise():
    return np.random.default_rng(0).integers(0, 256, (400, 600, 3), np.uint8)


@pytest.mark.parametrize("mode", MODES)
def test_no_face_changes_nothing(mode, noise):
    assert hide_faces(noise, (), mode) is noise


def test_none_hides_nothing(noise):
    assert hide_faces(noise, (face(10, 10, 100),), "none") is noise


@pytest.mark.parametrize("mode", MODES)
def test_the_whole_box_and_a_margin_are_hidden_and_the_rest_is_not(mode, noise):
    before = noise.copy()
    hidden = hide_faces(noise, (face(200, 150, 100),), mode)
    touched = changed(noise, hidden)
    assert touched[130:270, 180:320].mean() > 0.95
    assert not touched[:, :160].any()
    assert not touched[:, 340:].any()
    assert np.array_equal(noise, before)


def test_a_face_keeps_only_a_few_colours():
    hidden = hide_boxes(ASTRONAUT, [FACE_BOX], "pixelate")[65:165, 175:275]
    assert len(np.unique(hidden.reshape(-1, 3), axis=0)) <= CELLS**2


@pytest.mark.parametrize("mode", MODES)
def test_what_is_fine_in_a_face_is_gone(mode):
    # Two faces with the same few mean colours become the same patch: nothing else can remain.
    face_bgr = ASTRONAUT[65:165, 175:275]
    means = cv2.resize(face_bgr, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    other = cv2.resize(means, (100, 100), interpolation=cv2.INTER_NEAREST)
    whole = [(0.0, 0.0, 100.0, 100.0)]
    difference = cv2.absdiff(hide_boxes(face_bgr, whole, mode), hide_boxes(other, whole, mode))
    assert difference.max() <= 2


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "box", [(-50.0, -50.0, 30.0, 30.0), (590.0, 390.0, 700.0, 500.0), (900.0, 0.0, 950.0, 50.0)]
)
def test_boxes_may_reach_outside(mode, box, noise):
    hidden = hide_boxes(noise, [box], mode)
    inside = box[0] < 600
    assert changed(noise, hidden).any() == inside


def test_a_fast_face_is_covered_although_its_box_trails(noise):
    hider = FaceHider("pixelate")
    for number in range(30):  # 900 pixels per second: across the picture in half a second
        hider.see(number / 30, (face(30.0 * number - 300, 100, 80),))
    hidden = hider.hide(noise, 15 / 30)
    true_left = 30 * 15 - 300 + 60  # the box trails by two frames
    assert changed(noise, hidden)[100:180, true_left : true_left + 80].mean() > 0.95


def test_a_face_that_is_lost_stays_hidden_and_its_place_grows(noise):
    hider = FaceHider("blur")
    hider.see(0.0, (face(250, 150, 80),))
    areas = []
    for time_s in (0.0, 0.4, 0.9):
        hider.see(time_s + 0.01, ())
        touched = changed(noise, hider.hide(noise, time_s))
        assert touched[150:230, 250:330].mean() > 0.95
        areas.append(touched.sum())
    assert areas[0] < areas[1] < areas[2]
    hider.see(HOLD_S + 0.2, ())
    assert hider.hide(noise, HOLD_S + 0.2) is noise


def test_a_missed_face_gets_a_wider_margin(noise):
    areas = [
        changed(noise, hide_faces(noise, (face(250, 150, 80, missed_s=missed_s),), "blur")).sum()
        for missed_s in (0.0, 0.4)
    ]
    assert areas[1] > areas[0] * 1.5


def test_a_face_is_hidden_before_it_is_first_reported(noise):
    hider = FaceHider("pixelate")
    hider.see(0.0, ())
    hider.see(BEFORE_S * 0.9, (face(250, 150, 80),))
    assert changed(noise, hider.hide(noise, 0.0))[150:230, 250:330].mean() > 0.95


def test_another_source_does_not_inherit_faces(noise):
    hider = FaceHider("blur")
    hider.see(100.0, (face(250, 150, 80),))
    hider.see(0.0, ())
    assert hider.hide(noise, 0.0) is noise


def test_what_is_only_found_is_hidden_and_held_in_one_place(noise):
    hider = FaceHider("pixelate")
    for number in range(30):  # 300 pixels to the right in a second
        hider.see(number / 30, (), ((10.0 * number, 100.0, 10.0 * number + 80, 180.0),))
    touched = changed(noise, hider.hide(noise, 29 / 30))
    assert touched[100:180, 290:370].mean() > 0.95
    assert not touched[:, :190].any()  # where it was half a second ago
    hider.see(1.5, (), ())
    assert changed(noise, hider.hide(noise, 1.5))[100:180, 290:370].mean() > 0.95
    hider.see(29 / 30 + HOLD_S + 0.1, (), ())
    assert hider.hide(noise, 29 / 30 + HOLD_S + 0.1) is noise


def test_two_found_places_stay_two(noise):
    hider = FaceHider("blur")
    places = ((50.0, 100.0, 130.0, 180.0), (400.0, 100.0, 480.0, 180.0))
    hider.see(0.0, (), places)
    hider.see(0.5, (), places[:1])
    touched = changed(noise, hider.hide(noise, 0.5))
    assert touched[100:180, 50:130].mean() > 0.95
    assert touched[100:180, 400:480].mean() > 0.95
    assert not touched[:, 200:340].any()


@pytest.mark.parametrize("mode", MODES)
def test_a_picture_that_was_never_searched_is_hidden_whole(mode, noise):
    hider = FaceHider(mode)
    hider.see(0.0, (), None)
    assert changed(noise, hider.hide(noise, 0.0)).mean() > 0.95
    hider.see(0.1, (), ())
    assert hider.hide(noise, 0.1) is noise
