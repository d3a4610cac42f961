"""The hand-over of one item between two threads: nothing queues up behind a slow reader."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SlotClosedError(Exception):
    """The slot is closed: nothing more can be put, or nothing is left to get.

    Args:
        error: Why it was closed; None for the normal end.
    """

    def __init__(self, error: BaseException | None = None) -> None:
        super().__init__("the slot is closed" if error is None else f"closed by {error!r}")
        self.error = error


class LatestSlot(Generic[T]):
    """Holds at most one item between a writer and a reader.

    Items are numbered from 0 as they are put, so that a reader sees from a gap how many it
    missed. Safe to use from any thread.

    Args:
        lossless: False, for live use: a new item replaces one that was not read, and neither side
            ever waits for the other. True, where nothing may be lost: `put` waits for room.
        on_drop: Called with every item that is dropped unread, on the thread that dropped it,
            with no lock held.
    """

    def __init__(
        self, *, lossless: bool = False, on_drop: Callable[[T], None] | None = None
    ) -> None:
        self._lossless = lossless
        self._on_drop = on_drop
        self._changed = threading.Condition()
        self._items: list[T] = []
        self._count = 0
        self._dropped = 0
        self._closed = False
        self._error: BaseException | None = None

    @property
    def dropped(self) -> int:
        """Items dropped unread so far."""
        with self._changed:
            return self._dropped

    @property
    def closed(self) -> bool:
        """True once either side has closed it; an unread item may still wait inside."""
        with self._changed:
            return self._closed

    def put(self, item: T, timeout_s: float = 0.0) -> bool:
        """Puts an item for the reader.

        Args:
            item: The item.
            timeout_s: Longest wait for room; only a lossless slot ever waits.

        Returns:
            True if the slot took it; False if a lossless slot had no room in time.

        Raises:
            SlotClosedError: The slot is closed; the item was not taken.
        """
        with self._changed:
            if self._lossless:
                self._changed.wait_for(lambda: self._closed or not self._items, timeout_s)
            if self._closed:
                raise SlotClosedError(self._error)
            if self._items and self._lossless:
                return False
            replaced = self._take_all()
            self._items.append(item)
            self._count += 1
            self._changed.notify_all()
        self._report(replaced)
        return True

    def get(self, timeout_s: float) -> tuple[int, T] | None:
        """Takes the item that waits, or waits for one.

        Args:
            timeout_s: Longest wait.

        Returns:
            The item and its number, or None if none came in time.

        Raises:
            SlotClosedError: The slot is closed and empty.
        """
        deadline_s = time.monotonic() + timeout_s
        with self._changed:
            while not self._items:
                if self._closed:
                    raise SlotClosedError(self._error)
                left_s = deadline_s - time.monotonic()
                if left_s <= 0:
                    return None
                self._changed.wait(left_s)
            item = self._items.pop()
            self._changed.notify_all()
            return self._count - 1, item

    def close(self, error: BaseException | None = None) -> None:
        """Ends the hand-over and wakes all waiting threads. A waiting item can still be read.

        Args:
            error: Why, for the other side; the first close counts.
        """
        with self._changed:
            if not self._closed:
                self._closed, self._error = True, error
            self._changed.notify_all()

    def discard(self) -> int:
        """Drops the waiting item and counts it; returns how many were dropped."""
        with self._changed:
            thrown = self._take_all()
            self._changed.notify_all()
        self._report(thrown)
        return len(thrown)

    def _take_all(self) -> list[T]:
        # For items that are replaced or discarded; the caller holds the lock.
        items, self._items = self._items, []
        self._dropped += len(items)
        return items

    def _report(self, thrown: list[T]) -> None:
        if self._on_drop is not None:
            for item in thrown:
                self._on_drop(item)
