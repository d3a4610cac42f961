"""Reads an OpenCV capture in a thread of its own, so that a blocked read never blocks the caller.

The thread opens, reads and releases the capture. It keeps only the newest picture: a reader that
is slow gets a fresh one, whatever the back-end holds in its buffers.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from fer_live.capture.opencv_capture import Capture, read_picture, release
from fer_live.capture.source import SourceInfo
from fer_live.core.errors import FerLiveError, SourceError, SourceLostError

_log = logging.getLogger(__name__)

RETRY_S = 0.02
"""Pause after a failed read; short against a frame, long enough not to spin."""


@dataclass(frozen=True, eq=False)
class Opened:
    """A capture that is open and has given its first picture."""

    capture: Capture
    first: NDArray[Any]
    info: SourceInfo


class CaptureThread:
    """One opening of a capture: from `start` to `stop`.

    Args:
        title: For messages and the thread's name.
        opener: Opens the capture and reads its first picture; runs in the pump's thread.
        failed_reads_max: So many failed reads in a row mean that the source is lost.
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
        self._error: Exception | None = None
        self._newest: tuple[NDArray[Any], float] | None = None
        self._skipped = 0
        self._thread = threading.Thread(target=self._run, name=f"capture {title}", daemon=True)
        self._thread.start()

    def info(self, timeout_s: float) -> SourceInfo | None:
        """What was opened; None after the time-out or once stopped.

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
        """A picture not yet fetched, its time, and how many before it nobody fetched.

        None after the time-out or once stopped.

        Raises:
            SourceLostError: The capture gives no more pictures.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._newest or self._error or self._stopping.is_set(), timeout_s
            )
            if self._newest is None and self._error is not None:
                raise self._error
            if self._newest is None:
                return None
            (image, captured_s), self._newest = self._newest, None
            skipped, self._skipped = self._skipped, 0
            return image, captured_s, skipped

    @property
    def stopped(self) -> bool:
        """True once `stop` was called."""
        return self._stopping.is_set()

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
        capture: Capture | None = None
        try:
            opened = self._opener()
            capture = opened.capture
            with self._changed:
                self._newest = (opened.first, self._clock())
                self._info = opened.info
                self._changed.notify_all()
            self._read_on(capture)
        except Exception as error:
            self._fail(error)
        finally:
            if capture is not None:
                release(capture)

    def _read_on(self, capture: Capture) -> None:
        failed = 0
        while not self._stopping.is_set():
            picture = read_picture(capture)
            captured_s = self._clock()
            if picture is None:
                failed += 1
                if failed >= self._failed_reads_max:
                    raise lost_error(self._title)
                self._stopping.wait(RETRY_S)
                continue
            failed = 0
            with self._changed:
                self._skipped += self._newest is not None
                self._newest = (picture, captured_s)
                self._changed.notify_all()

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, FerLiveError):
            _log.exception("%s failed", self._title)
            error = SourceError(f"{self._title} failed: {error}.", "Choose another source.")
        with self._changed:
            self._error = error
            self._changed.notify_all()


def lost_error(title: str) -> SourceLostError:
    """A live source has stopped delivering."""
    return SourceLostError(
        f"{title} stopped giving pictures.",
        "It may be unplugged or disconnected; it is picked up again when it returns.",
    )
