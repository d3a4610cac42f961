"""Saves the user's settings, without flags that are valid for one run only."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from fer_live.core.settings import Settings
from fer_live.gui.controllers.tasks import Tasks

SAVE_DELAY_MS = 800
"""Time between the last change and its saving, milliseconds."""


class SettingsStore(QObject):
    """Saves changes a moment after they are made, off the GUI thread.

    Args:
        stored: The settings in the user's file.
        save: Writes settings; may be slow and may raise.
        tasks: Runs `save`.
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
        """Takes the values that differ between the two, and saves them soon."""
        changes = new.changes_since(old)
        if changes:
            self._stored = replace(self._stored, **changes)
            self._timer.start()

    def final(self, **values: Any) -> Settings:
        """Stops saving; returns what to write when the window closes, with these last values."""
        self._timer.stop()
        self._stored = replace(self._stored, **values)
        return self._stored

    def _write(self) -> None:
        stored = self._stored
        self._tasks.run("settings", lambda: self._save(stored), lambda _: None, self.failed.emit)
