"""One session, three witnesses: the log, the report, and the labels in the recorded picture."""

import csv
import itertools
import json
import re
import subprocess
import sys
from collections import defaultdict

import av
import numpy as np
import pytest

from fer_live.batch.headless import run_headless
from fer_live.core.labels import UNSURE, LabelSet, colour_rgb
from fer_live.core.types import Detections
from fer_live.live.engine import Engine
from fer_live.live.log_listener import LogListener, session_about
from fer_live.live.processor import FrameProcessor
from fer_live.overlay.draw import text_size_px
from fer_live.recording.recorder import VideoRecorder
from fer_live.report.page import write_report
from fer_live.report.summary import summarise
from fer_live.session_log.log import SessionLog
from fer_live.session_log.reader import read_log, video_position
from fer_live.tracking.smoothing import ExpressionSmoother, SmoothingOptions
from fer_live.tracking.tracker import Tracker
from tests.live.fakes import FakeClassifier, FakeDetector, crop
from tests.scripted_source import Pictures, ScriptedSource

LABELS = LabelSet("four", ("happy", "sad", "angry", "fear"))
GREY = np.full((720, 960, 3), 70, np.uint8)
BOXES = np.array([[100, 200, 260, 360], [500, 300, 700, 500]], np.float32)
PICTURES = 200


class Moody(FakeClassifier):
    """Each face goes through the expressions, at times none clearly, out of step."""

    labels = LABELS

    def __init__(self):
        super().__init__()
        self.calls = 0

    def classify(self, crops):
        self.calls += 1
        rows = []
        for place in range(len(crops)):
            mood = (self.calls // 40 + place * 2) % 4
            row = np.full(4, 0.1)
            if mood < 3:
                row[mood] = 0.7
            rows.append(row / row.sum())
        return np.array(rows, np.float32)


class Director:
    """Pauses the recording, resumes it and begins a part, at given frames."""

    def __init__(self, recorder, log):
        self.recorder, self.log = recorder, log

    def submit(self, result):
        index = result.frame.index
        if index == 60:
            self.recorder.pause()
        elif index == 90:
            self.recorder.resume()
            self.log.mark(4, "after the pause")
        elif index == 140:
            self.recorder.new_part()


class Restless(FakeClassifier):
    """Another certainty and another top class at almost every call."""

    labels = LABELS

    def __init__(self):
        super().__init__()
        self.rng = np.random.default_rng(3)

    def classify(self, crops):
        spread = self.rng.choice([0.1, 1.0, 10.0])
        return self.rng.dirichlet(np.full(4, spread), len(crops)).astype(np.float32)


def record(tmp_path, live, classifier=Moody):
    source = ScriptedSource([Pictures(GREY, PICTURES)], live=live, fps=50.0 if live else 30.0)
    listener = LogListener()
    detector = FakeDetector(Detections(BOXES, np.full(2, 20, np.float32)))
    engine = Engine(
        source,
        lambda: FrameProcessor(detector, classifier(), Tracker(), ExpressionSmoother(LABELS), crop),
        paced=False,
        lossless=True,
        on_event=listener,
    )
    log = listener.log = SessionLog(
        tmp_path / "s.csv", about=lambda: session_about(engine), wait=True
    )
    recorder = VideoRecorder(tmp_path / "v.mp4", log=log, wait=True)
    log.start()
    recorder.start()
    for sink in (Director(recorder, log), log, recorder):
        engine.add_sink(sink)
    run_headless(engine)
    recorded, logged = recorder.stop(), log.stop()
    assert recorded.error is None
    assert logged.error is None
    return recorded, logged


def tags_in(path):
    """Time of each frame in a video, and the colour of both faces' tags, from its pixels."""
    size = text_size_px(GREY)
    found = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for frame in container.decode(stream):
            picture = frame.to_ndarray(format="rgb24").astype(float)
            # The tag stands on the box; left of its text is plain colour.
            patches = [
                picture[int(y) - size : int(y) - size // 2, int(x) + 3 : int(x) + size // 2 - 2]
                for x, y, _, _ in BOXES
            ]
            found.append((float(frame.pts * stream.time_base), [p.mean((0, 1)) for p in patches]))
    return found


def nearest_label(rgb):
    """The label whose colour a tag has; None if it is like none."""
    names = (*LABELS.labels, UNSURE)
    away = {name: float(np.abs(rgb - np.array(colour_rgb(name))).max()) for name in names}
    best = min(away, key=lambda name: away[name])
    return best if away[best] < 25 else None


@pytest.mark.parametrize("live", [False, True])
def test_log_report_and_picture_agree(tmp_path, live):
    recorded, logged = record(tmp_path, live)
    assert logged.frames_written == PICTURES
    assert recorded.frames_written == PICTURES - 30
    assert len(recorded.paths) == 2

    # The log, read without the package.
    with (tmp_path / "s.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "face"]
    assert len(rows) == 2 * PICTURES
    by_frame = defaultdict(dict)
    for row in rows:
        by_frame[int(row["frame"])][int(row["identity"])] = row["label"]

    # Log and picture: every frame of the log that is in a video, at its time, with its labels.
    table = read_log(tmp_path / "s.csv")
    shown = {path: tags_in(path) for path in recorded.paths}
    assert sum(map(len, shown.values())) == recorded.frames_written
    compared, seen_labels = 0, set()
    for row in rows[::2]:
        index = int(row["frame"])
        place = video_position(table, float(row["time_s"]))
        if 60 <= index < 90:
            assert place is None
            continue
        path, time_s = place
        at = min(shown[path], key=lambda entry: abs(entry[0] - time_s))
        assert abs(at[0] - time_s) < 1e-3
        labels = [nearest_label(rgb) for rgb in at[1]]
        assert labels == [by_frame[index][1], by_frame[index][2]], (index, at)
        compared += 1
        seen_labels.update(labels)
    assert compared == recorded.frames_written
    assert seen_labels == {*LABELS.labels[:3], UNSURE}

    # Log and report: shares from the file's rows against those on the page.
    report = write_report(tmp_path / "s.csv").read_text("utf-8")
    figures = json.loads(re.search(r'id="figures">(.*?)</script>', report, re.S)[1])
    assert figures["frames"] == PICTURES
    times = sorted({float(row["time_s"]) for row in rows})
    steps = [b - a for a, b in itertools.pairwise(times)]
    lasting = dict(zip(times, [*steps, float(np.median(steps))], strict=True))
    for one in figures["faces"]:
        own = [row for row in rows if int(row["identity"]) == one["identity"]]
        total = sum(lasting[float(row["time_s"])] for row in own)
        for label, share in one["shares"].items():
            time_s = sum(lasting[float(r["time_s"])] for r in own if r["label"] == label)
            assert share == pytest.approx(time_s / total, abs=2e-6)
        changes = sum(a["label"] != b["label"] for a, b in itertools.pairwise(own))
        assert one["changes"] == changes >= 3

    # Report and picture: the band on the page against the tag's colour at the same moment.
    for face in summarise(table).faces:
        for row in rows[::2]:
            moment_s = float(row["time_s"]) + 1e-4
            label = next(s.label for s in face.spells if s.start_s <= moment_s < s.end_s)
            assert label == by_frame[int(row["frame"])][face.identity]
    assert [marker["text"] for marker in figures["markers"]] == ["after the pause"]


def test_label_bars_and_threshold_agree_in_every_row_of_the_log(tmp_path):
    """On faces that change at once; the unfiltered values stand in columns of their own."""
    record(tmp_path, live=False, classifier=Restless)
    with (tmp_path / "s.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "face" and row["label"]]
    raw_differs, seen = 0, set()
    for row in rows:
        shown = {name: float(row[f"probability_{name}"]) for name in LABELS.labels}
        raw = {name: float(row[f"raw_probability_{name}"]) for name in LABELS.labels}
        top = max(shown.values())
        assert float(row["confidence"]) == top
        if top < SmoothingOptions().unsure_below:
            assert row["label"] == UNSURE
            assert "unsure" in row["flags"]
        else:
            assert shown[row["label"]] == top
        raw_differs += max(raw, key=raw.get) != max(shown, key=shown.get)
        seen.add(row["label"])
    assert raw_differs > len(rows) / 20
    assert seen == {*LABELS.labels, UNSURE}


def run(*words):
    return subprocess.run(
        [sys.executable, "-m", "fer_live", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_command_line_logs_records_and_reports_real_faces(tmp_path):
    log, video, page = tmp_path / "s.jsonl", tmp_path / "v.mp4", tmp_path / "page.html"
    flags = ["--duration", 2, "--log", log, "--record", video, "--stats", tmp_path / "st.json"]
    done = run("run", "--headless", "--source", "demo", *flags)
    assert done.returncode == 0, done.stderr
    table = read_log(log)
    statistics = json.loads((tmp_path / "st.json").read_text())
    assert table.complete
    assert table.about["source"] == "Demo"
    assert len(np.unique(table.time_s)) == statistics["frames_analysed"]
    assert (table.identity > 0).mean() > 0.5
    times = [place[1] for t in np.unique(table.time_s) if (place := video_position(table, t))]
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        stamps = [float(f.pts * stream.time_base) for f in container.decode(stream)]
    assert len(stamps) >= 2  # however slow the machine is
    assert all(min(abs(t - stamp) for t in times) < 1e-3 for stamp in stamps)
    done = run("report", log, "--out", page)
    assert (done.returncode, done.stdout.strip()) == (0, str(page)), done.stderr
    assert "Demo" in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["run", "--headless", "--source", "demo", "--log", "x.txt"], 2, ".parquet"),
        (["report", "missing.csv"], 1, "cannot be read"),
        (["report", "pyproject.toml"], 1, "not a session log"),
        (["report"], 2, "LOG"),
    ],
)
def test_wrong_words_are_told(words, code, says):
    done = run(*words)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
