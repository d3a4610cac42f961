"""The bar over the video while something is recorded, logged or hidden: figures, pause, markers."""

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

from fer_live.gui.language import tr
from fer_live.gui.widgets.elide import ElidedLabel
from fer_live.gui.widgets.icons import icon, pixmap
from fer_live.gui.widgets.theme import Theme
from fer_live.gui.window.actions import Actions, button_text

TEXT_FROM_PX = 640
"""With less room than that, the buttons have no text."""
ICON_PX = 16
NOTE_PX = (90, 260)
"""Least and greatest width of the field for a marker's note."""
GAP_PX = 10
"""Space between the recording, the log and what is hidden, beside the usual one."""
NOTE_MARGIN_PX = 24
"""Frame and margins of the field, beside its text."""
LONGEST_NOTE = 200
"""Characters of a marker's note."""


class SessionBar(QFrame):
    """Shows what is being recorded and logged, and whether faces are hidden.

    It lies over the video in every mode, full screen too; hidden while there is nothing to show.

    Args:
        actions: Has pause and marker.
    """

    marker_chosen = Signal(int)
    """The marker's key, 1 to 9."""
    text_entered = Signal(str)
    """The note that was typed."""
    text_cancelled = Signal()

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sessionBar")
        self.setAccessibleName(tr("Recording and log"))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._actions = actions
        self._theme: Theme | None = None
        self._paused = self._running = False
        self._record_icon, self.recording = self._figure(tr("The running recording"))
        self.pause = self._button("pause")
        self._log_icon, self.log = self._figure(tr("The running session log"))
        self._hidden_icon, self.hidden_faces = self._figure(
            tr("Faces are unrecognisable on screen; H shows them")
        )
        self.hidden_faces.setText(tr("Faces hidden"))
        self._show_hidden(False)
        self.marker = self._button("marker")
        self.marker.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self.marker.setMenu(self._menu)
        self.text = QLineEdit()
        self.text.setMaximumWidth(NOTE_PX[1])
        self.text.setMaxLength(LONGEST_NOTE)
        self.text.returnPressed.connect(self._accept_text)
        self.text.installEventFilter(self)
        self.text.hide()
        self._key = QLabel()
        self._key.setProperty("muted", True)
        self._key.hide()
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(10, 3, 6, 3)
        row.setSpacing(6)
        for widget in (self._record_icon, self.recording, self.pause):
            row.addWidget(widget)
        row.addSpacing(GAP_PX)
        for widget in (self._log_icon, self.log):
            row.addWidget(widget)
        row.addSpacing(GAP_PX)
        for widget in (self._hidden_icon, self.hidden_faces):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._key)
        row.addWidget(self.text)
        row.addWidget(self.marker)
        self.hide()

    def apply_theme(self, theme: Theme) -> None:
        """Draws the icons in the colours of a theme."""
        self._theme = theme
        self._log_icon.setPixmap(self._pixmap("log", theme.accent))
        self._hidden_icon.setPixmap(self._pixmap("privacy", theme.warning))
        self._update_pause()

    def show_hidden(self, on: bool) -> None:
        """Says whether faces are hidden on screen."""
        self._show_hidden(on)
        self._fit()

    def _show_hidden(self, on: bool) -> None:
        for widget in (self._hidden_icon, self.hidden_faces):
            widget.setVisible(on)

    def show_pause(self, *, paused: bool) -> None:
        """Shows whether the recording pauses."""
        self._actions["pause"].setChecked(paused)
        if paused != self._paused:
            self._paused = paused
            self._update_pause()

    def _update_pause(self) -> None:
        action, paused, theme = self._actions["pause"], self._paused, self._theme
        action.setText(tr("Resume the recording") if paused else tr("Pause the recording"))
        action.setIconText(button_text(tr("Resume") if paused else tr("Pause")))
        if theme is not None:
            action.setIcon(icon("record" if paused else "pause", theme.text))
            self._record_icon.setPixmap(
                self._pixmap("pause", theme.warning)
                if paused
                else self._pixmap("dot", theme.danger)
            )

    def show_figures(self, recording: str, log: str) -> None:
        """Shows the figures.

        Args:
            recording: Of the recording; empty while there is none.
            log: Of the log; empty while there is none.
        """
        self._actions["pause"].setEnabled(bool(recording))
        for symbol, label, figures in (
            (self._record_icon, self.recording, recording),
            (self._log_icon, self.log, log),
        ):
            if figures != label.text():
                label.setText(figures)
                label.setAccessibleName(figures)
                label.updateGeometry()
            symbol.setVisible(bool(figures))
        self.pause.setVisible(bool(recording))
        self._running = bool(recording or log)
        self.marker.setVisible(self._running)
        if not self._running and not self.text.isHidden():
            self._cancel_text()
        self._fit()

    def _fit(self) -> None:
        self.setVisible(self._running or not self.hidden_faces.isHidden())
        self._fit_contents()

    def _fit_contents(self) -> None:
        """Leaves out the buttons' texts, then figures, where there is no room for them."""
        room_px = self._room_px()
        style = Qt.ToolButtonStyle
        for button in (self.pause, self.marker):
            button.setToolButtonStyle(
                style.ToolButtonTextBesideIcon
                if room_px >= TEXT_FROM_PX
                else style.ToolButtonIconOnly
            )
        # A privacy switch is named in full, however narrow the bar is.
        self.hidden_faces.setMinimumWidth(self.hidden_faces.sizeHint().width())
        # The whole placeholder where there is room for it; figures go before it is cut.
        words = self.text.fontMetrics().horizontalAdvance(self.text.placeholderText())
        wanted = min(words + NOTE_MARGIN_PX, NOTE_PX[1])
        figures = [label for label in (self.recording, self.log) if label.text()]
        while figures and self._least_px(figures, wanted) > room_px:
            figures.pop()
        missing = max(0, self._least_px(figures, wanted) - room_px)
        self.text.setMinimumWidth(max(wanted - missing, NOTE_PX[0]))
        for label in (self.recording, self.log):
            label.setVisible(label in figures)
        # While the bar is being resized, its layout has already placed its parts.
        self._row.activate()

    def _least_px(self, figures: Sequence[QWidget], note_px: int) -> int:
        """Least width with these figures, and a field for the note of this width if it is open."""
        others = (
            *(self._record_icon, self.pause, self._log_icon, self._hidden_icon),
            *(self.hidden_faces, self._key, self.marker),
        )
        shown = [part for part in others if not part.isHidden()]
        widths = [max(part.minimumWidth(), part.minimumSizeHint().width()) for part in shown]
        widths += [part.minimumSizeHint().width() for part in figures]
        if not self.text.isHidden():
            widths.append(note_px)
        edges, frame = self._row.contentsMargins(), self.contentsMargins()
        around = edges.left() + edges.right() + frame.left() + frame.right() + 2 * GAP_PX
        return sum(widths) + self._row.spacing() * (len(widths) - 1) + around

    def _room_px(self) -> int:
        parent = self.parentWidget()
        return self.width() if parent is None else parent.width()

    def show_markers(self, texts: Sequence[str]) -> None:
        """Fills the menu of markers with the keys and their texts."""
        self._menu.clear()
        for number, text in enumerate(texts, 1):
            shown = text or tr("Marker")
            action = self._menu.addAction(f"{number}   {shown}")
            action.triggered.connect(lambda _on=False, key=number: self.marker_chosen.emit(key))
        self._menu.addSeparator()
        self._menu.addAction(self._actions["marker"])

    def ask_text(self, key: int, text: str) -> None:
        """Opens the field for a marker's note; `text_entered` or `text_cancelled` follows."""
        self._key.setText(f"{key}")
        self._key.show()
        self.text.setPlaceholderText(tr("Note for this marker, then Enter"))
        self.text.setAccessibleName(tr("Note for marker {number}").format(number=key))
        self.text.setText(text)
        self.text.selectAll()
        self.text.show()
        self._fit_contents()
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape cancels the note and, while the field is open, does nothing else."""
        escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if watched is self.text and escape and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if watched is self.text and escape and event.type() == QEvent.Type.KeyPress:
            self._cancel_text()
            return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follows the room there is."""
        super().resizeEvent(event)
        self._fit_contents()

    def _accept_text(self) -> None:
        self._close_text()
        self.text_entered.emit(self.text.text())

    def _cancel_text(self) -> None:
        self._close_text()
        self.text_cancelled.emit()

    def _close_text(self) -> None:
        self.text.hide()
        self._key.hide()
        self._fit_contents()

    def _figure(self, tip: str) -> tuple[QLabel, ElidedLabel]:
        label = ElidedLabel()
        # As wide as its text, narrower where there is no room.
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

    def _pixmap(self, name: str, colour: str) -> QPixmap:
        return pixmap(name, colour, ICON_PX, self.devicePixelRatioF())
