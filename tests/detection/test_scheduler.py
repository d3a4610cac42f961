import numpy as np
import pytest

from fer_live.capture.demo import render_demo
from fer_live.core.types import Detections
from fer_live.detection.boxes import iou, suppress
from fer_live.detection.haar import HaarDetector
from fer_live.detection.incremental_scan import IncrementalScan
from fer_live.detection.scheduler import LOOK_INTERVAL_S, ScheduledDetector

IMAGE = np.zeros((100, 100, 3), np.uint8)


def detections(*boxes):
    rows = np.array(boxes, np.float32).reshape(-1, 4)
    return Detections(rows, np.full(len(rows), 5, np.float32))


class Scripted:
    """Sees `visible` in full scans and `visible_near` near known boxes; counts both."""

    name = "scripted"
    follow_score = 2.0
    sure_score = 9.0

    def __init__(self):
        self.visible = []
        self.visible_near = []
        self.full = 0
        self.near = []

    def detect(self, image_bgr):
        self.full += 1
        return detections(*self.visible)

    def detect_near(self, image_bgr, boxes_xyxy):
        self.near.append(boxes_xyxy.copy())
        close = [
            b for b in self.visible_near if iou(detections(b).boxes_xyxy, boxes_xyxy).max() > 0.1
        ]
        return detections(*close)


@pytest.fixture
def inner():
    return Scripted()


@pytest.fixture
def clock():
    class Clock:
        now_s = 100.0

        def __call__(self):
            return self.now_s

    return Clock()


@pytest.fixture
def scheduled(inner, clock):
    return ScheduledDetector(inner, interval_s=0.2, clock=clock)


def test_no_faces_scans_only_at_the_interval(scheduled, inner, clock):
    for step in range(31):
        clock.now_s = 100 + step / 30
        assert scheduled.detect(IMAGE).boxes_xyxy.shape == (0, 4)
    assert inner.full == 6  # at 0, 0.2, ... 1.0 s
    assert inner.near == []


def test_a_new_face_is_found_within_the_interval(scheduled, inner, clock):
    scheduled.detect(IMAGE)
    inner.visible = [(10, 10, 40, 40)]
    clock.now_s += 0.1
    assert len(scheduled.detect(IMAGE)) == 0
    clock.now_s += 0.11
    assert len(scheduled.detect(IMAGE)) == 1


def test_known_faces_are_followed_locally(scheduled, inner, clock):
    inner.visible = [(10, 10, 40, 40)]
    scheduled.detect(IMAGE)
    for step in range(1, 5):
        clock.now_s += 0.03
        moved = (10 + 5 * step, 10, 40 + 5 * step, 40)
        inner.visible_near = [moved]
        np.testing.assert_array_equal(scheduled.detect(IMAGE).boxes_xyxy[0], moved)
    assert inner.full == 1
    np.testing.assert_array_equal(inner.near[-1][0], (25, 10, 55, 40))


def test_a_short_local_miss_is_retried_at_the_last_place(scheduled, inner, clock):
    inner.visible = [(10, 10, 40, 40)]
    scheduled.detect(IMAGE)
    clock.now_s += 0.03
    assert len(scheduled.detect(IMAGE)) == 0
    inner.visible_near = [(12, 10, 42, 40)]
    clock.now_s += 0.03
    assert len(scheduled.detect(IMAGE)) == 1


def test_a_face_the_full_scan_misses_is_searched_locally(scheduled, inner, clock):
    inner.visible = inner.visible_near = [(10, 10, 40, 40)]
    scheduled.detect(IMAGE)
    inner.visible = [(60, 60, 90, 90)]
    clock.now_s += 0.2
    found = scheduled.detect(IMAGE)
    assert sorted(found.boxes_xyxy[:, 0].tolist()) == [10, 60]


def test_a_face_found_both_ways_is_given_once(scheduled, inner, clock):
    inner.visible = inner.visible_near = [(10, 10, 40, 40)]
    for _ in range(5):
        clock.now_s += 0.2
        assert len(scheduled.detect(IMAGE)) == 1


def test_a_face_that_left_is_forgotten_at_the_next_full_scan(scheduled, inner, clock):
    inner.visible = [(10, 10, 40, 40)]
    scheduled.detect(IMAGE)
    inner.visible = []
    clock.now_s += 0.2
    assert len(scheduled.detect(IMAGE)) == 0
    searches = len(inner.near)
    clock.now_s += 0.03
    scheduled.detect(IMAGE)
    assert len(inner.near) == searches


def test_a_weak_box_is_given_but_not_followed(scheduled, inner, clock):
    inner.follow_score = 6.0
    inner.visible = inner.visible_near = [(10, 10, 40, 40)]
    assert len(scheduled.detect(IMAGE)) == 1
    clock.now_s += 0.03
    assert len(scheduled.detect(IMAGE)) == 0
    assert inner.near == []


def test_reset_scans_fully_and_forgets(scheduled, inner, clock):
    inner.visible = inner.visible_near = [(10, 10, 40, 40)]
    scheduled.detect(IMAGE)
    inner.visible = []
    scheduled.reset()
    assert len(scheduled.detect(IMAGE)) == 0
    assert inner.full == 2
    assert inner.near == []


def test_interval_of_zero_always_scans_fully(inner, clock):
    scheduled = ScheduledDetector(inner, interval_s=0, clock=clock)
    for _ in range(3):
        scheduled.detect(IMAGE)
    assert inner.full == 3
    assert scheduled.name == "scripted"


class CountedLooks(HaarDetector):
    looks = 0

    def detect_near(self, image, boxes_xyxy):
        self.looks += len(boxes_xyxy)
        return super().detect_near(image, boxes_xyxy)


def test_a_sure_face_is_followed_by_its_picture_between_close_looks(clock):
    detector = CountedLooks()
    scheduled = ScheduledDetector(detector, 0.2, clock, IncrementalScan(detector, 0.2))
    for step in range(60):
        clock.now_s = 100 + step / 30
        image = render_demo(step / 30, faces=1)
        found = scheduled.detect(image)
        assert len(found) == 1, step
        assert iou(found.boxes_xyxy, detector.detect(image).boxes_xyxy)[0, 0] > 0.75
    assert detector.looks <= 2 / LOOK_INTERVAL_S + 1


def test_a_new_face_is_looked_at_until_its_box_has_settled(clock):
    detector = CountedLooks()
    scheduled = ScheduledDetector(detector, 0.2, clock, IncrementalScan(detector, 0.2))
    image = render_demo(0, faces=1)
    scheduled.detect(image)
    looks = []
    for step in range(1, 4):
        clock.now_s = 100 + step / 30
        before = detector.looks
        scheduled.detect(image)
        looks.append(detector.looks - before)
    assert looks == [1, 0, 0], "once more, and then not before the interval has passed"


def test_a_sure_face_that_vanishes_is_missed_at_once(clock):
    detector = CountedLooks()
    scheduled = ScheduledDetector(detector, 0.2, clock, IncrementalScan(detector, 0.2))
    assert len(scheduled.detect(render_demo(0, faces=1))) == 1
    clock.now_s += 1 / 30
    assert len(scheduled.detect(render_demo(0, faces=0))) == 0


def test_close_looks_at_many_faces_are_spread(clock):
    detector = CountedLooks()
    scheduled = ScheduledDetector(detector, 0.2, clock, IncrementalScan(detector, 0.2))
    most = 0
    for step in range(30):
        clock.now_s = 100 + step / 30
        before = detector.looks
        found = scheduled.detect(render_demo(step / 30, faces=4))
        assert (found.scores >= detector.sure_score).sum() == 4
        most = max(most, detector.looks - before)
    assert most < 4, "not all at once, a weak box among them or not"


@pytest.mark.parametrize(
    ("boxes", "kept"),
    [
        ([], []),
        ([(0, 0, 10, 10)], [0]),
        ([(0, 0, 10, 10), (1, 1, 11, 11)], [1]),  # the later one scores higher
        ([(0, 0, 100, 100), (40, 40, 60, 60)], [1]),  # inside
        ([(0, 0, 10, 10), (20, 0, 30, 10)], [1, 0]),  # apart
        ([(0, 0, 10, 10), (8, 0, 18, 10)], [1, 0]),  # touching
    ],
)
def test_suppression(boxes, kept):
    rows = np.array(boxes, np.float32).reshape(-1, 4)
    assert suppress(rows, np.arange(len(rows), dtype=np.float32)).tolist() == kept


def test_iou_of_nothing_and_of_known_pairs():
    none = np.zeros((0, 4), np.float32)
    one = np.array([(0, 0, 10, 10)], np.float32)
    assert iou(none, one).shape == (0, 1)
    assert iou(one, np.array([(5, 0, 15, 10)], np.float32))[0, 0] == pytest.approx(1 / 3)
