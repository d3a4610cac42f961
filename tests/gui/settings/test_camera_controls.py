"""The dialog of exposure, focus, white balance and zoom."""

import threading

import pytest

from fer_live.capture.camera_controls import ControlState, stored_controls
from fer_live.capture.source import SourceInfo
from fer_live.core.errors import SourceLostError
from fer_live.gui.settings.camera_controls import NONE
from tests.gui.driver import streaming
from tests.gui.waiting import wait_for


class FakeCamera:
    def __init__(self, *states):
        self.states = {state.name: state for state in states}
        self.asked, self.error = [], None
        self.threads = set()

    def read_controls(self):
        self.threads.add(threading.current_thread())
        if self.error is not None:
            raise self.error
        return tuple(self.states.values())

    def set_control(self, name, value):
        self.threads.add(threading.current_thread())
        if self.error is not None:
            raise self.error
        self.asked.append((name, value))
        old = self.states[name]
        kept = old.value if value is None else min(value, 500.0)
        automatic = None if old.automatic is None else value is None
        self.states[name] = ControlState(name, kept, automatic, old.step)
        return self.states[name]


@pytest.fixture
def camera():
    return FakeCamera(
        ControlState("exposure", 156.0, True, 10.0), ControlState("zoom", 100.0, None, 10.0)
    )


@pytest.fixture
def opened_dialog(open_window, services):
    def make(camera):
        window = open_window(source_override="0")
        engine = streaming(window, services)
        engine.camera = camera
        engine.source_info = SourceInfo("camera", "Desk", 160, 120, 30.0, True)
        window._show_status()
        window.commands["camera_controls"].trigger()
        return window, window.camera_controls

    return make


def test_only_what_the_camera_answers_is_shown_with_its_state(opened_dialog, camera):
    _, dialog = opened_dialog(camera)
    wait_for(lambda: dialog.values, "the controls")
    assert set(dialog.values) == {"exposure", "zoom"}
    assert set(dialog.automatic) == {"exposure"}
    assert dialog.automatic["exposure"].isChecked()
    assert not dialog.values["exposure"].isEnabled()
    assert dialog.values["zoom"].value() == 100.0
    assert threading.main_thread() not in camera.threads
    dialog.close()


def test_a_value_is_set_read_back_and_kept_for_the_camera(opened_dialog, camera):
    window, dialog = opened_dialog(camera)
    wait_for(lambda: dialog.values, "the controls")
    dialog.automatic["exposure"].click()
    wait_for(lambda: camera.asked == [("exposure", 156.0)], "manual exposure")
    assert dialog.values["exposure"].isEnabled()
    dialog.values["exposure"].setValue(9000)
    dialog.values["zoom"].setValue(200)
    wait_for(lambda: len(camera.asked) == 3, "both values")
    wait_for(lambda: dialog.values["exposure"].value() == 500.0, "what the camera made of it")

    def kept():
        return stored_controls(window.settings.camera_controls, "Desk")

    wait_for(lambda: kept() == {"exposure": 500.0, "zoom": 200.0}, "the settings")
    dialog.automatic["exposure"].click()
    wait_for(lambda: kept()["exposure"] is None, "the automatic again")
    dialog.close()


def test_a_camera_without_controls_and_one_that_is_lost_are_said(opened_dialog):
    camera = FakeCamera()
    window, dialog = opened_dialog(camera)
    wait_for(lambda: dialog.status.text() == NONE, "the sentence")
    dialog.close()
    camera.error = SourceLostError("Camera 0 gives no more pictures.", "Plug it in again.")
    window.commands["camera_controls"].trigger()
    wait_for(lambda: "no more pictures" in window.camera_controls.status.text(), "the reason")
    window.camera_controls.close()


def test_without_a_camera_there_are_no_controls(open_window, services):
    window = open_window()
    streaming(window, services)
    window._show_status()
    assert not window.commands["camera_controls"].isEnabled()
