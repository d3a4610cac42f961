"""Slow calls off the GUI thread: listing cameras, writing files, finishing a recording."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

_log = logging.getLogger(__name__)

T = TypeVar("T")


class Tasks(QObject):
    """Runs calls on worker threads of their own and brings the answers to the GUI thread.

    The threads are daemons: one that hangs in a driver cannot keep the program from ending.
    """

    _answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        name: str,
        work: Callable[[], T],
        done: Callable[[T], object],
        failed: Callable[[Exception], object],
    ) -> None:
        """Calls `work` on a worker thread, then `done` or `failed` on the GUI thread.

        Args:
            name: Of the thread.
            work: Must not touch widgets.
            done: Gets what `work` returned.
            failed: Gets what `work` raised.
        """

        def body() -> None:
            answer: Callable[[], object]
            try:
                value = work()
                answer = lambda: done(value)  # noqa: E731
            except Exception as raised:
                error = raised
                answer = lambda: failed(error)  # noqa: E731
            self._hand_over(answer)
            with self._lock:
                self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=body, name=f"fer-gui-{name}", daemon=True)
        with self._lock:
            self._threads.add(thread)
        thread.start()

    def close(self, timeout_s: float) -> bool:
        """Drops answers still to come and waits for the workers; False if one hangs."""
        self._closed = True
        until = time.monotonic() + timeout_s
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(max(until - time.monotonic(), 0.0))
        alive = [t.name for t in threads if t.is_alive()]
        if alive:
            _log.warning("still running at the end: %s", ", ".join(alive))
        return not alive

    def _hand_over(self, answer: Callable[[], object]) -> None:
        if self._closed:
            return
        try:
            self._answered.emit(answer)
        except RuntimeError:
            _log.debug("an answer came after the window was gone")

    @Slot(object)
    def _deliver(self, answer: Any) -> None:
        if not self._closed:
            answer()
