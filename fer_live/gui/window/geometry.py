"""Where a window was, as text for the settings."""

import base64

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QSplitter, QWidget


def geometry_text(window: QWidget) -> str:
    """Place and size of a window, opaque."""
    data = bytes(window.saveGeometry().data())
    return base64.b64encode(data).decode("ascii")


def restore_geometry(window: QWidget, text: str) -> bool:
    """Puts a window where it was; False leaves it alone, as for text that is damaged."""
    try:
        data = base64.b64decode(text.encode("ascii", "replace"), validate=True)
    except ValueError:
        return False
    return bool(data) and window.restoreGeometry(QByteArray(data))


def arrangement_text(window: QWidget, splitter: QSplitter, *, panel: bool) -> str:
    """Place and size of a window, where its splitter stands, whether its panel is wanted."""
    state = base64.b64encode(bytes(splitter.saveState().data())).decode("ascii")
    return f"{geometry_text(window)}|{state}|{int(panel)}"


def restore_arrangement(window: QWidget, splitter: QSplitter, text: str) -> bool:
    """Arranges a window as it was, as far as the text says; False if its panel is not wanted."""
    place, _, rest = text.partition("|")
    restore_geometry(window, place)
    state, _, panel = rest.partition("|")
    try:
        data = base64.b64decode(state.encode("ascii", "replace"), validate=True)
    except ValueError:
        return True
    if data:
        splitter.restoreState(QByteArray(data))
    return panel != "0"
