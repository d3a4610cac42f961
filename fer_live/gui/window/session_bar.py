"""The line below the tool bar while something is recorded or logged: figures, pause, markers."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from fer_live.gui.widgets.icons import icon, pixmap
from fer_live.gui.widgets.theme import Look
from fer_live.gui.window.actions import Actions
from fer_live.gui.window.status_bar import ElidedLabel

WORDS_FROM_PX = 640
"""A narrower line shows its buttons without words."""
SIGN_PX = 16
TEXT_PX = (90, 260)
"""Least and greatest width of the field for a marker's text."""


class SessionBar(QFrame):
    """Says what is being recorded and logged; hidden while nothing is.

    Args:
        actions: Has pause and markers.
    """

    marker_chosen = Signal(int)
    """A key, 1 to 9."""
    text_given = Signal(str)
    text_dropped = Signal()

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sessionBar")
        self.setAccessibleName("Recording and log")
        self._actions = actions
        self._look: Look | None = None
        self._paused = self._running = False
        self._allowed = True
        self._record_sign, self.recording = self._figure("What is being recorded")
        self.pause = self._button("pause")
        self._log_sign, self.log = self._figure("What is being logged")
        self.marker = self._button("marker")
        self.marker.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self.marker.setMenu(self._menu)
        self.text = QLineEdit()
        self.text.setMinimumWidth(TEXT_PX[0])
        self.text.setMaximumWidth(TEXT_PX[1])
        self.text.setMaxLength(200)
        self.text.returnPressed.connect(self._give)
        self.text.installEventFilter(self)
        self.text.hide()
        self._key = QLabel()
        self._key.setProperty("muted", True)
        self._key.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 3, 6, 3)
        row.setSpacing(6)
        for widget in (self._record_sign, self.recording, self.pause):
            row.addWidget(widget)
        row.addSpacing(10)
        for widget in (self._log_sign, self.log):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._key)
        row.addWidget(self.text, 2)
        row.addWidget(self.marker)
        self.hide()

    def dress(self, look: Look) -> None:
        """Draws the signs in the colours of a theme."""
        self._look = look
        self._log_sign.setPixmap(self._sign("log", look.accent))
        self._dress_pause()

    def allow(self, on: bool) -> None:
        """Hides it even while something runs, or does not."""
        self._allowed = on
        self.setVisible(on and self._running)

    def show_pause(self, *, paused: bool) -> None:
        """Shows whether the recording pauses."""
        self._actions["pause"].setChecked(paused)
        if paused != self._paused:
            self._paused = paused
            self._dress_pause()

    def _dress_pause(self) -> None:
        action, paused = self._actions["pause"], self._paused
        words = "Go on" if paused else "Pause"
        action.setText(f"{words} with the recording" if paused else "Pause the recording")
        action.setIconText(f" {words}")
        if self._look is not None:
            action.setIcon(icon("record" if paused else "pause", self._look.text))
            self._record_sign.setPixmap(
                self._sign("pause", self._look.warning)
                if paused
                else self._sign("dot", self._look.danger)
            )

    def show_figures(self, recording: str, log: str) -> None:
        """Shows the figures; '' is for what does not run.

        Args:
            recording: Of the recording.
            log: Of the log.
        """
        self._actions["pause"].setEnabled(bool(recording))
        for sign, label, words in (
            (self._record_sign, self.recording, recording),
            (self._log_sign, self.log, log),
        ):
            if words != label.text():
                label.setText(words)
                label.setAccessibleName(words)
                label.updateGeometry()
            sign.setVisible(bool(words))
            label.setVisible(bool(words))
        self.pause.setVisible(bool(recording))
        self._running = bool(recording or log)
        if not self._running and not self.text.isHidden():
            self._drop()
        self.setVisible(self._running and self._allowed)

    def show_markers(self, texts: Sequence[str]) -> None:
        """Fills the menu of markers with what the keys mean."""
        self._menu.clear()
        for number, text in enumerate(texts, 1):
            action = self._menu.addAction(f"{number}   {text or 'Marker'}")
            action.triggered.connect(lambda _on=False, key=number: self.marker_chosen.emit(key))
        self._menu.addSeparator()
        self._menu.addAction(self._actions["marker"])

    def ask_text(self, key: int, text: str) -> None:
        """Opens the field for a marker's text; `text_given` or `text_dropped` follows."""
        self._key.setText(f"{key}")
        self._key.show()
        self.text.setPlaceholderText("What it means, then Enter")
        self.text.setAccessibleName(f"Text of marker {key}")
        self.text.setText(text)
        self.text.selectAll()
        self.text.show()
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape gives the text up, and does nothing else meanwhile."""
        escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if watched is self.text and escape and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if watched is self.text and escape and event.type() == QEvent.Type.KeyPress:
            self._drop()
            return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Drops the buttons' words when there is no room for them."""
        super().resizeEvent(event)
        roomy = event.size().width() >= WORDS_FROM_PX
        beside, alone = (
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon,
            Qt.ToolButtonStyle.ToolButtonIconOnly,
        )
        for button in (self.pause, self.marker):
            button.setToolButtonStyle(beside if roomy else alone)

    def _give(self) -> None:
        self._close()
        self.text_given.emit(self.text.text())

    def _drop(self) -> None:
        self._close()
        self.text_dropped.emit()

    def _close(self) -> None:
        self.text.hide()
        self._key.hide()

    def _figure(self, tip: str) -> tuple[QLabel, ElidedLabel]:
        label = ElidedLabel()
        # As wide as its words, less where there is no room.
        label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        label.setToolTip(tip)
        return QLabel(), label

    def _button(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self._actions[name])
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(self._actions[name].text())
        return button

    def _sign(self, name: str, colour: str) -> QPixmap:
        return pixmap(name, colour, SIGN_PX, self.devicePixelRatioF())
