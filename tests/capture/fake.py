"""A scripted stand-in for `cv2.VideoCapture`, and the machine it is plugged into."""

import threading
from collections.abc import Callable, Sequence

import cv2
import numpy as np

MJPG = float(cv2.VideoWriter.fourcc(*"MJPG"))
YUYV = float(cv2.VideoWriter.fourcc(*"YUYV"))


class FakeCapture:
    """Grants what `grants` allows; each read takes the next of `reads`, then repeats a picture.

    A read is True (a picture), False (a failure), an array, an exception, or an event to wait
    for, like a driver that hangs.
    """

    def __init__(
        self,
        *,
        opens: bool = True,
        grants: dict[int, float] | None = None,
        reads: Sequence[object] = (),
        then: object = True,
        pace_s: float = 0.002,
    ) -> None:
        self.log: list[tuple[int, float]] = []
        self.released = threading.Event()
        self.hanging = threading.Event()
        self.reads_done = 0
        self._opens = opens
        self._grants = grants or {}
        self._values: dict[int, float] = {}
        self._reads = list(reads)
        self._then = then
        self._pace_s = pace_s

    def isOpened(self) -> bool:  # noqa: N802
        return self._opens and not self.released.is_set()

    def set(self, prop: int, value: float) -> bool:
        self.log.append((prop, value))
        self._values[prop] = self._grants.get(prop, value)
        return self._values[prop] == value

    def get(self, prop: int) -> float:
        return self._values.get(prop, self._grants.get(prop, 0.0))

    def read(self):
        self.released.wait(self._pace_s)
        step = self._reads.pop(0) if self._reads else self._then
        if isinstance(step, threading.Event):
            self.hanging.set()
            step.wait()
            return False, None
        if isinstance(step, Exception):
            raise step
        if isinstance(step, np.ndarray):
            return True, step
        if not step:
            return False, None
        self.reads_done += 1
        width = int(self.get(cv2.CAP_PROP_FRAME_WIDTH))
        height = int(self.get(cv2.CAP_PROP_FRAME_HEIGHT))
        return True, np.full((height, width, 3), self.reads_done % 256, np.uint8)

    def release(self) -> None:
        self.released.set()


class FakeMachine:
    """A capture factory: gives its captures in turn and remembers what was asked."""

    def __init__(self, *captures: FakeCapture | Callable[[], FakeCapture]) -> None:
        self.asked: list[tuple[int | str, int]] = []
        self.parameters: list[Sequence[int]] = []
        self.given: list[FakeCapture] = []
        self._captures = list(captures)

    def __call__(self, target: int | str, api: int, parameters: Sequence[int]) -> FakeCapture:
        self.asked.append((target, api))
        self.parameters.append(parameters)
        capture = self._captures.pop(0) if self._captures else FakeCapture()
        self.given.append(capture)
        return capture
