"""What a slow encoder does to the live path: rate and latency with it and without.

    python benchmarks/slow_encoder.py [--seconds 20] [--fps 30] [--size 1280x720] [--times 10]

A live scripted source plays the demo's pictures, with noise, through the real parts. Prints a line
of JSON for each case: without a recorder, with one, with one whose encoder takes `--times` as long
because it sleeps (a disk or a device that does not answer), and because it computes: it encodes
each picture so many times. The last competes for the processor's cores, so it shows what a
recording costs on a machine that is too weak for it. Rates and latencies are those after the first
two seconds.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.recording_memory import pictures
from fer_live.core.process import share_cores
from fer_live.core.settings import Settings
from fer_live.core.types import FrameResult, ImageBgr
from fer_live.live.assembly import processor_for
from fer_live.live.engine import Engine
from fer_live.live.states import EngineOptions
from fer_live.recording.encoder import software
from fer_live.recording.mp4 import Mp4File
from fer_live.recording.options import RecordingOptions
from fer_live.recording.recorder import VideoRecorder
from tests.scripted_source import Pictures, ScriptedSource

WARM_UP_S = 2.0
Write = Callable[..., None]
WRITE: Write = Mp4File.write


class Latencies:
    """A sink that notes from capture to the end of the analysis, milliseconds."""

    def __init__(self) -> None:
        self.ms: list[float] = []

    def submit(self, result: FrameResult) -> None:
        self.ms.append((result.finished_s - result.frame.captured_s) * 1e3)


def sleeping(times: int) -> Write:
    """Waits after each frame."""

    def write(file: Mp4File, *given: Any) -> None:
        begun_s = time.perf_counter()
        WRITE(file, *given)
        time.sleep((times - 1) * (time.perf_counter() - begun_s))

    return write


def computing(times: int, scratch: Path, size: tuple[int, int]) -> Write:
    """Encodes each frame again and again, into a video of no use."""
    waste = Mp4File(scratch, software("balanced"), *size, {})
    ticks = iter(range(0, 1 << 40, 3000))

    def write(file: Mp4File, yuv: Any, at: int) -> None:
        WRITE(file, yuv, at)
        for _ in range(times - 1):
            WRITE(waste, yuv, next(ticks))

    return write


@contextmanager
def recorded(engine: Engine, target: Path, write: Write) -> Iterator[VideoRecorder]:
    """A recorder on an engine, with this encoder."""
    options = RecordingOptions(encoder="software")
    recorder = VideoRecorder(target, recording=options)
    with patch.object(Mp4File, "write", write):
        recorder.start()
        engine.add_sink(recorder)
        try:
            yield recorder
        finally:
            engine.remove_sink(recorder)
            recorder.stop()


def live(shown: list[ImageBgr], given: argparse.Namespace) -> tuple[Engine, Latencies]:
    """An engine that runs, its model loaded."""
    steps = [Pictures(image) for image in shown] * (
        round((given.seconds + 60) * given.fps) // len(shown) + 1
    )
    source = ScriptedSource(steps, fps=given.fps)
    options = EngineOptions(wait_for_processor=True)
    engine = Engine(source, lambda: processor_for(Settings(), source), options=options)
    latencies = Latencies()
    engine.add_sink(latencies)
    engine.start()
    while not latencies.ms and not engine.wait(0.05):
        pass
    return engine, latencies


def measured(engine: Engine, latencies: Latencies, seconds: float) -> dict[str, float]:
    """Rates and latencies of the next seconds."""
    time.sleep(WARM_UP_S)
    begun_s, before, first = time.perf_counter(), engine.statistics(), len(latencies.ms)
    cpu_s = time.process_time()
    time.sleep(seconds)
    took_s, after = time.perf_counter() - begun_s, engine.statistics()
    ms = latencies.ms[first:]
    return {
        "capture_fps": round((after.frames_captured - before.frames_captured) / took_s, 2),
        "analysis_fps": round((after.frames_analysed - before.frames_analysed) / took_s, 2),
        "latency_p50_ms": round(float(np.median(ms)), 1),
        "latency_p95_ms": round(float(np.quantile(ms, 0.95)), 1),
        "cpu_cores": round((time.process_time() - cpu_s) / took_s, 2),
    }


def main() -> None:
    """Runs the benchmark."""
    share_cores()  # as the command line and the window do
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--times", type=int, default=10)
    given = parser.parse_args()
    width, height = (int(side) for side in given.size.split("x"))
    shown = pictures((width, height))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        cases: dict[str, Write | None] = {
            "no recorder": None,
            "recorder": WRITE,
            f"encoder sleeps, {given.times} times as long": sleeping(given.times),
            f"encoder computes, {given.times} times as much": computing(
                given.times, place / "waste.mp4", (width, height)
            ),
        }
        print(json.dumps({"cores": os.cpu_count(), "load": os.getloadavg()[0]}), flush=True)
        for name, write in cases.items():
            engine, latencies = live(shown, given)
            try:
                said: dict[str, Any] = {"case": name}
                if write is None:
                    said |= measured(engine, latencies, given.seconds)
                else:
                    with recorded(engine, place / f"{len(name)}.mp4", write) as recorder:
                        said |= measured(engine, latencies, given.seconds)
                    summary = recorder.stop()
                    said |= {
                        "frames_written": summary.frames_written,
                        "frames_dropped": summary.frames_dropped,
                    }
            finally:
                engine.stop()
            print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
