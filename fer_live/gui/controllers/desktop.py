"""Opens files and folders in the desktop's programs, and knows whether that worked."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from fer_live.gui.controllers.tasks import Tasks

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
