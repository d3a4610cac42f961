import shutil
import socket
import threading
import time
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from fer_live.capture.network_stream import UrlSource
from fer_live.core.errors import SourceError, SourceLostError, SourceNotFoundError
from tests.capture.conftest import picture
from tests.capture.test_video_decoder import scene, write_interlaced
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
            with pytest.raises(SourceLostError) as lost:
                read_on(source)
            # No English words around the address: the window puts it into a sentence of its own.
            assert lost.value.message == f"{server.url} stopped giving pictures."
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


class TsHandler(BaseHTTPRequestHandler):
    """Sends a transport stream of unknown length."""

    def __init__(self, content, *arguments):
        self.content = content
        super().__init__(*arguments)

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "video/mp2t")
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_):
        pass


@contextmanager
def served(handler):
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/stream"
        server.shutdown()
        thread.join()


def all_frames(source):
    frames = []
    source.open()
    with pytest.raises(SourceLostError):
        source.stream(frames.append)
    source.close()
    return [frame.image_bgr for frame in frames]


def test_an_interlaced_stream_is_deinterlaced(tmp_path):
    path = write_interlaced(tmp_path / "fields.ts", 12)
    with served(partial(TsHandler, path.read_bytes())) as url:
        images = all_frames(UrlSource(url))
    # A live stream may pass over frames, and keeps those that it shows in order.
    apart = [
        [np.abs(image.astype(int) - scene(2 * n)).mean() for n in range(12)] for image in images
    ]
    numbers = [int(np.argmin(row)) for row in apart]
    assert numbers
    assert numbers == sorted(set(numbers))
    assert max(min(row) for row in apart) < 8


@pytest.mark.parametrize("bad", [{0}, {3}, {0, 1, 2, 5, 6, 11}])
def test_a_damaged_picture_does_not_lose_the_stream(bad):
    def frame(number):
        return b"This is no JPEG." * 40 if number in bad else picture(number)

    with MjpegServer(frame, 50, close_after=20) as server:
        images = all_frames(UrlSource(server.url))
        assert server.connections == 1
    assert len(images) >= 20 - len(bad) - 2
    for image in images:
        assert min(np.abs(image.astype(int) - picture(n)).mean() for n in range(20)) < 4


def test_a_stream_cannot_lead_to_a_file(video_path):
    class Redirect(QuietHandler):
        def do_GET(self):
            self.send_response(302)
            self.send_header("Location", video_path.as_uri())
            self.send_header("Content-Length", "0")
            self.end_headers()

    with served(Redirect) as url:
        source = UrlSource(url)
        with pytest.raises(SourceNotFoundError, match="gives no video"):
            source.open()
        source.close()


def test_the_scheme_may_be_in_capitals():
    with MjpegServer(picture, 50) as server:
        source = UrlSource(server.url.replace("http", "HTTP"))
        assert source.open().width == 160
        source.close()


def test_what_is_no_address():
    with pytest.raises(SourceNotFoundError, match="not an address"):
        UrlSource("gopher://u:p@h")
