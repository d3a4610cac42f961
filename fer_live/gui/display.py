"""Checks before Qt is imported: environment, screen and system libraries."""

import ctypes
import os
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from fer_live.core.errors import FerLiveError

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
"""Set by opencv-python for its own Qt 5 on import; PySide6 cannot use their values."""


class DisplayError(FerLiveError):
    """There is no screen for the window, or Qt cannot use it."""


def restore_environment(environment: MutableMapping[str, str]) -> None:
    """Removes Qt's variables that point into OpenCV's package; call it before Qt starts."""
    for name in OPENCV_VARIABLES:
        if "cv2" in Path(environment.get(name, "")).parts:
            del environment[name]


def check_display(environment: Mapping[str, str], platform: str = sys.platform) -> None:
    """Checks for what would make Qt abort the process.

    Raises:
        DisplayError: No screen, one that does not answer, or missing libraries; names the Debian
            packages.
    """
    if not platform.startswith("linux"):
        return
    plugin = environment.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if plugin not in ("", "xcb"):
        return
    wayland = _has_wayland(environment) and not plugin
    if not environment.get("DISPLAY") and not wayland:
        raise DisplayError(
            "There is no screen for the window.",
            "Run it in a desktop session, or use: fer-live run --headless.",
        )
    missing = [] if wayland else missing_libraries()
    if missing:
        raise DisplayError(
            f"Qt can't open a window: {len(missing)} system libraries are missing.",
            f"On Debian or Ubuntu: sudo apt install {' '.join(missing)}",
        )
    if not wayland and not _answers(environment["DISPLAY"]):
        raise DisplayError(
            f"The screen {environment['DISPLAY']}, which DISPLAY names, does not answer.",
            "Run it in a desktop session, correct DISPLAY, or use: fer-live run --headless.",
        )


def _has_wayland(environment: Mapping[str, str]) -> bool:
    """Whether there is the socket of a Wayland session, which Qt tries first."""
    name = environment.get("WAYLAND_DISPLAY", "")
    return bool(name) and (Path(environment.get("XDG_RUNTIME_DIR", "/")) / name).exists()


def _answers(display: str) -> bool:
    """Whether an X server accepts a connection; one that ended makes Qt abort the process."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(os.fsencode(display), None))
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not refused


def missing_libraries(libraries: Mapping[str, str] = XCB_LIBRARIES) -> list[str]:
    """Debian packages of the libraries that cannot be loaded."""
    missing = []
    for library, package in libraries.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing
