"""Damaged video files: whether reading them crashes, hangs or fills the memory.

    python benchmarks/damaged_videos.py [--count 330] [--seed 7]

Encodes one short video for each codec, damages copies of them at random and reads them in child
processes. Prints a JSON line: files that gave frames, files refused with a clear message, crashes,
other errors, files slower than `SLOW_S`, and the largest memory of a child, MiB. Exit status: 1
after a crash, another error or a slow file. The same arguments give the same files.
"""

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fer_live.capture.demo import render_demo
from fer_live.capture.video_file import VideoFileSource
from fer_live.core.errors import FerLiveError
from fer_live.core.machine import peak_mb

SLOW_S = 20.0
"""Longest time for one file; whole ones take less than a second."""
BATCH = 30
"""Files read by one child process."""
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


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """A copy with wrong bytes, a wrong header, a hole, a repetition, zeros or no end."""
    data = bytearray(content)
    begin, end = sorted(int(at) for at in rng.integers(0, len(data), 2))
    kind = int(rng.integers(6))
    if kind < 2:
        within = len(data) if kind == 0 else min(2000, len(data))
        for at in rng.integers(0, within, int(rng.choice([5, 50, 500]))):
            data[at] = int(rng.integers(256))
    elif kind == 2:
        del data[begin:end]
    elif kind == 3:
        data[end:end] = data[begin:end]
    elif kind == 4:
        data[begin:end] = bytes(end - begin)
    else:
        del data[end + 1 :]
    return bytes(data)


def read(path: Path) -> str:
    """Reads a file to its end; returns what happened."""
    source = VideoFileSource(path)
    begun_s = time.perf_counter()
    try:
        source.open()
        while source.read() is not None:
            pass
        outcome = "frames"
    except FerLiveError:
        outcome = "refused"
    except Exception as error:
        outcome = f"{type(error).__name__}: {error}"
    finally:
        source.close()
    return "slow" if time.perf_counter() - begun_s > SLOW_S else outcome


def child(paths: list[Path]) -> None:
    """Reads files in this process; prints a JSON line for each."""
    logging.disable()
    for path in paths:
        print(json.dumps([path.name, read(path), peak_mb()]), flush=True)


def main() -> int:
    """Makes the files, reads them and prints the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=330)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--read", nargs="+", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.read:
        child(chosen.read)
        return 0
    rng = np.random.default_rng(chosen.seed)
    counts = {"frames": 0, "refused": 0}
    wrong: list[str] = []
    peak = 0.0
    with tempfile.TemporaryDirectory() as folder:
        whole = [Path(folder) / f"whole{suffix}" for suffix in KINDS]
        for path in whole:
            write_video(path)
        files = []
        for number in range(chosen.count):
            original = whole[number % len(whole)]
            files.append(Path(folder) / f"{number}{original.suffix}")
            files[-1].write_bytes(damaged(original.read_bytes(), rng))
        for first in range(0, len(files), BATCH):
            batch = files[first : first + BATCH]
            command = [sys.executable, __file__, "--read", *map(str, batch)]
            try:
                done = subprocess.run(
                    command, capture_output=True, text=True, timeout=BATCH * SLOW_S
                )
            except subprocess.TimeoutExpired:
                wrong.append(f"files from {first} on: hang")
                continue
            rows = [json.loads(line) for line in done.stdout.splitlines()]
            for name, outcome, peak_here in rows:
                peak = max(peak, peak_here or 0.0)
                if outcome in counts:
                    counts[outcome] += 1
                else:
                    wrong.append(f"{name}: {outcome}")
            if done.returncode:
                wrong.append(f"{batch[len(rows)].name}: exit status {done.returncode}")
    print(json.dumps({**counts, "wrong": wrong, "peak_mib": round(peak)}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
