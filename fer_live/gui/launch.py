"""Sets up Qt, runs the window, and cleans up after it."""

import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from fer_live.core.process import end_signals
from fer_live.core.settings import Settings
from fer_live.gui.controllers.services import real_services
from fer_live.gui.controllers.tasks import Tasks
from fer_live.gui.language import install_language
from fer_live.gui.main_window import MainWindow
from fer_live.gui.protocols import Services
from fer_live.gui.review.sessions import ReviewSessions
from fer_live.gui.widgets.icons import pixmap
from fer_live.gui.widgets.theme import DARK, apply_theme, resolve_theme

END_TIMEOUT_S = 1.0
"""Longest wait for a worker thread that hangs in a driver when the window has closed."""
SIGNAL_MS = 250
"""Longest time until a review notices Ctrl+C."""
LONGEST_TIMER_S = (2**31 - 1) // 1000
"""Longest interval of a Qt timer, 24 days; a longer duration counts as endless."""


@dataclass(frozen=True)
class LaunchOptions:
    """Options for one run of the window.

    Args:
        source_override: Source for this run only; None takes the one in the settings.
        record, log: Files for a recording and a log of the first source.
        json_lines: File for JSON lines, or ``-`` for standard output; empty is none.
        duration_s: Time after which the window closes by itself, seconds; None is never.
    """

    source_override: str | None = None
    record: Path | None = None
    log: Path | None = None
    json_lines: str = ""
    duration_s: float | None = None


def application() -> QApplication:
    """The one of this process, made at the first call."""
    app = QApplication.instance() or QApplication([sys.argv[0] or "fer-live"])
    assert isinstance(app, QApplication)
    return app


def launch(
    settings: Settings,
    stored: Settings,
    problems: tuple[str, ...],
    services: Services | None,
    options: LaunchOptions,
) -> int:
    """Runs the application and returns the exit code.

    Args:
        settings, stored, problems, services: See `MainWindow`; no services are the real ones.
        options: Options for this run.

    Raises:
        FerLiveError: The recording or the log of the options could not be written.
    """
    app = application()
    configure(app)
    install_language(app, settings.language)
    window = MainWindow(
        settings,
        services or real_services(),
        source_override=options.source_override,
        problems=problems,
        stored=stored,
    )
    window.closed.connect(app.quit)
    # The source starts when the window is on screen, so that it does not delay the window.
    window.view.on_screen.connect(
        lambda: QTimer.singleShot(0, window, lambda: _begin(window, options))
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


def launch_review(settings: Settings, log: Path) -> int:
    """Runs the review of a session alone and returns the exit code.

    Args:
        settings: Theme, and the folder in which other logs are looked for.
        log: As for `open_session`.

    Raises:
        RecordingError: The log cannot be read.
    """
    from fer_live.review.session import open_session

    session, problem = open_session(log)
    app = application()
    configure(app)
    install_language(app, settings.language)
    apply_theme(app, resolve_theme(settings.theme))
    tasks = Tasks(app)
    # Errors of a later log are shown by the window that asked for it.
    reviews = ReviewSessions(app, tasks, lambda _error: None, lambda: settings.output_dir, str)
    reviews.add(session, problem)
    reviews.all_closed.connect(app.quit)
    # Python handles a signal only while it runs Python code.
    awake = QTimer(app, interval=SIGNAL_MS)
    awake.timeout.connect(lambda: None)
    awake.start()
    previous = _close_on_signals(reviews)
    try:
        code = app.exec()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        tasks.close(END_TIMEOUT_S)
    return int(code)


def _begin(window: MainWindow, options: LaunchOptions) -> None:
    if window.isHidden():  # A signal has closed it already.
        return
    if options.duration_s is not None and options.duration_s < LONGEST_TIMER_S:
        # Precise, because a coarse timer may be off by 5%.
        timer = QTimer(window, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(window.close)
        timer.start(round(options.duration_s * 1000))
    window.begin()
    window.live_outputs.begin(options.json_lines)
    window.outputs.begin(options.record, options.log)


def configure(app: QApplication) -> None:
    """Sets name, style and icon of the application, the same on every system."""
    app.setApplicationName("fer_live")
    app.setApplicationDisplayName("fer_live")
    app.setDesktopFileName("fer_live")
    app.setQuitOnLastWindowClosed(False)
    app.setStyle("Fusion")
    icon = QIcon()
    for side in (32, 64, 128):
        icon.addPixmap(pixmap("demo", DARK.accent, side))
    app.setWindowIcon(icon)


def _close_on_signals(window: MainWindow | ReviewSessions) -> dict[int, Any]:
    # Ctrl+C, SIGTERM and SIGHUP close the window like its close button. Python handles a
    # signal only while it runs Python code; the timer of the status bar makes it do so.
    def close(_number: int, _frame: object) -> None:
        window.close()

    return {number: signal.signal(number, close) for number in (signal.SIGINT, *end_signals())}
