"""Cameras and network streams: a live source that owns its capture thread."""

import time
import weakref
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from fer_live.capture.capture_thread import RETRY_S, CaptureThread, Opened
from fer_live.capture.opencv_capture import as_bgr
from fer_live.capture.source import SourceBase, SourceInfo, interrupted_error, not_open_error
from fer_live.core.errors import SourceBusyError, SourceError, SourceLostError
from fer_live.core.types import Frame

CLOSE_S = 1.0
"""Longest wait of the first `close` for a blocked read; the thread releases the capture later."""

_leftovers: weakref.WeakValueDictionary[str, CaptureThread] = weakref.WeakValueDictionary()
"""The last stopped thread of each device: the next source of that device waits for its end."""


class ThreadedSource(SourceBase):
    """A live source that owns a `CaptureThread`. Subclasses open their capture.

    Frames come by `stream`, which hands every frame over on the capture thread, or by `read`,
    which waits for the newest one.

    Only the capture thread waits in a read that blocks. The caller gets `SourceLostError` after
    the stall time, or returns at once on `interrupt`; the thread releases the capture as soon as
    the blocked call returns. A reopening waits for that, because two captures of one device
    exclude each other.

    Args:
        title: For messages.
        open_timeout_s: Longest wait for an opening.
        stall_s: Longest wait for a frame.
        failed_reads_max: This many failed reads in a row mean that the source is lost.
        clock: Monotonic seconds.
        device: Name of the device if only one capture can hold it; None if several can.
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
        self._thread: CaptureThread | None = None
        self._device = device
        self._leftover: CaptureThread | None = None
        self._patience_s = 0.0

    def _open_capture(self) -> Opened:
        # Runs on the capture thread.
        raise NotImplementedError

    def _open_timeout_error(self) -> SourceError:
        raise NotImplementedError

    def open(self) -> SourceInfo:
        """Opens the source and waits for its first image.

        Raises:
            SourceError: With the reason; see the subclass.
        """
        self._stop_thread()
        self._wait_for_leftover()
        thread = CaptureThread(self._title, self._open_capture, self._failed_reads_max, self._clock)
        self._thread = thread
        if self._interrupted.is_set():  # it came before `interrupt` could see the thread
            thread.stop()
        try:
            info = thread.info(self._open_timeout_s)
        except SourceError:
            self._stop_thread()
            raise
        if info is None or self._interrupted.is_set():
            self._stop_thread()
            self._raise_if_interrupted(self._title)
            raise self._open_timeout_error()
        return info

    def stream(self, deliver: Callable[[Frame], None]) -> None:
        """Hands every frame to `deliver`, on the capture thread; returns after `interrupt`.

        Args:
            deliver: Takes the frames one after another; never called again after the return.

        Raises:
            SourceLostError: The source is gone, or gave nothing for the stall time.
            Exception: What `deliver` raised.
        """
        thread = self._opened()
        if self._interrupted.is_set():
            return

        def consume(image: NDArray[Any], captured_s: float, skipped: int) -> None:
            deliver(self._frame(as_bgr(image), captured_s, skipped=skipped))

        try:
            stalled = not thread.feed(consume, self._stall_s)
        except SourceError:
            if self._interrupted.is_set():
                return
            raise
        if stalled:
            raise self._stall_error()

    def read(self) -> Frame | None:
        """The newest frame that was not read yet, waiting for it; None after `interrupt`.

        Raises:
            SourceLostError: The source is gone, or gave nothing for the stall time.
        """
        thread = self._opened()
        if self._interrupted.is_set():
            return None
        newest = thread.newest(self._stall_s)
        if newest is not None:
            image, captured_s, skipped = newest
            return self._frame(as_bgr(image), captured_s, skipped=skipped)
        if self._interrupted.is_set():
            return None
        raise self._stall_error()

    def close(self) -> None:
        """Releases the capture; the thread does so later while its read is blocked."""
        self._stop_thread()
        leftover, patience_s = self._leftover, self._patience_s
        self._patience_s = 0.0  # a second close need not wait again
        if leftover is not None and leftover.join(patience_s):
            self._leftover = None
        self._interrupted.clear()

    def interrupt(self) -> None:
        """Makes a waiting `open` or `read` return or raise soon; from any thread."""
        super().interrupt()
        thread = self._thread
        if thread is not None:
            thread.stop()

    def _opened(self) -> CaptureThread:
        if self._thread is None:
            raise not_open_error(self._title)
        return self._thread

    def _stall_error(self) -> SourceLostError:
        return SourceLostError(
            f"{self._title} gave no picture for {self._stall_s:g} seconds.",
            "Check that it is connected and not in use elsewhere; it is tried again.",
        )

    def _stop_thread(self) -> None:
        if self._thread is not None:
            self._thread.stop()
            self._leftover, self._thread = self._thread, None
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
