"""A source that plays a script: frames, stalls, losses and failures, for tests and rehearsals."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from fer_live.capture.source import SourceBase, SourceInfo, interrupted_error, not_open_error
from fer_live.core.errors import SourceLostError, SourceNotFoundError
from fer_live.core.types import Frame, ImageBgr


@dataclass(frozen=True, eq=False)
class Pictures:
    """Frames that show the same picture.

    Args:
        image_bgr: (H, W, 3) uint8.
        count: How many frames; None for no end.
    """

    image_bgr: ImageBgr
    count: int | None = 1


@dataclass(frozen=True)
class Stall:
    """A read that waits.

    Args:
        seconds: How long; None for ever.
        deaf: True if `interrupt` does not end it, like a driver that hangs; only `release` does.
    """

    seconds: float | None = None
    deaf: bool = False


@dataclass(frozen=True, eq=False)
class Lost:
    """A read that raises `SourceLostError`; reads go on failing until the source is reopened.

    Args:
        failed_opens: So many reopenings fail before one succeeds and the script goes on.
        error: What those reopenings raise; None for `SourceNotFoundError`.
    """

    failed_opens: int = 0
    error: Exception | None = None


@dataclass(frozen=True, eq=False)
class Raise:
    """A read that raises this exception; the next read goes on with the script."""

    error: Exception


@dataclass(frozen=True)
class End:
    """The end; also reached when the script is over."""


Step = ImageBgr | Pictures | Stall | Lost | Raise | End
"""One step of a script; a bare picture is one frame."""


class ScriptedSource(SourceBase):
    """Plays its steps in order, across reopenings.

    Args:
        steps: What the reads do.
        live: As in `SourceInfo`; frames of a source that is not live have a position.
        fps: Pace and announced rate; 0 to play as fast as it is read.
        open_errors: What the first openings raise; None where one succeeds.
        name: Shown to the user.
        clock: Monotonic seconds.

    Attributes:
        opens: Openings that succeeded.
        closes: Calls of `close`.
        reads: Frames given.
    """

    def __init__(
        self,
        steps: Iterable[Step],
        *,
        live: bool = True,
        fps: float = 0.0,
        open_errors: Iterable[Exception | None] = (),
        name: str = "script",
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__()
        self.live = live
        self.opens = 0
        self.closes = 0
        self.reads = 0
        self._steps = [s if not isinstance(s, np.ndarray) else Pictures(s) for s in steps]
        self._fps = fps
        self._open_errors = list(open_errors)
        self._name = name
        self._clock = clock
        self._at = 0
        self._shown = 0  # frames given of the present step
        self._due_s = 0.0
        self._open = False
        self._lost = False
        self._released = threading.Event()

    def open(self) -> SourceInfo:
        """Opens, or fails as the script says.

        Raises:
            SourceError: After an interruption, or what the script asks for.
        """
        if self._interrupted.is_set():
            raise interrupted_error(self._name)
        if self._open_errors:
            error = self._open_errors.pop(0)
            if error is not None:
                raise error
        self._open, self._lost = True, False
        self.opens += 1
        self._due_s = self._clock()
        height, width = self._size()
        return SourceInfo("scripted", self._name, width, height, self._fps, self.live)

    def read(self) -> Frame | None:
        """Does the next step.

        Raises:
            SourceLostError: At a `Lost` step, and until the source is reopened.
            SourceError: If it is not open.
            Exception: What a `Raise` step holds.
        """
        if not self._open:
            raise not_open_error(self._name)
        while not self._interrupted.is_set():
            if self._lost:
                raise SourceLostError(f"{self._name} stopped giving pictures.", "It will return.")
            step = self._steps[self._at] if self._at < len(self._steps) else End()
            if isinstance(step, Pictures):
                if step.count is None or self._shown < step.count:
                    return self._give(step.image_bgr)
                self._advance()
            elif isinstance(step, End):
                return None
            else:
                self._advance()
                self._do(step)
        return None

    def close(self) -> None:
        """Closes; the script keeps its place."""
        self._open = False
        self.closes += 1
        self._interrupted.clear()

    def release(self) -> None:
        """Ends all deaf stalls, present and future; from any thread."""
        self._released.set()

    def _do(self, step: Stall | Lost | Raise) -> None:
        if isinstance(step, Raise):
            raise step.error
        if isinstance(step, Lost):
            self._lost = True
            gone = step.error or SourceNotFoundError(f"{self._name} was not found.", "Wait.")
            self._open_errors += [gone] * step.failed_opens
        elif step.deaf:
            self._released.wait(step.seconds)
        else:
            self._interrupted.wait(step.seconds)

    def _give(self, image_bgr: ImageBgr) -> Frame | None:
        if self._fps:
            now_s = self._clock()
            if self._interrupted.wait(max(self._due_s - now_s, 0.0)):
                return None
            self._due_s = max(self._due_s, now_s) + 1 / self._fps
        self._shown += 1
        self.reads += 1
        position_s = None if self.live else (self.reads - 1) / (self._fps or 30.0)
        # A view: the script's own array stays writable.
        return self._frame(image_bgr.view(), self._clock(), position_s)

    def _advance(self) -> None:
        self._at += 1
        self._shown = 0

    def _size(self) -> tuple[int, int]:
        for step in self._steps:
            if isinstance(step, Pictures):
                height, width = step.image_bgr.shape[:2]
                return int(height), int(width)
        return 0, 0
