"""Recording from the window: starts and finishes a recorder off the GUI thread, shows its state."""

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from fer_live.config import Settings
from fer_live.gui.services import EngineLike, RecorderLike, Services
from fer_live.gui.tasks import Tasks

if TYPE_CHECKING:
    from fer_live.recording.video import RecordingSummary

CLOSE_WAIT_S = 2.0
"""Longest wait, at the end, for a file that is just being opened."""
LOOK_INTERVAL_MS = 250
"""How often the elapsed time is shown."""


class Recording(QObject):
    """At most one recording at a time.

    Args:
        services: Makes the recorder.
        tasks: Runs what may be slow.
    """

    changed = Signal()
    """Started, finished, or new figures to show."""
    finished = Signal(object)
    """A `RecordingSummary`."""
    failed = Signal(object)
    """An exception."""

    def __init__(self, services: Services, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._recorder: RecorderLike | None = None
        self._engine: EngineLike | None = None
        self._busy = self._finishing = self._unwanted = False
        self._opened: RecorderLike | None = None
        self._ready = threading.Event()
        self._ready.set()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_INTERVAL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def recorder(self) -> RecorderLike | None:
        """The one that is taking frames, or None."""
        return self._recorder

    @property
    def busy(self) -> bool:
        """True while a file is being opened or finished."""
        return self._busy

    @property
    def finishing(self) -> bool:
        """True while a file is being finished, or will be as soon as it is open."""
        return self._busy and (self._finishing or self._unwanted)

    def start(
        self,
        engine: EngineLike,
        settings: Callable[[], Settings],
        fps: Callable[[], float | None],
    ) -> None:
        """Opens a file and takes the engine's frames from then on; `settings` as they are now."""
        if self._recorder is not None or self._busy:
            self.changed.emit()
            return
        self._busy, self._unwanted = True, False
        self._ready.clear()

        def work() -> RecorderLike:
            try:
                recorder = self._services.make_recorder(settings, fps)
                recorder.start()
                self._opened = recorder
                return recorder
            finally:
                self._ready.set()

        self._tasks.run("record", work, partial(self._started, engine), self._failed)
        self.changed.emit()

    def stop(self) -> None:
        """Finishes the file; `finished` follows. Harmless when nothing is recorded."""
        recorder = self._detach()
        if recorder is not None:
            self._finish(recorder)
        elif self._busy and not self._finishing:
            self._unwanted = True
            self.changed.emit()

    def _finish(self, recorder: RecorderLike) -> None:
        self._busy = self._finishing = True
        self._tasks.run("finish", recorder.stop, self._finished, self._failed)
        self.changed.emit()

    def close(self) -> None:
        """Finishes for good when the window closes; blocks, so for a worker thread."""
        self._ready.wait(CLOSE_WAIT_S)
        recorder = self._opened
        if recorder is not None:
            recorder.stop()

    def _detach(self) -> RecorderLike | None:
        self._timer.stop()
        recorder, self._recorder = self._recorder, None
        engine, self._engine = self._engine, None
        if recorder is not None and engine is not None:
            engine.remove_sink(recorder)
        return recorder

    def _started(self, engine: EngineLike, recorder: RecorderLike) -> None:
        if self._unwanted or engine.state.final:
            self._finish(recorder)
            return
        self._busy = False
        self._recorder, self._engine = recorder, engine
        engine.add_sink(recorder)
        self._timer.start()
        self.changed.emit()

    def _finished(self, summary: "RecordingSummary") -> None:
        self._busy = self._finishing = self._unwanted = False
        self._opened = None
        self.finished.emit(summary)
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self._busy = self._finishing = self._unwanted = False
        self.failed.emit(error)
        self.changed.emit()

    def _look(self) -> None:
        if self._recorder is not None and self._recorder.error is not None:
            self.stop()
        else:
            self.changed.emit()
