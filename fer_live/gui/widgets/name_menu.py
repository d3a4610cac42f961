"""The menu that offers to name a face, on its card and on the face in the picture."""

from PySide6.QtCore import Qt, SignalInstance
from PySide6.QtWidgets import QMenu, QWidget

from fer_live.gui.language import tr


def name_menu(parent: QWidget, track_id: int, wanted: SignalInstance) -> QMenu:
    """A menu that deletes itself when it closes; `wanted` then tells the identity."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.addAction(tr("Name this face…")).triggered.connect(lambda: wanted.emit(track_id))
    return menu
