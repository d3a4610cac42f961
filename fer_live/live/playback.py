"""Plays a file: pace, speed, pause, single frames, positions and repetition."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from fer_live.core.errors import ConfigError

LATE_S = 0.25
"""A paced file that is later than this goes on from where it is: no rush to catch up."""

SPEEDS = (0.25, 4.0)
"""Slowest and fastest playback, in multiples of the file's own speed."""

_POLL_S = 0.05  # a waiting capture thread looks at stop this often


@dataclass(frozen=True)
class Seek:
    """A jump in the file, see `SeekableSource.seek`."""

    position_s: float
    before: bool = False


class Playback:
    """What the viewer of a file wants, and when each frame is due.

    Commands come from any thread and return at once. The capture thread asks `wait` before each
    frame, `take_seek` for the next jump, and `hold_at_end` after the last frame.

    Args:
        stop: The run is to end.
        paced: Play the file at its own rate times `speed`; False gives frames as they are read.
        clock: Seconds, monotonic.
    """

    def __init__(
        self,
        stop: threading.Event,
        *,
        paced: bool,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.paced = paced
        self._stop = stop
        self._clock = clock
        self._changed = threading.Condition()
        self._paused = self._loop = self._show_next = False
        self._speed = 1.0
        self._seek: Seek | None = None
        self._steps = 0
        self._shown_s: float | None = None
        self._start: tuple[float, float] | None = None

    @property
    def paused(self) -> bool:
        """The file is held at a frame."""
        return self._paused

    @property
    def speed(self) -> float:
        """Multiple of the file's own speed."""
        return self._speed

    @property
    def loop(self) -> bool:
        """The file starts again after its last frame."""
        return self._loop

    def set_paused(self, on: bool) -> None:
        """Holds the file at the frame that is shown, or plays on."""
        with self._changed:
            self._paused, self._start = on, None
            self._steps = 0
            self._changed.notify_all()

    def set_speed(self, speed: float) -> None:
        """Plays slower or faster from now on.

        Raises:
            ConfigError: The speed is not within `SPEEDS`.
        """
        if not SPEEDS[0] <= speed <= SPEEDS[1]:
            raise ConfigError(
                f"A file cannot be played at {speed:g} times its speed.",
                f"Choose a speed from {SPEEDS[0]:g} to {SPEEDS[1]:g}.",
            )
        with self._changed:
            self._speed, self._start = speed, None
            self._changed.notify_all()

    def set_loop(self, on: bool) -> None:
        """Starts the file again after its last frame, or ends it there."""
        with self._changed:
            self._loop = on
            self._changed.notify_all()

    def seek(self, position_s: float) -> None:
        """Goes to a position and shows its frame, also while paused; the newest wish counts."""
        if math.isfinite(position_s):
            with self._changed:
                self._seek, self._steps = Seek(max(position_s, 0.0)), 0
                self._changed.notify_all()

    def step(self, frames: int) -> None:
        """Pauses, and shows so many frames later, or earlier if negative."""
        with self._changed:
            self._paused, self._start = True, None
            self._steps += frames
            self._changed.notify_all()

    def take_seek(self) -> Seek | None:
        """The next jump, whose frame `wait` then lets through at once; None if there is none."""
        with self._changed:
            if self._seek is None and self._steps < 0:
                self._steps += 1
                if self._shown_s is not None:
                    self._seek = Seek(self._shown_s, before=True)
            seek, self._seek = self._seek, None
            if seek is not None:
                self._show_next, self._start = True, None
            return seek

    def wait(self, position_s: float | None) -> bool:
        """Waits until a frame is due.

        Args:
            position_s: Its position; None is due as soon as the file is not paused.

        Returns:
            False if the viewer wants another frame, or at stop.
        """
        with self._changed:
            while not self._stop.is_set():
                if self._seek is not None or (self._steps < 0 and not self._show_next):
                    return False
                wait_s = self._wait_s(position_s)
                if wait_s <= 0:
                    self._shown_s = position_s
                    return True
                self._changed.wait(min(wait_s, _POLL_S))
        return False

    def hold_at_end(self) -> bool:
        """After the last frame: waits while the file is paused; True to go on with `take_seek`."""
        with self._changed:
            while not self._stop.is_set():
                self._steps = min(self._steps, 0)
                if self._seek is None and self._steps == 0 and not self._paused:
                    if not self._loop:
                        return False
                    self._seek = Seek(0.0)
                if self._seek is not None or self._steps < 0:
                    return True
                self._changed.wait(_POLL_S)
        return False

    def _wait_s(self, position_s: float | None) -> float:
        """Seconds until the frame is due; it is shown if they are not positive."""
        if self._show_next:
            self._show_next = False
            return 0.0
        if self._steps > 0:
            self._steps -= 1
            return 0.0
        if self._paused:
            return _POLL_S
        if not self.paced or position_s is None:
            return 0.0
        now_s = self._clock()
        if self._start is not None:
            start_s, from_s = self._start
            ahead_s = start_s + (position_s - from_s) / self._speed - now_s
            if ahead_s >= -LATE_S:
                return ahead_s
        self._start = now_s, position_s
        return 0.0
