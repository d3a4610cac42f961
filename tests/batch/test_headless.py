import csv
import json
import signal
import subprocess
import sys
import threading
import time

import cv2
import numpy as np
import pytest

from fer_live.batch import headless
from fer_live.batch.headless import run_headless, run_source
from fer_live.core.errors import FerLiveError, SourceError
from fer_live.core.settings import Settings
from fer_live.live.engine import Engine
from fer_live.live.states import EngineOptions, State
from tests.children import start_child
from tests.live.fakes import BLACK, WAIT_S, Parts, Recorder
from tests.recording.videos import read_video
from tests.scripted_source import Pictures, Raise, ScriptedSource

QUICK = EngineOptions(poll_s=0.02)


def engine_on(steps, live=False, **options):
    source = ScriptedSource(steps, live=live, fps=200.0 if live else 0.0)
    options = {"paced": False, "lossless": not live, "options": QUICK, **options}
    return Engine(source, Parts().build, **options)


def test_a_file_is_read_to_its_end_and_reported(tmp_path):
    path = tmp_path / "new" / "stats.json"
    report = run_headless(engine_on([Pictures(BLACK, 12)]), stats_path=path)
    assert json.loads(path.read_text("utf-8")) == report
    assert report["frames_analysed"] == report["frames_captured"] == 12
    assert list(path.parent.iterdir()) == [path]


def test_it_ends_after_the_duration():
    engine = engine_on([Pictures(BLACK, None)], live=True)
    report = run_headless(engine, duration_s=0.3)
    assert engine.state is State.STOPPED
    assert 0.25 < report["duration_s"] < 2
    assert report["frames_captured"] == report["frames_analysed"] + report["frames_dropped"]


def test_it_ends_when_asked_to():
    stop, seen = threading.Event(), Recorder()
    engine = engine_on([Pictures(BLACK, None)], live=True)

    class Stopper:
        def submit(self, result):
            stop.set()

    engine.add_sink(seen)
    engine.add_sink(Stopper())
    report = run_headless(engine, stop_event=stop)
    assert report["frames_analysed"] == len(seen.results) >= 1


def test_ctrl_c_still_gives_the_report(tmp_path, monkeypatch):
    path = tmp_path / "stats.json"
    seen = Recorder()
    engine = engine_on([Pictures(BLACK, None)], live=True)
    engine.add_sink(seen)

    def interrupted(*_):
        seen.wait_for(lambda seen: seen.results, WAIT_S)
        raise KeyboardInterrupt

    monkeypatch.setattr(headless, "_wait", interrupted)
    report = run_headless(engine, stats_path=path)
    assert report["frames_analysed"] >= 1
    assert path.exists()


@pytest.mark.timeout(120)
@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGQUIT"])
def test_a_signal_leaves_every_file_complete(tmp_path, checkpoint, name):
    video, log, stats = tmp_path / "x.mp4", tmp_path / "x.csv", tmp_path / "stats.json"
    command = [sys.executable, "-m", "fer_live", "run", "--headless", "--source", "demo"]
    command += ["--model", checkpoint, "--device", "cpu", "--record", video, "--log", log]
    process = start_child([*command, "--stats", stats], stderr=subprocess.PIPE, text=True)
    deadline_s = time.monotonic() + 90
    try:
        while not (log.exists() and log.stat().st_size > 2000):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline_s
            time.sleep(0.05)
        process.send_signal(getattr(signal, name))
        said = process.communicate(timeout=30)[1]
    finally:
        process.kill()
    assert process.returncode == 0, said
    with log.open(encoding="utf-8", newline="") as file:
        kinds = [row["kind"] for row in csv.DictReader(file)]
    assert kinds[-2:] == ["recording_off", "end"]
    assert json.loads(stats.read_text("utf-8"))["frames_analysed"] > 0
    assert "ended" in read_video(video).tags


def test_a_run_that_did_not_start_leaves_nothing_in_the_way_of_the_next(tmp_path, checkpoint):
    settings = Settings(model=str(checkpoint), device="cpu")
    for _ in range(2):
        with pytest.raises(SourceError, match="not found"):
            run_source(settings, "97", log_path=tmp_path / "a.csv", record=tmp_path / "a.mp4")
        assert list(tmp_path.glob("a.*")) == []


def test_a_picture_of_one_pixel_ends_no_recording(tmp_path, checkpoint):
    for name, shape in (("a", (1, 1, 3)), ("b", (48, 64, 3)), ("c", (3, 900, 3))):
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.zeros(shape, np.uint8))
    settings = Settings(model=str(checkpoint), device="cpu", detector="haar")
    report = run_source(settings, str(tmp_path), record=tmp_path / "out")
    assert report["frames_analysed"] == 3
    sizes = {tuple(read_video(path).size) for path in (tmp_path / "out").glob("*.mp4")}
    assert sizes == {(16, 16), (64, 48), (900, 16)}


def test_sigterm_means_what_it_did_again_afterwards(tmp_path, checkpoint):
    before = signal.getsignal(signal.SIGTERM)
    stop = threading.Event()
    stop.set()
    settings = Settings(model=str(checkpoint), device="cpu")
    run_source(settings, "demo", stop_event=stop)
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_source_that_cannot_be_opened_is_the_callers_error(tmp_path):
    path = tmp_path / "stats.json"
    source = ScriptedSource([], open_errors=[SourceError("Nothing there.")])
    with pytest.raises(SourceError, match="Nothing there"):
        run_headless(Engine(source, Parts().build, options=QUICK), stats_path=path)
    assert list(tmp_path.iterdir()) == []


def test_what_was_seen_before_a_failure_is_written(tmp_path):
    path = tmp_path / "stats.json"
    steps = [Pictures(BLACK, 3), Raise(SourceError("Damaged."))]
    with pytest.raises(SourceError, match="Damaged"):
        run_headless(engine_on(steps), stats_path=path)
    assert json.loads(path.read_text("utf-8"))["frames_captured"] == 3


def test_the_report_replaces_no_file(tmp_path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"a photo")
    engine = engine_on([Pictures(BLACK, 3)])
    with pytest.raises(FerLiveError, match="exists already"):
        run_headless(engine, stats_path=photo)
    assert engine.state is State.IDLE
    assert photo.read_bytes() == b"a photo"


@pytest.mark.parametrize("place", ["folder", "below_a_file"])
def test_an_unfit_place_for_the_report_is_reported_before_the_run(tmp_path, place):
    (tmp_path / "file").write_text("kept", "utf-8")
    path = tmp_path if place == "folder" else tmp_path / "file" / "stats.json"
    engine = engine_on([Pictures(BLACK, 3)])
    with pytest.raises(FerLiveError, match="cannot be written"):
        run_headless(engine, stats_path=path)
    assert engine.state is State.IDLE
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
