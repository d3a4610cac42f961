"""Waiting in tests: runs Qt's event loop until something is true."""

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QDeadlineTimer, QEvent, QEventLoop

LONGEST_S = 10.0


def wait_for(ready: Callable[[], object], what: str, timeout_s: float = LONGEST_S) -> None:
    """Handles events until `ready`; fails the test after the timeout."""
    until = time.monotonic() + timeout_s
    while not ready():
        assert time.monotonic() < until, f"waited {timeout_s} s for {what}"
        # Comes back at the next event; at the latest after 20 ms.
        QCoreApplication.processEvents(
            QEventLoop.ProcessEventsFlag.WaitForMoreEvents, QDeadlineTimer(20)
        )


def settle() -> None:
    """Handles everything that is due, deletions too."""
    QCoreApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()
