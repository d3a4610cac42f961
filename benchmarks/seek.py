"""What seeking in a video costs: time from the request to the decoded frame.

    python benchmarks/seek.py [--minutes 10] [--size 1280x720] [--seeks 60] [FILE...]

Without a file, it writes two videos first: one as the window records it, with a key frame every
2 s, and one as x264 does by default, with a key frame every 250 frames and B-frames. Prints a line
of JSON for each video: median, 95th percentile and maximum, milliseconds, for seeking to random
positions, for going back by one frame, and for opening the file; on a busy machine, the processor
time of all threads says more.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.recording_memory import PICTURES, pictures
from fer_live.capture.video_file import VideoFileSource
from fer_live.recording.mp4 import KEYFRAME_S

FPS = 30


def write(path: Path, minutes: float, size: tuple[int, int], options: dict[str, str]) -> Path:
    """A noisy demo of this length."""
    shown = pictures(size)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        frames = [av.VideoFrame.from_ndarray(image, format="bgr24") for image in shown]
        frames = [frame.reformat(format="yuv420p") for frame in frames]
        for n in range(round(minutes * 60 * FPS)):
            frame = frames[n % PICTURES]
            frame.pts, frame.time_base = n, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def spread(times_s: list[float]) -> dict[str, float]:
    """Median, 95th percentile and maximum, milliseconds."""
    return {
        "p50": round(float(np.median(times_s)) * 1e3, 1),
        "p95": round(float(np.quantile(times_s, 0.95)) * 1e3, 1),
        "max": round(max(times_s) * 1e3, 1),
    }


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Duration of a call, and the processor time of all threads in it, seconds."""
    begun_s, cpu_s = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun_s, time.process_time() - cpu_s


def measure(path: Path, seeks: int) -> dict[str, object]:
    """Seeks to random positions, and one frame back from each."""
    source = VideoFileSource(path)
    opening_s, _ = timed(source.open)
    with av.open(str(path)) as container:
        length_s = float(container.duration or 0) / av.time_base
    chance = random.Random(1)
    to, back = [], []

    def go(position_s: float, *, before: bool = False) -> float:
        source.seek(position_s, before=before)
        frame = source.read()
        assert frame is not None
        assert frame.position_s is not None
        return frame.position_s

    for _ in range(seeks):
        at_s = chance.uniform(0, length_s)
        to.append(timed(partial(go, at_s)))
        back.append(timed(partial(go, at_s, before=True)))
    source.close()
    return {
        "file": path.name,
        "length_s": round(length_s, 1),
        "MB": round(path.stat().st_size / 1e6, 1),
        "open_ms": round(opening_s * 1e3, 1),
        "seek_ms": spread([wall_s for wall_s, _ in to]),
        "seek_cpu_ms": spread([cpu_s for _, cpu_s in to]),
        "back_ms": spread([wall_s for wall_s, _ in back]),
        "back_cpu_ms": spread([cpu_s for _, cpu_s in back]),
    }


def main() -> None:
    """Measures the given files, or two of our own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--seeks", type=int, default=60)
    args = parser.parse_args()
    width, height = map(int, args.size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        files = list(args.files)
        if not files:
            every = str(round(KEYFRAME_S * FPS))
            kinds = {
                "recording.mp4": {"preset": "ultrafast", "crf": "28", "g": every, "bf": "0"},
                "x264-default.mp4": {"preset": "veryfast", "crf": "28"},
            }
            for name, options in kinds.items():
                path = Path(folder) / name
                files.append(write(path, args.minutes, (width, height), options))
        for path in files:
            print(json.dumps(measure(path, args.seeks)), flush=True)


if __name__ == "__main__":
    main()
