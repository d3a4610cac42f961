"""What bench says is what it measured, on any source."""

import json
import time
from io import StringIO

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from fer_live.bench.advice import recommend
from fer_live.bench.meter import Meter, memory, repeat
from fer_live.bench.run import KEPT, measure_end_to_end
from fer_live.bench.stages import read_frames
from fer_live.bench.table import show
from fer_live.capture.source import SourceInfo
from fer_live.cli.main import app
from fer_live.core.errors import SourceError
from fer_live.core.types import Face, Frame, FrameResult

STAGES = (
    "capture and decode",
    "YuNet, whole frame",
    "YuNet, near 1",
    "Haar, near 1",
    "crop 1",
    "classify 1",
    "classify 4",
    "classify 16",
    "classify 64",
    "track 1",
    "overlay",
    "display",
    "encode H.264",
)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """One run of the command as a user gives it, with the released model on the built-in clip."""
    path = tmp_path_factory.mktemp("bench") / "bench.json"
    done = CliRunner().invoke(
        app, ["bench", "--seconds", "1", "--device", "cpu", "--json", str(path)]
    )
    assert done.exit_code == 0, done.output
    return json.loads(path.read_text("utf-8")), done


def test_every_stage_is_measured(measured):
    report, _ = measured
    assert tuple(report["stages"]) == STAGES
    for times in report["stages"].values():
        assert times["count"] >= 1
        assert 0 < times["wall_ms"]["p50"] <= times["wall_ms"]["p95"]
        assert times["cpu_ms"]["mean"] > 0
    assert report["stages"]["classify 64"]["cpu_ms"]["mean"] > (
        4 * report["stages"]["classify 1"]["cpu_ms"]["mean"]
    )


def test_the_whole_is_measured_and_says_what_ran(measured):
    report, _ = measured
    whole = report["end_to_end"]
    assert whole["frames"] == 30
    assert whole["faces_per_frame"] > 0.9
    assert whole["labelled_share"] > 0.9
    assert whole["cpu_ms_per_frame"] == whole["cpu_ms"]["mean"] > 0
    assert report["device"] == "CPU"
    assert report["engine"].startswith("ONNX Runtime")
    assert report["live"]["frames_captured"] > 0
    assert set(report["live"]["stage_ms"]) == {"detect", "classify", "track"}
    assert report["memory_mb"]["peak"] >= report["memory_mb"]["now"]
    assert report["live"]["rss_mb"]["peak"] <= report["memory_mb"]["peak"]
    assert report["recommended"]["fps"] in (60, 30, 15)
    assert report["source"] == {"name": "demo.mp4", "width": 1280, "height": 720, "fps": 30.0}


def test_the_table_has_every_row(measured):
    report, done = measured
    assert done.stdout == "", "standard output is for machines"
    out = StringIO()
    show(report, Console(file=out, width=120))
    for name in (*STAGES, "picture to label", "results per second", report["engine"]):
        assert name in out.getvalue()


def test_a_place_that_cannot_be_written_is_told_before_measuring(tmp_path):
    done = CliRunner().invoke(app, ["bench", "--json", str(tmp_path / "none" / "bench.json")])
    assert done.exit_code == 1
    assert "cannot be written" in str(done.exception)


def test_a_source_that_is_not_there(tmp_path):
    done = CliRunner().invoke(app, ["bench", "--source", str(tmp_path / "none.mp4")])
    assert done.exit_code == 1
    assert "none.mp4" in str(done.exception)


@pytest.mark.parametrize("seconds", ["inf", "nan", "0"])
def test_a_length_that_is_none(seconds):
    done = CliRunner().invoke(app, ["bench", "--seconds", seconds])
    assert done.exit_code in (1, 2)
    assert not isinstance(done.exception, OverflowError | ValueError)


class Reel:
    """A source of so many small pictures."""

    def __init__(self, count):
        self.count = count
        self.given = 0

    def read(self):
        if self.given == self.count:
            return None
        self.given += 1
        at_s = self.given / 30
        return Frame(np.zeros((48, 64, 3), np.uint8), self.given, at_s, at_s)


class Crowd:
    """A processor that sees one face, and two in a single late frame."""

    def __init__(self, crowded):
        self.crowded = crowded

    def process(self, frame):
        count = 2 if frame.index == self.crowded else 1
        faces = tuple(
            Face(n + 1, (1, 1, 9, 9), 9.0, None, 0.0, None, None, 0.0, 0.0) for n in range(count)
        )
        return FrameResult(frame, faces, (), {}, frame.time_s)


def end_to_end(count, crowded, seconds=10.0):
    info = SourceInfo("file", "reel", 64, 48, 30.0, False)
    return measure_end_to_end(Reel(count), info, Crowd(crowded), seconds)


def test_stages_are_measured_on_the_busiest_frame_of_all():
    whole = end_to_end(KEPT + 20, KEPT + 10)
    assert len(whole.kept) == KEPT
    assert whole.busiest.frame.index == KEPT + 10
    assert whole.values["frames"] == KEPT + 20
    assert whole.values["labelled_share"] == 0.0


def test_no_more_of_a_source_than_was_asked_for():
    assert end_to_end(100, 1, seconds=1.0).values["frames"] == 30


def test_a_source_without_a_picture():
    with pytest.raises(SourceError, match="no picture"):
        end_to_end(0, 1)


def test_what_a_decoder_does_between_its_pictures_counts(monkeypatch):
    def rest(_):
        end_s = time.process_time() + 0.02
        while time.process_time() < end_s:
            pass

    monkeypatch.setattr("fer_live.bench.stages.time.sleep", rest)
    meter = Meter()
    assert len(read_frames(Reel(4), 10, meter)) == 4
    assert meter.timing.count == 4
    assert meter.timing.cpu_mean >= 5.0


def report_of(p95_ms, load=0.0, size=(1280, 720)):
    return {
        "end_to_end": {"wall_ms": {"p50": 1.0, "p95": p95_ms}, "cpu_ms_per_frame": 2.0},
        "source": {"width": size[0], "height": size[1]},
        "device": "CPU",
        "machine": {"load": load, "cores": 2},
    }


@pytest.mark.parametrize(("p95_ms", "fps"), [(5, 60), (20, 30), (50, 15)])
def test_the_camera_rate_that_is_recommended_leaves_room(p95_ms, fps):
    settings, says = recommend(report_of(p95_ms))
    assert settings == {"fps": fps, "device": "auto"}
    assert len(says) == 1


def test_a_slow_or_busy_machine_is_told():
    settings, says = recommend(report_of(200, load=3.0))
    assert (settings["width"], settings["height"], settings["fps"]) == (640, 480, 15)
    assert any("busy" in sentence for sentence in says)


def test_a_picture_that_is_small_already_is_not_made_smaller():
    settings, says = recommend(report_of(200, size=(640, 360)))
    assert settings == {"fps": 15, "device": "auto"}
    assert "640x480" not in says[0]


def test_meter_measures_wall_and_processor_time():
    meter = Meter()
    assert meter.timing.count == 0
    meter.add(0.002, 0.001)
    meter.add(0.004, 0.003)
    timing = meter.timing
    assert (timing.count, timing.wall_p50, timing.cpu_mean) == (2, 3.0, 2.0)
    assert repeat(lambda: sum(range(1000)), 0.0, least=3).count == 3
    assert set(memory()) == {"now", "peak"}
