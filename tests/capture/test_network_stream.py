import shutil
import socket
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest

from fer_live.capture.network_stream import UrlSource
from fer_live.core.errors import SourceError, SourceLostError, SourceNotFoundError
from tests.capture.conftest import picture
from tests.capture.fake import FakeCapture, FakeMachine
from tests.mjpeg import MjpegServer


def read_on(source):
    while source.read() is not None:
        pass


def test_plays_a_real_stream():
    with MjpegServer(picture, 50) as server:
        source = UrlSource(server.url)
        info = source.open()
        frames = [source.read() for _ in range(4)]
        source.close()
    assert (info.kind, info.name, info.live) == ("url", server.url, True)
    assert (info.width, info.height, info.fps) == (160, 96, 0)
    assert np.abs(frames[0].image_bgr.astype(int) - picture(0)).mean() < 4


def test_a_stream_that_closes_is_lost_and_can_be_reopened():
    with MjpegServer(picture, 100, close_after=3) as server:
        source = UrlSource(server.url)
        for _ in range(2):
            source.open()
            with pytest.raises(SourceLostError, match="stopped giving pictures"):
                read_on(source)
            source.close()
        assert server.connections == 2


def test_a_stream_that_stalls_is_lost_in_time():
    with MjpegServer(picture, 100, stall_after=3) as server:
        source = UrlSource(server.url, stall_s=0.3)
        source.open()
        assert server.stalled.wait(5.0)
        start_s = time.perf_counter()
        with pytest.raises(SourceLostError, match=r"no picture for 0.3 seconds"):
            read_on(source)
        assert time.perf_counter() - start_s < 2
    source.close()


def test_interrupt_ends_a_read_of_a_stalled_stream():
    with MjpegServer(picture, 100, stall_after=2) as server:
        source = UrlSource(server.url)
        source.open()
        assert server.stalled.wait(5.0)
        timer = threading.Timer(0.1, source.interrupt)
        timer.start()
        while source.read() is not None:
            pass
        timer.join()
    source.close()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_a_film_behind_an_address_is_refused(video_path, tmp_path):
    shutil.copy(video_path, tmp_path / "film.mp4")
    handler = partial(QuietHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        source = UrlSource(f"http://127.0.0.1:{server.server_port}/film.mp4")
        with pytest.raises(SourceError, match="not a live stream") as caught:
            source.open()
        source.close()
        server.shutdown()
        thread.join()
    assert "Download" in caught.value.hint


@pytest.fixture
def silent_port():
    """A server that takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_server_that_says_nothing_is_given_up(silent_port):
    source = UrlSource(f"http://127.0.0.1:{silent_port}/x", open_timeout_s=0.3)
    with pytest.raises(SourceError, match=r"gives no video|did not answer"):
        source.open()
    source.close()


def test_interrupt_ends_an_opening(silent_port):
    source = UrlSource(f"http://127.0.0.1:{silent_port}/x", open_timeout_s=1.0)
    timer = threading.Timer(0.1, source.interrupt)
    timer.start()
    with pytest.raises(SourceError, match="interrupted"):
        source.open()
    timer.join()
    source.close()


def test_an_address_where_nothing_is():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    source = UrlSource(f"http://127.0.0.1:{port}/x")
    with pytest.raises(SourceNotFoundError, match="gives no video"):
        source.open()
    source.close()


def test_credentials_are_used_and_never_shown():
    with MjpegServer(picture, 50, credentials="ann:s3cret") as server:
        address = server.url.replace("://", "://ann:s3cret@")
        source = UrlSource(address)
        info = source.open()
        source.close()
        assert info.name == server.url
        wrong = UrlSource(server.url.replace("://", "://ann:other9@"))
        with pytest.raises(SourceNotFoundError, match="user and password") as caught:
            wrong.open()
        wrong.close()
    for shown in (repr(info), str(caught.value), caught.value.message):
        assert "s3cret" not in shown
        assert "other9" not in shown
        assert "ann" not in shown


def test_the_back_end_is_told_its_time_outs_and_to_hold_no_frames_back():
    capture = FakeCapture(grants={cv2.CAP_PROP_FRAME_WIDTH: 8, cv2.CAP_PROP_FRAME_HEIGHT: 8})
    machine = FakeMachine(capture)
    source = UrlSource("rtsp://h/x", factory=machine, open_timeout_s=4, stall_s=3)
    source.open()
    source.close()
    assert machine.asked == [("rtsp://h/x", cv2.CAP_FFMPEG)]
    asked = dict(zip(machine.parameters[0][::2], machine.parameters[0][1::2], strict=True))
    assert asked[cv2.CAP_PROP_OPEN_TIMEOUT_MSEC] == 4000
    assert asked[cv2.CAP_PROP_READ_TIMEOUT_MSEC] >= 3000
    assert asked[cv2.CAP_PROP_N_THREADS] == 1


def test_what_is_no_address():
    with pytest.raises(SourceNotFoundError, match="not an address"):
        UrlSource("gopher://u:p@h")
