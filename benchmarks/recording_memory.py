"""Memory of a long recording: the demo's pictures as fast as they can be written.

    python benchmarks/recording_memory.py [--minutes 30] [--fps 30] [--size 1280x720]
        [--pictures annotated] [--privacy none] [--out FOLDER]

The pictures carry the times of a source at `--fps`, so that the video is as long as it says; the
recorder waits for nobody less than its encoder. Prints a line of JSON for each minute of video with
this process's resident memory, then one with the figures of the whole, and deletes the video.
"""

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fer_live.capture.demo import render_demo
from fer_live.core.types import Face, Frame, FrameResult
from fer_live.recording.options import RecordingOptions
from fer_live.recording.recorder import VideoRecorder

PICTURES = 90
"""Different pictures, shown over and over; each has its own noise, as a camera's has."""
NOISE = 6
LABELS = ("happy", "sad")


def pictures(size: tuple[int, int]) -> list[np.ndarray]:
    """What is recorded, BGR."""
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, NOISE, (size[1], size[0], 3), np.uint8) for _ in range(5)]
    return [cv2.add(render_demo(n / 30, size, 2), noise[n % 5]) for n in range(PICTURES)]


def resident_mb() -> float:
    """Memory of this process in RAM now, megabytes; where that is unknown, the most it ever had."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return pages * resource.getpagesize() / 1e6


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--pictures", default="annotated")
    parser.add_argument("--privacy", default="none")
    parser.add_argument("--out", type=Path, default=None)
    given = parser.parse_args()
    width, height = (int(side) for side in given.size.split("x"))
    shown = pictures((width, height))
    face = Face(1, (width * 0.4, height * 0.3, width * 0.6, height * 0.6), 1.0, "happy", 0.9)
    folder = Path(tempfile.mkdtemp(dir=given.out))
    recorder = VideoRecorder(
        folder / "video.mp4",
        recording=RecordingOptions(
            pictures=given.pictures, privacy=given.privacy, encoder="software"
        ),
        wait=True,
    )
    recorder.start()
    begun_s, cpu_s = time.monotonic(), time.process_time()
    per_minute = round(60 * given.fps)
    for number in range(round(given.minutes * per_minute)):
        frame = Frame(shown[number % PICTURES], number, number / given.fps)
        recorder.submit(FrameResult(frame, (face,), LABELS, {}, frame.captured_s))
        if (number + 1) % per_minute == 0:
            minute = (number + 1) // per_minute
            print(
                json.dumps({"minute": minute, "resident_mb": round(resident_mb(), 1)}), flush=True
            )
    summary = recorder.stop()
    size_mb = sum(path.stat().st_size for path in summary.paths) / 1e6
    shutil.rmtree(folder)
    print(
        json.dumps(
            {
                "frames_written": summary.frames_written,
                "frames_dropped": summary.frames_dropped,
                "video_s": round(summary.duration_s, 3),
                "file_mb": round(size_mb, 1),
                "took_s": round(time.monotonic() - begun_s, 1),
                "cpu_ms_per_frame": round((time.process_time() - cpu_s) * 1e3 / (number + 1), 2),
                "error": None if summary.error is None else str(summary.error),
            }
        )
    )


if __name__ == "__main__":
    main()
