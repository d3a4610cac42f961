"""The arrangement of a window as text for the settings."""

import base64

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QSplitter, QWidget


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
