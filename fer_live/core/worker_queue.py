"""A thread that is fed through a small bounded queue."""

import queue
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from fer_live.core.types import ImageBgr

_Item = TypeVar("_Item")

FULL_HD_BYTES = 1920 * 1080 * 3
"""What each picture is reckoned at, at least."""

POLL_S = 0.1
"""How soon a waiting `offer` or `stop` notices that the thread has ended."""


class _PictureQueue(queue.Queue[_Item | None]):
    """A queue whose size is the bytes of its pictures; the last to get in may pass the limit."""

    def __init__(self, capacity: int, picture: Callable[[_Item], ImageBgr]) -> None:
        self._picture = picture
        self._bytes = 0
        super().__init__(capacity * FULL_HD_BYTES)

    def _qsize(self) -> int:
        return self._bytes

    def _put(self, item: _Item | None) -> None:
        super()._put(item)
        self._bytes += self._bytes_of(item)

    def _get(self) -> _Item | None:
        item: _Item | None = super()._get()
        self._bytes -= self._bytes_of(item)
        return item

    def _bytes_of(self, item: _Item | None) -> int:
        return 1 if item is None else max(self._picture(item).nbytes, FULL_HD_BYTES)


class WorkerQueue(Generic[_Item]):
    """Hands items to one thread, in order. `offer` belongs to one thread too.

    Args:
        name: Of the thread.
        handle: Called in the thread for each item.
        ended: Called in the thread at the end: with None after `stop`, or with what `handle`
            raised, after which nothing is handled any more.
        capacity: Items that may wait; larger pictures than 1920x1080 count for more.
        picture: That of an item.
        wait: Let `offer` wait for room.
    """

    def __init__(
        self,
        name: str,
        handle: Callable[[_Item], None],
        ended: Callable[[Exception | None], None],
        *,
        capacity: int,
        picture: Callable[[_Item], ImageBgr],
        wait: bool = False,
    ) -> None:
        self._handle = handle
        self._ended = ended
        self._wait = wait
        self._queue = _PictureQueue(capacity, picture)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._open = True
        self._hurry = threading.Event()

    @property
    def oldest(self) -> _Item | None:
        """What has waited longest; None while nothing waits."""
        with self._queue.mutex:
            return self._queue.queue[0] if self._queue.queue else None

    @property
    def alive(self) -> bool:
        """The thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def offer(self, item: _Item) -> bool:
        """Hands over an item; False if there is no room, or it has ended."""
        while self._open:
            try:
                self._queue.put(item, block=self._wait, timeout=POLL_S)
            except queue.Full:
                if not self._wait:
                    return False
            else:
                return True
        return False

    def stop(self, timeout_s: float, progress: Callable[[], int] = lambda: 0) -> bool:
        """Lets the thread handle what is waiting, then end; True if it has.

        What still waits after the time is thrown away, and half the time is waited once more. May
        be called twice, and without a start.

        Args:
            timeout_s: Longest wait.
            progress: The time begins anew whenever this has changed.
        """
        self._open = False
        if self._thread.ident is None:
            return True
        told = False
        seen, since_s = progress(), time.monotonic()
        while self._thread.is_alive() and time.monotonic() - since_s < timeout_s:
            if told:
                self._thread.join(POLL_S)
            else:
                try:
                    self._queue.put(None, timeout=POLL_S)
                    told = True
                except queue.Full:
                    pass
            if (now := progress()) != seen:
                seen, since_s = now, time.monotonic()
        self._hurry.set()
        self._thread.join(timeout_s / 2)
        return not self._thread.is_alive()

    def _run(self) -> None:
        failure: Exception | None = None
        try:
            while (item := self._queue.get()) is not None:
                if not self._hurry.is_set():
                    self._handle(item)
        except Exception as error:
            failure = error
        self._open = False
        self._ended(failure)
        while not self._queue.empty():
            self._queue.get_nowait()
