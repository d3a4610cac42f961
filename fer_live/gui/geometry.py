"""Where a window was, as text for the settings."""

import base64

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QWidget


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
