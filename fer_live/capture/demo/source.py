"""The demo as a source: it plays like a camera."""

import math
import time
from collections.abc import Callable

from fer_live.capture.demo.story import DEFAULT_FPS, DEFAULT_SIZE, MAX_FACES, render_demo
from fer_live.capture.source import SourceBase, SourceInfo, interrupted_error, not_open_error
from fer_live.core.errors import ConfigError
from fer_live.core.types import Frame

MAX_SIDE_PX = 7680
"""Longest side of a picture that is drawn: 8K."""


class DemoSource(SourceBase):
    """Plays `render_demo` at a steady rate, like a camera: a slow reader misses frames.

    Args:
        width: Pixels.
        height: Pixels.
        fps: Frames per second.
        faces: As for `render_demo`.
        clock: Monotonic seconds.

    Raises:
        ConfigError: If a value is out of range.
    """

    live = True

    def __init__(
        self,
        width: int = DEFAULT_SIZE[0],
        height: int = DEFAULT_SIZE[1],
        fps: float = DEFAULT_FPS,
        faces: int | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__()
        if not (16 <= width <= MAX_SIDE_PX and 16 <= height <= MAX_SIDE_PX and 0 < fps <= 1000):
            raise ConfigError(
                f"The demo cannot be {width}x{height} at {fps:g} fps.",
                f"Choose 16 to {MAX_SIDE_PX} pixels and at most 1000 fps.",
            )
        if faces is not None and not 0 <= faces <= MAX_FACES:
            raise ConfigError(
                f"The demo cannot show {faces} faces.", f"Choose 0 to {MAX_FACES} faces."
            )
        self._size = (width, height)
        self._fps = fps
        self._faces = faces
        self._clock = clock
        self._start_s: float | None = None
        self._tick = 0

    def open(self) -> SourceInfo:
        """Prepares the images and starts the clock.

        Raises:
            SourceError: If it was interrupted or the installation is incomplete.
        """
        if self._interrupted.is_set():
            raise interrupted_error("the demo")
        render_demo(0.0, self._size, self._faces)
        self._start_s = self._clock()
        self._tick = 0
        details = "rendered people (made with MakeHuman's data, CC0) and a NASA portrait"
        return SourceInfo("demo", "Demo", *self._size, self._fps, self.live, details)

    def read(self) -> Frame | None:
        """The picture of the next tick, waiting for it; ticks that have passed are skipped."""
        if self._start_s is None:
            raise not_open_error("The demo")
        now_s = self._clock()
        self._tick = max(self._tick, math.floor((now_s - self._start_s) * self._fps))
        wait_s = self._start_s + self._tick / self._fps - now_s
        if self._interrupted.wait(max(wait_s, 0.0)):
            return None
        image = render_demo(self._tick / self._fps, self._size, self._faces)
        self._tick += 1
        return self._frame(image, self._clock())

    def close(self) -> None:
        """Stops the clock."""
        self._start_s = None
        self._interrupted.clear()
