"""What recording costs: processor time for each frame at 1280x720, two faces.

    python benchmarks/recording_cost.py [--frames 300] [--size 1280x720]

Prints a line of JSON for each way of recording: processor time of this process for a frame, all
threads together, and the size of the video; for the instant replay its memory, and what saving it
takes. Pictures are the demo's, with noise, made beforehand.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.recording_memory import LABELS, PICTURES, pictures
from fer_live.core.types import Face, Frame, FrameResult, ImageBgr
from fer_live.recording.encoder import PRESETS, software, to_yuv
from fer_live.recording.mp4 import Mp4File
from fer_live.recording.options import RecordingOptions
from fer_live.recording.recorder import VideoRecorder
from fer_live.recording.replay import InstantReplay

FPS = 30


def results(shown: list[ImageBgr], frames: int) -> list[FrameResult]:
    """What is recorded."""
    height, width = shown[0].shape[:2]
    side = height * 0.3
    faces = tuple(
        Face(n + 1, (left, side, left + side, 2 * side), 1.0, "happy", 0.9)
        for n, left in enumerate((width * 0.2, width * 0.6))
    )
    return [
        FrameResult(Frame(shown[n % PICTURES], n, n / FPS), faces, LABELS, {}, n / FPS)
        for n in range(frames)
    ]


def say(what: str, frames: int, work: Callable[[], dict[str, float]]) -> None:
    """Prints what some work costs for each frame."""
    begun_s = time.process_time()
    more = work()
    cost_ms = (time.process_time() - begun_s) * 1e3 / frames
    print(json.dumps({"what": what, "cpu_ms_per_frame": round(cost_ms, 2), **more}), flush=True)


def record(options: RecordingOptions, submitted: list[FrameResult]) -> dict[str, float]:
    """A whole recording."""
    with tempfile.TemporaryDirectory() as folder:
        recorder = VideoRecorder(Path(folder) / "x.mp4", recording=options, wait=True)
        recorder.start()
        for result in submitted:
            recorder.submit(result)
        summary = recorder.stop()
        assert summary.frames_written == len(submitted)
        size = sum(path.stat().st_size for path in summary.paths)
    return {"mbit_per_s": round(size * 8e-6 / summary.duration_s, 2)}


def encode(preset: str, submitted: list[FrameResult]) -> dict[str, float]:
    """Conversion, encoding and writing alone."""
    height, width = submitted[0].frame.image_bgr.shape[:2]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.mp4"
        video = Mp4File(path, software("balanced", preset), width, height, {})
        for number, result in enumerate(submitted):
            video.write(to_yuv(result.frame.image_bgr), number * 90_000 // FPS)
        video.close({})
        size = path.stat().st_size
    return {"mbit_per_s": round(size * 8e-6 * FPS / len(submitted), 2)}


def keep(replay: InstantReplay, submitted: list[FrameResult]) -> dict[str, float]:
    """The instant replay's running cost."""
    replay.start()
    for result in submitted:
        lost = replay.frames_dropped
        replay.submit(result)
        while replay.frames_dropped > lost:
            time.sleep(0.002)
            lost = replay.frames_dropped
            replay.submit(result)
    while (replay.newest_s or 0.0) < submitted[-1].frame.time_s:
        time.sleep(0.002)
    return {"memory_mb": round(replay.memory_bytes / 1e6, 1), "kept_s": round(replay.kept_s, 2)}


def save(replay: InstantReplay) -> dict[str, float]:
    """Saving what is kept."""
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        summary = replay.save(Path(folder), recording=RecordingOptions(encoder="software"))
    return {"frames": summary.frames_written, "took_s": round(time.monotonic() - begun_s, 1)}


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--size", default="1280x720")
    given = parser.parse_args()
    width, height = (int(side) for side in given.size.split("x"))
    submitted = results(pictures((width, height)), given.frames)
    for preset in PRESETS:
        say(f"encoding alone, {preset}", given.frames, partial(encode, preset, submitted))
    for name, options in {
        "annotated": RecordingOptions(encoder="software"),
        "annotated, small": RecordingOptions(encoder="software", quality="small"),
        "annotated, high": RecordingOptions(encoder="software", quality="high"),
        "both": RecordingOptions(encoder="software", pictures="both"),
        "annotated, faces blurred": RecordingOptions(encoder="software", privacy="blur"),
    }.items():
        say(name, given.frames, partial(record, options, submitted))
    replay = InstantReplay(given.frames / FPS)
    say("instant replay, running", given.frames, lambda: keep(replay, submitted))
    say("instant replay, saving", given.frames, lambda: save(replay))
    replay.stop()


if __name__ == "__main__":
    main()
