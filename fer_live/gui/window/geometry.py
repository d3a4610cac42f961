"""The arrangement of a window as text for the settings, and its place on the screens."""

import base64
from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QPoint, QRect, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSplitter, QWidget

FRAME_PX = QSize(16, 48)
"""Room for title bar and borders, which a window knows only once it is on screen."""


def first_size(wanted: QSize, available: QRect) -> QSize:
    """The size of a window that has none yet: as wanted, or what the screen has room for.

    Args:
        wanted: Without the frame, logical pixels.
        available: The screen without task bars, logical pixels.
    """
    return wanted.boundedTo(available.size() - FRAME_PX)


def on_a_screen(window: QRect, screens: Sequence[QRect]) -> QRect:
    """Where to show a window so that all of it lies on one screen.

    Args:
        window: Where it was, logical pixels.
        screens: The screens that exist now, without task bars; the first is the main one.

    Returns:
        The same rectangle if it lies on a screen; else moved, and made smaller if it must be, on
        the screen that shows most of it.
    """
    if not screens:
        return window

    def shown(screen: QRect) -> int:
        part = screen.intersected(window)
        return part.width() * part.height()

    screen = max(screens, key=shown)
    if screen.contains(window):
        return window
    size = window.size().boundedTo(screen.size())
    left = min(max(window.left(), screen.left()), screen.right() - size.width() + 1)
    top = min(max(window.top(), screen.top()), screen.bottom() - size.height() + 1)
    return QRect(QPoint(left, top), size)


def dialog_size(dialog: QWidget) -> QSize:
    """The size a dialog asks for, or what its screen has room for."""
    return first_size(dialog.sizeHint(), dialog.screen().availableGeometry())


def fit_on_screen(window: QWidget) -> None:
    """Moves and shrinks a window so that all of it lies on a screen that exists."""
    if window.isMaximized() or window.isFullScreen():
        return
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    # The main screen comes first, for a window that lies on none.
    screens.sort(key=lambda area: area != QGuiApplication.primaryScreen().availableGeometry())
    place = on_a_screen(window.geometry(), screens)
    if place != window.geometry():
        window.setGeometry(place)


def geometry_text(window: QWidget) -> str:
    """Position and size of a window as opaque text."""
    data = bytes(window.saveGeometry().data())
    return base64.b64encode(data).decode("ascii")


def restore_geometry(window: QWidget, text: str) -> bool:
    """Restores position and size; returns False, and changes nothing, for damaged text."""
    try:
        data = base64.b64decode(text.encode("ascii", "replace"), validate=True)
    except ValueError:
        return False
    return bool(data) and window.restoreGeometry(QByteArray(data))


def arrangement_text(window: QWidget, splitter: QSplitter, *, panel: bool) -> str:
    """Position and size of a window, state of its splitter, and whether its panel is on."""
    state = base64.b64encode(bytes(splitter.saveState().data())).decode("ascii")
    return f"{geometry_text(window)}|{state}|{int(panel)}"


def restore_arrangement(window: QWidget, splitter: QSplitter, text: str) -> bool:
    """Restores what the text contains; returns whether the panel is on."""
    geometry, _, rest = text.partition("|")
    restore_geometry(window, geometry)
    state, _, panel = rest.partition("|")
    try:
        data = base64.b64decode(state.encode("ascii", "replace"), validate=True)
    except ValueError:
        return True
    if data:
        splitter.restoreState(QByteArray(data))
    return panel != "0"
