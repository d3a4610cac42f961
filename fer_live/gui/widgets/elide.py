"""Texts that fit their place: cut in the middle, or elided by the widget that shows them."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

ELIDED_MIN_PX = 80
"""Least width of an elided label."""


def elide_middle(text: str, most: int) -> str:
    """A text of at most `most` characters; an ellipsis stands for what is left out."""
    if len(text) <= most:
        return text
    head = (most - 1) // 2
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"


class ElidedLabel(QLabel):
    """One line of text that asks for little room and is elided at its end where it has less."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        """A few letters wide."""
        return QSize(ELIDED_MIN_PX, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the text as far as it fits."""
        painter = QPainter(self)
        rect = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, rect.width())
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        self.style().drawItemText(
            painter, rect, align, self.palette(), self.isEnabled(), text, self.foregroundRole()
        )
        painter.end()
