"""A recording whose program is killed at a random moment can be played and agrees with its log.

Four kills in the usual run; ``FER_LIVE_KILLS=20`` makes it twenty, in turn of four kinds: while it
records, while it changes parts every second, while it stops, and in its first half second.

A program that is killed before the first fragment is whole leaves a file without a frame: an empty
one, or one that holds nothing but its beginning. It can be thrown away. Nothing else may throw it
away, since a name that is taken and empty may just as well be another recording that begins.
"""

import csv
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import av
import pytest

from tests.recording.videos import Video, read_video

KILLS = int(os.environ.get("FER_LIVE_KILLS", "4"))
KINDS = ("recording", "splitting", "stopping", "beginning")
LOST_S = 1.5
LOG_LOST_S = 1.0
SCRIPT = textwrap.dedent(
    """
    import random, sys, time
    from pathlib import Path
    import numpy as np
    from fer_live.session_log.log import SessionLog
    from fer_live.recording.options import RecordingOptions
    from fer_live.recording.recorder import VideoRecorder
    from fer_live.core.types import Frame, FrameResult
    folder, seed, kind = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    rng = np.random.default_rng(seed)
    # Motion and noise, which do not compress away.
    scene = rng.integers(0, 256, (360, 1280, 3), np.uint8)
    options = RecordingOptions(
        privacy=("none", "blur")[seed % 2],
        pictures=("annotated", "both")[seed % 2],
        split_s=1.0 if kind == "splitting" else None,
    )
    log = SessionLog(folder / "x.csv")
    recorder = VideoRecorder(folder / "x.mp4", recording=options, log=log)
    log.start()
    recorder.start()
    index, fps = 0, 30
    while kind != "stopping" or index < 60:
        if index % 40 == 0:
            fps = random.Random(seed + index).choice([8, 15, 30])
        image = np.ascontiguousarray(scene[:, index % 640 : index % 640 + 640])
        frame = Frame(image, index, time.perf_counter())
        result = FrameResult(frame, (), ("happy", "sad"), {}, time.perf_counter())
        log.submit(result)
        dropped = recorder.frames_dropped
        recorder.submit(result)
        taken = recorder.frames_dropped == dropped
        if not index:
            first_s = frame.captured_s
        place = recorder.video_time(frame.captured_s)
        passed_s = frame.captured_s - first_s
        written = recorder.frames_written
        print(passed_s, place.part, place.seconds, int(taken), written, flush=True)
        index += 1
        time.sleep(1 / fps)
    print("stopping", flush=True)
    recorder.stop()
    log.stop()
    time.sleep(60)
    """
)


def killed(folder: Path, seed: int, kind: str) -> list[tuple[float, int, float, bool]]:
    """Kills the program; time, part and time in the part of each frame it had submitted, and
    whether that was taken: one that was not is counted as dropped, on screen too."""
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder), str(seed), kind],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if kind == "stopping" and line.startswith("stopping"):
                break
            if kind == "beginning" or (kind != "stopping" and int(line.split()[4])):
                break
        most_s = {"stopping": 0.3, "beginning": 0.5, "splitting": 6.0}.get(kind, 4.0)
        time.sleep(random.Random(seed).uniform(0.0 if most_s < 1 else 0.5, most_s))
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.read().splitlines()
    words = [line.split() for line in lines if len(line.split()) == 5]
    return [
        (float(t), int(part), float(seconds), taken == "1") for t, part, seconds, taken, _ in words
    ]


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_at_a_random_moment(tmp_path: Path, seed: int) -> None:
    kind = KINDS[seed % len(KINDS)]
    # Every kind with one file and with two.
    frames = killed(tmp_path, seed + seed // len(KINDS), kind)
    last_s = frames[-1][0]
    taken_s = max(time_s for time_s, *_, taken in frames if taken)
    annotated = videos(tmp_path, "")
    clean = videos(tmp_path, "-clean")
    assert set(clean) <= set(annotated)
    for found in (annotated, clean) if clean else (annotated,):
        empty = sorted(part for part, video in found.items() if video is None)
        assert empty in ([], [max(found)])
        played = {part: video for part, video in found.items() if video is not None}
        if not played:
            assert last_s <= LOST_S  # killed before anything was whole
            continue
        for video in played.values():
            assert video.decoded == len(video.times) > 0
            assert "creation_time" in video.tags
        if kind in ("recording", "beginning"):
            assert "not closed" in played[max(played)].tags["comment"]
        for part in sorted(played)[:-1]:
            assert played[part].tags["frames_written"] == str(played[part].decoded)
        lost_s = taken_s - captured_s(frames, max(played), played[max(played)].times[-1])
        sys.stdout.write(f"{kind}: {lost_s:.2f} s of {last_s:.2f} s are missing, ")
        sys.stdout.write(f"the last {last_s - taken_s:.2f} s dropped\n")
        assert lost_s <= LOST_S
    agrees(tmp_path / "x.csv", last_s, {p: f.times for p, f in annotated.items() if f is not None})


def videos(folder: Path, end: str) -> dict[int, Video | None]:
    """The parts of a recording by number from 0; None for a file without a frame."""
    found: dict[int, Video | None] = {}
    for path in folder.glob("*.mp4"):
        if path.stem.endswith("-clean") == bool(end):
            name = path.stem.removesuffix("-clean")
            part = int(name.partition("-part")[2] or 1) - 1
            found[part] = read_video(path) if has_frames(path) else None
    return found


def has_frames(path: Path) -> bool:
    try:
        with av.open(str(path)) as video:
            return any(packet.pts is not None for packet in video.demux(video=0))
    except av.InvalidDataError:
        assert path.stat().st_size == 0
        return False


def captured_s(frames: list[tuple[float, int, float, bool]], part: int, seconds: float) -> float:
    """The capture time of the frame at this place."""
    return next(t for t, p, s, _ in frames if p == part and abs(s - seconds) < 1e-3)


def agrees(log: Path, last_s: float, video_times: dict[int, list[float]]) -> None:
    """The log reaches almost to the end; up to there every frame has a row at its own time."""
    with log.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["count"] is not None]
    logged = sorted(float(row["time_s"]) for row in rows if row["kind"] == "frame")
    reached_s = logged[-1] if logged else 0.0
    sys.stdout.write(f"log: {last_s - reached_s:.2f} s are missing\n")
    assert last_s - reached_s <= LOG_LOST_S
    parts = [row for row in rows if row["kind"] == "recording"]
    assert len(video_times) - len(parts) <= (1 if len(parts) else last_s <= LOST_S)
    for part, start in enumerate(parts[: len(video_times)]):
        shift_s = float(start["time_s"]) - float(start["video_time_s"])
        for moment in video_times[part]:
            if moment + shift_s <= reached_s:
                assert min(abs(moment + shift_s - other) for other in logged) < 1e-3
