"""What every source promises, tried on every kind of source."""

import threading
import time
from itertools import pairwise

import numpy as np
import pytest

from fer_live.capture.camera import CameraSettings, CameraSource
from fer_live.capture.camera_access import CameraAccess
from fer_live.capture.demo import DemoSource
from fer_live.capture.image_folder import ImageFolderSource
from fer_live.capture.network_stream import UrlSource
from fer_live.capture.video_file import VideoFileSource
from fer_live.core.errors import SourceError
from tests.capture.conftest import picture
from tests.capture.fake import FakeMachine
from tests.mjpeg import MjpegServer
from tests.scripted_source import Pictures, ScriptedSource

KINDS = ["camera", "demo", "folder", "picture", "scripted", "scripted file", "url", "video"]


@pytest.fixture(params=KINDS)
def source(request, video_path, folder):
    kind = request.param
    if kind == "url":
        with MjpegServer(picture, 100) as server:
            source = UrlSource(server.url)
            yield source
            source.close()
        return
    source = {
        "camera": lambda: CameraSource(
            0,
            settings=CameraSettings(64, 48),
            factory=FakeMachine(),
            probe=lambda index: CameraAccess.PRESENT,
            lister=lambda backends: (),
        ),
        "demo": lambda: DemoSource(160, 90, 100),
        "folder": lambda: ImageFolderSource(folder),
        "picture": lambda: ImageFolderSource(folder / "face 1.png"),
        "scripted": lambda: ScriptedSource([Pictures(picture(1), None)], fps=100),
        "scripted file": lambda: ScriptedSource([Pictures(picture(1), 5)], live=False),
        "video": lambda: VideoFileSource(video_path),
    }[kind]()
    yield source
    source.close()


def read_some(source, count=3):
    frames = []
    while len(frames) < count and (frame := source.read()) is not None:
        frames.append(frame)
    return frames


class TestContract:
    def test_open_describes_the_frames(self, source):
        info = source.open()
        frame = source.read()
        assert info.live == source.live
        assert info.kind in ("camera", "file", "images", "url", "demo", "scripted")
        assert info.name
        assert (frame.width, frame.height) == (info.width, info.height)
        assert info.fps >= 0

    def test_frames_are_read_only_numbered_and_timed(self, source):
        before_s = time.perf_counter()
        source.open()
        frames = read_some(source)
        assert frames
        indices = [f.index for f in frames]
        assert indices == sorted(set(indices))
        if not source.live:  # a live source passes over what nobody fetched in time
            assert indices == list(range(len(frames)))
        for frame in frames:
            assert frame.image_bgr.dtype == np.uint8
            assert frame.image_bgr.ndim == 3
            with pytest.raises(ValueError, match="read-only"):
                frame.image_bgr[0, 0] = 0
        times = [before_s, *(f.captured_s for f in frames), time.perf_counter()]
        assert times == sorted(times)

    def test_only_files_have_positions_and_they_rise(self, source):
        source.open()
        positions = [f.position_s for f in read_some(source)]
        if source.live:
            assert set(positions) == {None}
        else:
            assert positions[0] == 0
            assert all(a < b for a, b in pairwise(positions))

    def test_files_end_and_stay_ended(self, source):
        if source.live:
            pytest.skip("live sources do not end")
        source.open()
        while source.read() is not None:
            pass
        assert source.read() is None

    def test_reading_before_opening_is_an_error(self, source):
        with pytest.raises(SourceError, match="not open"):
            source.read()

    def test_close_is_harmless_at_any_time(self, source):
        source.close()
        source.open()
        source.close()
        source.close()
        with pytest.raises(SourceError, match="not open"):
            source.read()

    def test_numbers_go_on_after_a_reopening(self, source):
        source.open()
        first = read_some(source, 2)
        source.close()
        source.open()
        again = source.read()
        passed_over = again.index - first[-1].index - 1
        assert passed_over >= 0
        assert source.live or not passed_over

    def test_opening_twice_without_close_starts_anew(self, source):
        source.open()
        source.read()
        info = source.open()
        assert (source.read().width, info.kind) == (info.width, info.kind)

    def test_interrupt_ends_reading_within_a_second(self, source):
        source.open()
        source.read()
        ended = threading.Event()

        def read_on():
            while source.read() is not None:
                pass
            ended.set()

        reader = threading.Thread(target=read_on)
        reader.start()
        source.interrupt()
        in_time = ended.wait(1.0)
        reader.join()
        assert in_time

    def test_interrupt_holds_until_close(self, source):
        source.interrupt()
        with pytest.raises(SourceError, match="interrupted"):
            source.open()
        source.close()
        source.open()
        source.interrupt()
        assert source.read() is None
        assert source.read() is None
        source.close()
        source.open()
        assert source.read() is not None
