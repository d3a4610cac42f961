"""Motion of a face's box: a Kalman filter that predicts it, and a One-Euro filter for display."""

import numpy as np
from numpy.typing import NDArray

from fer_live.core.types import Box

_State = NDArray[np.float64]

_ACCELERATION = np.array([12.0, 12.0, 3.0, 3.0])
"""Standard deviation of the acceleration of centre and size, box sides per second squared: a quick
turn of the head moves the box by one side within half a second."""

_NOISE = np.array([0.03, 0.03, 0.05, 0.05])
"""Standard deviation of the detector's error in centre and size, box sides."""

_FIRST_SPEED = np.array([1.5, 1.5, 0.5, 0.5])
"""Standard deviation of the initial speed, box sides per second."""

_COAST_TAU_S = 0.6
"""Time constant, seconds, with which the predicted speed of a missed face decays: faces seldom
keep their direction for longer."""

_MIN_CUTOFF_HZ = 1.0
"""One-Euro cut-off at rest; lower is steadier."""

_BETA = 4.0
"""One-Euro cut-off gained per box side per second; higher lags less."""

_SPEED_CUTOFF_HZ = 2.0
"""One-Euro cut-off of the speed itself."""

_MIN_SIDE_PX = 1.0


def to_centre(box_xyxy: NDArray[np.floating] | Box) -> _State:
    """(4,) float64: centre x, centre y, width, height."""
    left, top, right, bottom = (float(v) for v in box_xyxy)
    return np.array([(left + right) / 2, (top + bottom) / 2, right - left, bottom - top])


def to_box(state: _State) -> Box:
    """Left, top, right, bottom."""
    x, y, width, height = state.tolist()
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


class BoxFilter:
    """Kalman filter of centre and size with constant velocity, all times in seconds.

    Args:
        box_xyxy: First detection of the face, pixels.
    """

    def __init__(self, box_xyxy: NDArray[np.floating]) -> None:
        self.position = to_centre(box_xyxy)
        self.velocity = np.zeros(4)
        side = self.side
        # For each component the three distinct entries of a 2x2 covariance.
        self._pp = (_NOISE * side) ** 2
        self._pv = np.zeros(4)
        self._vv = (_FIRST_SPEED * side) ** 2

    @property
    def side(self) -> float:
        """Mean of width and height, pixels."""
        return max(_MIN_SIDE_PX, float(self.position[2] + self.position[3]) / 2)

    @property
    def uncertainty(self) -> float:
        """Standard deviation of the centre, box sides."""
        return float(np.sqrt(self._pp[:2].max()) / self.side)

    def predict(self, dt_s: float, coasting: bool) -> None:
        """Advances the state by `dt_s` seconds; while coasting, the velocity decays."""
        if dt_s <= 0:
            return
        reach = dt_s
        if coasting:
            decay = float(np.exp(-dt_s / _COAST_TAU_S))
            reach = _COAST_TAU_S * (1 - decay)
            self.position = self.position + self.velocity * reach
            self.velocity = self.velocity * decay
        else:
            self.position = self.position + self.velocity * reach
        self.position[2:] = np.maximum(self.position[2:], _MIN_SIDE_PX)
        power = (_ACCELERATION * self.side) ** 2
        self._pp = self._pp + 2 * reach * self._pv + reach**2 * self._vv + power * dt_s**4 / 4
        self._pv = self._pv + reach * self._vv + power * dt_s**3 / 2
        self._vv = self._vv + power * dt_s**2

    def correct(self, box_xyxy: NDArray[np.floating]) -> None:
        """Updates the state with a detection at the current time."""
        innovation = to_centre(box_xyxy) - self.position
        total = self._pp + (_NOISE * self.side) ** 2
        gain, gain_speed = self._pp / total, self._pv / total
        self.position = self.position + gain * innovation
        self.velocity = self.velocity + gain_speed * innovation
        self.position[2:] = np.maximum(self.position[2:], _MIN_SIDE_PX)
        self._vv = self._vv - gain_speed * self._pv
        self._pv = (1 - gain) * self._pv
        self._pp = (1 - gain) * self._pp


class BoxSmoother:
    """One-Euro filter of a box (Casiez, Roussel and Vogel, 2012): steady at rest, quick in motion.

    Args:
        box_xyxy: First box, pixels.
    """

    def __init__(self, box_xyxy: Box) -> None:
        self._state = to_centre(box_xyxy)
        self._last = self._state
        self._speed = np.zeros(4)

    @property
    def box_xyxy(self) -> Box:
        """The smoothed box, pixels."""
        return to_box(self._state)

    def update(self, box_xyxy: Box, dt_s: float) -> Box:
        """Adds a box `dt_s` seconds after the last one; returns the smoothed box."""
        if dt_s <= 0:
            return self.box_xyxy
        value = to_centre(box_xyxy)
        side = max(_MIN_SIDE_PX, float(value[2] + value[3]) / 2)
        speed = (value - self._last) / dt_s / side
        self._speed += _weight(np.full(4, _SPEED_CUTOFF_HZ), dt_s) * (speed - self._speed)
        weight = _weight(_MIN_CUTOFF_HZ + _BETA * np.abs(self._speed), dt_s)
        self._state = self._state + weight * (value - self._state)
        self._last = value
        return self.box_xyxy


def _weight(cutoff_hz: _State, dt_s: float) -> _State:
    return np.asarray(1 / (1 + 1 / (2 * np.pi * cutoff_hz * dt_s)), np.float64)
