"""Exposure, focus, white balance and zoom: which a camera answers, what is set, what is kept."""

import cv2
import pytest

from fer_live.capture.camera import CameraSettings
from fer_live.capture.camera_controls import (
    MOST_CAMERAS,
    read_controls,
    set_control,
    stored_controls,
    with_control,
)
from fer_live.capture.devices import CameraDevice, camera_backends
from fer_live.core.errors import SourceError
from tests.capture.fake import FakeCapture
from tests.capture.test_camera import make

V4L2 = {
    cv2.CAP_PROP_AUTO_EXPOSURE: (0.0, 3.0),
    cv2.CAP_PROP_EXPOSURE: (3.0, 2047.0),
    cv2.CAP_PROP_ZOOM: (100.0, 500.0),
}
PROPERTIES = {
    cv2.CAP_PROP_AUTO_EXPOSURE, cv2.CAP_PROP_EXPOSURE, cv2.CAP_PROP_AUTOFOCUS, cv2.CAP_PROP_FOCUS,
    cv2.CAP_PROP_AUTO_WB, cv2.CAP_PROP_WB_TEMPERATURE, cv2.CAP_PROP_ZOOM,
}  # fmt: skip


class ControlledCapture(FakeCapture):
    """Knows some controls with their bounds, refuses the others as V4L2 does."""

    def __init__(self, ranges, values, **options):
        super().__init__(**options)
        self._ranges = ranges
        self._values.update(values)

    def set(self, prop, value):
        if prop not in PROPERTIES:
            return super().set(prop, value)
        self.log.append((prop, value))
        manual = self._values.get(cv2.CAP_PROP_AUTO_EXPOSURE) in (None, 1.0)
        if prop not in self._ranges or (prop == cv2.CAP_PROP_EXPOSURE and not manual):
            return False
        low, high = self._ranges[prop]
        self._values[prop] = min(max(value, low), high)
        return True

    def get(self, prop):
        if prop in PROPERTIES and prop not in self._ranges:
            return -1.0
        return super().get(prop)


def webcam(**options):
    values = {
        cv2.CAP_PROP_AUTO_EXPOSURE: 3.0, cv2.CAP_PROP_EXPOSURE: 156.0, cv2.CAP_PROP_ZOOM: 100.0
    }  # fmt: skip
    return ControlledCapture(V4L2, values, **options)


def test_only_what_the_camera_answers_is_offered_and_nothing_changes():
    capture = webcam()
    before = dict(capture._values)
    exposure, zoom = read_controls(capture, "V4L2")
    assert (exposure.name, exposure.value, exposure.automatic) == ("exposure", 156.0, True)
    assert (zoom.name, zoom.value, zoom.automatic) == ("zoom", 100.0, None)
    assert capture._values == before
    assert read_controls(ControlledCapture({}, {}), "V4L2") == ()


@pytest.mark.parametrize(("backend", "manual", "automatic"), [("V4L2", 1, 3), ("DSHOW", 0, 1)])
def test_a_value_switches_the_automatic_off_and_none_on_again(backend, manual, automatic):
    capture = webcam()
    set_control(capture, backend, "exposure", 300.0)
    assert capture.get(cv2.CAP_PROP_AUTO_EXPOSURE) == manual
    set_control(capture, backend, "exposure", None)
    assert capture.get(cv2.CAP_PROP_AUTO_EXPOSURE) == automatic


def test_what_the_camera_makes_of_a_value_is_told():
    capture = webcam()
    state = set_control(capture, "V4L2", "exposure", 9999.0)
    assert (state.value, state.automatic) == (2047.0, False)
    assert set_control(capture, "V4L2", "zoom", 50.0).value == 100.0
    assert set_control(capture, "V4L2", "focus", 50.0) is None


def test_choices_are_kept_for_each_camera_and_damage_is_harmless():
    stored = with_control((), "Desk", "exposure", 120.0)
    stored = with_control(stored, "Door", "zoom", 200.0)
    stored = with_control(stored, "Desk", "focus", None)
    assert stored_controls(stored, "Desk") == {"exposure": 120.0, "focus": None}
    assert stored_controls(stored, "Door") == {"zoom": 200.0}
    assert stored_controls(stored, "Other") == {}
    damaged = ("no json", "[1]", '{"camera": 3}', '{"camera": "Desk", "zoom": "x", "hue": 1}')
    assert stored_controls(damaged, "Desk") == {}
    for number in range(20):
        stored = with_control(stored, f"Camera {number}", "zoom", 1.0)
    assert len(stored) == MOST_CAMERAS
    assert stored_controls(stored, "Camera 19") == {"zoom": 1.0}


@pytest.mark.skipif(camera_backends()[0] != "V4L2", reason="the capture stands for V4L2")
def test_an_open_camera_is_asked_and_what_is_chosen_comes_back_after_it_was_unplugged():
    first, second = webcam(), webcam()
    device = CameraDevice(0, "Desk", camera_backends()[0])
    settings = CameraSettings(64, 48, controls=with_control((), "Desk", "zoom", 300.0))
    source, _ = make(first, second, cameras=(device,), settings=settings)
    with pytest.raises(SourceError):
        source.read_controls()
    source.open()
    values = {state.name: state.value for state in source.read_controls()}
    assert values == {"exposure": 156.0, "zoom": 300.0}
    assert source.set_control("exposure", 250.0).value == 250.0
    source.close()
    source.open()
    assert second.get(cv2.CAP_PROP_EXPOSURE) == 250.0
    assert second.get(cv2.CAP_PROP_ZOOM) == 300.0
    source.close()
