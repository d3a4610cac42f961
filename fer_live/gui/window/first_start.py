"""The first-start note: what the program infers, where the data stays, where use is restricted."""

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from fer_live.gui.language import tr, tr_later, translated
from fer_live.gui.widgets.icons import pixmap
from fer_live.gui.widgets.theme import Theme
from fer_live.gui.widgets.video_view import primary_button

ICON_PX = 22
COLUMN_EM = 16
"""Narrowest column in which the points stand side by side, widths of the letter m."""
LEAST_LINES = 3
"""Lines of text that stay visible where the window is too low for all; the rest scrolls."""

POINTS = (
    (
        "demo",
        tr_later("An expression, not a feeling"),
        tr_later(
            "The program names what a face shows, such as a smile. It can't tell what a person "
            "feels, and it is often wrong."
        ),
    ),
    (
        "home",
        tr_later("Everything stays on this computer"),
        tr_later(
            "Pictures are analysed here and not kept. Nothing is sent anywhere, and nothing is "
            "saved unless you take a snapshot, record or log."
        ),
    ),
    (
        "law",
        tr_later("Not for people at work or in education"),
        tr_later(
            "In the EU, inferring emotions there is prohibited, except for medical or safety "
            "reasons: AI Act, Regulation (EU) 2024/1689, Art. 5(1)(f)."
        ),
    ),
)
"""Icon, heading and text of each point."""


class FirstStart(QFrame):
    """Three points and a button, above the video; as high as its text at the width it has."""

    accepted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("firstStart")
        points = " ".join(f"{translated(heading)}." for _, heading, _ in POINTS)
        self.setAccessibleName(tr("Before you start: {points}").format(points=points))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._icons: list[tuple[str, QLabel]] = []
        self.points = _Points(
            self._point(name, translated(heading), translated(text))
            for name, heading, text in POINTS
        )
        self.button = primary_button(tr("Got it"))
        self.button.setAccessibleName(tr("Got it: close this note"))
        self.button.clicked.connect(self._accept)
        foot = QHBoxLayout()
        again = QLabel(tr("You can find this again under Help."))
        again.setObjectName("muted")
        foot.addWidget(again)
        foot.addStretch(1)
        foot.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 12)
        column.setSpacing(10)
        column.addWidget(self.points)
        column.addLayout(foot)

    def apply_theme(self, theme: Theme) -> None:
        """Draws the icons in the colours of a theme."""
        ratio = self.devicePixelRatioF()
        for name, label in self._icons:
            label.setPixmap(pixmap(name, theme.accent, ICON_PX, ratio))

    def _point(self, name: str, heading: str, text: str) -> QHBoxLayout:
        icon = QLabel()
        icon.setFixedSize(ICON_PX, ICON_PX)
        self._icons.append((name, icon))
        title = QLabel(heading)
        title.setObjectName("noticeMessage")
        body = QLabel(text)
        body.setObjectName("muted")
        for label in (title, body):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        texts = QVBoxLayout()
        texts.setSpacing(3)
        texts.addWidget(title)
        texts.addWidget(body)
        texts.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        return row

    def _accept(self) -> None:
        self.hide()
        self.accepted.emit()


class _Points(QScrollArea):
    """The points side by side, or one below the other where that is too narrow.

    Args:
        points: The layout of each.
    """

    def __init__(self, points: Iterable[QHBoxLayout]) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)
        page = QWidget()
        page.setObjectName("firstStartPoints")
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, page)
        self._row.setContentsMargins(0, 0, 0, 0)
        for point in points:
            self._row.addLayout(point, 1)
        self.setWidget(page)

    def sizeHint(self) -> QSize:
        """The height of the text at the width it has."""
        width = max(self.width(), 1)
        return QSize(width, self._row.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """A few lines; the rest scrolls."""
        least = LEAST_LINES * self.fontMetrics().lineSpacing()
        return QSize(0, min(least, self.sizeHint().height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arranges the points for the new width."""
        beside = self.width() >= len(POINTS) * COLUMN_EM * self.fontMetrics().horizontalAdvance("m")
        self._row.setDirection(
            QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        )
        self._row.setSpacing(24 if beside else 10)
        super().resizeEvent(event)
        self.updateGeometry()
