"""Keeps the list of cameras: looks when asked, and by itself while there is none."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from fer_live.gui.services import CameraLike
from fer_live.gui.tasks import Tasks

INTERVAL_MS = 3000
"""Without a camera, one is looked for this often; it starts by itself when it is plugged in."""


class Cameras(QObject):
    """Lists cameras off the GUI thread.

    Args:
        list_cameras: May be slow.
        tasks: Runs it.
    """

    looking = Signal()
    found = Signal(object)
    """A tuple of cameras; empty if there is none."""
    arrived = Signal()
    """There is a camera after `wait_for_one`."""
    failed = Signal(object)
    """An exception."""

    def __init__(
        self, list_cameras: Callable[[], Sequence[CameraLike]], tasks: Tasks, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._list = list_cameras
        self._tasks = tasks
        self._waiting = self._busy = False
        self._timer = QTimer(self, interval=INTERVAL_MS, singleShot=True)
        self._timer.timeout.connect(self._run)

    def look(self) -> None:
        """Lists them now; `looking` and then `found` follow."""
        self.looking.emit()
        self._run()

    def wait_for_one(self, wait: bool) -> None:
        """Begins or ends looking again and again until there is one."""
        self._waiting = wait
        if wait:
            self._timer.start()
        else:
            self._timer.stop()

    def _run(self) -> None:
        if not self._busy:
            self._busy = True
            self._tasks.run("cameras", self._list, self._take, self._fail)

    def _take(self, cameras: Sequence[CameraLike]) -> None:
        self._busy = False
        self.found.emit(tuple(cameras))
        if self._waiting and cameras:
            self.wait_for_one(False)
            self.arrived.emit()
        elif self._waiting:
            self._timer.start()

    def _fail(self, error: Exception) -> None:
        self._busy = False
        self.wait_for_one(False)
        self.found.emit(())
        self.failed.emit(error)
