"""Sets up Qt, shows the window, and leaves nothing behind."""

import ctypes
import logging
import os
import signal
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from fer_live.config import Settings, load_settings
from fer_live.errors import FerLiveError
from fer_live.gui.icons import pixmap
from fer_live.gui.main_window import MainWindow
from fer_live.gui.services import Services, real_services

_log = logging.getLogger(__name__)

TASKS_TIMEOUT_S = 1.0
"""Longest wait, at the end, for a worker that hangs in a driver."""

XCB_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
}
"""Libraries that Qt's xcb plugin links and its wheel does not carry, with their Debian packages
(Qt 6, "Qt for X11 Requirements")."""

OPENCV_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
"""Set by opencv-python for its own Qt 5 when it is imported; they would break PySide6."""


class DisplayError(FerLiveError):
    """There is no screen for a window, or Qt cannot use it."""


def run_app(
    settings: Settings | None = None,
    source_override: str | None = None,
    services: Services | None = None,
) -> int:
    """Opens the window and stays until it is closed.

    Args:
        settings: The user's, with flags given for this time only, which are not saved; None
            takes the user's as they are.
        source_override: Source for this time only; None takes the one in the settings.
        services: The rest of the program; None takes the real one.

    Returns:
        The exit code.

    Raises:
        DisplayError: There is no screen, or a library that Qt needs is missing.
    """
    stored, problems = load_settings()
    restore_environment(os.environ)
    check_display(os.environ)
    app = QApplication.instance() or QApplication([sys.argv[0] or "fer-live"])
    assert isinstance(app, QApplication)
    configure(app)
    window = MainWindow(
        settings or stored,
        services or real_services(),
        source_override=source_override,
        problems=problems,
        stored=stored,
    )
    window.closed.connect(app.quit)
    _quit_on_signals(window)
    # Work begins when the window is on screen, so that nothing delays it.
    window.view.on_screen.connect(lambda: QTimer.singleShot(0, window, window.begin))
    window.show()
    code = app.exec()
    window.bridge.close(TASKS_TIMEOUT_S)
    window.tasks.close(TASKS_TIMEOUT_S)
    return int(code)


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


def restore_environment(environment: MutableMapping[str, str]) -> None:
    """Drops Qt's variables where they point into OpenCV's package; call before Qt starts."""
    for name in OPENCV_VARIABLES:
        if "cv2" in Path(environment.get(name, "")).parts:
            del environment[name]


def check_display(environment: Mapping[str, str], platform: str = sys.platform) -> None:
    """Finds out beforehand what would make Qt abort the process.

    Raises:
        DisplayError: No screen, or missing libraries; names the Debian packages.
    """
    if not platform.startswith("linux"):
        return
    plugin = environment.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if plugin not in ("", "xcb"):
        return
    wayland = bool(environment.get("WAYLAND_DISPLAY")) and not plugin
    if not environment.get("DISPLAY") and not wayland:
        raise DisplayError(
            "There is no screen to show a window on.",
            "Run it in a desktop session, or use: fer-live run --headless.",
        )
    missing = [] if wayland else missing_libraries()
    if missing:
        raise DisplayError(
            f"Qt cannot open a window: {len(missing)} system libraries are missing.",
            f"On Debian or Ubuntu: sudo apt install {' '.join(missing)}",
        )


def missing_libraries(libraries: Mapping[str, str] = XCB_LIBRARIES) -> list[str]:
    """Debian packages of the libraries that cannot be loaded."""
    missing = []
    for library, package in libraries.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def _quit_on_signals(window: MainWindow) -> None:
    """Ctrl+C and a polite kill close the window as its button does."""

    def close(_number: int, _frame: object) -> None:
        window.close()

    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), close)
    # Python sees a signal only when it runs; the status bar's timer makes it run.
    _log.debug("on %s", QGuiApplication.platformName())
