"""Writes snapshots and reports, and opens files and folders in the desktop's programs."""

from dataclasses import replace
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject

from fer_live.core.settings import Settings
from fer_live.gui.controllers.desktop import FileNotices
from fer_live.gui.controllers.display_renderer import DisplayRenderer
from fer_live.gui.controllers.engine_bridge import EngineBridge
from fer_live.gui.controllers.tasks import Tasks
from fer_live.gui.language import tr
from fer_live.gui.protocols import Services
from fer_live.gui.widgets.notice import Notice, NoticeAction, NoticeArea, NoticeBar
from fer_live.gui.widgets.video_view import VideoView
from fer_live.gui.window.output_messages import no_image, not_searched, numbers_only
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
        self._notices = FileNotices(host.notices, tasks)
        self._saving = False

    def take_snapshot(self) -> None:
        """Saves the frame on screen; one snapshot at a time."""
        host = self._host
        if self._saving:
            return
        result = host.view.result
        if host.settings.record_pictures == "none":
            host.notices.show_notice(numbers_only())
            return
        if result is None:
            host.notices.show_notice(no_image())
            return
        if host.settings.hiding != "none" and result.found is None:
            host.notices.show_notice(not_searched())
            return
        engine, settings, fps = host.bridge.engine, host.settings, host.fps
        hidden = host.renderer.hidden_boxes()
        model = engine.model_name if engine else None
        host.status.show_state(tr("Saving the snapshot…"))
        self._saving = True

        def done(path: Path) -> None:
            self._saving = False
            message = tr("Saved {files}.").format(files=path.name)
            self.show_saved(Notice(message, str(path.parent), kind="done"), path)

        def failed(error: Exception) -> None:
            self._saving = False
            host.notices.show_error(error)

        self._tasks.run(
            "snapshot",
            lambda: self._services.save_snapshot(result, settings, fps, model, hidden),
            done,
            failed,
        )

    def show_saved(self, notice: Notice, path: Path, verb: str = "") -> None:
        """Shows a notice about a file, see `FileNotices.show_saved`."""
        self._notices.show_saved(notice, path, verb)

    def show_logged(self, notice: Notice, log: Path) -> None:
        """Shows a notice about a log with buttons that create its report or open the log."""
        report = NoticeAction(tr("Create a report"), lambda: self.open_report(log))
        self.show_saved(replace(notice, actions=(report,)), log)

    def show_with_folder(self, notice: Notice) -> NoticeBar:
        """Shows a notice with a button that opens the folder of the settings."""
        action = NoticeAction(tr("Open the folder"), self.open_folder)
        return self._host.notices.show_notice(replace(notice, actions=(action,)))

    def open_folder(self) -> None:
        """Opens the folder of the settings in the file manager."""
        self._notices.open_folder(self._host.settings.output_dir)

    def open_report(self, log: Path) -> None:
        """Writes a log's report and opens it in the browser."""
        self._host.status.show_state(tr("Writing the report…"))
        self._tasks.run(
            "report",
            lambda: self._services.write_report(log),
            self._open_report,
            self._host.notices.show_error,
        )

    def _open_report(self, page: Path) -> None:
        message = tr("Saved the report {file}.").format(file=page.name)
        self.show_saved(Notice(message, str(page.parent), kind="done"), page)
        self._notices.open(page)
