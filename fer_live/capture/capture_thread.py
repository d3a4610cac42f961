"""The thread that reads a camera or stream, so that a read that blocks never blocks the caller.

The thread opens, reads and releases the capture. It hands every image to a consumer; without one
it keeps the newest image, so that a slow reader gets a fresh one whatever the back-end buffers.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from fer_live.capture.opencv_capture import ImageReader, next_image, release
from fer_live.capture.source import SourceInfo
from fer_live.core.errors import FerLiveError, SourceError, SourceLostError

_log = logging.getLogger(__name__)

RETRY_S = 0.02
"""Pause after a failed read; short against a frame, long enough not to spin."""


@dataclass(frozen=True, eq=False)
class Opened:
    """A capture that is open, its first image, and what the capture granted."""

    capture: ImageReader
    first: NDArray[Any]
    info: SourceInfo


Consumer = Callable[[NDArray[Any], float, int], None]
"""Takes an image as the capture gives it, the time when it was read (seconds, clock of
`Frame.captured_s`), and the number of images before it that nobody took."""


class CaptureThread:
    """Reads one opening of a capture, from the constructor until `stop`.

    Args:
        title: For messages and the thread's name.
        opener: Opens the capture and reads its first image; runs on this thread.
        failed_reads_max: This many failed reads in a row mean that the source is lost.
        clock: Monotonic seconds, the clock of `Frame.captured_s`.
    """

    def __init__(
        self,
        title: str,
        opener: Callable[[], Opened],
        failed_reads_max: int,
        clock: Callable[[], float],
    ) -> None:
        self._title = title
        self._opener = opener
        self._failed_reads_max = failed_reads_max
        self._clock = clock
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._info: SourceInfo | None = None
        self._error: BaseException | None = None
        self._newest: tuple[NDArray[Any], float] | None = None
        self._skipped = 0
        self._consumer: Consumer | None = None
        self._consuming = False
        self._ready_s = time.monotonic()  # when the thread last began to wait for an image
        self._thread = threading.Thread(target=self._run, name=f"capture {title}", daemon=True)
        self._thread.start()

    def info(self, timeout_s: float) -> SourceInfo | None:
        """What was opened; None after the time-out or after `stop`.

        Raises:
            SourceError: As the opener raised it.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._info or self._error or self._stopping.is_set(), timeout_s
            )
            if self._info is None and self._error is not None:
                raise self._error
            return self._info

    def newest(self, timeout_s: float) -> tuple[NDArray[Any], float, int] | None:
        """The newest image that was not taken yet, its time, and how many before it were skipped.

        None after the time-out or after `stop`.

        Raises:
            SourceLostError: The capture gives no more images.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._newest or self._error or self._stopping.is_set(), timeout_s
            )
            if self._newest is None and self._error is not None:
                raise self._error
            return self._take()

    def feed(self, consumer: Consumer, stall_s: float) -> bool:
        """Hands every image to `consumer`, on the capture thread; returns when no more will come.

        An image that was read before is handed over first, on the calling thread.

        Args:
            consumer: Takes the images one after another; never called again after the return.
            stall_s: Longest wait for an image, seconds.

        Returns:
            True after `stop`; False if no image came for `stall_s`, and then the thread is stopped.

        Raises:
            SourceLostError: The capture gives no more images.
            Exception: What `consumer` raised.
        """
        with self._changed:
            self._consumer = consumer
            waiting = self._take()
            self._consuming = waiting is not None
        if waiting is not None:
            self._consume(consumer, *waiting)
        with self._changed:
            stalled = not self._stopping.is_set() and not self._watch(stall_s)
            # Also after an interruption, the consumer is not left running.
            self._changed.wait_for(lambda: not self._consuming)
            if self._error is not None:
                raise self._error
            return not stalled

    def stop(self) -> None:
        """Ends the thread after the read that it is in; does not wait."""
        with self._changed:
            self._stopping.set()
            self._changed.notify_all()

    def join(self, timeout_s: float) -> bool:
        """Waits for the end of the thread; True if the capture is released."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        capture: ImageReader | None = None
        try:
            opened = self._opener()
            capture = opened.capture
            with self._changed:
                self._newest = (opened.first, self._clock())
                self._ready_s = time.monotonic()
                self._info = opened.info
                self._changed.notify_all()
            self._read_on(capture)
        except Exception as error:
            self._fail(error)
        finally:
            if capture is not None:
                release(capture)

    def _read_on(self, capture: ImageReader) -> None:
        failed = 0
        while not self._stopping.is_set():
            image = next_image(capture)
            captured_s = self._clock()
            if image is None:
                failed += 1
                if failed >= self._failed_reads_max:
                    raise lost_error(self._title)
                self._stopping.wait(RETRY_S)
                continue
            failed = 0
            if not self._hand_over(image, captured_s):
                return

    def _hand_over(self, image: NDArray[Any], captured_s: float) -> bool:
        """Gives an image to the consumer, or keeps it for `newest`; False ends the thread."""
        with self._changed:
            self._changed.wait_for(lambda: not self._consuming)
            if self._stopping.is_set() or self._error is not None:
                return False
            consumer = self._consumer
            if consumer is None:
                self._skipped += self._newest is not None
                self._newest = (image, captured_s)
                self._changed.notify_all()
                return True
            self._consuming = True
        self._consume(consumer, image, captured_s, 0)
        return True

    def _consume(
        self, consumer: Consumer, image: NDArray[Any], captured_s: float, skipped: int
    ) -> None:
        error: BaseException | None = None
        try:
            consumer(image, captured_s, skipped)
        except BaseException as failure:
            error = failure
        with self._changed:
            self._consuming, self._error = False, error or self._error
            self._ready_s = time.monotonic()
            self._changed.notify_all()

    def _watch(self, stall_s: float) -> bool:
        """Waits for the end; False if no image comes for too long. The caller holds the lock."""
        while self._error is None and not self._stopping.is_set():
            left_s = self._ready_s + stall_s - time.monotonic()
            if left_s <= 0 and not self._consuming:
                # The thread hands nothing over from now on, even if its read returns now.
                self._stopping.set()
                return False
            self._changed.wait(max(left_s, RETRY_S))
        return True

    def _take(self) -> tuple[NDArray[Any], float, int] | None:
        # The caller holds the lock.
        if self._newest is None:
            return None
        (image, captured_s), self._newest = self._newest, None
        skipped, self._skipped = self._skipped, 0
        return image, captured_s, skipped

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, FerLiveError):
            _log.exception("%s failed", self._title)
            error = SourceError(f"{self._title} failed: {error}.", "Choose another source.")
        with self._changed:
            self._error = error
            self._changed.notify_all()


def lost_error(title: str) -> SourceLostError:
    """The error of a live source that stopped giving frames."""
    return SourceLostError(
        f"{title} stopped giving pictures.",
        "It may be unplugged or disconnected; it is picked up again when it returns.",
    )
