"""The dialog of the camera check: waiting, then figures and what to change."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from fer_live.gui.error_texts import localised
from fer_live.gui.language import tr
from fer_live.gui.widgets.scroll_page import ScrollPage
from fer_live.gui.window.geometry import dialog_size

if TYPE_CHECKING:
    from fer_live.capture.camera_check import CameraCheck

WIDTH_PX = 560
"""Width at which the sentences are easy to read."""


class CameraCheckDialog(QDialog):
    """Shows that the camera is being checked, then the result.

    Args:
        title: The camera's title.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Camera check"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        checking = tr("Checking {camera}. This takes about ten seconds.").format(camera=title)
        self.status = QLabel(checking)
        self.status.setWordWrap(True)
        self.progress = QProgressBar(maximum=0, textVisible=False)
        self.progress.setAccessibleName(tr("The camera is being checked"))
        page = QWidget()
        self._page = QVBoxLayout(page)
        self._page.setContentsMargins(0, 0, 0, 0)
        self._page.setSpacing(10)
        self._page.addWidget(self.status)
        self._page.addWidget(self.progress)
        self._page.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = buttons.addButton(tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.clicked.connect(self._copy)
        # Enter closes the dialog.
        self.copy.setAutoDefault(False)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        self.copy.setEnabled(False)
        buttons.rejected.connect(self.reject)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(16)
        self._scroll = ScrollPage(page)
        column.addWidget(self._scroll)
        column.addWidget(buttons)
        self._text = ""
        self._fit()

    def show_check(self, check: "CameraCheck") -> None:
        """Shows the result of a check."""
        rows = tuple((localised(name), localised(value)) for name, value in check.rows)
        advice = tuple(map(localised, check.advice))
        self._text = "\n".join((*(f"{name}: {value}" for name, value in rows), "", *advice))
        self.progress.hide()
        self.status.setObjectName("sectionTitle")
        self.status.setText(tr("What to change"))
        self.status.style().polish(self.status)
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for number, (name, value) in enumerate(rows):
            key, figure = QLabel(name), QLabel(value)
            key.setObjectName("muted")
            figure.setWordWrap(True)
            figure.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(key, number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(figure, number, 1)
        for number, sentence in enumerate(advice):
            label = QLabel(sentence)
            label.setWordWrap(True)
            self._page.insertWidget(1 + number, label)
        self._page.insertLayout(self._page.count() - 1, grid)
        self.copy.setEnabled(True)
        self._fit()

    def show_problem(self, text: str) -> None:
        """Says why the camera could not be checked."""
        self._text = text
        self.progress.hide()
        self.status.setText(text)
        self.copy.setEnabled(True)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)

    def _fit(self) -> None:
        # What was added is shown by the next event only, and what is hidden has no size.
        for label in self._scroll.findChildren(QLabel):
            label.show()
        self._page.activate()
        self._scroll.updateGeometry()
        self._column.activate()
        size = dialog_size(self)
        size.setWidth(min(max(size.width(), WIDTH_PX), self.screen().availableGeometry().width()))
        self.resize(size)
