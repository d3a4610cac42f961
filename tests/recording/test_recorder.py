"""Recordings, read back with an independent decoder."""

import subprocess
import sys
import textwrap
from pathlib import Path

import av
import numpy as np
import pytest

from fer_live.core.errors import RecordingError
from fer_live.core.types import Face, Frame, FrameResult
from fer_live.recording.recorder import QUEUE_FRAMES, VideoRecorder

LABELS = ("happy", "sad")
FACE = Face(1, (40.0, 40.0, 120.0, 120.0), 1.0, "happy", 0.9, np.array([0.9, 0.1], np.float32))


def result(index: int, time_s: float, size: tuple[int, int] = (320, 240)) -> FrameResult:
    image = np.full((size[1], size[0], 3), (index * 7) % 200 + 20, np.uint8)
    return FrameResult(Frame(image, index, 100.0 + time_s), (FACE,), LABELS, {}, 100.0 + time_s)


def times(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [float(f.pts * stream.time_base) for f in container.decode(stream)]


def record(recorder: VideoRecorder, moments: list[float]) -> None:
    for index, moment in enumerate(moments):
        recorder.submit(result(index, moment))


def test_every_frame_has_its_capture_time(tmp_path):
    rates = [8] * 16 + [30] * 60 + [17] * 34
    moments = list(np.cumsum([0.0] + [1 / r for r in rates]))
    recorder = VideoRecorder(tmp_path / "out.mp4", wait=True)
    recorder.start()
    record(recorder, moments)
    summary = recorder.stop()
    assert (summary.frames_written, summary.frames_dropped) == (len(moments), 0)
    assert summary.error is None
    read = times(tmp_path / "out.mp4")
    assert len(read) == len(moments)
    assert max(abs(a - b) for a, b in zip(read, moments, strict=True)) < 1e-3
    assert summary.duration_s == pytest.approx(moments[-1])


def test_the_overlay_is_in_the_image(tmp_path):
    recorder = VideoRecorder(tmp_path / "out.mp4")
    recorder.start()
    recorder.submit(result(0, 0.0))
    recorder.stop()
    with av.open(str(tmp_path / "out.mp4")) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="bgr24")
    assert np.ptp(picture[80, 30:50].astype(int)) > 60  # the left edge of the box
    assert np.ptp(picture[200, 200:300].astype(int)) < 10  # plain background


def test_a_folder_gets_a_name_by_time_and_nothing_is_overwritten(tmp_path):
    for _ in range(2):
        recorder = VideoRecorder(tmp_path / "new")
        recorder.start()
        recorder.submit(result(0, 0.0))
        recorder.stop()
    assert len(list((tmp_path / "new").glob("recording-*.mp4"))) == 2


def test_a_change_of_size_starts_a_new_part(tmp_path):
    recorder = VideoRecorder(tmp_path / "out.mp4")
    recorder.start()
    recorder.submit(result(0, 0.0))
    recorder.submit(result(1, 0.1, (161, 121)))
    summary = recorder.stop()
    assert len(summary.paths) == 2
    with av.open(str(summary.paths[1])) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (160, 120)


def test_no_frame_leaves_no_file(tmp_path):
    recorder = VideoRecorder(tmp_path)
    recorder.start()
    assert recorder.stop().paths == ()
    assert list(tmp_path.iterdir()) == []


def test_a_slow_encoder_drops_and_counts(tmp_path):
    recorder = VideoRecorder(tmp_path / "out.mp4")
    for index in range(QUEUE_FRAMES + 5):  # not started: nobody takes frames
        recorder.submit(result(index, index / 30))
    assert recorder.frames_dropped == 5
    recorder.start()
    summary = recorder.stop()
    assert (summary.frames_written, summary.frames_dropped) == (QUEUE_FRAMES, 5)


def test_a_file_that_exists_is_left_as_it_is(tmp_path):
    (tmp_path / "there.mp4").write_bytes(b"mine")
    with pytest.raises(RecordingError, match="exists already"):
        VideoRecorder(tmp_path / "there.mp4").start()
    assert (tmp_path / "there.mp4").read_bytes() == b"mine"


def test_a_folder_may_have_a_dot_in_its_name(tmp_path):
    recorder = VideoRecorder(tmp_path / "2026.11")
    recorder.start()
    recorder.submit(result(0, 0.0))
    assert [path.parent.name for path in recorder.stop().paths] == ["2026.11"]


def test_a_new_part_that_cannot_be_made_ends_a_waiting_recording_with_a_reason(
    tmp_path, monkeypatch
):
    def refuse(*_):
        raise RecordingError("The folder is gone.")

    recorder = VideoRecorder(tmp_path / "out.mp4", wait=True)
    recorder.start()
    recorder.submit(result(0, 0.0))
    monkeypatch.setattr("fer_live.recording.part_writer.reserve_free_names", refuse)
    for index in range(1, QUEUE_FRAMES + 3):  # more than fit: a waiting submit must notice
        recorder.submit(result(index, index / 10, (160, 120)))
    summary = recorder.stop()
    assert str(summary.error) == "The folder is gone."
    assert summary.frames_written == 1
    assert times(tmp_path / "out.mp4") == [0.0]


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RecordingError, match="cannot be written"):
        VideoRecorder(tmp_path / "file" / "x").start()


def test_a_killed_program_leaves_a_file_that_plays(tmp_path):
    script = textwrap.dedent(
        """
        import os, signal, sys, time
        from pathlib import Path
        from tests.recording.test_recorder import VideoRecorder, result
        recorder = VideoRecorder(Path(sys.argv[1]), wait=True)
        recorder.start()
        for i in range(150):
            recorder.submit(result(i, i / 30))
        while recorder.frames_written < 150:
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    path = tmp_path / "out.mp4"
    subprocess.run([sys.executable, "-c", script, str(path)], check=False, timeout=60)
    assert 150 / 30 - times(path)[-1] < 1.5


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_ends_the_recording_with_a_reason(tmp_path):
    errors = []
    recorder = VideoRecorder(tmp_path / "out.mp4", on_error=errors.append)
    recorder.start()
    (tmp_path / "out.mp4").unlink()
    (tmp_path / "out.mp4").symlink_to("/dev/full")
    for index in range(5):
        recorder.submit(result(index, index / 10))
    summary = recorder.stop()
    assert summary.error is not None
    assert "is full" in str(summary.error)
    assert errors == [summary.error]
