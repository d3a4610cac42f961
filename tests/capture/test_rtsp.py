"""RTSP against a real server, GStreamer's, where it is installed."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from fer_live.capture.network_stream import UrlSource
from fer_live.core.errors import SourceLostError, SourceNotFoundError

SERVER = Path(__file__).with_name("rtsp_server.py")
PYTHON = "/usr/bin/python3"
BINDINGS = "import gi; gi.require_version('GstRtspServer', '1.0')"


def installed():
    if sys.platform != "linux" or not Path(PYTHON).exists():
        return False
    return not subprocess.run([PYTHON, "-c", BINDINGS], capture_output=True).returncode


pytestmark = pytest.mark.skipif(not installed(), reason="GStreamer's RTSP server is not installed")


@contextmanager
def serving(*credentials):
    """A server's process and the address of its stream."""
    process = subprocess.Popen(
        [PYTHON, str(SERVER), *credentials],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def read_on(source):
    while source.read() is not None:
        pass


def is_test_picture(image):
    """Colour bars: white at the left, blue at the right of the upper half, in BGR."""
    left, right = image[60, 20].astype(int), image[60, 300].astype(int)
    return left.min() > 150 and right[0] > 150 and right[1:].max() < 80


def test_an_rtsp_stream_is_read_until_its_server_ends():
    with serving() as (process, url):
        source = UrlSource(url)
        info = source.open()
        assert (info.width, info.height, info.live) == (320, 240, True)
        images = [source.read().image_bgr for _ in range(5)]
        assert all(is_test_picture(image) for image in images)
        assert not np.shares_memory(images[0], images[1])
        process.kill()
        with pytest.raises(SourceLostError):
            read_on(source)
        source.close()


@pytest.mark.parametrize("password", ["s3cret", "p@ss/#?"])
def test_user_and_password_are_sent_when_the_server_asks(password):
    with serving("ann", password) as (_, url):
        quoted = password.replace("/", "%2F").replace("#", "%23").replace("?", "%3F")
        source = UrlSource(url.replace("://", f"://ann:{quoted}@"))
        assert source.open().name == url
        assert is_test_picture(source.read().image_bgr)
        source.close()
        wrong = UrlSource(url.replace("://", "://ann:wrong@"))
        with pytest.raises(SourceNotFoundError, match="user and password"):
            wrong.open()
        wrong.close()
