"""Results with known numbers, and logs of them."""

import csv
import json
from datetime import datetime, timedelta, timezone

import numpy as np

from fer_live.core.types import Face, Frame, FrameResult
from fer_live.session_log.log import SessionLog
from fer_live.session_log.schema import SessionAbout

LABELS = ("happy", "sad", "neutral")
IMAGE = np.zeros((240, 320, 3), np.uint8)
ZONE = timezone(timedelta(hours=2))
BEGAN = datetime(2026, 5, 4, 12, 0, 0, tzinfo=ZONE)
ABOUT = SessionAbout("Webcam", "test model", "CPU")


def face(
    track_id=1,
    label="happy",
    row=(0.7, 0.2, 0.1),
    raw=None,
    box=(50, 60, 130, 150),
    missed_s=0.0,
    quality=(),
):
    row = None if row is None else np.array(row, np.float32)
    raw = row if raw is None else np.array(raw, np.float32)
    confidence = (
        0.0 if row is None else float(row[LABELS.index(label)] if label in LABELS else row.max())
    )
    box = tuple(map(float, box))
    return Face(track_id, box, 9.5, label, confidence, row, raw, 1.0, missed_s, quality=quality)


def result(index, time_s, faces=(), position_s=None, labels=LABELS):
    frame = Frame(IMAGE, index, 1000.0 + time_s, position_s)
    return FrameResult(frame, tuple(faces), labels, {}, 1000.0 + time_s + 0.02)


class Clock:
    """A clock that stays at a frame's time until a test moves it."""

    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


def session_log(path, **options):
    """A log that began at `BEGAN` with the first frame of `result`, and its clock."""
    clock = Clock()

    def now():
        return BEGAN + timedelta(seconds=clock.now_s - 1000.0)

    options = {"about": ABOUT, "now": now, "clock": clock, **options}
    return SessionLog(path, **options), clock


def write_log(path, results, **options):
    log, _ = session_log(path, wait=True, **options)
    log.start()
    for one in results:
        log.submit(one)
    summary = log.stop()
    assert summary.error is None
    return summary


def raw_rows(path):
    """The rows of a log, read without the package's reader."""
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    if path.suffix == ".parquet":
        import pyarrow.parquet

        return pyarrow.parquet.read_table(path).to_pylist()
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
