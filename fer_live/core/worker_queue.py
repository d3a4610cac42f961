"""A worker thread with a small bounded queue of items that hold images."""

import queue
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from fer_live.core.types import ImageBgr

_Item = TypeVar("_Item")

FULL_HD_BYTES = 1920 * 1080 * 3
"""Smallest size that an image counts for, bytes."""

POLL_S = 0.1
"""Longest time until a waiting `offer` or `stop` notices that the thread has ended, seconds."""


class _ImageQueue(queue.Queue[_Item | None]):
    """A queue limited by the bytes of its images; the last one accepted may exceed the limit."""

    def __init__(self, capacity: int, image: Callable[[_Item], ImageBgr]) -> None:
        self._image = image
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
        return 1 if item is None else max(self._image(item).nbytes, FULL_HD_BYTES)


class WorkerQueue(Generic[_Item]):
    """Passes items to one thread, in order. One other thread calls `offer`.

    Args:
        name: Name of the thread.
        handle: Called in the thread for each item.
        ended: Called in the thread at the end: with None after `stop`, or with the exception of
            `handle`, after which no item is handled.
        capacity: Most items that wait; images larger than 1920x1080 count for more.
        image: Returns the image of an item.
        wait: `offer` waits for room.
    """

    def __init__(
        self,
        name: str,
        handle: Callable[[_Item], None],
        ended: Callable[[Exception | None], None],
        *,
        capacity: int,
        image: Callable[[_Item], ImageBgr],
        wait: bool = False,
    ) -> None:
        self._handle = handle
        self._ended = ended
        self._wait = wait
        self._queue = _ImageQueue(capacity, image)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._open = True
        self._hurry = threading.Event()

    @property
    def oldest(self) -> _Item | None:
        """The item that has waited longest; None while the queue is empty."""
        with self._queue.mutex:
            return self._queue.queue[0] if self._queue.queue else None

    @property
    def alive(self) -> bool:
        """True while the thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def offer(self, item: _Item) -> bool:
        """Queues an item; False if there is no room or the thread has ended."""
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
        """Lets the thread handle the queued items and end; True if it has ended.

        After the time-out the remaining items are discarded, and the thread gets half the time once
        more. May be called twice, and without `start`.

        Args:
            timeout_s: Longest wait without progress, seconds.
            progress: The wait restarts whenever its value changes.
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
