"""Keeps the list of cameras: looks when asked, and by itself while there is none."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from fer_live.core.errors import SourceBusyError
from fer_live.gui.controllers.tasks import Tasks
from fer_live.gui.protocols import CameraLike
from fer_live.gui.widgets.video_view import Message
from fer_live.gui.window import messages
from fer_live.gui.window.source_menu import fitting, spec_of
from fer_live.live.states import EngineEvent, State

INTERVAL_MS = 3000
"""Without a camera, one is looked for this often; it starts by itself when it is plugged in."""
BUSY_RETRY_MS = 4000
"""A camera that another program holds is tried again this often."""


class Cameras(QObject):
    """Lists cameras off the GUI thread.

    Args:
        list_cameras: May be slow.
        tasks: Runs it.
    """

    looking = Signal()
    found = Signal(object)
    """A tuple of cameras; empty if there is none."""
    arrived = Signal(bool)
    """It is time to try what was waited for; True if quietly, as it may be in vain."""
    failed = Signal(object)
    """An exception."""

    def __init__(
        self, list_cameras: Callable[[], Sequence[CameraLike]], tasks: Tasks, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._list = list_cameras
        self._tasks = tasks
        self._busy = False
        self._wanted: str | None = None
        self._there: tuple[CameraLike, ...] = ()
        self._in_vain = False
        self._timer = QTimer(self, interval=INTERVAL_MS, singleShot=True)
        self._timer.timeout.connect(self._run)
        self._retry = QTimer(self, interval=BUSY_RETRY_MS, singleShot=True)
        self._retry.timeout.connect(lambda: self.arrived.emit(True))

    def look(self) -> None:
        """Lists them now; `looking` and then `found` follow."""
        self.looking.emit()
        self._run()

    @property
    def waiting(self) -> bool:
        """True while `arrived` is to be expected."""
        return self._wanted is not None or self._retry.isActive()

    def wait_after(self, event: EngineEvent, source: str, title: str) -> Message | None:
        """Begins to wait for a camera that could not be opened as it is absent or busy.

        Args:
            event: From the engine.
            source: What was opened, as text.
            title: Its name.

        Returns:
            What to say meanwhile; None if it was something else, or waiting would not help.
        """
        if event.state is not State.FAILED or spec_of(source, self._there).kind != "camera":
            return None
        message = messages.waiting_for_camera(event, title)
        if message is None:
            return None
        if isinstance(event.error, SourceBusyError):
            self.retry_later()
            return message
        there = fitting(source, self._there)
        if source and len(there) > 1:
            # Several cameras have that name: only the user knows which one is meant.
            return None
        self.wait_for(source)
        self._in_vain = bool(there)
        return message

    def wait_for(self, source: str) -> None:
        """Looks again and again until the camera is there; '' is any."""
        self._retry.stop()
        self._wanted, self._in_vain = source, False
        self._timer.start()

    def retry_later(self) -> None:
        """Lets a camera that is there, but busy, be tried again in a while."""
        self.give_up()
        self._retry.start()

    def give_up(self) -> None:
        """Waits for nothing any more."""
        self._wanted = None
        self._timer.stop()
        self._retry.stop()

    def _run(self) -> None:
        if not self._busy:
            self._busy = True
            self._tasks.run("cameras", self._list, self._take, self._fail)

    def _take(self, cameras: Sequence[CameraLike]) -> None:
        self._busy = False
        self._there = tuple(cameras)
        self.found.emit(self._there)
        if self._wanted is None:
            return
        if fitting(self._wanted, cameras):
            self.give_up()
            self.arrived.emit(self._in_vain)
        else:
            self._timer.start()

    def _fail(self, error: Exception) -> None:
        self._busy = False
        self.give_up()
        self.found.emit(())
        self.failed.emit(error)
