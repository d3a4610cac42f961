"""Instant replay: the last seconds are kept and saved."""

import threading

import av
import numpy as np
import pytest

from fer_live.core.errors import RecordingError
from fer_live.core.types import Frame, FrameResult
from fer_live.recording.options import RecordingOptions
from fer_live.recording.replay import InstantReplay
from tests.recording.test_recorder import FACE, LABELS, result
from tests.recording.test_recording import edge
from tests.recording.videos import read_video


@pytest.fixture
def replay():
    made = InstantReplay(2.0)
    made.start()
    yield made
    made.stop()
    assert made.memory_bytes == 0


def feed(replay: InstantReplay, begin: int, end: int, fps: float = 30.0) -> None:
    """Submits, and waits until all are kept: these tests are about what is kept, not how fast."""
    for index in range(begin, end):
        before = replay.frames_dropped
        while True:
            replay.submit(result(index, index / fps))
            if replay.frames_dropped == before:
                break
            before = replay.frames_dropped
            threading.Event().wait(0.002)
    for _ in range(1000):
        newest = replay.newest_s
        if newest is not None and newest >= 100 + (end - 1) / fps - 1e-9:
            return
        threading.Event().wait(0.01)
    raise AssertionError("the replay does not keep up")


def test_nothing_to_save_yet(replay, tmp_path):
    assert (replay.memory_bytes, replay.kept_s, replay.newest_s) == (0, 0.0, None)
    with pytest.raises(RecordingError, match="nothing to save"):
        replay.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_last_seconds_are_saved_with_their_true_times(replay, tmp_path):
    feed(replay, 0, 90)
    feed(replay, 91, 120)  # one frame never came
    summary = replay.save(tmp_path / "x.mp4")
    video = read_video(tmp_path / "x.mp4")
    numbers = [n for n in range(59, 120) if n != 90]
    assert video.times == pytest.approx([(n - 59) / 30 for n in numbers], abs=1e-3)
    assert summary.frames_written == video.decoded == len(numbers)
    assert replay.kept_s == pytest.approx(2.0)
    assert edge(tmp_path / "x.mp4") > 60


def test_saving_does_not_stop_the_replay(replay, tmp_path):
    feed(replay, 0, 60)
    first = replay.save(tmp_path)
    feed(replay, 60, 90)
    second = replay.save(tmp_path)
    assert first.paths != second.paths
    assert len(read_video(second.paths[0]).times) == 61
    assert replay.error is None


def test_memory_is_bounded(tmp_path):
    replay = InstantReplay(60.0, max_bytes=100_000)
    replay.start()
    rng = np.random.default_rng(0)
    largest = 0
    for index in range(60):
        image = rng.integers(0, 256, (120, 160, 3), np.uint8)
        frame = Frame(image, index, index / 30)
        replay.submit(FrameResult(frame, (), LABELS, {}, index / 30))
        while replay.newest_s is None or replay.newest_s < index / 30:
            threading.Event().wait(0.002)
        largest = max(largest, replay.memory_bytes)
    kept_s = replay.kept_s
    replay.stop()
    assert 50_000 < largest <= 100_000
    assert 0 < kept_s < 1.0


def test_images_privacy_and_parts_are_as_for_a_recording(replay, tmp_path):
    feed(replay, 0, 61)
    options = RecordingOptions(pictures="both", split_s=1.0, privacy="blur")
    summary = replay.save(tmp_path / "x.mp4", recording=options)
    assert [len(part) for part in summary.parts] == [2, 2, 2]
    assert read_video(summary.paths[0]).tags["privacy"] == "blur"
    assert edge(summary.parts[0][0]) > 60 > 10 > edge(summary.parts[0][1])


def test_the_image_is_what_was_shown(replay, tmp_path):
    feed(replay, 0, 31)
    replay.save(tmp_path / "x.mp4", recording=RecordingOptions(pictures="clean", quality="high"))
    with av.open(str(tmp_path / "x.mp4")) as video:
        pictures = [picture.to_ndarray(format="bgr24") for picture in video.decode(video=0)]
    for index, picture in enumerate(pictures):
        assert np.abs(picture.astype(int) - ((index * 7) % 200 + 20)).max() < 8


def test_another_source_starts_over(replay):
    feed(replay, 0, 30)
    earlier = Frame(np.zeros((48, 64, 3), np.uint8), 0, 3.0)
    replay.submit(FrameResult(earlier, (FACE,), LABELS, {}, 3.0))
    while replay.newest_s != 3.0:
        threading.Event().wait(0.01)
    assert replay.kept_s == 0.0


def test_what_cannot_be_written_is_reported_and_the_replay_continues(replay, tmp_path):
    feed(replay, 0, 30)
    (tmp_path / "there.mp4").write_bytes(b"mine")
    with pytest.raises(RecordingError, match="exists already"):
        replay.save(tmp_path / "there.mp4")
    feed(replay, 30, 60)
    assert replay.save(tmp_path / "x.mp4").frames_written == 60


def test_a_replay_needs_a_positive_time():
    with pytest.raises(ValueError, match="must be positive"):
        InstantReplay(0.0)
