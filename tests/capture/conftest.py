"""Test material for the sources: small videos and pictures, made here."""

import os
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

WIDTH, HEIGHT, FPS = 160, 96, 25


def picture(n: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """A picture that says its number: blue rises by 8, a red bar marks the top."""
    image = np.full((height, width, 3), (8 * n % 256, 100, 60), np.uint8)
    image[: height // 4] = (0, 0, 250)
    return image


def write_video(path: Path, times: list[int], *, rate: int = FPS, options=None) -> Path:
    """H.264 with one picture for each presentation time, counted in 1/rate seconds."""
    with av.open(str(path), "w", options=options or {}) as out:
        stream = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "g": "5"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, rate)
        for n, pts in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(n), format="bgr24")
            frame.pts, frame.time_base = pts, Fraction(1, rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.fixture(scope="session")
def video_path(tmp_path_factory) -> Path:
    """40 frames at 25 per second, with the index at the front."""
    path = tmp_path_factory.mktemp("video") / (
        "film ü.mp4" if os.name == "nt" else "film 12:30 ü.mp4"
    )
    return write_video(path, list(range(40)), options={"movflags": "faststart"})


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """Pictures 1, 2 and 10 in different sizes, besides things that are none."""
    path = tmp_path_factory.mktemp("pictures")
    for n, width in ((10, 80), (2, 64), (1, 100)):
        cv2.imwrite(str(path / f"face {n}.png"), picture(n, width))
    (path / "notes.txt").write_text("not a picture")
    (path / ".hidden.png").write_bytes(b"")
    (path / "sub.png").mkdir()
    return path


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [t for t in threading.enumerate() if t not in before]
    for thread in left:
        thread.join(2.0)
    assert not [t.name for t in left if t.is_alive()]
