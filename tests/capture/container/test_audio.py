"""The sound of a file: where its samples lie, jumps, and files without it."""

import time

import numpy as np
import pytest

from fer_live.capture.container.audio import AHEAD, RATE, AudioReader
from tests.capture.conftest import write_video
from tests.capture.sounds import sample_times_s, write_sound


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_sound(tmp_path_factory.mktemp("sound") / "clip.mov", 6.0)


@pytest.fixture
def reader(clip):
    made = AudioReader(clip)
    yield made
    made.close(5.0)


def taken(reader, first, count):
    until = time.monotonic() + 20
    while time.monotonic() < until:
        samples = reader.take(first, count)
        if len(samples) == count:
            return samples
        time.sleep(0.002)
    raise AssertionError(f"no {count} samples from {first} on")


@pytest.mark.parametrize("order", [(0.0, 1.0, 5.5, 0.2), (3.0, 2.9, 0.0, 4.5)])
def test_each_sample_is_where_the_picture_of_its_time_is(reader, order):
    for at_s in order:
        times = sample_times_s(taken(reader, round(at_s * RATE), 480))
        assert times[0] == pytest.approx(at_s, abs=2e-3)
        assert times[-1] == pytest.approx(at_s + 479 / RATE, abs=2e-3)


def test_pieces_follow_one_another_without_a_gap(reader):
    first, values = 0, []
    while first < RATE:
        piece = taken(reader, first, 700)
        values.extend(sample_times_s(piece))
        first += len(piece)
    steps = np.diff(values)
    assert steps.max() < 1e-3
    assert steps.min() >= 0


def test_what_is_held_is_bounded_and_the_end_gives_nothing(reader):
    taken(reader, 0, 10)
    time.sleep(0.05)
    assert len(reader.take(0, 10 * AHEAD)) <= AHEAD + RATE // 4
    taken(reader, round(5.9 * RATE), 10)
    for _ in range(50):
        reader.take(round(5.95 * RATE), RATE)
        time.sleep(0.002)
    assert len(reader.take(8 * RATE, 10)) == 0
    assert len(taken(reader, 0, 10)) == 10


def test_a_file_without_sound_or_that_is_no_file_has_none(tmp_path):
    for path in (write_video(tmp_path / "silent.mp4", [0, 1, 2]), tmp_path / "gone.mp4"):
        reader = AudioReader(path)
        until = time.monotonic() + 20
        while reader.has_sound is None and time.monotonic() < until:
            time.sleep(0.002)
        assert reader.has_sound is False
        assert len(reader.take(0, 100)) == 0
        reader.close(5.0)
