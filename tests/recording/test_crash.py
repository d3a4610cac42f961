"""A recording whose program is killed at a random moment plays, and agrees with its log.

Three kills in the usual run; ``FER_LIVE_KILLS=20`` makes it twenty.
"""

import csv
import os
import random
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from tests.recording.films import read_film

KILLS = int(os.environ.get("FER_LIVE_KILLS", "3"))
LOST_S = 1.5
SCRIPT = textwrap.dedent(
    """
    import random, sys, time
    from pathlib import Path
    import numpy as np
    from fer_live.recording.log import SessionLog
    from fer_live.recording.options import RecordingOptions
    from fer_live.recording.video import VideoRecorder
    from fer_live.types import Frame, FrameResult
    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    rng = np.random.default_rng(seed)
    # What a camera cannot compress away: the picture moves and rushes.
    scene = rng.integers(0, 256, (360, 1280, 3), np.uint8)
    options = RecordingOptions(
        privacy=("none", "blur")[seed % 2], pictures=("annotated", "both")[seed % 2]
    )
    log = SessionLog(folder / "x.csv")
    recorder = VideoRecorder(folder / "x.mp4", recording=options, log=log)
    log.start()
    recorder.start()
    index, fps = 0, 30
    while True:
        if index % 40 == 0:
            fps = random.Random(seed + index).choice([8, 15, 30])
        image = np.ascontiguousarray(scene[:, index % 640 : index % 640 + 640])
        frame = Frame(image, index, time.perf_counter())
        result = FrameResult(frame, (), ("happy", "sad"), {}, time.perf_counter())
        log.submit(result)
        recorder.submit(result)
        if not index:
            first_s = frame.captured_s
        print(frame.captured_s - first_s, recorder.frames_written, flush=True)
        index += 1
        time.sleep(1 / fps)
    """
)


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_at_a_random_moment(tmp_path, seed):
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path), str(seed)],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line.split()[1]):  # the first frame is in the file
                break
        time.sleep(random.Random(seed).uniform(0.5, 4.0))
        process.send_signal(signal.SIGKILL)
        last_s = float(process.stdout.read().splitlines()[-1].split()[0])
    for path in tmp_path.glob("*.mp4"):
        film = read_film(path)
        lost_s = last_s - film.times[-1]
        sys.stdout.write(f"{path.name}: {lost_s:.2f} s of {last_s:.2f} s are missing\n")
        assert film.decoded == len(film.times) > 0
        assert lost_s <= LOST_S
        assert "not closed" in film.tags["comment"]
        assert "creation_time" in film.tags
    agrees(tmp_path / "x.csv", read_film(tmp_path / "x.mp4").times)


def agrees(log, film_times) -> None:
    """Every picture that the log reaches has a row at its own time."""
    with log.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["count"] is not None]
    start = next(row for row in rows if row["kind"] == "recording")
    shift_s = float(start["video_time_s"]) - float(start["time_s"])
    logged = sorted(float(row["time_s"]) + shift_s for row in rows if row["kind"] == "frame")
    reached = [moment for moment in film_times if moment <= logged[-1]]
    assert len(reached) >= len(film_times) * 0.5
    for moment in reached:
        assert min(abs(moment - other) for other in logged) < 1e-3
