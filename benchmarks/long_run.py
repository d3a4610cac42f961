"""Hours of a camera with recording, log and replay, reconnected again and again.

    python benchmarks/long_run.py [--hours 8] [--fps 10] [--height 360] [--lost 10] [--limit-s 0]
        [--out FOLDER]

A camera of simulated time shows the demo with two faces as fast as it is analysed, so that nothing
but the clock on the wall knows that no hours pass. Every `--lost` minutes it is unplugged, and the
engine opens it again. Everything runs as in the program: detector, model, tracker, a video with
overlay in parts of 30 minutes, a session log, and a replay whose last 30 seconds are saved every
`--lost` minutes. Prints a line of JSON every ten simulated minutes with the resident memory, the
threads and the open files of the process, and then one with the whole. `--limit-s` ends it after so
many seconds of real time; the last line says how many hours were simulated.
"""

import argparse
import json
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fer_live.capture.demo import render_demo
from fer_live.capture.source import SourceBase, SourceInfo
from fer_live.core.errors import FerLiveError, SourceLostError
from fer_live.core.machine import rss_mb
from fer_live.core.process import share_cores
from fer_live.core.settings import Settings
from fer_live.core.types import Frame, FrameResult
from fer_live.live.assembly import processor_for
from fer_live.live.engine import Engine
from fer_live.live.log_listener import LogListener, session_about
from fer_live.live.states import EngineOptions
from fer_live.recording.recorder import VideoRecorder
from fer_live.recording.replay import InstantReplay
from fer_live.session_log.log import SessionLog

PICTURES = 90
"""Different pictures, shown over and over; each has its own noise, as a camera's has."""
REPORT_S = 600
SETTLED = 2
"""Report from which on memory should be flat: the tables of identities and buffers are filled."""
SPLIT_MINUTES = 30


class Camera(SourceBase):
    """A live source whose time passes with its frames, and that is lost from time to time."""

    live = True

    def __init__(self, hours: float, fps: float, height: int, lost_s: float) -> None:
        super().__init__()
        rng = np.random.default_rng(0)
        self._size = (height * 16 // 9, height)
        noise = [rng.integers(0, 6, (*self._size[::-1], 3), np.uint8) for _ in range(5)]
        self._pictures = [
            np.asarray(cv2.add(render_demo(n / 10, self._size, 2), noise[n % 5]), np.uint8)
            for n in range(PICTURES)
        ]
        self._fps = fps
        self._frames = round(hours * 3600 * fps)
        self._lost_frames = round(lost_s * fps)
        self._number = 0
        self._opened_at = 0
        self._base_s = time.perf_counter()
        self.openings = 0

    def open(self) -> SourceInfo:
        self.openings += 1
        self._opened_at = self._number
        return SourceInfo("camera", "Simulated", *self._size, self._fps, True)

    def read(self) -> Frame | None:
        if self._interrupted.is_set() or self._number >= self._frames:
            return None
        if self._number - self._opened_at >= self._lost_frames:
            raise SourceLostError("The camera was unplugged.", "It is plugged in again.")
        image = self._pictures[self._number % PICTURES]
        frame = self._frame(image, self._base_s + self._number / self._fps)
        self._number += 1
        return frame

    def close(self) -> None:
        self._interrupted.clear()


class Watch:
    """Notes what the process holds every `REPORT_S` of simulated time."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.seconds = 0.0
        self._first_s: float | None = None
        self.each: Any = None

    def submit(self, result: FrameResult) -> None:
        """A frame was analysed."""
        at_s = result.frame.captured_s
        self._first_s = at_s if self._first_s is None else self._first_s
        self.seconds = at_s - self._first_s
        if self.seconds >= REPORT_S * (len(self.rows) + 1):
            row = {
                "minute": round(self.seconds / 60),
                "memory_mib": rss_mb(),
                "threads": threading.active_count(),
                "files": open_files(),
            }
            self.rows.append(row)
            print(json.dumps(row), flush=True)


class Saver:
    """Saves the replay every so many simulated seconds, on the inference thread."""

    def __init__(self, replay: InstantReplay, folder: Path, every_s: float) -> None:
        self._replay, self._folder, self._every_s = replay, folder, every_s
        self._next_s: float | None = None
        self.saved = 0

    def submit(self, result: FrameResult) -> None:
        """A frame was analysed."""
        at_s = result.frame.captured_s
        self._next_s = at_s + self._every_s / 2 if self._next_s is None else self._next_s
        if at_s < self._next_s:
            return
        self._next_s = at_s + self._every_s
        target = self._folder / f"replay-{self.saved}.mp4"
        self._replay.save(target)
        target.unlink()
        self.saved += 1


def open_files() -> int | None:
    """Open files and sockets of this process; None where the system does not tell."""
    try:
        return len(list(Path("/proc/self/fd").iterdir()))
    except OSError:
        return None


def run(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The whole run; returns its figures."""
    settings = Settings().with_values(
        {"device": "cpu", "split_minutes": SPLIT_MINUTES, "record_quality": "small"}
    )
    camera = Camera(given.hours, given.fps, given.height, given.lost * 60)
    listener = LogListener()
    engine = Engine(
        camera,
        lambda: processor_for(settings, camera),
        lossless=True,
        on_event=listener,
        # Real time, in which the camera is away; the simulated clock stands still meanwhile.
        options=EngineOptions(retry_first_s=0.01, wait_for_processor=True),
    )
    log = listener.log = SessionLog(
        folder / "log.csv", about=lambda: session_about(engine), wait=True
    )
    recorder = VideoRecorder.from_settings(
        folder, lambda: settings, lambda: given.fps, log=log, wait=True
    )
    replay, watch = InstantReplay(), Watch()
    saver = Saver(replay, folder, given.lost * 60)
    log.start()
    recorder.start()
    replay.start()
    for sink in (log, recorder, replay, saver, watch):
        engine.add_sink(sink)
    begun_s = time.process_time()
    engine.start()
    engine.wait(given.limit_s or None)
    engine.stop()
    errors = [recorder.stop().error, log.stop().error]
    replay.stop()
    for error in (engine.error, *errors):
        if isinstance(error, FerLiveError):
            raise error
    frames = engine.report()["frames_analysed"]
    rows = watch.rows[min(SETTLED, len(watch.rows)) - 1 :]
    return {
        "hours": round(watch.seconds / 3600, 2),
        "frames": frames,
        "openings": camera.openings,
        "replays": saver.saved,
        "videos": len(list(folder.rglob("*.mp4"))),
        "log_mb": round((folder / "log.csv").stat().st_size / 1e6, 1),
        "memory_mib": [row["memory_mib"] for row in (rows[:1] + rows[-1:])],
        "threads": [min(row["threads"] for row in rows), max(row["threads"] for row in rows)]
        if rows
        else None,
        "files": [rows[0]["files"], rows[-1]["files"]] if rows else None,
        "cpu_ms_per_frame": round((time.process_time() - begun_s) * 1e3 / max(frames, 1), 2),
    }


def main() -> None:
    """Runs the benchmark."""
    share_cores()  # as the command line and the window do
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--fps", type=float, default=10.0)
    parser.add_argument("--height", type=int, default=360, help="of the 16:9 pictures")
    parser.add_argument("--lost", type=float, default=10.0, help="minutes between two losses")
    parser.add_argument("--limit-s", type=float, default=0.0, help="seconds of real time; 0: none")
    parser.add_argument("--out", type=Path, default=None)
    given = parser.parse_args()
    folder = given.out or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    try:
        print(json.dumps(run(given, folder)), flush=True)
    finally:
        if given.out is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
