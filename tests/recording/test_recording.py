"""Recordings as a whole: parts, pauses, notes, chapters, drops; read back with another program."""

import errno
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest

from fer_live import __version__
from fer_live.core.types import Face, Frame, FrameResult
from fer_live.recording.encoder import EncoderError
from fer_live.recording.mp4 import Mp4File
from fer_live.recording.options import RecordingOptions
from fer_live.recording.recorder import QUEUE_FRAMES, VideoRecorder
from tests.recording.test_recorder import FACE, LABELS, result
from tests.recording.videos import read_video


class ToldLog:
    """Keeps what a recorder reports to its log."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, int, float | None]] = []
        self.dropped: list[int] = []

    def recording(self, file: Path, frame: Frame, video_time_s: float) -> None:
        self.lines.append((file.name, frame.index, round(video_time_s, 6)))

    def recording_off(self, frame: Frame, dropped: int = 0) -> None:
        self.lines.append(("off", frame.index, None))
        self.dropped.append(dropped)


@contextmanager
def recording(target: Path, options: RecordingOptions | None = None, **given) -> Iterator:
    recorder = VideoRecorder(target, recording=options, **{"wait": True, **given})
    recorder.start()
    try:
        yield recorder
    finally:
        recorder.stop()


def run(recorder: VideoRecorder, begin: int, end: int, fps: float = 30.0, **given) -> None:
    for index in range(begin, end):
        recorder.submit(result(index, index / fps, **given))


def test_a_rate_that_jumps_between_8_and_30_is_kept(tmp_path):
    steps = ([1 / 8] * 10 + [1 / 30] * 40) * 4
    moments = np.cumsum([0.0, *steps]) + np.random.default_rng(1).uniform(0, 2e-3, len(steps) + 1)
    moments -= moments[0]
    with recording(tmp_path / "x.mp4") as recorder:
        for index, moment in enumerate(moments):
            recorder.submit(result(index, float(moment)))
        summary = recorder.stop()
    video = read_video(tmp_path / "x.mp4")
    assert video.decoded == len(video.times) == len(moments)
    assert np.abs(np.array(video.times) - moments).max() < 1e-3
    assert abs(video.duration_s - moments[-1]) < 1 / 8
    assert summary.duration_s == pytest.approx(moments[-1])


def test_the_file_says_what_it_is(tmp_path):
    with recording(tmp_path / "x.mp4") as recorder:
        run(recorder, 0, 10)
        recorder.submit(result(9, 9 / 30))  # the same time again: it has no place
    tags = read_video(tmp_path / "x.mp4").tags
    assert tags["fer_live_version"] == __version__
    assert (tags["frames_written"], tags["frames_dropped"]) == ("10", "1")
    assert tags["ended"] == "stopped"
    assert tags["video_encoder"].startswith(("libx264", "h264_"))
    assert "creation_time" in tags
    assert tags["creation_time"][:4] == tags["started_at"][:4]


def test_markers_are_chapters(tmp_path):
    with recording(tmp_path / "x.mp4") as recorder:
        assert recorder.mark("too early") is None
        run(recorder, 0, 30)
        first = recorder.mark("  Stimulus\n„1“ ", 100.5)
        run(recorder, 30, 60)
        second = recorder.mark("x" * 400)
    assert first.seconds == pytest.approx(0.5)
    assert second.seconds == pytest.approx(59 / 30)
    chapters = read_video(tmp_path / "x.mp4").chapters
    assert [title for _, title in chapters] == ["Start", "Stimulus „1“", "x" * 255]
    assert [start for start, _ in chapters] == pytest.approx([0.0, 0.5, 59 / 30], abs=1e-3)


def test_more_markers_than_chapters_can_be(tmp_path):
    with recording(tmp_path / "x.mp4") as recorder:
        run(recorder, 0, 30)
        for number in range(300):
            recorder.mark(str(number), 100.0 + number / 300)
    assert len(read_video(tmp_path / "x.mp4").chapters) == 255


def test_a_pause_is_cut_out_and_reported_to_the_log(tmp_path):
    told = ToldLog()
    with recording(tmp_path / "x.mp4", log=told) as recorder:
        run(recorder, 0, 30)
        recorder.pause()
        run(recorder, 30, 90)
        assert recorder.video_time(102.0) is None
        recorder.resume()
        run(recorder, 90, 120)
        summary = recorder.stop()
    video = read_video(tmp_path / "x.mp4")
    assert video.times == pytest.approx([number / 30 for number in range(60)], abs=1e-3)
    assert (summary.frames_written, summary.frames_dropped) == (60, 0)
    assert summary.duration_s == pytest.approx(59 / 30)
    assert told.lines == [
        ("x.mp4", 0, 0.0),
        ("off", 29, None),
        ("x.mp4", 90, 1.0),
        ("off", 119, None),
    ]


@pytest.mark.parametrize("privacy", ["none", "blur"])
def test_every_frame_is_where_the_recorder_says(tmp_path, privacy):
    with recording(tmp_path / "x.mp4", RecordingOptions(split_s=1.0, privacy=privacy)) as recorder:
        expected: dict[int, list[float]] = {}
        for index in range(100):
            if index == 50:
                recorder.pause()
            if index == 70:
                recorder.resume()
            recorder.submit(result(index, index / 30))
            if not recorder.paused:
                place = recorder.video_time(100 + index / 30)
                expected.setdefault(place.part, []).append(place.seconds)
        summary = recorder.stop()
    assert len(summary.parts) == len(expected) == 3
    for number, (path,) in enumerate(summary.parts):
        assert read_video(path).times == pytest.approx(expected[number], abs=1e-4)


def test_the_log_is_reported_how_many_frames_the_video_lacks(tmp_path):
    told = ToldLog()
    recorder = VideoRecorder(tmp_path / "x.mp4", log=told)
    for index in range(QUEUE_FRAMES + 5):  # not started: nobody takes frames
        recorder.submit(result(index, index / 30))
    recorder.start()
    while recorder.frames_written < QUEUE_FRAMES:
        time.sleep(0.01)
    recorder.submit(result(QUEUE_FRAMES + 5, 2.0))
    recorder.pause()
    recorder.submit(result(QUEUE_FRAMES + 6, 2.1))
    recorder.resume()
    recorder.submit(result(QUEUE_FRAMES + 7, 2.2))
    assert recorder.stop().frames_dropped == 5
    assert told.dropped == [5, 0]


def test_a_log_that_comes_later_is_reported_the_part_that_runs(tmp_path):
    told = ToldLog()
    with recording(tmp_path / "x.mp4") as recorder:
        run(recorder, 0, 5)
        while recorder.frames_written < 5:
            threading.Event().wait(0.01)
        recorder.follow(told)
        run(recorder, 5, 8)
    assert told.lines == [("x.mp4", 4, round(4 / 30, 6)), ("off", 7, None)]


def test_both_images_hold_the_same_frames(tmp_path):
    with recording(tmp_path / "x.mp4", RecordingOptions(pictures="both")) as recorder:
        run(recorder, 0, 20)
        summary = recorder.stop()
    assert [path.name for path in summary.paths] == ["x.mp4", "x-clean.mp4"]
    annotated, clean = (read_video(path) for path in summary.paths)
    assert annotated.times == clean.times
    left, right = (edge(path) for path in summary.paths)
    assert left > 60 > 10 > right


def edge(path: Path) -> int:
    """Contrast across the left edge of the face's box in the first frame."""
    with av.open(str(path)) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="bgr24")
    return int(np.ptp(picture[80, 30:50].astype(int)))


def test_a_clean_recording_has_no_overlay(tmp_path):
    with recording(tmp_path / "x.mp4", RecordingOptions(pictures="clean")) as recorder:
        run(recorder, 0, 5)
    assert edge(tmp_path / "x.mp4") < 10


def test_no_images_need_no_recorder(tmp_path):
    with pytest.raises(ValueError, match="log alone"):
        VideoRecorder(tmp_path, recording=RecordingOptions(pictures="none"))


def test_the_name_is_the_users_and_nothing_is_overwritten(tmp_path):
    (tmp_path / "lab.mp4").write_bytes(b"mine")
    (tmp_path / "lab-2-clean.mp4").write_bytes(b"mine too")
    options = RecordingOptions(pictures="both", name="lab", split_s=1.0)
    with recording(tmp_path, options) as recorder:
        (tmp_path / "lab-3-part2-clean.mp4").write_bytes(b"also mine")
        run(recorder, 0, 40)
        summary = recorder.stop()
    assert [path.name for path in summary.paths] == [
        "lab-3.mp4",
        "lab-3-clean.mp4",
        "lab-3-part2-2.mp4",
        "lab-3-part2-2-clean.mp4",
    ]
    for name, content in [
        ("lab.mp4", b"mine"),
        ("lab-2-clean.mp4", b"mine too"),
        ("lab-3-part2-clean.mp4", b"also mine"),
    ]:
        assert (tmp_path / name).read_bytes() == content


def test_a_clean_file_that_exists_is_left_as_it_is(tmp_path):
    (tmp_path / "x-clean.mp4").write_bytes(b"mine")
    recorder = VideoRecorder(tmp_path / "x.mp4", recording=RecordingOptions(pictures="both"))
    with pytest.raises(Exception, match="exists already"):
        recorder.start()
    assert [path.name for path in tmp_path.iterdir()] == ["x-clean.mp4"]


def test_a_new_part_on_demand(tmp_path):
    with recording(tmp_path / "x.mp4") as recorder:
        run(recorder, 0, 10)
        recorder.new_part()
        run(recorder, 10, 20)
        summary = recorder.stop()
    assert [len(read_video(path).times) for path in summary.paths] == [10, 10]
    assert [read_video(path).tags["part"] for path in summary.paths] == ["1", "2"]


def test_parts_stay_below_their_size(tmp_path):
    noise = np.random.default_rng(0)
    options = RecordingOptions(split_bytes=2_000_000, quality="high")
    with recording(tmp_path / "x.mp4", options) as recorder:
        for index in range(150):
            image = noise.integers(0, 256, (240, 320, 3), np.uint8)
            frame = Frame(image, index, index / 30)
            recorder.submit(FrameResult(frame, (), LABELS, {}, index / 30))
        summary = recorder.stop()
    sizes = [path.stat().st_size for path in summary.paths]
    assert len(sizes) > 1
    assert max(sizes) <= 2_000_000
    assert sum(len(read_video(path).times) for path in summary.paths) == 150


def test_faces_are_hidden_in_all_files_but_the_label_stays(tmp_path):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (240, 320, 3), np.uint8)
    late = Face(2, (200.0, 120.0, 260.0, 180.0), 1.0, "sad", 0.9)
    options = RecordingOptions(pictures="both", privacy="pixelate", quality="high")
    with recording(tmp_path / "x.mp4", options) as recorder:
        for index in range(30):
            faces = (FACE, late) if index >= 10 else (FACE,)
            frame = Frame(image.copy(), index, index / 30)
            recorder.submit(FrameResult(frame, faces, LABELS, {}, index / 30))
    roughness = {}
    for path in (tmp_path / "x.mp4", tmp_path / "x-clean.mp4"):
        with av.open(str(path)) as container:
            first = next(container.decode(video=0)).to_ndarray(format="gray").astype(int)
        fine = np.abs(np.diff(first, axis=1))
        roughness[path.name] = (fine[50:110, 50:110], fine[125:175, 205:255], fine[:, 280:])
    for name, (face, coming, open_place) in roughness.items():
        assert np.median(face) < 5, name
        # Ten frames before it was first reported.
        assert np.median(coming) < 5, name
        assert np.median(open_place) > 20, name
    label = slice(20, 38), slice(42, 100)
    with av.open(str(tmp_path / "x.mp4")) as a, av.open(str(tmp_path / "x-clean.mp4")) as b:
        drawn, clean = (next(c.decode(video=0)).to_ndarray(format="gray") for c in (a, b))
    assert np.abs(drawn[label].astype(int) - clean[label]).mean() > 30


def test_faces_stay_hidden_when_the_source_hangs(tmp_path):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (240, 320, 3), np.uint8)
    options = RecordingOptions(pictures="clean", privacy="pixelate", quality="high")
    with recording(tmp_path / "x.mp4", options) as recorder:
        for index, time_s in enumerate([0.0, 0.1, 0.2, 30.0, 30.1, 90.0, 5.0, 5.1]):
            recorder.submit(FrameResult(Frame(image.copy(), index, time_s), (FACE,), LABELS, {}, 0))
        summary = recorder.stop()
    shown = 0
    for path in summary.paths:
        with av.open(str(path)) as video:
            for picture in video.decode(video=0):
                pixels = picture.to_ndarray(format="gray").astype(int)[50:110, 50:110]
                assert np.median(np.abs(np.diff(pixels, axis=1))) < 5
                shown += 1
    assert shown == 8


class Gate:
    """Lets the encoder do nothing until it is opened."""

    def __init__(self, monkeypatch) -> None:
        self.open = threading.Event()
        self.reached = threading.Event()
        write = Mp4File.write

        def gated(file, *given):
            self.reached.set()
            assert self.open.wait(60)
            return write(file, *given)

        monkeypatch.setattr(Mp4File, "write", gated)


def test_an_encoder_that_hangs_blocks_nothing(tmp_path, monkeypatch):
    gate = Gate(monkeypatch)
    with recording(tmp_path / "x.mp4", wait=False) as recorder:
        recorder.submit(result(0, 0.0))
        assert gate.reached.wait(60)
        run(recorder, 1, 200)  # returns although no frame is taken: else this test hangs
        assert recorder.frames_dropped == 199 - QUEUE_FRAMES
        gate.open.set()
        summary = recorder.stop()
    assert (summary.frames_written, summary.frames_dropped) == (1 + QUEUE_FRAMES, 175)
    video = read_video(tmp_path / "x.mp4")
    assert len(video.times) == 1 + QUEUE_FRAMES
    assert video.tags["frames_dropped"] == "175"


def test_counts_are_right_with_an_encoder_that_cannot_keep_up(tmp_path, monkeypatch):
    write, pause = Mp4File.write, threading.Event()

    def slow(file, *given):
        pause.wait(0.05)
        return write(file, *given)

    monkeypatch.setattr(Mp4File, "write", slow)
    with recording(tmp_path / "x.mp4", wait=False) as recorder:
        for index in range(150):
            recorder.submit(result(index, index / 30))
            pause.wait(0.005)
        summary = recorder.stop()
    video = read_video(tmp_path / "x.mp4")
    assert summary.frames_dropped > 0
    assert summary.frames_written + summary.frames_dropped == 150
    assert len(video.times) == summary.frames_written
    assert video.tags["frames_dropped"] == str(summary.frames_dropped)
    numbers = np.array(video.times) * 30
    assert np.abs(numbers - numbers.round()).max() < 1e-2  # each that is there is at its own time


def test_hardware_that_does_not_open_for_the_second_file_is_followed_by_software(
    tmp_path, monkeypatch
):
    opened = []
    init = Mp4File.__init__

    def failing(file, path, encoder, *given):
        opened.append(encoder.name)
        init(file, path, encoder, *given)
        if len(opened) == 2:  # the first file of the part has begun already
            file.close({})
            raise EncoderError("No session is left.")

    monkeypatch.setattr(Mp4File, "__init__", failing)
    monkeypatch.setattr("fer_live.recording.encoder.Encoder.hardware", True)
    with recording(tmp_path / "x.mp4", RecordingOptions(pictures="both")) as recorder:
        run(recorder, 0, 3)
        summary = recorder.stop()
    assert summary.error is None
    assert len(opened) == 4
    assert [read_video(path).decoded for path in summary.paths] == [3, 3]


def test_a_part_that_cannot_begin_leaves_no_file(tmp_path, monkeypatch):
    init = Mp4File.__init__

    def failing(file, path, *given):
        if "part2" in path.name:
            raise OSError(errno.EROFS, "Read-only file system")
        init(file, path, *given)

    monkeypatch.setattr(Mp4File, "__init__", failing)
    with recording(tmp_path / "x.mp4", RecordingOptions(split_s=1.0)) as recorder:
        run(recorder, 0, 60)
        summary = recorder.stop()
    assert "Read-only" in str(summary.error)
    assert list(tmp_path.iterdir()) == [tmp_path / "x.mp4"] == list(summary.paths)
    assert (summary.frames_written, summary.frames_dropped) == (30, 30)
    assert read_video(tmp_path / "x.mp4").decoded == 30


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
def test_memory_stays_flat(tmp_path):
    """A short run; `benchmarks/recording_memory.py` is the long one."""

    def resident_mb() -> float:
        return (
            int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
        )

    with recording(tmp_path / "x.mp4", RecordingOptions(privacy="blur")) as recorder:
        run(recorder, 0, 300)
        before_mb = resident_mb()
        run(recorder, 300, 1300)
        grown_mb = resident_mb() - before_mb
    assert grown_mb < 20  # the pictures of 1000 frames are 230 MB


def broken_after(monkeypatch, frames: int, hardware: bool) -> None:
    """Lets the first part's encoder fail after so many frames."""
    write = Mp4File.write
    written: dict[Path, int] = {}

    def failing(file, *given):
        written[file.path] = written.get(file.path, 0) + 1
        if written[file.path] > frames and len(written) == 1:
            raise EncoderError("The driver is gone.")
        return write(file, *given)

    monkeypatch.setattr(Mp4File, "write", failing)
    monkeypatch.setattr("fer_live.recording.encoder.Encoder.hardware", hardware)


def test_hardware_that_fails_is_followed_by_software(tmp_path, monkeypatch):
    broken_after(monkeypatch, 5, hardware=True)
    with recording(tmp_path / "x.mp4") as recorder:
        run(recorder, 0, 80)
        summary = recorder.stop()
    assert summary.error is None
    assert len(summary.paths) == 2
    first, second = (read_video(path) for path in summary.paths)
    assert len(first.times) == 5
    assert "driver is gone" in first.tags["ended"]
    assert len(second.times) + 5 == summary.frames_written
    assert summary.frames_written + summary.frames_dropped == 80
    total = [int(video.tags["frames_dropped"]) for video in (first, second)]
    assert sum(total) == summary.frames_dropped


def test_counts_are_right_after_an_error_too(tmp_path, monkeypatch):
    broken_after(monkeypatch, 5, hardware=False)
    errors = []
    with recording(tmp_path / "x.mp4", on_error=errors.append) as recorder:
        run(recorder, 0, 80)
        summary = recorder.stop()
    assert (summary.frames_written, summary.frames_dropped) == (5, 75)
    assert errors == [summary.error]
    video = read_video(tmp_path / "x.mp4")
    assert len(video.times) == 5
    assert "driver is gone" in video.tags["ended"]
    assert len(recorder.paths) == 1
