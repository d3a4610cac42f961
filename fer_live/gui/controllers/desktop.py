"""Opens files and folders in the desktop's programs, and knows whether that worked."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from fer_live.core.errors import RecordingError
from fer_live.gui.controllers.tasks import Tasks
from fer_live.gui.language import tr
from fer_live.gui.widgets.notice import Notice, NoticeAction, NoticeArea

OPEN_TIMEOUT_S = 4.0
"""Time in which `xdg-open` reports that no program opens the file; some programs it waits for."""


def opener() -> str | None:
    """The command that opens files on this desktop; None where Qt itself knows whether it worked.

    On Linux Qt starts ``xdg-open`` too, but does not look at its exit code.
    """
    return shutil.which("xdg-open") if sys.platform.startswith("linux") else None


def open_path(path: Path, tasks: Tasks, failed: Callable[[], object]) -> None:
    """Opens a file or folder; calls `failed` on the GUI thread if no program does.

    Args:
        path: What to open.
        tasks: Runs what may be slow.
        failed: Says so.
    """
    command = opener()
    if command is None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            failed()
        return

    def done(opened: bool) -> None:
        if not opened:
            failed()

    tasks.run("open", lambda: _run(command, path), done, lambda _error: failed())


class FileNotices:
    """Notices about files, with buttons that open them.

    Args:
        notices: Where they are shown.
        tasks: Runs what may be slow.
    """

    def __init__(self, notices: NoticeArea, tasks: Tasks) -> None:
        self._notices = notices
        self._tasks = tasks

    def show_saved(self, notice: Notice, path: Path, verb: str = "") -> None:
        """Shows a notice about a file, with buttons to open it, show its folder, copy its path.

        Args:
            notice: The notice; its own buttons come first.
            path: The file.
            verb: What a program does with the file, on the button; empty is ``Open``.
        """
        actions = (
            NoticeAction(verb or tr("Open"), lambda: self.open(path), closes=False),
            NoticeAction(tr("Show in folder"), lambda: self.open_folder(path.parent), closes=False),
            NoticeAction(tr("Copy path"), lambda: _copy(path), closes=False),
        )
        self._notices.show_notice(replace(notice, actions=(*notice.actions, *actions)))

    def open(self, path: Path, *, is_folder: bool = False) -> None:
        """Opens a file or folder; says so if no program does."""

        def failed() -> None:
            copy = NoticeAction(tr("Copy path"), lambda: _copy(path), closes=False)
            if is_folder:
                message = tr("No program on this computer opens the folder.")
            else:
                message = tr("No program on this computer opens {file}.").format(file=path.name)
            self._notices.show_notice(Notice(message, str(path), kind="warning", actions=(copy,)))

        open_path(path, self._tasks, failed)

    def open_folder(self, folder: Path) -> None:
        """Opens a folder in the file manager; creates it if it is missing."""

        def work() -> Path:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                reason = error.strerror or str(error)
                raise RecordingError(
                    tr("Can't open the folder {folder}: {reason}.").format(
                        folder=folder, reason=reason
                    ),
                    tr("Choose another folder in the settings."),
                ) from error
            return folder

        def done(made: Path) -> None:
            self.open(made, is_folder=True)

        self._tasks.run("folder", work, done, self._notices.show_error)


def _copy(path: Path) -> None:
    QGuiApplication.clipboard().setText(str(path))


def _run(command: str, path: Path) -> bool:
    # The program that opens the file may live on, so nothing waits for it after the time-out.
    process = subprocess.Popen(
        [command, str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(OPEN_TIMEOUT_S) == 0
    except subprocess.TimeoutExpired:
        return True
