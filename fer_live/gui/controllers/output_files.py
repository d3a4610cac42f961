"""Writes snapshots and reports, and opens files and folders in the desktop's programs."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from fer_live.core.errors import RecordingError
from fer_live.core.settings import Settings
from fer_live.gui.controllers.display_renderer import DisplayRenderer
from fer_live.gui.controllers.engine_bridge import EngineBridge
from fer_live.gui.controllers.tasks import Tasks
from fer_live.gui.protocols import Services
from fer_live.gui.widgets.notice import Notice, NoticeArea
from fer_live.gui.widgets.video_view import VideoView
from fer_live.gui.window.output_messages import NO_IMAGE, NOT_SEARCHED, NUMBERS_ONLY
from fer_live.gui.window.status_bar import StatusBar


class OutputHost(Protocol):
    """The part of the window that the output controllers use."""

    settings: Settings
    bridge: EngineBridge
    view: VideoView
    renderer: DisplayRenderer
    notices: NoticeArea
    status: StatusBar

    @property
    def fps(self) -> float | None:
        """The frame rate drawn on the video, frames per second."""
        ...


class OutputFiles(QObject):
    """Writes and opens files off the GUI thread.

    Args:
        host: The window.
        services: Writes the files.
        tasks: Runs the writing off the GUI thread.
    """

    def __init__(self, host: OutputHost, services: Services, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._host = host
        self._services = services
        self._tasks = tasks
        self._saving = False

    def take_snapshot(self) -> None:
        """Saves the frame on screen; one snapshot at a time."""
        host = self._host
        if self._saving:
            return
        result = host.view.result
        if host.settings.record_pictures == "none":
            host.notices.show_notice(NUMBERS_ONLY)
            return
        if result is None:
            host.notices.show_notice(NO_IMAGE)
            return
        if host.settings.hiding != "none" and result.found is None:
            host.notices.show_notice(NOT_SEARCHED)
            return
        engine, settings, fps = host.bridge.engine, host.settings, host.fps
        hidden = host.renderer.hidden_boxes()
        model = engine.model_name if engine else None
        host.status.show_state("Saving the snapshot…")
        self._saving = True

        def done(path: Path) -> None:
            self._saving = False
            self.show_saved(Notice(f"Saved {path.name}.", str(settings.output_dir), kind="done"))

        def failed(error: Exception) -> None:
            self._saving = False
            host.notices.show_error(error)

        self._tasks.run(
            "snapshot",
            lambda: self._services.save_snapshot(result, settings, fps, model, hidden),
            done,
            failed,
        )

    def show_saved(self, notice: Notice, folder: Path | None = None) -> None:
        """Shows a notice with a button that opens the folder; None is that of the settings."""
        self._with_action(notice, "Open the folder", lambda: self.open_folder(folder))

    def show_logged(self, notice: Notice, log: Path) -> None:
        """Shows a notice about a log with a button that opens its report."""
        self._with_action(notice, "Open the report", lambda: self.open_report(log))

    def open_folder(self, path: Path | None = None) -> None:
        """Opens a folder in the file manager; None is that of the settings."""
        folder = path or self._host.settings.output_dir

        def work() -> Path:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise RecordingError(
                    f"Can't open the folder {folder}: {error.strerror or error}.",
                    "Choose another folder in the settings.",
                ) from error
            return folder

        self._tasks.run("folder", work, self._open_folder, self._host.notices.show_error)

    def open_report(self, log: Path) -> None:
        """Writes a log's report and opens it in the browser."""
        self._host.status.show_state("Writing the report…")
        self._tasks.run(
            "report",
            lambda: self._services.write_report(log),
            self._open_report,
            self._host.notices.show_error,
        )

    def _open_folder(self, folder: Path) -> None:
        self._open(folder, "Can't open the file manager.", f"The folder is {folder}.")

    def _open_report(self, page: Path) -> None:
        self._open(page, "Can't open the browser.", f"The report is {page}.")

    def _open(self, path: Path, message: str, hint: str) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._host.notices.show_notice(Notice(message, hint, kind="warning"))

    def _with_action(self, notice: Notice, text: str, action: Callable[[], None]) -> None:
        self._host.notices.show_notice(
            Notice(notice.message, notice.hint, notice.details, notice.kind, text, action)
        )
