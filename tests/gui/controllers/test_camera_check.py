"""The camera check of the window."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from fer_live.core.errors import SourceBusyError
from fer_live.core.settings import Settings
from fer_live.gui.controllers import cameras as cameras_module
from fer_live.gui.window.camera_check_dialog import CameraCheckDialog
from tests.gui.fakes import Camera
from tests.gui.waiting import wait_for


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


def test_without_a_camera_there_is_nothing_to_check(open_window, services):
    window = open_window()
    assert not window.commands["check_camera"].isEnabled()
    window.check_camera()
    assert services.checked == []
    assert window.camera_check.dialog is None
