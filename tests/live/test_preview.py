import numpy as np
import pytest

from fer_live.core.types import Face
from fer_live.live.preview import CARRY_S, FORGET_S, Preview, carry_over

from .fakes import LABELS, frame, result

FACE = Face(3, (10.0, 20.0, 30.0, 40.0), label="happy", age_s=1.0)


@pytest.fixture
def view():
    view = Preview(lambda: LABELS.labels, clock=lambda: 9.0)
    view.ready()
    return view


def take(view, index, captured_s=0.0, epoch=0):
    picture = frame(index, captured_s)
    view.captured(picture, epoch)
    return picture


def analyse(view, index, captured_s=0.0, faces=(FACE,), velocities=None, epoch=0):
    view.begun(frame(index, captured_s))
    view.analysed(result(index, captured_s, faces), velocities or {}, epoch)


def test_nothing_at_first(view):
    assert view.newest(-1) is None


def test_an_analysed_frame_is_given_once(view):
    take(view, 0)
    analyse(view, 0)
    assert view.newest(-1).frame.index == 0
    assert view.newest(0) is None


def test_a_frame_in_analysis_is_waited_for(view):
    view.begun(take(view, 0))
    assert view.newest(-1) is None


def test_a_frame_that_is_about_to_be_analysed_is_waited_for(view):
    take(view, 0)
    assert view.newest(-1) is None


def test_a_frame_behind_another_is_shown_with_the_last_faces(view):
    analyse(view, 0, 0.0, velocities={3: (100.0, -50.0)})
    view.begun(take(view, 1, 0.05))
    take(view, 2, 0.1)
    shown = view.newest(0)
    assert shown.frame.index == 2
    assert shown.faces[0].box_xyxy == pytest.approx((20.0, 15.0, 40.0, 35.0))
    assert shown.faces[0].age_s == pytest.approx(1.1)
    assert (shown.stage_ms, shown.finished_s, shown.labels) == ({}, 9.0, LABELS.labels)


def test_the_picture_never_goes_back(view):
    view.begun(take(view, 0))
    take(view, 1)
    assert view.newest(-1).frame.index == 1
    view.analysed(result(0), {}, 0)
    assert view.newest(1) is None


def test_frames_that_fail_are_shown_without_faces(view):
    picture = take(view, 0)
    view.begun(picture)
    view.failed(picture)
    assert view.newest(-1).faces == ()


def test_faces_of_another_epoch_are_not_carried_over(view):
    take(view, 0)
    analyse(view, 0)
    view.begun(take(view, 1, epoch=1))
    take(view, 2, epoch=1)
    assert view.newest(0).faces == ()


def test_a_late_result_of_another_epoch_is_not_shown(view):
    view.begun(take(view, 0))
    take(view, 1, epoch=1)
    view.analysed(result(0, faces=(FACE,)), {}, 0)
    assert view.newest(-1) is None


@pytest.mark.parametrize(
    ("past_s", "left"), [(0.0, 10.0), (0.1, 20.0), (CARRY_S, 10.0 + 100 * CARRY_S)]
)
def test_faces_move_on_for_a_while(past_s, left):
    shown = carry_over(frame(1, past_s), result(0, 0.0, (FACE,)), {3: (100.0, 0.0)}, (), 0.0)
    assert shown.faces[0].box_xyxy == pytest.approx((left, 20.0, left + 20.0, 40.0))


@pytest.mark.parametrize("past_s", [CARRY_S + 0.01, -0.01])
def test_old_faces_are_forgotten(past_s):
    assert carry_over(frame(1, past_s), result(0, 0.0, (FACE,)), {}, (), 0.0).faces == ()


def test_what_was_not_searched_says_so(view):
    view.failed(take(view, 0))
    assert view.newest(-1).found is None
    analyse(view, 1)
    assert view.newest(0).found == ()


def test_frames_that_are_searched_are_waited_for_if_they_come(view):
    view.failed(take(view, 0))
    assert view.newest(-1, searched=True).frame.index == 0  # there is none yet
    analyse(view, 1, 1.0)
    view.begun(take(view, 2, 1.05))
    take(view, 3, 1.1)
    assert view.newest(0, searched=True).frame.index == 1
    assert view.newest(1, searched=True) is None
    assert view.newest(1).frame.index == 3
    take(view, 4, 1.0 + FORGET_S + 0.1)
    assert view.newest(1, searched=True).frame.index == 4  # the analysis stands still


def test_a_frame_given_before_its_analysis_is_given_again_with_its_faces(view):
    """A paused file has no later frame that would show them."""
    analyse(view, 0, 1.0)
    assert view.newest(-1).frame.index == 0
    first = take(view, 1, 1.03)
    view.begun(first)
    second = take(view, 2, 1.06)
    given = view.newest(0)
    assert (given.frame.index, given.stage_ms) == (2, {})
    view.analysed(result(1, 1.03, (FACE,)), {}, 0)
    view.begun(second)
    assert view.newest(2) is None
    view.analysed(result(2, 1.06, (FACE,)), {}, 0)
    again = view.newest(2)
    assert again.frame.index == 2
    assert again.stage_ms
    assert again.faces == (FACE,)
    assert view.newest(2) is None
    assert view.newest(1).frame.index == 2


def overlap(one, other):
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    common = max(0.0, width) * max(0.0, height)
    areas = ((b[2] - b[0]) * (b[3] - b[1]) for b in (one, other))
    return common / (sum(areas) - common)


def where(time_s):
    """A face of 100 px that goes to and fro over 400 px in two seconds."""
    left = 200 * (1 + np.sin(np.pi * time_s))
    return (left, 50.0, left + 100.0, 150.0)


@pytest.mark.parametrize(("analysed_fps", "least_shown"), [(25, 60), (10, 30), (5, 15), (2, 6)])
def test_every_box_lies_on_its_face_however_slow_the_analysis_is(view, analysed_fps, least_shown):
    """Five seconds at 30 fps on a simulated clock; the window asks every 8 ms."""
    busy_s, done_s, current, shown_index, boxes = 1 / analysed_fps, None, None, -1, 0
    newest = None
    for tick in range(5 * 1000 // 8):
        now_s = tick * 0.008
        index = int(now_s * 30)
        if newest is None or index != newest.index:
            newest = take(view, index, index / 30)
        if current is not None and now_s >= done_s:
            time_s = current.captured_s
            face = Face(3, where(time_s), label="happy")
            speed = (where(time_s + 0.01)[0] - where(time_s)[0]) / 0.01
            view.analysed(result(current.index, time_s, (face,)), {3: (speed, 0.0)}, 0)
            current = None
        if current is None and newest.index > shown_index:
            view.begun(newest)
            current, done_s = newest, now_s + busy_s
        shown = view.newest(shown_index)
        if shown is None:
            continue
        shown_index = shown.frame.index
        for face in shown.faces:
            assert overlap(face.box_xyxy, where(shown.frame.captured_s)) >= 0.5
            boxes += 1
    assert boxes >= least_shown
