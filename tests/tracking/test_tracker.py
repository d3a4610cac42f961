import itertools

import numpy as np
import pytest

from fer_live.core.types import Detections
from fer_live.live.assembly import NETWORK_TRACKING
from fer_live.tracking.assignment import assign
from fer_live.tracking.tracker import Tracker, TrackerOptions

SURE = TrackerOptions().sure_score
RATES = [5, 10, 15, 30, 60]


def seen(*boxes, score=SURE):
    rows = np.array(boxes, np.float32).reshape(-1, 4)
    return Detections(rows, np.full(len(rows), score, np.float32))


def square(x, y=200.0, side=100.0):
    return (x - side / 2, y - side / 2, x + side / 2, y + side / 2)


def centre_x(track):
    return (track.box_xyxy[0] + track.box_xyxy[2]) / 2


def test_no_faces_ever():
    tracker = Tracker()
    assert [tracker.update(seen(), t / 30) for t in range(5)] == [()] * 5
    none = np.zeros((0, 256), np.float32)
    assert tracker.update(seen(), 1.0, none, (640, 480)) == ()


def test_a_sure_face_is_shown_at_once_where_it_is():
    (track,) = Tracker().update(seen(square(300)), 5.0)
    assert track.id == 1
    assert track.box_xyxy == pytest.approx(square(300))
    assert track.raw_box == pytest.approx(square(300))
    assert (track.age_s, track.missed_s, track.score) == (0, 0, SURE)
    assert track.velocity == (0, 0)


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("score", [3.0, 6.0])
def test_an_unsure_face_must_hold_over_time(fps, score):
    tracker, options = Tracker(), TrackerOptions()
    shown_s = next(
        t / fps for t in range(10 * fps) if tracker.update(seen(square(300), score=score), t / fps)
    )
    hold_s = options.max_hold_s * (1 - score / SURE)
    assert hold_s - 1e-6 <= shown_s < max(hold_s, 1 / fps) + 1 / fps + 1e-6


def test_a_false_alarm_of_one_frame_or_of_the_lowest_score_is_never_shown():
    tracker = Tracker()
    for t in range(90):
        flash = [square(300)] if t % 20 == 0 else []
        assert tracker.update(seen(*flash, square(900), score=1.0), t / 30) == ()


def test_false_alarms_use_up_no_identities():
    tracker = Tracker()
    for t in range(60):
        tracker.update(seen(*([square(50 + 7 * t)] if t % 15 == 0 else []), score=3.0), t / 30)
    assert tracker.update(seen(square(900)), 3.0)[0].id == 1


@pytest.mark.parametrize("fps", RATES)
def test_a_face_that_leaves_is_gone_within_half_a_second(fps):
    tracker = Tracker()
    for t in range(fps + 1):
        tracker.update(seen(square(300)), t / fps)
    left_s = 1.0
    shown = [s / fps for s in range(1, 2 * fps) if tracker.update(seen(), left_s + s / fps)]
    assert max(shown, default=0) < 0.5
    assert max(shown, default=0) > 0.2 - 1e-6


def test_a_missed_face_that_leaves_the_picture_is_gone_at_once():
    tracker = Tracker()
    for t in range(31):
        tracker.update(seen(square(200 + 14 * t)), t / 30, None, (640, 480))
    steps = [tracker.update(seen(), (31 + t) / 30, None, (640, 480)) for t in range(5)]
    assert steps[0]
    assert steps[4] == ()


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("gap_s", [0.2, 0.4, 0.7])
def test_identity_survives_short_losses(fps, gap_s):
    tracker, ids = Tracker(), set()
    for t in range(3 * fps):
        hidden = 1.0 < t / fps < 1.0 + gap_s
        x = 300 + 60 * t / fps
        ids |= {track.id for track in tracker.update(seen(*[] if hidden else [square(x)]), t / fps)}
    assert ids == {1}


def test_a_face_elsewhere_or_much_later_is_another():
    tracker = Tracker()
    for t in range(10):
        tracker.update(seen(square(300)), t / 30)
    assert [t.id for t in tracker.update(seen(square(700)), 0.4) if t.missed_s == 0] == [2]
    assert [t.id for t in tracker.update(seen(square(300)), 9.0)] == [3]


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_crossing_faces_keep_their_identities(fps, noise):
    """Two faces pass each other; in the middle only one box is found for both."""
    rng = np.random.default_rng(fps)
    tracker = Tracker()
    for t in range(2 * fps + 1):
        now_s = t / fps
        first, second = 200 + 250 * now_s, 700 - 250 * now_s
        rows = [square(first + rng.normal(0, noise)), square(second + rng.normal(0, noise), 215)]
        if abs(first - second) < 60:
            rows = rows[:1]
        if t % 2:
            rows.reverse()
        tracks = tracker.update(seen(*rows), now_s)
        if t == 0:
            left_id = min(tracks, key=centre_x).id
    assert sorted(track.id for track in tracks) == [1, 2]
    assert max(tracks, key=centre_x).id == left_id


@pytest.mark.parametrize("fps", [10, 30])
def test_appearance_tells_apart_what_motion_cannot(fps):
    """Two faces meet, stop while one hides the other, and turn back."""
    looks = np.eye(2, 8, dtype=np.float32)
    tracker = Tracker()
    for t in range(int(2.4 * fps) + 1):
        now_s = t / fps
        apart = 200 * max(0.0, 1 - now_s) + 200 * max(0.0, now_s - 1.4)
        rows, order = [square(400 - apart), square(400 + apart)], [0, 1]
        if apart < 50:
            rows, order = rows[:1], [0]
        if t % 3 == 0 and len(rows) == 2:
            rows, order = rows[::-1], [1, 0]
        tracks = tracker.update(seen(*rows), now_s, looks[order])
        if t == 0:
            left_id = min(tracks, key=centre_x).id
    assert sorted(track.id for track in tracks) == [1, 2]
    assert min(tracks, key=centre_x).id == left_id


def test_descriptors_must_fit():
    with pytest.raises(ValueError, match="descriptors"):
        Tracker().update(seen(square(100)), 0.0, np.zeros((2, 4), np.float32))


@pytest.mark.parametrize("fps", [15, 30, 60])
def test_a_still_face_is_steadier_than_its_detections(fps):
    rng = np.random.default_rng(1)
    tracker, shown, raw = Tracker(), [], []
    for t in range(4 * fps):
        x = 300 + rng.normal(0, 2)
        (track,) = tracker.update(seen(square(x)), t / fps)
        shown.append(centre_x(track))
        raw.append(x)
    assert np.abs(np.diff(shown[fps:])).mean() < 0.5 * np.abs(np.diff(raw[fps:])).mean()


@pytest.mark.parametrize("fps", RATES)
def test_a_fast_face_is_followed_without_lag(fps):
    tracker = Tracker()
    for t in range(2 * fps):
        x = 300 + 200 * max(0.0, t / fps - 1)  # two sides a second
        (track,) = tracker.update(seen(square(x)), t / fps)
    assert abs(centre_x(track) - x) < 15
    assert track.velocity[0] == pytest.approx(200, rel=0.15)


def test_motion_is_the_same_at_every_rate():
    speeds = []
    for fps in (10, 60):
        tracker = Tracker()
        for t in range(3 * fps):
            (track,) = tracker.update(seen(square(300 + 50 * t / fps)), t / fps)
        speeds.append(track.velocity[0])
    assert speeds[0] == pytest.approx(speeds[1], rel=0.05)


def test_reset_forgets_faces_but_not_the_count():
    tracker = Tracker()
    tracker.update(seen(square(300)), 50.0)
    tracker.reset()
    (track,) = tracker.update(seen(square(300)), 1.0)
    assert track.id == 2
    assert track.age_s == 0


def test_time_that_stands_still_or_runs_back_does_no_harm():
    tracker = Tracker()
    for now_s in (1.0, 1.0, 0.5, 1.1):
        (track,) = tracker.update(seen(square(300)), now_s)
        assert np.isfinite(track.box_xyxy).all()
    assert track.id == 1
    assert track.age_s == pytest.approx(0.1)


def test_slow_analysis_keeps_identities():
    tracker = Tracker()
    assert {tracker.update(seen(square(300 + t)), t * 1.2)[0].id for t in range(5)} == {1}


@pytest.mark.parametrize("fps", [30, 10, 5, 3, 2, 1])
@pytest.mark.parametrize("looks", [True, False])
def test_identities_hold_at_every_rate_though_some_frames_miss_a_face(fps, looks):
    tracker, seen_ids = Tracker(NETWORK_TRACKING), [set(), set(), set()]
    descriptors = np.eye(3, 8, dtype=np.float32)
    for n in range(20 * fps):
        now_s = n / fps
        # Up to 0.9 box sides a second; every fifth frame misses a face.
        at = [150 + 450 * k + 50 * np.sin(2 * np.pi * now_s / 3.5 + k) for k in range(3)]
        there = [k for k in range(3) if (n + k) % 5]
        found = tracker.update(
            seen(*(square(at[k]) for k in there)), now_s, descriptors[there] if looks else None
        )
        for face in found:
            nearest = min(range(3), key=lambda k: abs(at[k] - centre_x(face)))
            seen_ids[nearest].add(face.id)
    assert [len(ids) for ids in seen_ids] == [1, 1, 1]


def test_a_stranger_in_the_place_of_a_face_is_no_longer_that_face_when_frames_are_rare():
    tracker = Tracker(NETWORK_TRACKING)
    look = np.eye(2, 8, dtype=np.float32)
    for n in range(4):
        tracker.update(seen(square(300)), float(n), look[:1])
    now = tracker.update(seen(square(470)), 4.0, look[1:])
    assert [face.id for face in now if face.missed_s == 0] == [2]


def test_four_faces_come_in_order_of_identity():
    rng = np.random.default_rng(2)
    tracker = Tracker()
    for t in range(60):
        rows = [square(150 + 250 * k + rng.normal(0, 3), 200 + rng.normal(0, 3)) for k in range(4)]
        rng.shuffle(rows)
        tracks = tracker.update(seen(*rows), t / 30)
        assert [track.id for track in tracks] == [1, 2, 3, 4]


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_nothing_to_assign(shape):
    assert assign(np.zeros(shape)) == []


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (3, 2), (4, 4), (5, 3)])
def test_assignment_is_the_best_of_all(shape):
    rng = np.random.default_rng(sum(shape))
    for _ in range(30):
        cost = rng.uniform(0, 1, shape)
        cost[rng.uniform(size=shape) < 0.25] = np.inf
        pairs = assign(cost)
        assert len({r for r, _ in pairs}) == len({c for _, c in pairs}) == len(pairs)
        total = sum(cost[pair] for pair in pairs) + 1e6 * (min(shape) - len(pairs))
        assert total == pytest.approx(_brute_force(cost))


def _brute_force(cost):
    wide = cost if cost.shape[0] <= cost.shape[1] else cost.T
    finite = np.where(np.isfinite(wide), wide, 1e6)
    rows = range(len(finite))
    return min(
        sum(finite[r, c] for r, c in zip(rows, columns, strict=True))
        for columns in itertools.permutations(range(finite.shape[1]), len(finite))
    )
