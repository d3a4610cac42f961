"""The spread search: new faces soon, nothing searched in vain, nothing forgotten."""

import cv2
import numpy as np
import pytest

from fer_live.capture.demo import render_demo
from fer_live.core.types import Detections
from fer_live.detection.boxes import iou
from fer_live.detection.gray_pyramid import GrayPyramid
from fer_live.detection.haar import HaarDetector
from fer_live.detection.incremental_scan import REFRESH_ROUNDS, IncrementalScan
from fer_live.detection.motion import Changes, merged

NONE = np.zeros((0, 4), np.float32)
INTERVAL_S = 0.2
STEP_S = 1 / 30


class Counting(HaarDetector):
    """Remembers how much was searched."""

    def __init__(self):
        super().__init__()
        self.places = []

    def detect_in(self, picture, grey, scale, places):
        self.places += places
        return super().detect_in(picture, grey, scale, places)


@pytest.fixture(scope="module")
def empty():
    return render_demo(0.0, faces=0)


@pytest.fixture(scope="module")
def portrait():
    return render_demo(0.0, faces=1)


@pytest.fixture
def detector():
    return Counting()


@pytest.fixture
def scan(detector):
    return IncrementalScan(detector, INTERVAL_S)


def play(scan, images, start_s=0.0, known=NONE):
    """What each of the pictures, at 30 per second, has shown."""
    return [
        scan.search(GrayPyramid(image), start_s + number * STEP_S, known)
        for number, image in enumerate(images)
    ]


def noisy(image, rng, spread=6.0):
    return np.clip(image + rng.normal(0, spread, image.shape), 0, 255).astype(np.uint8)


def test_the_first_search_is_a_whole_one(scan, portrait):
    (found,) = play(scan, [portrait])
    expected = HaarDetector().detect(portrait)
    assert iou(found.boxes_xyxy, expected.boxes_xyxy).max() > 0.8


def test_a_still_noisy_picture_is_not_searched_again(scan, detector, empty):
    rng = np.random.default_rng(0)
    play(scan, [noisy(empty, rng)])
    detector.places.clear()
    # The first round after the start searches once more what was owed, the second nothing.
    play(scan, [noisy(empty, rng) for _ in range(6)], STEP_S)
    detector.places.clear()
    play(scan, [noisy(empty, rng) for _ in range(12)], 7 * STEP_S)
    assert len(detector.places) <= 1, "only the refreshed slice"


def test_a_new_face_is_found_at_once(scan, empty, portrait):
    play(scan, [empty] * 30)
    found = play(scan, [portrait] * 3, 30 * STEP_S)
    assert any(len(detections) for detections in found)


def test_a_face_that_moves_in_slowly_is_found_within_a_round(scan, empty, portrait):
    play(scan, [empty] * 30)
    width = portrait.shape[1]
    images = []
    for share in np.linspace(0, 1, 45):
        image = empty.copy()
        x = round((1 - share) * width * 0.6)
        image[:, x:] = portrait[:, : width - x]
        images.append(image)
    found = play(scan, images + [images[-1]] * 6, 30 * STEP_S)
    assert any(len(detections) for detections in found[30:])


def test_a_face_that_is_no_longer_followed_is_found_again_though_nothing_changed(scan, portrait):
    (first,) = play(scan, [portrait])
    assert len(first)
    hidden = play(scan, [portrait] * 30, STEP_S, first.boxes_xyxy)
    assert not any(len(detections) for detections in hidden), "it was not to be found again"
    # The round in hand and the next one.
    again = play(scan, [portrait] * 12, 31 * STEP_S)
    assert any(len(detections) for detections in again)


def test_everything_is_searched_now_and_then(scan, detector, empty):
    play(scan, [empty] * 20)
    detector.places.clear()
    frames = round(REFRESH_ROUNDS * INTERVAL_S / STEP_S)
    play(scan, [empty] * frames, 20 * STEP_S)
    grey, _ = detector.reduce(GrayPyramid(empty))
    searched = {size: np.zeros(grey.shape, bool) for size in detector.sizes(grey)}
    for place in detector.places:
        left, top, right, bottom = place.rect
        for size in place.sizes:
            searched[size][top:bottom, left:right] = True
    assert all(mask.all() for mask in searched.values())
    assert len(detector.places) < 12, "but seldom"


def test_late_frames_search_a_whole_round(scan, empty, portrait):
    scan.search(GrayPyramid(empty), 0.0, NONE)
    scan.search(GrayPyramid(empty), 1.0, NONE)
    assert len(scan.search(GrayPyramid(portrait), 2.0, NONE))


def test_another_size_of_picture_begins_anew(scan, portrait):
    play(scan, [portrait])
    small = cv2.resize(portrait, (640, 360))
    assert len(scan.search(GrayPyramid(small), 1.0, NONE))
    tiny = np.zeros((10, 12, 3), np.uint8)
    assert scan.search(GrayPyramid(tiny), 2.0, NONE).boxes_xyxy.shape == (0, 4)


def test_reset_forgets_what_was_searched(scan, portrait):
    play(scan, [portrait] * 20)
    scan.reset()
    assert len(scan.search(GrayPyramid(portrait), 21 * STEP_S, NONE))


def test_changes_names_the_changed_part_only():
    grey = np.full((200, 352), 100, np.uint8)
    changes = Changes(grey)
    for _ in range(2):
        changes.begin_round(grey)
    assert changes.since(grey, NONE) == ([], [])
    moved = grey.copy()
    moved[80:120, 160:200] = 160
    rects, hurry = changes.since(moved, NONE)
    assert rects == hurry
    ((left, top, right, bottom),) = rects
    assert left <= 160
    assert top <= 80
    assert right >= 200
    assert bottom >= 120
    assert right - left < 100
    # A head that is known accounts for it.
    assert changes.since(moved, np.array([[155, 75, 205, 125]], np.float32)) == ([], [])


def test_what_goes_on_moving_is_searched_in_turn_without_hurry():
    grey = np.full((200, 352), 100, np.uint8)
    changes = Changes(grey)
    for _ in range(2):
        changes.begin_round(grey)
    for step, hurries in enumerate((True, False)):
        grey = grey.copy()
        grey[80:120, 160:200] = 160 + 40 * step
        rects, hurry = changes.since(grey, NONE)
        assert rects
        assert bool(hurry) is hurries
        changes.begin_round(grey)


def test_a_camera_that_moves_hurries_nothing():
    rng = np.random.default_rng(1)
    before = rng.integers(0, 255, (200, 352), np.uint8)
    changes = Changes(before)
    for _ in range(2):
        changes.begin_round(before)
    after = rng.integers(0, 255, (200, 352), np.uint8)
    assert changes.since(after, NONE) == ([(0, 0, 352, 200)], [])


def test_rectangles_that_meet_are_one():
    assert merged([]) == []
    assert merged([(0, 0, 2, 2), (5, 5, 6, 6)]) == [(0, 0, 2, 2), (5, 5, 6, 6)]
    chain = [(0, 0, 3, 3), (4, 4, 6, 6), (2, 2, 5, 5)]
    assert merged(chain) == [(0, 0, 6, 6)]


def test_nothing_is_searched_between_turns(scan, portrait, detector):
    play(scan, [portrait])
    detector.places.clear()
    assert scan.search(GrayPyramid(portrait), 0.01, NONE).scores.shape == Detections().scores.shape
    assert detector.places == []
