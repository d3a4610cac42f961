"""What bench says is what it measured, on any source."""

import json
from io import StringIO

import pytest
from rich.console import Console
from typer.testing import CliRunner

from fer_live.bench.advice import recommend
from fer_live.bench.meter import Meter, memory, repeat
from fer_live.bench.table import show
from fer_live.cli import app

STAGES = (
    "capture and decode",
    "detect, whole frame",
    "detect, near 1",
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
    assert report["memory_mb"]["peak"] >= report["memory_mb"]["now"]
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


def report_of(p95_ms, load=0.0):
    return {
        "end_to_end": {"wall_ms": {"p50": 1.0, "p95": p95_ms}, "cpu_ms_per_frame": 2.0},
        "source": {"width": 1280, "height": 720},
        "device": "CPU",
        "machine": {"load": load, "cores": 2},
    }


@pytest.mark.parametrize(("p95_ms", "fps"), [(5, 60), (20, 30), (50, 15)])
def test_the_camera_rate_that_is_recommended_leaves_room(p95_ms, fps):
    settings, says = recommend(report_of(p95_ms))
    assert settings == {"fps": fps, "device": "cpu"}
    assert len(says) == 1


def test_a_slow_or_busy_machine_is_told():
    settings, says = recommend(report_of(200, load=3.0))
    assert (settings["width"], settings["height"], settings["fps"]) == (640, 480, 15)
    assert any("busy" in sentence for sentence in says)


def test_meter_measures_wall_and_processor_time():
    meter = Meter()
    assert meter.timing.count == 0
    meter.add(0.002, 0.001)
    meter.add(0.004, 0.003)
    timing = meter.timing
    assert (timing.count, timing.wall_p50, timing.cpu_mean) == (2, 3.0, 2.0)
    assert repeat(lambda: sum(range(1000)), 0.0, least=3).count == 3
    assert set(memory()) == {"now", "peak"}
