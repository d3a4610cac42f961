"""Keeps the user's settings on disk, apart from flags that were given for this time only."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from fer_live.core.settings import Settings
from fer_live.gui.controllers.tasks import Tasks

SAVE_DELAY_MS = 800
"""Settings are written so long after the last change."""


class SettingsStore(QObject):
    """Writes changes a moment after they were made, off the GUI thread.

    Args:
        stored: What is in the user's file.
        save: Writes settings; may be slow and may raise.
        tasks: Runs it.
    """

    failed = Signal(object)
    """An exception."""

    def __init__(self, stored: Settings, save: Callable[[Settings], None], tasks: Tasks) -> None:
        super().__init__(tasks)
        self._stored = stored
        self._save = save
        self._tasks = tasks
        self._timer = QTimer(self, interval=SAVE_DELAY_MS, singleShot=True)
        self._timer.timeout.connect(self._write)

    def take(self, old: Settings, new: Settings) -> None:
        """Remembers what differs between the two."""
        changes = {n: v for n, v in vars(new).items() if v != getattr(old, n)}
        if changes:
            self._stored = replace(self._stored, **changes)
            self._timer.start()

    def last(self, **values: Any) -> Settings:
        """What to write when the window closes, with a few last values; stops the timer."""
        self._timer.stop()
        self._stored = replace(self._stored, **values)
        return self._stored

    def _write(self) -> None:
        stored = self._stored
        self._tasks.run("settings", lambda: self._save(stored), lambda _: None, self.failed.emit)
