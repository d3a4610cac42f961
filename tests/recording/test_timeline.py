"""The places of frames in a recording's files."""

import numpy as np
import pytest

from fer_live.core.types import Frame
from fer_live.recording.timeline import LONGEST_GAP_S, Timeline


def frame(time_s: float, size=(64, 48), *, video: bool = False) -> Frame:
    image = np.zeros((size[1], size[0], 3), np.uint8)
    return Frame(image, 0, time_s, time_s if video else None)


def put(timeline: Timeline, shown: Frame) -> tuple[int, float] | None:
    placed = timeline.propose(shown)
    if placed is None:
        return None
    timeline.accept(shown, placed)
    return placed.place.part, pytest.approx(placed.place.seconds)


def where(timeline: Timeline, time_s: float) -> tuple[int, float] | None:
    found = timeline.video_time(time_s)
    return None if found is None else (found.part, pytest.approx(found.seconds))


def test_nothing_is_recorded_yet():
    timeline = Timeline()
    assert (timeline.part, timeline.recorded_s, timeline.segments) == (-1, 0.0, ())
    assert timeline.video_time(1.0) is None
    assert timeline.newest() is None


def test_time_passes_as_the_frames_time_does():
    timeline = Timeline()
    assert [put(timeline, frame(t)) for t in (7.0, 7.1, 9.5)] == [(0, 0.0), (0, 0.1), (0, 2.5)]
    assert timeline.recorded_s == pytest.approx(2.5)
    assert where(timeline, 8.0) == (0, 1.0)
    assert timeline.video_time(6.9) is None


def test_a_pause_is_cut_out():
    timeline = Timeline()
    put(timeline, frame(10.0))
    put(timeline, frame(10.1))
    timeline.pause(10.2)
    timeline.pause(15.0)
    assert put(timeline, frame(20.0)) == (0, 0.2)
    assert put(timeline, frame(20.5)) == (0, 0.7)
    assert timeline.recorded_s == pytest.approx(0.7)
    assert where(timeline, 10.19) == (0, 0.19)
    assert where(timeline, 10.2) is None
    assert where(timeline, 19.9) is None
    assert where(timeline, 20.25) == (0, 0.45)


def test_a_long_gap_is_no_measure_for_the_cut():
    timeline = Timeline()
    put(timeline, frame(0.0))
    put(timeline, frame(60.0))
    timeline.pause(61.0)
    assert put(timeline, frame(70.0)) == (0, 60.0 + LONGEST_GAP_S)


def test_a_frame_that_was_not_taken_leaves_no_trace():
    timeline = Timeline()
    assert timeline.propose(frame(1.0)) is not None
    assert put(timeline, frame(1.5)) == (0, 0.0)


@pytest.mark.parametrize(
    "next_frame",
    [frame(2.0, (80, 60)), frame(0.5), frame(2.0, video=True)],
    ids=["another size", "time goes back", "a video after a camera"],
)
def test_what_begins_a_new_part(next_frame):
    timeline = Timeline()
    put(timeline, frame(1.0))
    assert put(timeline, next_frame) == (1, 0.0)
    assert len(timeline.segments) == 2
    assert timeline.segments[0].end_s is not None
    assert timeline.segments[0].end_s > 1.0


def test_a_new_part_when_asked_for_and_after_a_time():
    timeline = Timeline(split_s=2.0)
    assert put(timeline, frame(0.0)) == (0, 0.0)
    timeline.cut_after(0)
    assert put(timeline, frame(1.0)) == (1, 0.0)
    assert put(timeline, frame(2.9)) == (1, 1.9)
    assert put(timeline, frame(3.0)) == (2, 0.0)
    assert where(timeline, 2.5) == (1, 1.5)


def test_the_same_time_twice_is_refused():
    timeline = Timeline()
    put(timeline, frame(1.0))
    assert timeline.propose(frame(1.0)) is None
    assert timeline.propose(frame(1.0 + 1e-6)) is None
