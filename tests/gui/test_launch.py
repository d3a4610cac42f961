"""Starting the program: from flags to the closed window."""

import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from typer.testing import CliRunner

from fer_live.cli.main import app as cli
from fer_live.core.errors import RecordingError
from fer_live.core.settings import Settings, load_settings
from fer_live.gui.app import run_app
from fer_live.gui.controllers.faces_panel import CHART_DELAY_MS
from fer_live.gui.launch import LaunchOptions, _begin
from fer_live.gui.main_window import MainWindow
from fer_live.gui.review.window import ReviewWindow
from fer_live.review.sidecar import load_corrections
from fer_live.session_log.reader import read_log
from tests.gui.driver import streaming
from tests.gui.fakes import OneFaceProcessor, face, result
from tests.gui.waiting import wait_for
from tests.recording.videos import read_video
from tests.review.sessions import played, session_in


def test_the_app_opens_closes_and_remembers(app, real):
    def act() -> None:
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]
        seen.extend(w for w in windows if w.isVisible())
        seen[-1].commands["bars"].trigger()
        seen[-1].commands["quit"].trigger()

    seen: list[MainWindow] = []
    QTimer.singleShot(300, act)
    assert run_app(Settings(first_start_done=True), "demo?width=160&height=120", real) == 0
    assert seen[-1].ended
    stored, problems = load_settings()
    assert stored.show_bars
    assert stored.source == ""
    assert problems == ()


def test_run_with_flags_records_logs_and_ends(app, real, tmp_path):
    record, log = tmp_path / "a.mp4", tmp_path / "a.jsonl"
    code = run_app(
        Settings(first_start_done=True),
        "demo?width=160&height=120",
        real,
        record=record,
        log=log,
        duration_s=6.0,
    )
    assert code == 0
    video, table = read_video(record), read_log(log)
    assert video.decoded > 3
    assert video.duration_s > 0.5
    assert table.complete
    assert [event.file for event in table.events if event.kind == "recording"] == ["a.mp4"]
    kept = record.read_bytes()
    with pytest.raises(RecordingError, match="exists already"):
        run_app(
            Settings(first_start_done=True),
            "demo?width=160&height=120",
            real,
            record=record,
            duration_s=0.3,
        )
    assert record.read_bytes() == kept


def test_the_duration_counts_from_the_start_however_long_the_model_takes(
    app, real, tmp_path, monkeypatch
):
    gate, loaded = threading.Event(), []

    def load(*_):
        loaded.append(gate.wait(30))
        return OneFaceProcessor()

    monkeypatch.setattr("fer_live.live.assembly.processor_for", load)
    settings, source = Settings(first_start_done=True), "demo?width=160&height=120"
    log = tmp_path / "a.csv"
    begun_s = time.monotonic()
    with pytest.raises(RecordingError, match="no frame arrived"):
        run_app(settings, source, real, log=log, duration_s=1.0)
    assert time.monotonic() - begun_s >= 1.0
    assert loaded == [], "the model was waited for"
    assert not log.exists()
    gate.set()


def test_a_duration_closes_a_window_under_load(app, real):
    slow = QTimer(interval=0)
    slow.timeout.connect(lambda: time.sleep(0.05))
    slow.start()
    assert run_app(Settings(first_start_done=True), "demo", real, duration_s=0.5) == 0


def test_the_command_line_hands_its_flags_to_the_window(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr("fer_live.gui.app.run_app", lambda *a, **k: asked.append((a, k)) or 0)
    monkeypatch.setattr("fer_live.cli.window.threading.active_count", lambda: 1)
    flags = ["--record", str(tmp_path / "a.mp4"), "--log", str(tmp_path / "a.csv")]
    more = ["--duration", "2", "--privacy", "pixelate", "--split-minutes", "5"]
    more += ["--json", "-", "--ws", "8765", "--lsl", "--osc", "box.lan:9000", "--derived"]
    done = CliRunner().invoke(cli, ["run", "--source", "demo", *flags, *more])
    assert done.exit_code == 0, done.output
    (settings, source), wanted = asked[0]
    assert source == "demo"
    assert (settings.privacy, settings.split_minutes) == ("pixelate", 5.0)
    assert (settings.websocket, settings.websocket_address) == (True, "8765")
    assert (settings.osc, settings.osc_address) == (True, "box.lan:9000")
    assert (settings.lsl, settings.lsl_name) == (True, "fer_live")
    assert (settings.derived_figures, settings.virtual_camera) == (True, False)
    assert wanted == {
        "record": tmp_path / "a.mp4", "log": tmp_path / "a.csv", "json_lines": "-",
        "duration_s": 2.0,
    }  # fmt: skip
    for wrong in (["--record", "x.avi"], ["--log", "x.txt"], ["--stats", "x.json"]):
        assert CliRunner().invoke(cli, ["run", *wrong]).exit_code == 2


def test_a_failure_is_reported_before_a_hanging_thread_is_abandoned(monkeypatch):
    def fail(*_, **__):
        raise RecordingError("Nothing was recorded.")

    monkeypatch.setattr("fer_live.gui.app.run_app", fail)
    monkeypatch.setattr("fer_live.cli.window.threading.active_count", lambda: 2)
    monkeypatch.setattr("fer_live.cli.window.os._exit", sys.exit)
    done = CliRunner().invoke(cli, ["run", "--source", "demo"])
    assert done.exit_code == 1
    assert "fer-live: Nothing was recorded." in done.stderr


LATER = ("torch", "numpy", "cv2", "PIL", "av", "onnx", "onnxruntime", "safetensors", "pyqtgraph")
LATER += ("pandas", "rich", "fer_live.detection", "fer_live.overlay")
LATER += ("fer_live.recording", "fer_live.session_log", "fer_live.live.engine", "flask")
LATER += ("fer_live.report.page", "fer_live.review", "fer_live.gui.review.window")
LATER += ("fer_live.gui.review.library_window", "fer_live.gui.settings.dialog")
LATER += ("fer_live.gui.settings.camera_controls", "fer_live.gui.window.about_dialog")
LATER += ("fer_live.gui.window.camera_check_dialog", "fer_live.gui.widgets.chart")
"""What the first window does not show, and so must not wait for."""


def test_the_window_is_on_screen_before_anything_is_loaded_that_it_does_not_show():
    code = f"""
import sys
from PySide6.QtWidgets import QApplication
from fer_live.cli.main import main

def shown(window):
    print([name for name in {LATER!r} if name in sys.modules])
    window.close()

real = QApplication.exec
def run(*_):
    for window in QApplication.topLevelWidgets():
        if hasattr(window, "view"):
            window.view.on_screen.connect(lambda window=window: shown(window))
    return real()

QApplication.exec = run
sys.argv = ["fer-live", "run", "--source", "demo"]
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=90, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_a_source_does_not_wait_for_the_libraries_of_the_model():
    code = """
import sys
from fer_live.core.settings import Settings
from fer_live.gui.controllers.services import real_services

engine = real_services().build_engine("demo", Settings(), print)
slow = ("onnx", "onnxruntime", "safetensors", "fer_live.classification", "fer_live.detection")
print([name for name in slow if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_chart_comes_after_the_first_answer_of_the_model(open_window, services):
    window = open_window()
    loading = replace(result(faces=[]), labels=())
    engine = streaming(window, services, loading)
    QTest.qWait(2 * CHART_DELAY_MS)
    assert window.faces.chart is None
    engine.stream(result(faces=[face(1)], index=1))
    wait_for(lambda: window.faces.chart is not None, "the chart")


def test_no_worker_thread_loads_classes_of_qt():
    code = """
import sys, threading

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("pyqtgraph", "PySide6"):
            if threading.current_thread() is not threading.main_thread():
                print(name, threading.current_thread().name)

sys.meta_path.insert(0, Watch())
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from fer_live.cli.main import app

def close():
    for widget in QApplication.topLevelWidgets():
        if getattr(getattr(widget, "faces", None), "chart", None) is not None:
            widget.close()
            return
    QTimer.singleShot(200, close)

real = QApplication.exec
def run(*_):
    QTimer.singleShot(200, close)
    return real()

QApplication.exec = run
app(["run", "--source", "demo"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=90, check=False
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_a_review_runs_alone_and_ends_with_its_window(app, tmp_path):
    log = played(tmp_path)

    def close():
        for widget in app.topLevelWidgets():
            if isinstance(widget, ReviewWindow):
                widget.set_marker(1, "seen")
                widget.close()

    QTimer.singleShot(200, app, close)
    assert run_app(Settings(), review=log) == 0
    assert [one.text for one in load_corrections(log)[0].markers_added] == ["seen"]
    with pytest.raises(RecordingError, match="cannot be read"):
        run_app(Settings(), review=tmp_path / "missing.csv")


def test_a_log_that_is_being_read_opens_although_the_last_review_is_closed(app, tmp_path):
    first, second = played(tmp_path), session_in(tmp_path, {1: "happy"}, name="second.csv").log
    seen = []

    def reviews():
        return [w for w in app.topLevelWidgets() if isinstance(w, ReviewWindow) and w.isVisible()]

    def switch():
        (review,) = reviews()
        review.commands["open"].trigger()
        review.findChildren(QFileDialog)[0].fileSelected.emit(str(second))
        review.close()
        QTimer.singleShot(50, app, finish)

    def finish():
        for review in reviews():
            seen.append(review.session.log)
            review.close()
        if not seen:
            QTimer.singleShot(50, app, finish)

    QTimer.singleShot(200, app, switch)
    assert run_app(Settings(), review=first) == 0
    assert seen == [second]


def test_a_window_closed_before_it_has_begun_opens_no_file(app, services, open_window, tmp_path):
    window = open_window(begin=False)
    window.close()
    _begin(window, LaunchOptions(record=tmp_path / "a.mp4", log=tmp_path / "a.csv"))
    wait_for(lambda: window.ended and not window.tasks.running, "the end")
    assert not window.outputs.recording.active
    assert not window.outputs.log.active
    assert services.engines.made == []
