"""The first-start note: what the program infers, where the data stays, where use is restricted."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from fer_live.gui.widgets.icons import pixmap
from fer_live.gui.widgets.theme import Theme
from fer_live.gui.widgets.video_view import primary_button

ICON_PX = 22

POINTS = (
    (
        "demo",
        "An expression, not a feeling",
        "The program names what a face shows, such as a smile. It can't tell what a person "
        "feels, and it is often wrong.",
    ),
    (
        "home",
        "Everything stays on this computer",
        "Pictures are analysed here and not kept. Nothing is sent anywhere, and nothing is "
        "saved unless you take a snapshot, record or log.",
    ),
    (
        "law",
        "Not for people at work or in education",
        "In the EU, inferring emotions there is prohibited, except for medical or safety reasons: "
        "AI Act, Regulation (EU) 2024/1689, Art. 5(1)(f).",
    ),
)
"""Icon, heading and text of each point."""


class FirstStart(QFrame):
    """Three points and a button, above the video."""

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
        self.button = primary_button("Got it")
        self.button.setAccessibleName("Got it: close this note")
        self.button.clicked.connect(self._accept)
        foot = QHBoxLayout()
        again = QLabel("You can find this again under Help.")
        again.setObjectName("muted")
        foot.addWidget(again)
        foot.addStretch(1)
        foot.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 12)
        column.setSpacing(10)
        column.addLayout(row)
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
