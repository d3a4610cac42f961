"""What a session log costs: submitting, writing, reading, and the report of an hour.

    python benchmarks/session_log.py [--minutes 60] [--fps 30] [--faces 3]

Faces and expressions are made up; everything else is what `fer-live run --log` does. Prints JSON.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np

from fer_live.core.labels import FERPLUS, UNSURE
from fer_live.core.types import Face, Frame, FrameResult
from fer_live.report.page import write_report
from fer_live.session_log.log import SessionLog
from fer_live.session_log.reader import read_log
from fer_live.session_log.schema import SessionAbout

IMAGE = np.zeros((720, 1280, 3), np.uint8)
LABELS = FERPLUS.labels
CHANGES_S = 2.5
"""Mean time between two changes of a face's expression."""


def session(minutes: float, fps: float, faces: int) -> list[FrameResult]:
    """Faces that change their expression every few seconds and are away at times."""
    rng = np.random.default_rng(1)
    moods = [0] * faces
    rows = [np.full(len(LABELS), 1 / len(LABELS), np.float32) for _ in range(faces)]
    results, time_s = [], 0.0
    for index in range(round(minutes * 60 * fps)):
        time_s += float(rng.uniform(0.7, 1.3)) / fps
        shown = []
        for place in range(faces):
            if (time_s / 60 + place * 1.3) % 3 < 0.3:
                continue
            if rng.random() < 1 / (fps * CHANGES_S):
                moods[place] = int(rng.integers(len(LABELS)))
            target = np.full(len(LABELS), 0.05, np.float32)
            target[moods[place]] = 0.65
            row = rows[place] + 0.06 * (target - rows[place]) + rng.random(8, np.float32) * 0.01
            rows[place] = row = row / row.sum()
            top = int(row.argmax())
            label = LABELS[top] if row[top] >= 0.35 else UNSURE
            box = (200.0 + 300 * place, 100.0, 350.0 + 300 * place, 250.0)
            shown.append(Face(place + 1, box, 12.0, label, float(row[top]), row, row, 1.0))
        frame = Frame(IMAGE, index, time_s)
        results.append(FrameResult(frame, tuple(shown), LABELS, {}, time_s))
    return results


def measure(results: list[FrameResult], folder: Path, suffix: str) -> dict[str, float]:
    """Seconds and megabytes for one format."""
    path = folder / f"session{suffix}"
    log = SessionLog(path, about=SessionAbout("Benchmark", "none", "none"), wait=True)
    log.start()
    begun_s = time.perf_counter()
    for result in results:
        log.submit(result)
    submitted_s = time.perf_counter()
    summary = log.stop()
    stopped_s = time.perf_counter()
    assert summary.error is None
    read_log(path)
    read_s = time.perf_counter()
    report = write_report(path, folder / f"{suffix[1:]}.html")
    return {
        "rows": summary.rows,
        "written_frames_per_s": round(len(results) / (stopped_s - begun_s)),
        "stop_s": round(stopped_s - submitted_s, 2),
        "file_mb": round(path.stat().st_size / 1e6, 1),
        "read_s": round(read_s - stopped_s, 2),
        "read_and_report_s": round(time.perf_counter() - read_s, 2),
        "report_mb": round(report.stat().st_size / 1e6, 2),
    }


def submit_cost_us(results: list[FrameResult], folder: Path) -> dict[str, float]:
    """What `submit` takes of the inference thread at 60 frames per second, microseconds."""
    log = SessionLog(folder / "cost.csv")
    log.start()
    taken = []
    for result in results[:300]:
        begun_s = time.perf_counter()
        log.submit(result)
        taken.append((time.perf_counter() - begun_s) * 1e6)
        time.sleep(1 / 60)
    log.stop()
    p50, p95 = np.percentile(taken, (50, 95)).tolist()
    return {"p50": round(p50), "p95": round(p95)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--faces", type=int, default=3)
    wanted = parser.parse_args()
    results = session(wanted.minutes, wanted.fps, wanted.faces)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures = {"submit_us": submit_cost_us(results, folder)}
        for suffix in (".csv", ".jsonl", ".parquet"):
            figures[suffix] = measure(results, folder, suffix)
    print(json.dumps({**vars(wanted), "frames": len(results), **figures}, indent=2))


if __name__ == "__main__":
    main()
