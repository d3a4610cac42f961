"""Waiting in tests: runs Qt's event loop until something is true."""

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QDeadlineTimer, QEvent, QEventLoop

LONGEST_S = 10.0
PAUSE_S = 0.002
"""Between two looks: other threads, which the test waits for, get the processor meanwhile."""


def wait_for(ready: Callable[[], object], what: str, timeout_s: float = LONGEST_S) -> None:
    """Handles events until `ready`; fails the test after the timeout."""
    until = time.monotonic() + timeout_s
    while not ready():
        assert time.monotonic() < until, f"waited {timeout_s} s for {what}"
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, QDeadlineTimer(20))
        # Qt returns as soon as there is nothing to do: without a pause this loop would spin.
        time.sleep(PAUSE_S)


def settle() -> None:
    """Handles everything that is due, deletions too."""
    QCoreApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()
