"""When Python's garbage is collected while the window runs."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

INTERVAL_MS = 1000
"""Interval at which new objects are looked through."""
MIDDLE_EVERY, OLD_EVERY = 10, 120
"""So many intervals are between looks at objects that outlived one look, and two."""
GROWTH = 1.25
"""Those that outlived two are looked through once there are so many times more, as Python does it:
for 100,000 of them it stops every thread for 40 to 90 ms."""


@contextmanager
def collected_between_events(app: QApplication) -> Iterator[None]:
    """Collects garbage by a timer of the GUI thread, and at no other time.

    By itself Python collects wherever the next object is made: on a worker thread, or in a method
    that Qt calls for one widget after the other, as when the theme changes. A widget that nobody
    holds any more is deleted then, and Qt crashes when its turn comes.

    Args:
        app: Its event loop runs the timer.
    """
    looks = old_objects = 0

    def look() -> None:
        nonlocal looks, old_objects
        looks += 1
        gc.collect(1 if looks % MIDDLE_EVERY == 0 else 0)
        if looks % OLD_EVERY == 0 and len(gc.get_objects(2)) > GROWTH * old_objects:
            gc.collect()
            old_objects = len(gc.get_objects(2))

    enabled = gc.isenabled()
    gc.disable()
    timer = QTimer(app, interval=INTERVAL_MS)
    timer.timeout.connect(look)
    timer.start()
    try:
        yield
    finally:
        timer.stop()
        timer.deleteLater()
        if enabled:
            gc.enable()
