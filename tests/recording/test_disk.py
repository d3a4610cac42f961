"""Full disks: the recording reports them, ends cleanly, and what was written can be played."""

import errno
import json
import os
import shutil
import subprocess
import sys
import textwrap
import threading
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from fer_live.core.errors import RecordingError
from fer_live.core.types import Frame, FrameResult
from fer_live.recording.disk import DiskFullError, DiskWatch, SafeFile
from fer_live.recording.options import RecordingOptions
from fer_live.recording.recorder import VideoRecorder
from tests.recording.test_recording import recording, run
from tests.recording.videos import read_video

Usage = namedtuple("Usage", "total used free")


def noisy(index: int) -> FrameResult:
    """About 50 kB of video each: a small disk is full soon."""
    image = np.random.default_rng(index).integers(0, 256, (240, 320, 3), np.uint8)
    return FrameResult(Frame(image, index, index / 30), (), ("happy",), {}, index / 30)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    mount = shutil.which("mount")
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(recorder: VideoRecorder) -> int:
    """Submits until the recording has ended, and some more; returns the number submitted."""
    for index in range(600):
        recorder.submit(noisy(index))
        if recorder.error is not None:
            break
    for more in range(5):
        recorder.submit(noisy(index + 1 + more))
    return index + 6


@pytest.mark.parametrize("pictures", ["annotated", "both"])
def test_a_disk_that_is_full(small_disk, pictures):
    errors = []
    options = RecordingOptions(pictures=pictures, reserve_bytes=0, quality="high")
    with recording(small_disk / "x.mp4", options, on_error=errors.append) as recorder:
        submitted = fill(recorder)
        summary = recorder.stop()
    assert isinstance(summary.error, DiskFullError)
    assert errors == [summary.error]
    assert "full" in str(summary.error)
    assert summary.frames_written + summary.frames_dropped == submitted
    for path in summary.paths:
        video = read_video(path)
        assert video.decoded == len(video.times)
        assert video.decoded >= summary.frames_written
    assert summary.frames_written == min(read_video(path).decoded for path in summary.paths) > 5


def test_a_reserve_leaves_room_to_close_the_file(small_disk, monkeypatch):
    monkeypatch.setattr("fer_live.recording.disk.LOOK_S", 0.0)
    low = []
    options = RecordingOptions(reserve_bytes=1_500_000, quality="high")
    with recording(small_disk / "x.mp4", options, on_low_space=low.append) as recorder:
        submitted = fill(recorder)
        summary = recorder.stop()
    assert isinstance(summary.error, DiskFullError)
    video = read_video(summary.paths[0])
    assert video.decoded == summary.frames_written
    assert "full" in video.tags["ended"]
    assert int(video.tags["frames_dropped"]) + video.decoded >= submitted - 6
    assert 0 <= low[-1].left_s < 120
    assert shutil.disk_usage(small_disk).free > 500_000


def test_a_full_disk_is_noticed_at_the_start(small_disk):
    recorder = VideoRecorder(small_disk / "x.mp4", recording=RecordingOptions())
    with pytest.raises(DiskFullError):
        recorder.start()
    assert list(small_disk.iterdir()) == []


LIMITED = textwrap.dedent(
    """
    import json, resource, signal, sys
    from pathlib import Path
    from fer_live.recording.options import RecordingOptions
    from fer_live.recording.recorder import VideoRecorder
    from tests.recording.test_disk import noisy
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
    options = RecordingOptions(quality="high")
    recorder = VideoRecorder(Path(sys.argv[1]), recording=options, wait=True)
    recorder.start()
    for index in range(150):
        recorder.submit(noisy(index))
    summary = recorder.stop()
    print(json.dumps([str(summary.error), summary.frames_written, summary.frames_dropped,
                      [str(path) for path in summary.paths]]))
    """
)


def limited(target: Path, size: int) -> list:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(target), str(size)],
        capture_output=True,
        check=True,
        timeout=100,
    )
    return json.loads(done.stdout)


@pytest.mark.skipif(os.name != "posix", reason="needs limits of file size")
def test_a_file_that_may_not_grow_continues_in_parts(tmp_path):
    error, written, dropped, paths = limited(tmp_path / "x.mp4", 1_500_000)
    assert error == "None"
    assert written + dropped == 150
    assert len(paths) > 1
    videos = [read_video(Path(path)) for path in paths]
    assert all(video.decoded == len(video.times) > 0 for video in videos)
    # Each part loses its torn fragment and the frames waiting for it.
    assert sum(video.decoded for video in videos) == written > 60


@pytest.mark.skipif(os.name != "posix", reason="needs limits of file size")
def test_a_file_that_may_not_even_begin_ends_the_recording(tmp_path):
    error, written, dropped, paths = limited(tmp_path / "x.mp4", 100)
    assert "cannot be written" in error
    assert (written, dropped, paths) == (0, 150, [])
    assert list(tmp_path.iterdir()) == []


def test_space_is_shown_while_recording(tmp_path):
    with recording(tmp_path / "x.mp4") as recorder:
        assert recorder.space.free_bytes == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.2)
        run(recorder, 0, 30)
        recorder.stop()
        assert recorder.size_bytes == (tmp_path / "x.mp4").stat().st_size > 1000


class FakeDisk:
    """Free space and a clock that a test moves."""

    def __init__(self, monkeypatch) -> None:
        self.free = 10_000
        self.now_s = 0.0
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, self.free))


def test_the_warning_comes_in_time_once_and_again_after_there_was_room(tmp_path, monkeypatch):
    disk, told = FakeDisk(monkeypatch), []
    watch = DiskWatch(tmp_path, 1000, told.append, lambda: disk.now_s)
    written = 0

    def go(seconds: int, rate: int) -> None:
        nonlocal written
        for _ in range(seconds):
            disk.now_s += 1
            written += rate
            disk.free -= rate
            watch.look(written)

    watch.look(0)
    assert watch.space.left_s is None
    go(30, 10)  # 8700 left to the reserve: 870 s
    assert watch.space.left_s == pytest.approx(870)
    assert told == []
    go(30, 100)
    assert watch.space.left_s == pytest.approx(57)
    assert len(told) == 1
    assert told[0].left_s < 120
    disk.free += 100_000
    go(5, 100)
    disk.free -= 100_000
    go(5, 100)
    assert len(told) == 2
    disk.free = 1000
    with pytest.raises(DiskFullError, match="full"):
        go(1, 0)


def test_a_disk_that_cannot_be_asked_is_no_full_disk(tmp_path, monkeypatch):
    def refuse(_):
        raise OSError("no")

    monkeypatch.setattr(shutil, "disk_usage", refuse)
    with recording(tmp_path / "x.mp4") as recorder:
        assert recorder.space is None
        run(recorder, 0, 5)
        assert recorder.stop().error is None


def synchronise(monkeypatch, stand_in) -> None:
    monkeypatch.setattr(os, "fdatasync" if hasattr(os, "fdatasync") else "fsync", stand_in)


def test_what_is_written_reaches_the_disk_while_recording(tmp_path, monkeypatch):
    synced = threading.Event()
    synchronise(monkeypatch, lambda _: synced.set())
    with recording(tmp_path / "x.mp4") as recorder:
        run(recorder, 0, 30)
        assert synced.wait(30)


def test_a_disk_that_loses_data_ends_the_recording(tmp_path, monkeypatch):
    broken, failed = threading.Event(), threading.Event()

    def fail(_):
        if broken.is_set():
            failed.set()
            raise OSError(errno.EIO, "Input/output error")

    synchronise(monkeypatch, fail)
    with recording(tmp_path / "x.mp4") as recorder:
        run(recorder, 0, 30)
        while recorder.frames_written < 30:
            threading.Event().wait(0.01)
        broken.set()
        run(recorder, 30, 45)
        assert failed.wait(30)
        run(recorder, 45, 60)
        summary = recorder.stop()
    assert "Input/output error" in str(summary.error)
    assert read_video(tmp_path / "x.mp4").decoded == summary.frames_written
    assert summary.frames_written + summary.frames_dropped == 60


def test_a_disk_that_cannot_synchronise_is_no_fault(tmp_path, monkeypatch):
    def refuse(_):
        raise OSError(errno.EINVAL, "not here")

    synchronise(monkeypatch, refuse)
    with recording(tmp_path / "x.mp4") as recorder:
        run(recorder, 0, 30)
        assert recorder.stop().error is None


def test_an_end_while_it_is_synchronised_is_not_missed(tmp_path, monkeypatch):
    """The end comes at the worst moment: just before the synchroniser forgets its wake-up."""
    reached, ending = threading.Event(), threading.Event()

    class Late(threading.Event):
        def clear(self) -> None:
            reached.set()
            assert ending.wait(30)
            super().clear()

        def set(self) -> None:
            super().set()
            if threading.current_thread() is threading.main_thread():
                asked.append(self)
            if len(asked) == 3:  # once for the write, twice for the end
                ending.set()

    asked: list[Late] = []
    stand_in = SimpleNamespace(Event=Late, Thread=threading.Thread)
    monkeypatch.setattr("fer_live.recording.disk.threading", stand_in)
    monkeypatch.setattr("fer_live.recording.disk.SYNC_JOIN_S", 1.0)
    before = threading.active_count()
    file = SafeFile(tmp_path / "x")
    file.write(b"x")
    assert reached.wait(30)
    file.finish()
    assert threading.active_count() == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_after_a_failed_write_nothing_more_is_written():
    file = SafeFile(Path("/dev/full"))
    for _ in range(2):
        with pytest.raises(OSError, match="No space"):
            file.write(b"x")
    file.finish()


def test_a_folder_that_goes_away_ends_the_recording_with_a_reason(tmp_path):
    options = RecordingOptions(split_s=1.0)
    with recording(tmp_path / "gone" / "x.mp4", options) as recorder:
        run(recorder, 0, 10)
        while recorder.frames_written < 10:
            threading.Event().wait(0.01)
        shutil.rmtree(tmp_path / "gone")
        (tmp_path / "gone").write_bytes(b"in the way")
        run(recorder, 10, 40)
        summary = recorder.stop()
    assert isinstance(summary.error, RecordingError)
    assert "cannot be written" in str(summary.error)
