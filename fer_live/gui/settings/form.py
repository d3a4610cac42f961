"""Form elements of the settings pages: choices, groups, columns, remarks."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QBoxLayout,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from fer_live.gui.language import translated

FIELD_PX = 230
FIELD_HEIGHT_PX = 30
TEXT_MARGIN_PX = 6


def set_field_size(field: QWidget) -> None:
    """Makes the fields of a page equally wide, and higher where the font is large."""
    field.setMinimumSize(FIELD_PX, FIELD_HEIGHT_PX)
    field.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    if isinstance(field, QAbstractSpinBox):
        # A style sheet's padding does not reach the text of a spin box.
        field.lineEdit().setTextMargins(TEXT_MARGIN_PX, 0, 0, 0)


def choice(entries: Sequence[tuple[Any, str]]) -> QComboBox:
    """A combo box with these values and their texts, which are translated where they are known."""
    box = QComboBox()
    set_field_size(box)
    for value, text in entries:
        box.addItem(translated(text), value)
    return box


def select(box: QComboBox, value: Any) -> None:
    """Selects a value; leaves the box as it is if it lacks the value."""
    # Not findData, which compares Python tuples by identity.
    for index in range(box.count()):
        data = box.itemData(index)
        if (tuple(data) if isinstance(data, (list, tuple)) else data) == value:
            box.setCurrentIndex(index)


def group(title: str, *rows: tuple[str, QWidget]) -> QGroupBox:
    """A titled group of fields, each with its label; an empty label is none."""
    box = QGroupBox(title)
    form = QFormLayout(box)
    form.setHorizontalSpacing(14)
    form.setVerticalSpacing(8)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    for text, field in rows:
        form.addRow(text, field)
        # A check box has its own text as its name.
        if text and not isinstance(field, QCheckBox):
            # Of a field with a button, the field has the name.
            (field.focusProxy() or field).setAccessibleName(f"{title}: {text}")
    return box


def field_with_button(field: QWidget, button: QWidget) -> QWidget:
    """A field that grows, and a button or a smaller field to its right."""
    pair = QWidget()
    pair.setFocusProxy(field)
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(field, 1)
    row.addWidget(button)
    return pair


def remark(text: str) -> QLabel:
    """A note in muted colour below a field."""
    label = QLabel(text)
    label.setObjectName("muted")
    label.setWordWrap(True)
    return label


class Columns(QWidget):
    """Groups in columns side by side; below each other where the page is too narrow for that.

    Args:
        columns: The groups of each column.
    """

    def __init__(self, *columns: Sequence[QWidget]) -> None:
        super().__init__()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 4, 0, 0)
        self._row.setSpacing(16)
        self._columns = []
        for groups in columns:
            column = QVBoxLayout()
            column.setSpacing(8)
            for box in groups:
                column.addWidget(box)
            column.addStretch(1)
            self._row.addLayout(column)
            self._columns.append(column)

    def sizeHint(self) -> QSize:
        """All columns side by side."""
        hints = [column.sizeHint() for column in self._columns]
        width = sum(hint.width() for hint in hints) + self._row.spacing() * (len(hints) - 1)
        return QSize(width, max(hint.height() for hint in hints) + 4)

    def minimumSizeHint(self) -> QSize:
        """The widest column alone."""
        least = [column.minimumSize() for column in self._columns]
        width = max(size.width() for size in least)
        return QSize(width, self._row.minimumSize().height())

    def event(self, event: QEvent) -> bool:
        """Looks again whether the columns fit: when the page or what is in it changes its size."""
        done = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest, QEvent.Type.Show):
            self._arrange()
        return done

    def _arrange(self) -> None:
        least = sum(column.minimumSize().width() for column in self._columns)
        wide = self.width() >= least + self._row.spacing() * (len(self._columns) - 1)
        way = QBoxLayout.Direction
        wanted = way.LeftToRight if wide else way.TopToBottom
        if wanted != self._row.direction():
            self._row.setDirection(wanted)
            self.updateGeometry()
