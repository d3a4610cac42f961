"""The live path on a real stream: MJPEG over loopback, moving faces, no window.

    python benchmarks/loopback.py [--seconds 60] [--fps 30] [--faces 2 | --clip FILE]

The server runs in a process of its own and sends pictures that were encoded beforehand, of the
demo, of the benchmarks' clips (more than four faces) or of a video, as a network camera would.
Prints the run's report as JSON, with the CPU time per captured frame of this process (start and
decoding included).
"""

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import cv2

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import clips
from fer_live.batch.headless import run_source
from fer_live.capture.demo import CYCLE_S, MAX_FACES, render_demo
from fer_live.capture.video_file import VideoFileSource
from fer_live.core.process import share_cores
from fer_live.core.settings import Settings
from fer_live.core.types import ImageBgr
from tests.mjpeg import MjpegServer

SIZE = (1280, 720)
QUALITY = 85


def frames(fps: float, faces: int, clip: Path | None) -> Iterator[ImageBgr]:
    """The video's pictures; without one the demo's whole cycle, or a clip with more faces."""
    if clip is None and faces > MAX_FACES:
        yield from (image for image, _ in clips.frames(faces, fps, 0.0))
        return
    if clip is None:
        yield from (render_demo(n / fps, SIZE, faces) for n in range(round(CYCLE_S * fps)))
        return
    source = VideoFileSource(clip)
    source.open()
    while (frame := source.read()) is not None:
        yield frame.image_bgr
    source.close()


def serve(pipe: Connection, fps: float, faces: int, clip: Path | None) -> None:
    """Sends the pictures over and over; tells its address, ends when told."""
    pictures = []
    for image in frames(fps, faces, clip):
        done, data = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
        assert done
        pictures.append(data.tobytes())
    with MjpegServer(lambda n: pictures[n % len(pictures)], fps=fps) as server:
        pipe.send(server.url)
        pipe.recv()


@contextmanager
def served(fps: float, faces: int, clip: Path | None = None) -> Iterator[str]:
    """The stream's address, while the server runs."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=serve, args=(theirs, fps, faces, clip), daemon=True
    )
    server.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        server.join(5)


def main() -> None:
    """Runs the benchmark."""
    share_cores()  # as the command line and the window do
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--faces", type=int, default=2)
    parser.add_argument("--clip", type=Path, help="a video in place of the demo")
    parser.add_argument("--device", default="auto")
    given = parser.parse_args()
    settings = Settings().with_values({"device": given.device})
    with served(given.fps, given.faces, given.clip) as url:
        begun_s = time.process_time()
        report = run_source(settings, url, duration_s=given.seconds)
        report["cpu_ms_per_frame"] = round(
            (time.process_time() - begun_s) * 1e3 / max(report["frames_captured"], 1), 2
        )
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
