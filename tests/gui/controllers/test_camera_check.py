"""The camera check of the window."""

import re
from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from fer_live.capture.camera import CameraSettings, Granted
from fer_live.capture.camera_check import CameraCheck, CameraFormat
from fer_live.core.errors import SourceBusyError
from fer_live.core.settings import Settings
from fer_live.gui.controllers import cameras as cameras_module
from fer_live.gui.language import install_language
from fer_live.gui.widgets.scroll_page import ScrollPage
from fer_live.gui.window.camera_check_dialog import CameraCheckDialog
from tests.gui.fakes import Camera
from tests.gui.waiting import settle, wait_for


def camera_window(open_window, services, monkeypatch, tmp_path, source="Desk"):
    monkeypatch.setattr(cameras_module, "offered_formats", lambda name: ())
    services.cameras.append(Camera(3, "Desk"))
    settings = Settings(first_start_done=True, source=source, output_dir=tmp_path)
    window = open_window(settings=settings)
    wait_for(lambda: window.source_button.cameras, "the cameras")
    wait_for(lambda: window.bridge.engine is not None, "the engine")
    return window


def texts(dialog: CameraCheckDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def test_the_check_stops_the_source_measures_says_what_to_change_and_starts_again(
    open_window, services, monkeypatch, tmp_path
):
    window = camera_window(open_window, services, monkeypatch, tmp_path)
    before = services.engines.made[-1]
    window.commands["check_camera"].trigger()
    dialog = window.camera_check.dialog
    assert dialog.progress.isVisible()
    wait_for(lambda: services.checked == ["Desk"], "the check")
    assert before.stopped
    wait_for(lambda: not dialog.progress.isVisible(), "the result")
    assert "The camera gives 640 × 480 instead of 1280 × 720." in texts(dialog)  # noqa: RUF001
    assert "exposes longer in low light" in texts(dialog)
    assert "15.0 fps over 5.0 s" in texts(dialog)
    dialog.copy.click()
    assert "True rate: 15.0 fps" in QGuiApplication.clipboard().text()
    wait_for(lambda: services.engines.made[-1] is not before, "the source to start again")
    dialog.close()


def test_a_camera_that_cannot_be_checked_is_said_and_the_source_starts_again(
    open_window, services, monkeypatch, tmp_path
):
    window = camera_window(open_window, services, monkeypatch, tmp_path)
    services.check_error = SourceBusyError(
        "Camera 3 (Desk) is held by another program.", "Close it."
    )
    made = len(services.engines.made)
    window.commands["check_camera"].trigger()
    dialog = window.camera_check.dialog
    wait_for(lambda: "held by another program" in texts(dialog), "the reason")
    wait_for(lambda: len(services.engines.made) > made, "the source to start again")
    dialog.close()
    wait_for(lambda: window.camera_check.dialog is None, "the dialog to go")


def test_the_dialog_grows_so_that_the_result_can_be_read_without_scrolling(app):
    dialog = CameraCheckDialog("Desk")
    dialog.show()
    settle()
    low = dialog.height()
    dialog.show_check(CHECKS["slow, dark, irregular and late"])
    settle()
    assert dialog.height() > low + 150
    assert dialog.findChild(ScrollPage).verticalScrollBar().maximum() == 0
    dialog.close()


def test_without_a_camera_there_is_nothing_to_check(open_window, services):
    window = open_window()
    assert not window.commands["check_camera"].isEnabled()
    window.check_camera()
    assert services.checked == []
    assert window.camera_check.dialog is None


GOOD = CameraCheck(
    name="Desk",
    asked=CameraSettings(1280, 720, 30.0, pixel_format="MJPG"),
    granted=Granted("V4L2", 1280, 720, 30.0, "MJPG"),
    offered=(),
    frames=150,
    duration_s=5.0,
    rate_fps=29.97,
    jitter_ms=1.2,
    longest_ms=36.0,
    brightness=120.0,
    exposure_ms=12.5,
    driver_ms=3.1,
    analysis_ms=20.0,
)
SMALL = replace(GOOD, granted=Granted("V4L2", 640, 480, 30.0, "YUYV"))
SLOW = replace(GOOD, granted=Granted("V4L2", 1280, 720, 10.0, "MJPG"), rate_fps=10.0)
OFFERED = (CameraFormat(640, 480, 30.0), CameraFormat(1280, 720, 10.0))
CHECKS = {
    "good": GOOD,
    "unknown": replace(
        GOOD,
        granted=Granted("V4L2", 1280, 720, 0.0, ""),
        exposure_ms=None,
        driver_ms=None,
        analysis_ms=None,
    ),
    "another size": SMALL,
    "another of the sizes": replace(SMALL, offered=OFFERED),
    "another rate": SLOW,
    "another of the rates": replace(SLOW, offered=OFFERED),
    "low light": replace(GOOD, rate_fps=15.0, exposure_ms=66.0, brightness=40.0),
    "too much for USB": replace(
        GOOD, granted=Granted("V4L2", 1280, 720, 30.0, "YUYV"), rate_fps=10.0
    ),
    "slow, dark, irregular and late": replace(
        GOOD, rate_fps=12.3, brightness=40.0, jitter_ms=40.5, longest_ms=180.0, analysis_ms=300.0
    ),
}


@pytest.mark.parametrize("kind", CHECKS)
def test_the_result_is_in_the_language_of_the_window(app, kind):
    """Every figure's name, and every sentence."""
    check = CHECKS[kind]
    english, german = CameraCheckDialog("Desk"), CameraCheckDialog("Desk")
    english.show_check(check)
    install_language(app, "de")
    try:
        german.show_check(check)
        german.copy.click()
        copied = QGuiApplication.clipboard().text()
    finally:
        install_language(app, "en")
    spoken = texts(english)
    for sentence in (*check.advice, *(name for name, _ in check.rows)):
        assert sentence in spoken
    same = {"Jitter", "Format", "Desk (V4L2)", "1280 \u00d7 720", "MJPG", "30 fps", "10 fps"}
    for text in {*check.advice, *(part for row in check.rows for part in row)} - same:
        assert text not in texts(german).split("\n")
        assert text not in copied
    words = set(re.findall(r"\w+", (texts(german) + copied).lower()))
    assert not words & {"the", "is", "of", "at", "a", "and", "or", "not", "this", "size", "asked"}
    assert re.search(r"\d,\d fps", copied)
    english.deleteLater()
    german.deleteLater()
