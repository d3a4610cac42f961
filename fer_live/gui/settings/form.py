"""Form elements of the settings pages: choices, groups, columns, remarks."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
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

FIELD_PX = 230
FIELD_HEIGHT_PX = 30


def set_field_size(field: QWidget) -> None:
    """Makes the fields of a page equally wide, and higher where the font is large."""
    field.setMinimumSize(FIELD_PX, FIELD_HEIGHT_PX)
    field.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)


def choice(entries: Sequence[tuple[Any, str]]) -> QComboBox:
    """A combo box with these values and their texts."""
    box = QComboBox()
    set_field_size(box)
    for value, text in entries:
        box.addItem(text, value)
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
    """A field that grows, and a button to its right."""
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


def columns(*columns: Sequence[QWidget]) -> QWidget:
    """A page with groups in columns."""
    page = QWidget()
    row = QHBoxLayout(page)
    row.setContentsMargins(0, 4, 0, 0)
    row.setSpacing(16)
    for groups in columns:
        column = QVBoxLayout()
        column.setSpacing(8)
        for box in groups:
            column.addWidget(box)
        column.addStretch(1)
        row.addLayout(column)
    return page
