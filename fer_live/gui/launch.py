"""Sets up Qt, shows the window, and leaves nothing behind."""

import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from fer_live.core.settings import Settings
from fer_live.gui.controllers.services import real_services
from fer_live.gui.main_window import MainWindow
from fer_live.gui.protocols import Services
from fer_live.gui.widgets.icons import pixmap

END_TIMEOUT_S = 1.0
"""Longest wait, at the end, for a worker that hangs in a driver."""
LONGEST_TIMER_S = (2**31 - 1) // 1000
"""What Qt's timers can count, 24 days; a longer duration has no end."""


@dataclass(frozen=True)
class Wanted:
    """What was asked for with flags, for this time only.

    Args:
        record, log: Record and log the first source into these.
        duration_s: Close the window so long after it has begun, whatever has come by then.
    """

    record: Path | None = None
    log: Path | None = None
    duration_s: float | None = None


def launch(
    settings: Settings,
    stored: Settings,
    problems: tuple[str, ...],
    source_override: str | None,
    services: Services | None,
    wanted: Wanted,
) -> int:
    """Runs the application. Arguments as `MainWindow`; returns the exit code.

    Raises:
        FerLiveError: What was wanted could not be recorded or logged.
    """
    app = QApplication.instance() or QApplication([sys.argv[0] or "fer-live"])
    assert isinstance(app, QApplication)
    configure(app)
    window = MainWindow(
        settings,
        services or real_services(),
        source_override=source_override,
        problems=problems,
        stored=stored,
    )
    window.closed.connect(app.quit)
    # Work begins when the window is on screen, so that nothing delays it.
    window.view.on_screen.connect(
        lambda: QTimer.singleShot(0, window, lambda: _begin(window, wanted))
    )
    previous = _close_on_signals(window)
    window.show()
    try:
        code = app.exec()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        if not window.ended:
            window.bridge.close(END_TIMEOUT_S)
        window.tasks.close(END_TIMEOUT_S)
    if window.outputs.failure is not None:
        raise window.outputs.failure
    return int(code)


def _begin(window: MainWindow, wanted: Wanted) -> None:
    if wanted.duration_s is not None and wanted.duration_s < LONGEST_TIMER_S:
        # A coarse timer may be late by a twentieth.
        timer = QTimer(window, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(window.close)
        timer.start(round(wanted.duration_s * 1000))
    window.begin()
    window.outputs.begin(wanted.record, wanted.log)


def configure(app: QApplication) -> None:
    """Names and style of the application, the same on every system."""
    app.setApplicationName("fer_live")
    app.setApplicationDisplayName("fer_live")
    app.setDesktopFileName("fer_live")
    app.setQuitOnLastWindowClosed(False)
    app.setStyle("Fusion")
    made = QIcon()
    for side in (32, 64, 128):
        made.addPixmap(pixmap("demo", "#6cb4ff", side))
    app.setWindowIcon(made)


def _close_on_signals(window: MainWindow) -> dict[int, Any]:
    # Ctrl+C and a polite kill close the window as its button does. Python sees a signal only
    # when it runs; the status bar's timer makes it run.
    def close(_number: int, _frame: object) -> None:
        window.close()

    return {number: signal.signal(number, close) for number in (signal.SIGINT, signal.SIGTERM)}
