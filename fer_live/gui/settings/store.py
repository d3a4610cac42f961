"""Saves the user's settings, without flags that are valid for one run only."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
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
        save: Writes those of the settings whose names it is given; may be slow and may raise.
        tasks: Runs `save`.
    """

    failed = Signal(object)
    """An exception."""

    def __init__(
        self,
        stored: Settings,
        save: Callable[[Settings, Collection[str]], None],
        tasks: Tasks,
    ) -> None:
        super().__init__(tasks)
        self._stored = stored
        self._changed: frozenset[str] = frozenset()
        self._save = save
        self._tasks = tasks
        self._timer = QTimer(self, interval=SAVE_DELAY_MS, singleShot=True)
        self._timer.timeout.connect(self._write)

    def take(self, old: Settings, new: Settings) -> None:
        """Takes the values that differ between the two, and saves them soon."""
        changes = new.changes_since(old)
        if changes:
            self._change(changes)
            self._timer.start()

    def final(self, **values: Any) -> Callable[[], None]:
        """Stops saving; returns what saves when the window closes, with these last values."""
        self._timer.stop()
        self._change(values)
        return partial(self._save, self._stored, self._changed)

    def _change(self, values: Mapping[str, Any]) -> None:
        self._stored = replace(self._stored, **values)
        self._changed |= values.keys()

    def _write(self) -> None:
        save = partial(self._save, self._stored, self._changed)
        self._tasks.run("settings", save, lambda _: None, self.failed.emit)
