"""Parts that are interrupted, closed early or marked late: counts and chapters stay right."""

import errno
import os
import shutil
import struct
import sys
import threading

import av
import numpy as np
import pytest

from fer_live.core.types import Frame, FrameResult
from fer_live.live.engine import Engine
from fer_live.recording.disk import SafeFile
from fer_live.recording.mp4 import Mp4File
from fer_live.recording.mp4_metadata import Fragments
from fer_live.recording.options import RecordingOptions
from fer_live.recording.recorder import QUEUE_FRAMES, VideoRecorder
from tests.live.fakes import BLACK, Parts
from tests.outputs.support import wait_until
from tests.recording.test_disk import noisy
from tests.recording.test_recording import Gate, recording, run
from tests.recording.videos import read_video
from tests.scripted_source import Pictures, ScriptedSource

LIMIT = 700_000


@pytest.fixture
def small_files(monkeypatch):
    """The first file may not grow beyond `LIMIT`, as on a FAT32 disk."""
    write = SafeFile.write

    def limited(file, data):
        if file._raw.name.name == "x.mp4" and file.size_bytes + len(data) > LIMIT:
            file.error = OSError(errno.EFBIG, os.strerror(errno.EFBIG))
            raise file.error
        return write(file, data)

    monkeypatch.setattr(SafeFile, "write", limited)


def test_parts_after_a_broken_one_tell_exactly_what_was_lost(tmp_path, small_files):
    options = RecordingOptions(quality="high", split_s=1.0)
    with recording(tmp_path / "x.mp4", options) as recorder:
        for index in range(110):
            recorder.submit(noisy(index))
            if index == 90:
                recorder.submit(noisy(index))  # the same time again: it has no place
        summary = recorder.stop()
    torn, *whole = (read_video(path) for path in summary.paths)
    assert len(whole) >= 3
    assert "not closed" in torn.tags["comment"]
    counts = [int(video.tags["frames_dropped"]) for video in whole]
    # The second part's metadata counts the frames torn off the first.
    assert counts[0] == 111 - 1 - summary.frames_written > 0
    assert counts[1:].count(1) == 1
    assert sorted(counts[1:])[:-1] == [0] * (len(counts) - 2)
    assert sum(counts) == summary.frames_dropped
    assert [int(video.tags["frames_written"]) for video in whole] == [f.decoded for f in whole]
    assert torn.decoded + sum(video.decoded for video in whole) == summary.frames_written


def test_what_is_lost_is_counted_while_it_records(tmp_path, small_files):
    options = RecordingOptions(quality="high")
    with recording(tmp_path / "x.mp4", options) as recorder:
        run_noisy(recorder, 80)
        while recorder.frames_written + recorder.frames_dropped < 80:
            threading.Event().wait(0.01)
        shown = recorder.frames_dropped
        assert shown > 0
        assert recorder.stop().frames_dropped == shown


def run_noisy(recorder, count: int) -> None:
    for index in range(count):
        recorder.submit(noisy(index))


def test_a_torn_part_is_not_read_again(tmp_path, small_files, monkeypatch):
    read, opened = [], []
    real_read, real_open = SafeFile.read, av.open

    def counted(file, size=-1):
        data = real_read(file, size)
        read.append(len(data))
        return data

    def watched(file, mode="r", **given):
        opened.append(mode)
        return real_open(file, mode, **given)

    monkeypatch.setattr(SafeFile, "read", counted)
    monkeypatch.setattr(av, "open", watched)
    with recording(tmp_path / "x.mp4", RecordingOptions(quality="high")) as recorder:
        run_noisy(recorder, 60)
        summary = recorder.stop()
    assert len(summary.paths) == 2
    assert set(opened) == {"w"}
    assert sum(read) < 0.01 * LIMIT
    assert sum(read_video(path).decoded for path in summary.paths) == summary.frames_written


def test_fragments_are_counted_as_they_come(tmp_path):
    whole = tmp_path / "whole.mp4"
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(str(whole), "w", options=options) as video:
        stream = video.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.gop_size = 64, 48, 10
        black = av.VideoFrame.from_ndarray(np.zeros((72, 64), np.uint8), format="yuv420p")
        for number in range(35):
            black.pts = number
            video.mux(stream.encode(black))
        video.mux(stream.encode())
    data = whole.read_bytes()
    grown, found = tmp_path / "grown.mp4", Fragments()
    seen = []
    with grown.open("w+b") as file:
        for begin in range(0, len(data), 50):
            file.write(data[begin : begin + 50])
            found.follow(file)
            seen.append(found.frames)
    assert sorted(set(seen)) == [0, 10, 20, 30, 35]
    assert found.whole_bytes == len(data)


def test_a_marker_of_a_part_that_is_closed_becomes_a_chapter_all_the_same(tmp_path):
    options = RecordingOptions(pictures="both", split_s=1.0)
    with recording(tmp_path / "x.mp4", options) as recorder:
        run(recorder, 0, 20)
        assert recorder.mark("in time", 100.6).part == 0
        run(recorder, 20, 70)
        while recorder.frames_written < 70:
            threading.Event().wait(0.01)
        late = recorder.mark("late", 100.3)  # as when its text has been typed
        summary = recorder.stop()
    assert (late.part, late.seconds) == (0, pytest.approx(0.3))
    for path in summary.parts[0]:
        video = read_video(path)
        assert [title for _, title in video.chapters] == ["Start", "late", "in time"]
        assert [start for start, _ in video.chapters] == pytest.approx([0.0, 0.3, 0.6], abs=1e-3)
        assert video.tags["frames_written"] == "30"
        assert video.decoded == 30
    assert read_video(summary.parts[1][0]).chapters == []


def test_a_marker_after_the_end_is_refused(tmp_path):
    with recording(tmp_path / "x.mp4") as recorder:
        run(recorder, 0, 20)
        recorder.stop()
        assert recorder.mark("too late", 100.3) is None
    assert read_video(tmp_path / "x.mp4").chapters == []


def test_a_marker_that_finds_no_file_is_reported(tmp_path, caplog):
    with recording(tmp_path / "x.mp4", RecordingOptions(split_s=1.0)) as recorder:
        run(recorder, 0, 40)
        while recorder.frames_written < 40:
            threading.Event().wait(0.01)
        (tmp_path / "x.mp4").rename(tmp_path / "mine.mp4")
        recorder.mark("late", 100.3)
        assert recorder.stop().error is None
    assert "part 1 lacks markers" in caplog.text
    assert read_video(tmp_path / "mine.mp4").decoded == 30


@pytest.mark.parametrize("privacy", ["none", "blur"])
def test_a_waiting_recorder_waits_at_its_stop_while_the_encoder_makes_progress(
    tmp_path, monkeypatch, privacy
):
    monkeypatch.setattr("fer_live.recording.recorder.JOIN_S", 0.2)
    monkeypatch.setattr("fer_live.recording.recorder.STUCK_S", 5.0)
    write = Mp4File.write

    def slow(file, *given):
        threading.Event().wait(0.05)
        return write(file, *given)

    monkeypatch.setattr(Mp4File, "write", slow)
    with recording(tmp_path / "x.mp4", RecordingOptions(privacy=privacy)) as recorder:
        run(recorder, 0, 20)
        summary = recorder.stop()
    assert summary.error is None
    assert (summary.frames_written, summary.frames_dropped) == (20, 0)


def test_a_waiting_recorder_gives_up_an_encoder_that_hangs(tmp_path, monkeypatch):
    monkeypatch.setattr("fer_live.recording.recorder.STUCK_S", 0.3)
    gate = Gate(monkeypatch)
    with recording(tmp_path / "x.mp4") as recorder:
        run(recorder, 0, 5)
        summary = recorder.stop()
        gate.open.set()
        while recorder.stop().frames_written < 1:
            threading.Event().wait(0.01)
    assert "not be finished in time" in str(summary.error)
    assert summary.frames_dropped == 5


def deleted(path):
    path.unlink()


def replaced(path):
    path.unlink()
    path.write_bytes(b"somebody else's")


def cut_off(path):
    os.truncate(path, 100)


def folder_deleted(path):
    shutil.rmtree(path.parent)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows protects an open file")
@pytest.mark.parametrize("harm", [deleted, replaced, cut_off, folder_deleted])
def test_a_file_lost_while_it_grows_is_reported_and_a_new_part_goes_on(
    tmp_path, monkeypatch, caplog, harm
):
    monkeypatch.setattr("fer_live.recording.mp4.LOOK_S", 0.0)
    target = tmp_path / "out" / "x.mp4"
    with recording(target) as recorder:
        for index in range(20):
            recorder.submit(noisy(index))
        wait_until(lambda: recorder.frames_written >= 15)
        harm(target)
        before = target.read_bytes() if target.exists() else None
        for index in range(20, 80):
            recorder.submit(noisy(index))
        summary = recorder.stop()
    assert summary.error is None
    assert "x.mp4 was deleted, replaced or cut off" in caplog.text
    (part,) = summary.paths
    assert part.name == "x-part2.mp4"
    assert read_video(part).decoded == summary.frames_written > 0
    assert summary.frames_written + summary.frames_dropped == 80
    assert (target.read_bytes() if target.exists() else None) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows protects an open file")
def test_a_file_cut_off_after_a_look_is_not_the_encoders_fault(tmp_path, monkeypatch, caplog):
    target, real, cut = tmp_path / "x.mp4", Fragments.follow, []

    def follow(fragments, file):
        if not cut and fragments.frames:
            cut.append(target)
            cut_off(target)
            raise struct.error("what was measured is no longer there")
        real(fragments, file)

    monkeypatch.setattr(Fragments, "follow", follow)
    with recording(target) as recorder:
        for index in range(80):
            recorder.submit(noisy(index))
        summary = recorder.stop()
    assert summary.error is None
    assert "x.mp4 was deleted, replaced or cut off" in caplog.text
    assert [path.name for path in summary.paths] == ["x-part2.mp4"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows protects an open file")
def test_a_file_lost_before_the_end_is_an_error(tmp_path):
    target = tmp_path / "x.mp4"
    with recording(target, RecordingOptions(pictures="both")) as recorder:
        for index in range(10):
            recorder.submit(noisy(index))
        wait_until(lambda: recorder.frames_written >= 9)
        target.unlink()
        summary = recorder.stop()
    assert summary.error is not None
    assert "was deleted" in str(summary.error)
    assert [path.name for path in summary.paths] == ["x-clean.mp4"]
    assert read_video(summary.paths[0]).decoded == summary.frames_written == 10


def same(size: tuple[int, int], index: int, fps: float = 30.0) -> FrameResult:
    """A result whose image shares the memory of the others."""
    image = np.broadcast_to(np.zeros(3, np.uint8), (size[1], size[0], 3))
    return FrameResult(Frame(image, index, index / fps), (), ("happy",), {}, index / fps)


@pytest.mark.parametrize(("size", "most"), [((1920, 1080), 24), ((3840, 2160), 6)])
def test_what_waits_is_bounded_in_bytes(tmp_path, monkeypatch, size, most):
    gate = Gate(monkeypatch)
    with recording(tmp_path / "x.mp4", wait=False) as recorder:
        recorder.submit(same(size, 0))
        assert gate.reached.wait(60)
        for index in range(1, 31):
            recorder.submit(same(size, index))
        assert recorder.frames_dropped == 30 - most
        gate.open.set()
        while recorder.frames_written < 1 + most:
            threading.Event().wait(0.01)
        assert recorder.stop().frames_written == 1 + most


@pytest.mark.parametrize(("privacy", "most"), [("none", 9), ("blur", 4)])
def test_what_waits_is_bounded_in_time(tmp_path, monkeypatch, privacy, most):
    """Waiting frames are lost with a killed program: 3 s at 8 per second for a full queue."""
    gate = Gate(monkeypatch)
    options = RecordingOptions(privacy=privacy)
    with recording(tmp_path / "x.mp4", options, wait=False) as recorder:
        count = 0
        while not gate.reached.is_set():  # where faces are hidden the first is held back
            recorder.submit(same((64, 48), count, fps=8))
            gate.reached.wait(60 if privacy == "none" else 0.3)
            count += 1
        for index in range(count, count + 40):
            recorder.submit(same((64, 48), index, fps=8))
        assert recorder.frames_dropped == 40 - most
        gate.open.set()
        assert recorder.stop().frames_written == count + most


def test_an_encoder_that_hangs_costs_the_live_path_no_frame(tmp_path, monkeypatch):
    """`benchmarks/slow_encoder.py` measures rate and latency; this is about every frame."""
    gate = Gate(monkeypatch)
    source = ScriptedSource([Pictures(BLACK, 200)], live=False)
    engine = Engine(source, Parts().build, paced=False, lossless=True)
    recorder = VideoRecorder(tmp_path / "x.mp4")
    recorder.start()
    engine.add_sink(recorder)
    engine.start()
    assert engine.wait(60)  # ends although the encoder takes no frame: else this test hangs
    assert engine.error is None
    assert engine.stop()
    report = engine.report()
    assert (report["frames_analysed"], report["frames_dropped"]) == (200, 0)
    assert gate.reached.wait(60)
    assert recorder.frames_written == 0
    gate.open.set()
    summary = recorder.stop()
    assert summary.error is None
    assert summary.frames_dropped >= 200 - 1 - QUEUE_FRAMES
    assert summary.frames_written + summary.frames_dropped == 200
    video = read_video(tmp_path / "x.mp4")
    assert video.decoded == summary.frames_written > 0
    assert video.tags["frames_dropped"] == str(summary.frames_dropped)
