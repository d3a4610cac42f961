"""Widgets that lie over the upper edge of another one instead of moving it."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

EDGE_PX = 8
"""Space between the widgets and the edges of their parent."""


class TopOverlay(QWidget):
    """A column of widgets at the top of its parent, as high as those that are visible.

    Args:
        parent: Lies under the widgets; its size does not depend on them.
        widgets: From top to bottom. Each takes the height it asks for and the whole width; one
            whose horizontal policy is Maximum stands at the right, as wide as it asks for.
    """

    def __init__(self, parent: QWidget, *widgets: QWidget) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in widgets:
            narrow = widget.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Maximum
            side = Qt.AlignmentFlag.AlignRight if narrow else Qt.AlignmentFlag(0)
            column.addWidget(widget, 0, side)
        parent.installEventFilter(self)
        self._place()

    def event(self, event: QEvent) -> bool:
        """Follows the height of the widgets."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return done

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the width of the parent."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        parent, column = self.parentWidget(), self.layout()
        if parent is None or column is None:
            return
        width = max(parent.width() - 2 * EDGE_PX, 1)
        wanted = column.heightForWidth(width) if column.hasHeightForWidth() else -1
        height = wanted if wanted >= 0 else column.sizeHint().height()
        # Never hidden: a hidden widget is not told that one in it wants to be shown.
        self.setGeometry(EDGE_PX, EDGE_PX, width, min(height, parent.height() - 2 * EDGE_PX))
        self.raise_()
