"""The list of cameras, waiting for a camera that is absent or busy, and the camera check."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from fer_live.core.errors import SourceBusyError
from fer_live.core.formats import matching_cameras
from fer_live.core.settings import Settings
from fer_live.gui.controllers.tasks import Tasks
from fer_live.gui.error_texts import error_text
from fer_live.gui.protocols import CameraLike, CheckCamera
from fer_live.gui.widgets.video_view import Message
from fer_live.gui.window.camera_formats import offered_formats
from fer_live.gui.window.source_menu import parse
from fer_live.gui.window.source_messages import waiting_for_camera
from fer_live.live.states import EngineEvent, State

if TYPE_CHECKING:
    from fer_live.capture.camera_check import CameraCheck
    from fer_live.gui.window.camera_check_dialog import CameraCheckDialog

SEARCH_INTERVAL_MS = 3000
"""Interval at which an absent camera is searched for."""
BUSY_RETRY_MS = 4000
"""Interval at which a camera that another program uses is tried again."""


class Cameras(QObject):
    """Lists cameras off the GUI thread, once or while a camera is waited for.

    Args:
        list_cameras: Returns the connected cameras; may be slow.
        tasks: Runs it.
    """

    search_started = Signal()
    found = Signal(object)
    """The cameras as a tuple; empty if there are none."""
    ready = Signal(bool)
    """The camera that is waited for can be tried; True if quietly, because it may fail again."""
    failed = Signal(object)
    """The exception for which the cameras could not be listed."""

    def __init__(
        self, list_cameras: Callable[[], Sequence[CameraLike]], tasks: Tasks, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._list = list_cameras
        self._tasks = tasks
        self._searching = False
        self._awaited: str | None = None
        self._cameras: tuple[CameraLike, ...] = ()
        self._was_present = False
        self._timer = QTimer(self, interval=SEARCH_INTERVAL_MS, singleShot=True)
        self._timer.timeout.connect(self._run)
        self._retry = QTimer(self, interval=BUSY_RETRY_MS, singleShot=True)
        self._retry.timeout.connect(lambda: self.ready.emit(True))

    def search(self) -> None:
        """Lists the cameras now; `search_started` and then `found` follow."""
        self.search_started.emit()
        self._run()

    @property
    def waiting(self) -> bool:
        """True while a camera is waited for, so that `ready` will follow."""
        return self._awaited is not None or self._retry.isActive()

    def wait_after(self, event: EngineEvent, source: str, title: str) -> Message | None:
        """Starts to wait for a camera that could not be opened because it is absent or busy.

        Args:
            event: From the engine.
            source: The source string.
            title: The source's title.

        Returns:
            The message to show meanwhile; None for any other event, and where waiting is useless.
        """
        if event.state is not State.FAILED or parse(source, self._cameras).kind != "camera":
            return None
        message = waiting_for_camera(event, title)
        if message is None:
            return None
        if isinstance(event.error, SourceBusyError):
            self.retry_later()
            return message
        present = matching_cameras(source, self._cameras)
        if source and len(present) > 1:
            # Several cameras have that name; the user must choose one.
            return None
        self.wait_for(source)
        self._was_present = bool(present)
        return message

    def wait_for(self, source: str) -> None:
        """Searches until the camera is present; an empty string is any camera."""
        self._retry.stop()
        self._awaited, self._was_present = source, False
        self._timer.start()

    def retry_later(self) -> None:
        """Tries a camera that is present but busy again later."""
        self.stop_waiting()
        self._retry.start()

    def stop_waiting(self) -> None:
        """Waits for no camera any more."""
        self._awaited = None
        self._timer.stop()
        self._retry.stop()

    def _run(self) -> None:
        if not self._searching:
            self._searching = True
            self._tasks.run("cameras", self._list, self._take, self._fail)

    def _take(self, cameras: Sequence[CameraLike]) -> None:
        self._searching = False
        self._cameras = tuple(cameras)
        self.found.emit(self._cameras)
        if self._awaited is None:
            return
        if matching_cameras(self._awaited, cameras):
            self.stop_waiting()
            self.ready.emit(self._was_present)
        else:
            self._timer.start()

    def _fail(self, error: Exception) -> None:
        self._searching = False
        self.stop_waiting()
        self.found.emit(())
        self.failed.emit(error)


class CameraCheckRun(QObject):
    """One camera check: the dialog, and the work on a thread of its own.

    Args:
        check: Measures the camera; slow.
        tasks: Runs it.
        parent: The window.
    """

    ended = Signal()
    """The camera is free again."""

    def __init__(self, check: CheckCamera, tasks: Tasks, parent: QWidget) -> None:
        super().__init__(parent)
        self._check = check
        self._tasks = tasks
        self._window = parent
        self.dialog: CameraCheckDialog | None = None

    @property
    def running(self) -> bool:
        """Whether a camera is being checked."""
        return self._busy

    _busy = False

    def begin(self, camera: CameraLike) -> None:
        """Opens the dialog; `measure` follows when the camera is free."""
        from fer_live.gui.window.camera_check_dialog import CameraCheckDialog

        self._busy = True
        self.dialog = CameraCheckDialog(camera.name, self._window)
        self.dialog.destroyed.connect(self._forget)
        self.dialog.open()

    def measure(self, camera: CameraLike, source: str, settings: Settings) -> None:
        """Measures a camera that nobody holds."""
        offered = offered_formats(camera.name)
        self._tasks.run(
            "camera check", lambda: self._check(source, settings, offered), self._show, self._fail
        )

    def _show(self, check: "CameraCheck") -> None:
        self._busy = False
        if self.dialog is not None:
            self.dialog.show_check(check)
        self.ended.emit()

    def _fail(self, error: Exception) -> None:
        self._busy = False
        if self.dialog is not None:
            self.dialog.show_problem(error_text(error))
        self.ended.emit()

    def _forget(self) -> None:
        self.dialog = None
