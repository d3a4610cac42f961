"""What cameras and streams share: a live source that a `CaptureThread` reads."""

import time
import weakref
from collections.abc import Callable

from fer_live.capture.base import SourceBase, interrupted_error, not_open_error
from fer_live.capture.capture_thread import RETRY_S, CaptureThread, Opened
from fer_live.capture.opencv_capture import as_bgr
from fer_live.capture.source import SourceInfo
from fer_live.core.errors import SourceBusyError, SourceError, SourceLostError
from fer_live.core.types import Frame, ImageBgr

CLOSE_S = 1.0
"""How long the first `close` waits for a blocked read; the thread releases the capture later."""

_leftovers: weakref.WeakValueDictionary[str, CaptureThread] = weakref.WeakValueDictionary()
"""The last stopped pump of each device: the next source of that device waits for its thread."""


class ThreadedSource(SourceBase):
    """A live source behind a `CaptureThread`. Subclasses say how to open their capture.

    A read that blocks is left to the pump's thread: the caller gets `SourceLostError` after
    `stall_s`, or returns at once on `interrupt`, and the thread releases the capture as soon as
    the blocked call returns. A reopening waits for that, because two captures of one device
    would exclude each other.

    Args:
        title: For messages.
        open_timeout_s: Longest wait for an opening.
        stall_s: Longest wait for a picture.
        failed_reads_max: So many failed reads in a row mean that the source is lost.
        clock: Monotonic seconds.
        device: What only one capture can hold, in whichever source; None if several can.
    """

    live = True

    def __init__(
        self,
        title: str,
        open_timeout_s: float,
        stall_s: float,
        failed_reads_max: int,
        clock: Callable[[], float] = time.perf_counter,
        *,
        device: str | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._open_timeout_s = open_timeout_s
        self._stall_s = stall_s
        self._failed_reads_max = failed_reads_max
        self._clock = clock
        self._pump: CaptureThread | None = None
        self._device = device
        self._leftover: CaptureThread | None = None
        self._patience_s = 0.0

    @property
    def stall_s(self) -> float:
        """A `read` that gets no picture for so long raises by itself."""
        return self._stall_s

    def _open_capture(self) -> Opened:
        # Runs in the pump's thread.
        raise NotImplementedError

    def _open_timeout_error(self) -> SourceError:
        raise NotImplementedError

    def open(self) -> SourceInfo:
        """Opens the source and waits for its first picture.

        Raises:
            SourceError: With the reason; see the subclass.
        """
        self._stop_pump()
        self._wait_for_leftover()
        pump = CaptureThread(self._title, self._open_capture, self._failed_reads_max, self._clock)
        self._pump = pump
        if self._interrupted.is_set():  # it came before `interrupt` could see the pump
            pump.stop()
        try:
            info = pump.info(self._open_timeout_s)
        except SourceError:
            self._stop_pump()
            raise
        if info is None or self._interrupted.is_set():
            self._stop_pump()
            self._raise_if_interrupted(self._title)
            raise self._open_timeout_error()
        return info

    def read(self) -> Frame | None:
        """The newest picture that was not read yet, waiting for it; None after `interrupt`.

        Raises:
            SourceLostError: The source is gone, or gave nothing for the stall time.
        """
        pump = self._pump
        if pump is None:
            raise not_open_error(self._title)
        if self._interrupted.is_set():
            return None
        picture = pump.newest(self._stall_s)
        if picture is not None:
            image, captured_s, skipped = picture
            image_bgr: ImageBgr = as_bgr(image)
            return self._frame(image_bgr, captured_s, skipped=skipped)
        if self._interrupted.is_set():
            return None
        raise SourceLostError(
            f"{self._title} gave no picture for {self._stall_s:g} seconds.",
            "Check that it is connected and not in use elsewhere; it is tried again.",
        )

    def close(self) -> None:
        """Releases the capture, or leaves that to the pump's thread when a read is blocked."""
        self._stop_pump()
        leftover, patience_s = self._leftover, self._patience_s
        self._patience_s = 0.0  # who closes again need not wait again
        if leftover is not None and leftover.join(patience_s):
            self._leftover = None
        self._interrupted.clear()

    def interrupt(self) -> None:
        """Makes a waiting `open` or `read` return or raise soon; from any thread."""
        super().interrupt()
        pump = self._pump
        if pump is not None:
            pump.stop()

    def _stop_pump(self) -> None:
        if self._pump is not None:
            self._pump.stop()
            self._leftover, self._pump = self._pump, None
            self._patience_s = CLOSE_S
            if self._device is not None:
                _leftovers[self._device] = self._leftover

    def _wait_for_leftover(self) -> None:
        # In short joins, since a thread's end cannot be waited for together with an event.
        deadline_s = time.monotonic() + self._open_timeout_s
        if self._leftover is None and self._device is not None:
            self._leftover = _leftovers.get(self._device)
        while self._leftover is not None:
            if self._leftover.join(RETRY_S):
                self._leftover = None
            elif self._interrupted.is_set():
                raise interrupted_error(self._title)
            elif time.monotonic() > deadline_s:
                raise SourceBusyError(
                    f"{self._title} still hangs from the last time.",
                    "Unplug it and plug it in again.",
                )
