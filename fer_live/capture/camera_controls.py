"""Exposure, focus, white balance and zoom of a camera, as far as it answers through OpenCV."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2

from fer_live.capture.opencv_capture import Capture

MOST_CAMERAS = 8
"""Cameras whose controls are remembered, the last one used first."""


@dataclass(frozen=True)
class Control:
    """What OpenCV calls a control.

    Args:
        name: Ours.
        value: Property of the value.
        auto: Property of the automatic; None if it has none.
        step: By which it is usefully changed, in V4L2's units.
    """

    name: str
    value: int
    auto: int | None
    step: float


CONTROLS = (
    Control("exposure", cv2.CAP_PROP_EXPOSURE, cv2.CAP_PROP_AUTO_EXPOSURE, 10.0),
    Control("focus", cv2.CAP_PROP_FOCUS, cv2.CAP_PROP_AUTOFOCUS, 5.0),
    Control("white_balance", cv2.CAP_PROP_WB_TEMPERATURE, cv2.CAP_PROP_AUTO_WB, 100.0),
    Control("zoom", cv2.CAP_PROP_ZOOM, None, 10.0),
)

_BY_NAME = {control.name: control for control in CONTROLS}


@dataclass(frozen=True)
class ControlState:
    """What a camera says of a control.

    Args:
        name: Of one of `CONTROLS`.
        value: In the camera's units.
        automatic: Whether the camera chooses the value; None if it cannot.
        step: By which it is usefully changed.
    """

    name: str
    value: float
    automatic: bool | None
    step: float


def read_controls(capture: Capture, backend: str) -> tuple[ControlState, ...]:
    """The controls that an open camera answers; empty if it answers none.

    A back-end gives a number for properties that it does not know, too. A control counts where it
    takes back what it gave, which changes nothing.

    Args:
        capture: The camera.
        backend: OpenCV's name of its back-end.
    """
    found = (_state(capture, backend, control) for control in CONTROLS)
    return tuple(state for state in found if state is not None)


def set_control(
    capture: Capture, backend: str, name: str, value: float | None
) -> ControlState | None:
    """Sets a control and returns what the camera then says of it; None if it has none.

    Args:
        capture: The camera.
        backend: OpenCV's name of its back-end.
        name: Of one of `CONTROLS`.
        value: In the camera's units; None lets the camera choose.
    """
    control = _BY_NAME[name]
    if control.auto is not None:
        capture.set(control.auto, _automatic(control, backend)[value is None])
    if value is not None:
        capture.set(control.value, value)
    return _state(capture, backend, control)


def stored_controls(stored: Sequence[str], camera: str) -> dict[str, float | None]:
    """What was chosen for a camera; empty if nothing was, or it cannot be read.

    Args:
        stored: As `with_control` gives it.
        camera: Name of the camera.
    """
    for text in stored:
        title, chosen = _parse(text)
        if title == camera:
            return chosen
    return {}


def with_control(
    stored: Sequence[str], camera: str, name: str, value: float | None
) -> tuple[str, ...]:
    """What is stored once a control of a camera was chosen, one JSON text for each camera."""
    chosen = {**stored_controls(stored, camera), name: value}
    newest = json.dumps({"camera": camera, **chosen})
    others = [text for text in stored if _parse(text)[0] not in (camera, None)]
    return (newest, *others[: MOST_CAMERAS - 1])


def _parse(text: str) -> tuple[str | None, dict[str, float | None]]:
    try:
        values = json.loads(text)
    except ValueError:
        return None, {}
    if not isinstance(values, dict) or not isinstance(values.get("camera"), str):
        return None, {}
    return values["camera"], {
        name: None if value is None else float(value)
        for name, value in values.items()
        if name in _BY_NAME and (value is None or _is_number(value))
    }


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _state(capture: Capture, backend: str, control: Control) -> ControlState | None:
    automatic: bool | None = None
    answers = False
    if control.auto is not None:
        mode = capture.get(control.auto)
        if capture.set(control.auto, mode):
            # V4L2 has two automatic modes, all but `manual` choose the exposure.
            automatic = mode != _automatic(control, backend)[False]
            answers = True
    value = capture.get(control.value)
    # A driver may refuse a value while the camera chooses it.
    answers = bool(capture.set(control.value, value)) if not automatic else answers
    if not answers or not math.isfinite(value):
        return None
    return ControlState(control.name, value, automatic, control.step if backend == "V4L2" else 1.0)


def _automatic(control: Control, backend: str) -> tuple[float, float]:
    """The values of the property of the automatic: off, on."""
    if control.auto == cv2.CAP_PROP_AUTO_EXPOSURE and backend == "V4L2":
        return 1.0, 3.0  # V4L2_EXPOSURE_MANUAL, V4L2_EXPOSURE_APERTURE_PRIORITY
    return 0.0, 1.0
