"""Damaged video files: whether reading them crashes, hangs or fills the memory.

    python benchmarks/damaged_videos.py [--count 330] [--seed 7]

Encodes one short video for each codec, damages copies of them at random and reads them in child
processes. Prints a JSON line: files that gave frames, files refused with a clear message, crashes,
other errors, files slower than `SLOW_S`, and the largest memory of a child, MiB. Exit status: 1
after a crash, another error or a slow file. The same arguments give the same files.
"""

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.damaged import run
from fer_live.capture.demo import render_demo
from fer_live.capture.video_file import VideoFileSource

FRAMES = 20
SIZE = (320, 240)
KINDS: dict[str, tuple[str, str, dict[str, str]]] = {
    ".mp4": ("libx264", "yuv420p", {}),
    ".mkv": ("ffv1", "yuv420p", {}),
    ".mov": ("prores_ks", "yuv422p10le", {}),
    ".mpg": ("mpeg2video", "yuv420p", {"flags": "+ilme+ildct"}),
    ".mts": ("libx264", "yuv420p", {"flags": "+ilme+ildct"}),
    ".ts": ("mpeg2video", "yuv420p", {}),
    ".avi": ("mjpeg", "yuvj420p", {}),
    ".webm": ("libvpx", "yuv420p", {"deadline": "realtime"}),
    ".m4v": ("mpeg4", "yuv420p", {}),
    ".hevc": ("libx265", "yuv420p", {"x265-params": "log-level=0"}),
    ".y4m": ("wrapped_avframe", "yuv420p", {}),
}
"""Suffix, which names the container: encoder, pixel format, options."""


def write_video(path: Path) -> None:
    """Encodes the demo with the encoder of the file's suffix."""
    codec, pixels, options = KINDS[path.suffix]
    container = {".mts": "mpegts", ".y4m": "yuv4mpegpipe"}.get(path.suffix)
    with av.open(str(path), "w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = *SIZE, pixels
        for number in range(FRAMES):
            image = np.ascontiguousarray(render_demo(number / 25, SIZE))
            frame = av.VideoFrame.from_ndarray(image, format="bgr24").reformat(format=pixels)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def read(path: Path) -> str:
    """Reads a file to its end."""
    source = VideoFileSource(path)
    try:
        source.open()
        while source.read() is not None:
            pass
    finally:
        source.close()
    return "frames"


def write_videos(folder: Path) -> list[Path]:
    """A whole file of each kind."""
    files = [folder / f"whole{suffix}" for suffix in KINDS]
    for path in files:
        write_video(path)
    return files


if __name__ == "__main__":
    sys.exit(run(__file__, __doc__, 330, write_videos, read, "frames"))
