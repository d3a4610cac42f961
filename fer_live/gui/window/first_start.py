"""The first-start note: what is inferred, where it stays, where its use is restricted."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from fer_live.gui.widgets.icons import pixmap
from fer_live.gui.widgets.theme import Look

ICON_PX = 22

POINTS = (
    (
        "demo",
        "An expression, not a feeling",
        "The program names what a face shows, such as a smile. What a person feels cannot be "
        "read from it, and it is often wrong.",
    ),
    (
        "home",
        "Everything stays on this computer",
        "Pictures are looked at here and forgotten. Nothing is sent anywhere, and nothing is "
        "saved unless you take a snapshot or record.",
    ),
    (
        "law",
        "Not for people at work or in education",
        "In the EU, inferring emotions there is prohibited, save for medical or safety reasons: "
        "AI Act, Regulation (EU) 2024/1689, Art. 5(1)(f).",
    ),
)
"""Icon, heading and text of each point."""


class FirstStart(QFrame):
    """Three points and a button; stands above the video and covers nothing."""

    accepted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("firstStart")
        self.setAccessibleName("Before you start: " + " ".join(p[1] + "." for p in POINTS))
        self._icons: list[tuple[str, QLabel]] = []
        row = QHBoxLayout()
        row.setSpacing(24)
        for name, heading, text in POINTS:
            row.addLayout(self._point(name, heading, text), 1)
        self.button = QPushButton("Got it")
        self.button.setProperty("chief", True)
        self.button.setAccessibleName("Got it: close this note")
        self.button.clicked.connect(self._accept)
        foot = QHBoxLayout()
        again = QLabel("You find this again under Help.")
        again.setObjectName("muted")
        foot.addWidget(again)
        foot.addStretch(1)
        foot.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 12)
        column.setSpacing(10)
        column.addLayout(row)
        column.addLayout(foot)

    def dress(self, look: Look) -> None:
        """Draws the icons in the colours of a theme."""
        ratio = self.devicePixelRatioF()
        for name, label in self._icons:
            label.setPixmap(pixmap(name, look.accent, ICON_PX, ratio))

    def _point(self, name: str, heading: str, text: str) -> QHBoxLayout:
        drawing = QLabel()
        drawing.setFixedSize(ICON_PX, ICON_PX)
        self._icons.append((name, drawing))
        title = QLabel(heading)
        title.setObjectName("noticeMessage")
        body = QLabel(text)
        body.setObjectName("muted")
        for label in (title, body):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(title)
        words.addWidget(body)
        words.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(drawing, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return row

    def _accept(self) -> None:
        self.hide()
        self.accepted.emit()
