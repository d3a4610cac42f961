"""A thread that is fed through a small bounded queue."""

import queue
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

_Item = TypeVar("_Item")

POLL_S = 0.1
"""How soon a waiting `offer` or `stop` notices that the thread has ended."""


class Feed(Generic[_Item]):
    """Hands items to one thread, in order. `offer` belongs to one thread too.

    Args:
        name: Of the thread.
        handle: Called in the thread for each item.
        ended: Called in the thread at the end: with None after `stop`, or with what `handle`
            raised, after which nothing is handled any more.
        capacity: Items that may wait.
        wait: Let `offer` wait for room.
    """

    def __init__(
        self,
        name: str,
        handle: Callable[[_Item], None],
        ended: Callable[[Exception | None], None],
        *,
        capacity: int,
        wait: bool = False,
    ) -> None:
        self._handle = handle
        self._ended = ended
        self._wait = wait
        self._queue: queue.Queue[_Item | None] = queue.Queue(capacity)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._open = True
        self._hurry = threading.Event()

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

    def stop(self, timeout_s: float) -> bool:
        """Lets the thread handle what is waiting, then end; True if it has.

        What still waits after the time is thrown away, and half the time is waited once more. May
        be called twice, and without a start.
        """
        self._open = False
        if self._thread.ident is None:
            return True
        deadline_s = time.monotonic() + timeout_s
        while self._thread.is_alive() and time.monotonic() < deadline_s:
            try:
                self._queue.put(None, timeout=POLL_S)
                break
            except queue.Full:
                continue
        self._thread.join(max(0.0, deadline_s - time.monotonic()))
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
