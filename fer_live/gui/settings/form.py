"""Fields and groups of the settings, all alike."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

FIELD_PX = 230
FIELD_HEIGHT_PX = 30


def choice(entries: Sequence[tuple[Any, str]]) -> QComboBox:
    """A box to choose from: values and the words for them."""
    box = QComboBox()
    box.setFixedSize(FIELD_PX, FIELD_HEIGHT_PX)
    for value, text in entries:
        box.addItem(text, value)
    return box


def select(box: QComboBox, value: Any) -> None:
    """Chooses a value; none that is not there."""
    # findData compares Python tuples by identity.
    for number in range(box.count()):
        data = box.itemData(number)
        if (tuple(data) if isinstance(data, (list, tuple)) else data) == value:
            box.setCurrentIndex(number)


def group(title: str, *rows: tuple[str, QWidget]) -> QGroupBox:
    """Fields below a title, each with its words."""
    box = QGroupBox(title)
    form = QFormLayout(box)
    form.setHorizontalSpacing(14)
    form.setVerticalSpacing(8)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    for text, field in rows:
        form.addRow(text, field)
        if text:
            field.setAccessibleName(f"{title}: {text}")
    return box


def beside(field: QWidget, other: QWidget) -> QWidget:
    """A field that grows, and something to its right."""
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(field, 1)
    row.addWidget(other)
    return both


def muted(text: str) -> QLabel:
    """A remark below a field."""
    label = QLabel(text)
    label.setObjectName("muted")
    label.setWordWrap(True)
    return label


def columns(*columns: Sequence[QWidget]) -> QWidget:
    """Groups in columns beside each other."""
    page = QWidget()
    row = QHBoxLayout(page)
    row.setContentsMargins(0, 4, 0, 0)
    row.setSpacing(16)
    for groups in columns:
        column = QVBoxLayout()
        column.setSpacing(8)
        for one in groups:
            column.addWidget(one)
        column.addStretch(1)
        row.addLayout(column)
    return page
