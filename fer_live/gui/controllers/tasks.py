"""Slow calls off the GUI thread: listing cameras, writing files, finishing a recording."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot
from shiboken6 import isValid

_log = logging.getLogger(__name__)

T = TypeVar("T")


class _CallQueue(QObject):
    """Runs functions on the GUI thread, one after another; the application has one, to its end.

    Only this object's signal is emitted by other threads. No window owns it: Qt crashes if an
    object is deleted while another thread emits its signal. Its one slot has the decorator, so that
    its meta-object never changes: when a method without one is connected, PySide extends the
    meta-object, which another thread may be reading.
    """

    queued = Signal(object)

    def __init__(self, app: QCoreApplication) -> None:
        super().__init__(app)
        self.queued.connect(self._run, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def _run(self, function: Any) -> None:
        function()


class GuiCalls(QObject):
    """Carries calls of worker threads to the GUI thread, one after another.

    Args:
        parent: What the calls concern; they come to nothing once it is deleted.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        app = QCoreApplication.instance()
        assert app is not None
        self._queue = app.findChild(_CallQueue) or _CallQueue(app)

    def call(self, function: Callable[[], object]) -> None:
        """Has a function called on the GUI thread, soon; not at all once the parent is deleted."""

        def run() -> None:
            # This object is deleted with its parent, and on the GUI thread as well.
            if isValid(self):
                function()

        try:
            self._queue.queued.emit(run)
        except RuntimeError:
            _log.debug("a worker thread outlived the application")


class Tasks(QObject):
    """Runs each call on its own worker thread and delivers the outcome on the GUI thread.

    The threads are daemons, so that one that hangs in a driver cannot keep the program alive.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gui = GuiCalls(self)
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._pending = 0

    @property
    def running(self) -> bool:
        """True while a worker thread runs or an outcome waits to be delivered."""
        return self._pending > 0

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
            done: Called with what `work` returned.
            failed: Called with what `work` raised.
        """

        def body() -> None:
            callback: Callable[[], object]
            try:
                value = work()
                callback = lambda: done(value)  # noqa: E731
            except Exception as raised:
                error = raised
                callback = lambda: failed(error)  # noqa: E731
            self._gui.call(lambda: self._deliver(callback))
            with self._lock:
                self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=body, name=f"fer-gui-{name}", daemon=True)
        with self._lock:
            self._threads.add(thread)
        self._pending += 1
        thread.start()

    def close(self, timeout_s: float) -> bool:
        """Drops outcomes still to come and waits for the workers; False if one does not end."""
        self._closed = True
        until = time.monotonic() + timeout_s
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(max(until - time.monotonic(), 0.0))
        alive = [thread.name for thread in threads if thread.is_alive()]
        if alive:
            _log.warning("threads still running when the window closed: %s", ", ".join(alive))
        return not alive

    def _deliver(self, callback: Callable[[], object]) -> None:
        self._pending -= 1
        if not self._closed:
            callback()
