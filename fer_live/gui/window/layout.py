"""The window's widgets and their arrangement, its theme, and full screen."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QMainWindow,
    QPushButton,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fer_live.gui.language import tr
from fer_live.gui.widgets.face_cards import FaceCards
from fer_live.gui.widgets.notice import NoticeArea
from fer_live.gui.widgets.theme import ThemeName, apply_theme, resolve_theme
from fer_live.gui.widgets.toast import Toast
from fer_live.gui.widgets.top_overlay import TopOverlay
from fer_live.gui.widgets.video_view import VideoView, primary_button
from fer_live.gui.window import geometry, source_messages
from fer_live.gui.window.actions import LEAVE_FULL_SCREEN, Actions
from fer_live.gui.window.compact import CompactMode
from fer_live.gui.window.first_start import FirstStart
from fer_live.gui.window.player_bar import PlayerBar
from fer_live.gui.window.session_bar import SessionBar
from fer_live.gui.window.source_menu import SourceButton
from fer_live.gui.window.status_bar import StatusBar
from fer_live.gui.window.tool_bar import ToolBar

DEFAULT_SIZE = (1280, 800)
PANEL_PX = 330
PANEL_FROM_PX = 760
"""A narrower window hides the side panel until the user switches it on."""


class WindowLayout(QMainWindow):
    """The view: widgets and their arrangement. `MainWindow` adds the behaviour.

    Args:
        handlers, switches: What the actions call, see `Actions`.
        theme_name: ``system``, ``light`` or ``dark``.
    """

    default_model_wanted = Signal()
    """The user wants the default model instead of one that can't be used."""

    def __init__(
        self,
        handlers: Mapping[str, Callable[[], object]],
        switches: Mapping[str, Callable[[bool], object]],
        theme_name: ThemeName,
    ) -> None:
        super().__init__()
        self.setWindowTitle("fer_live")
        self.commands = Actions(self, handlers, {**switches, "panel": self._show_panel,
                                                 "fullscreen": self.set_full_screen,
                                                 "compact": self.set_compact})  # fmt: skip
        self._theme_name = theme_name
        self.theme = resolve_theme(theme_name)
        self.source_button = SourceButton(self.commands)
        self.tool_bar = ToolBar(self.commands, self.source_button)
        self.addToolBar(self.tool_bar)
        self.session_bar = SessionBar(self.commands)
        self.player_bar = PlayerBar(self.commands)
        self.view = VideoView()
        self.compact = CompactMode(self, self.view)
        self.toast = Toast(self.view)
        self.view.setFocus()
        self.view.double_clicked.connect(self.commands["fullscreen"].trigger)
        self.notices = NoticeArea()
        self.first_start = FirstStart()
        self.cards = FaceCards()
        self.panel = self._make_panel()
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self._make_message_buttons()
        self._arrange()
        escape = QShortcut(QKeySequence(LEAVE_FULL_SCREEN[0]), self)
        escape.activated.connect(self._leave_modes)
        QApplication.styleHints().colorSchemeChanged.connect(self._scheme_changed)
        self.set_theme(theme_name)

    def set_theme(self, name: ThemeName) -> None:
        """Applies a theme to the application."""
        self._theme_name = name
        self.theme = resolve_theme(name)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, self.theme)
        for part in (
            self.commands,
            self.first_start,
            self.session_bar,
            self.player_bar,
            self.tool_bar,
        ):
            part.apply_theme(self.theme)
        self.show_start(running=self.tool_bar.running)
        self.show_recording(None)
        self.source_button.show_source(self.source_button.source)

    def _leave_modes(self) -> None:
        self.set_compact(False)
        self.set_full_screen(False)

    def set_compact(self, on: bool) -> None:
        """Shows only the video, in a window without a frame, or everything again."""
        self.commands["compact"].setChecked(on)
        if on == self.compact.on:
            return
        if on:
            self.set_full_screen(False)
            self._show_chrome(False)
            self.compact.enter()
        else:
            self.compact.leave()
            self._show_chrome(True)

    def set_on_top(self, on: bool) -> None:
        """Keeps the window above all others."""
        flag = Qt.WindowType.WindowStaysOnTopHint
        if on == bool(self.windowFlags() & flag):
            return
        visible = self.isVisible()
        self.setWindowFlag(flag, on)
        # Qt hides a window whose kind changes.
        self.setVisible(visible)

    def set_full_screen(self, on: bool) -> None:
        """Shows only the video on the whole screen, or everything again."""
        if on:
            self.set_compact(False)
        if on == self.isFullScreen():
            self.commands["fullscreen"].setChecked(on)
            return
        self._show_chrome(not on)
        if on:
            self._was_maximized = self.isMaximized()
            self.showFullScreen()
        elif self._was_maximized:
            self.showMaximized()
        else:
            self.showNormal()

    def _show_chrome(self, on: bool) -> None:
        # Also called when the window manager leaves full screen by itself.
        for widget in (self.menuBar(), self.tool_bar, self.statusBar()):
            widget.setVisible(on)
        self.panel.setVisible(on and self.commands["panel"].isChecked())
        margin = 10 if on else 0
        self._column.setContentsMargins(margin, margin, margin, margin)
        self.commands["fullscreen"].setChecked(
            not on and not self.compact.on and self.isFullScreen()
        )

    def show_start(self, *, running: bool) -> None:
        """Makes the start action show what it does next: start or stop."""
        self.tool_bar.show_start(self.theme, running=running)

    def show_recording(self, text: str | None) -> None:
        """Makes the record button red with `text` on it; None restores it."""
        self.tool_bar.show_recording(self.theme, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the focused button; the space bar is a shortcut wherever the focus is."""
        button = self.focusWidget()
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or not isinstance(
            button, QAbstractButton
        ):
            super().keyPressEvent(event)
        elif event.isAutoRepeat():
            # Holding a key down must not press the button repeatedly.
            event.accept()
        elif isinstance(button, QToolButton) and button.menu() is not None:
            button.showMenu()
        else:
            button.click()

    def showEvent(self, event: QShowEvent) -> None:
        """Gives the focus to the video, so that Enter opens no menu after the start."""
        super().showEvent(event)
        if not self._was_shown:
            self._was_shown = True
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fits the tool bar, and hides the side panel when the window becomes narrow."""
        super().resizeEvent(event)
        self.tool_bar.fit(event.size().width())
        narrow = event.size().width() < PANEL_FROM_PX
        if narrow != self._narrow and not self.isFullScreen() and not self.compact.on:
            self._narrow = narrow
            self.commands["panel"].setChecked(self._panel_wanted and not narrow)
            self.panel.setVisible(self._panel_wanted and not narrow)

    def changeEvent(self, event: QEvent) -> None:
        """Follows the window manager when it leaves full screen by itself."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange and hasattr(self, "splitter"):
            self._show_chrome(not self.isFullScreen() and not self.compact.on)

    _was_maximized = _was_shown = False
    _narrow = False
    _panel_wanted = True

    def _show_panel(self, on: bool) -> None:
        self._panel_wanted = on
        self.panel.setVisible(on and not self.isFullScreen() and not self.compact.on)

    def restore_arrangement(self, text: str) -> None:
        """Restores what `arrangement` returned, as far as the text can be read."""
        available = self.screen().availableGeometry()
        self.resize(geometry.first_size(QSize(*DEFAULT_SIZE), available))
        if not geometry.restore_arrangement(self, self.splitter, text):
            self.commands["panel"].setChecked(False)
            self._show_panel(False)
        geometry.fit_on_screen(self)

    def arrangement(self) -> str:
        """Position, size, splitter and panel as text for the settings."""
        return geometry.arrangement_text(self, self.splitter, panel=self._panel_wanted)

    def _scheme_changed(self) -> None:
        if self._theme_name == "system":
            self.set_theme("system")

    def _make_panel(self) -> QWidget:
        panel = QWidget()
        panel.setObjectName("sidePanel")
        # The chart is left out where it does not fit, so it must not make the window higher.
        panel.setMinimumSize(240, 120)
        self._panel_column = QVBoxLayout(panel)
        self._panel_column.setContentsMargins(10, 10, 10, 10)
        self._panel_column.setSpacing(8)
        title = QLabel(tr("Faces"))
        title.setObjectName("sectionTitle")
        self._panel_column.addWidget(title)
        self._panel_column.addWidget(self.cards, 1)
        return panel

    def _arrange(self) -> None:
        centre = QWidget()
        self._column = QVBoxLayout(centre)
        self._column.setContentsMargins(10, 10, 10, 10)
        self._column.setSpacing(8)
        self._column.addWidget(self.view, 1)
        self._column.addWidget(self.player_bar)
        self.overlay = TopOverlay(self.view, self.session_bar, self.notices)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(centre)
        self.splitter.addWidget(self.panel)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([1000, PANEL_PX])
        # The note takes the whole width: beside the panel, a small window has no room for it.
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.first_start)
        column.addWidget(self.splitter, 1)
        self.setCentralWidget(whole)
        self.commands["panel"].setChecked(True)

    def _make_message_buttons(self) -> None:
        start, again = primary_button(tr("Start")), primary_button(tr("Play again"))
        retry, sources = primary_button(tr("Try again")), QPushButton(tr("Choose a camera…"))
        file, demo = QPushButton(tr("Open a file…")), QPushButton(tr("Play the demo"))
        buttons = (
            (source_messages.START, start, "start"),
            (source_messages.PLAY_AGAIN, again, "start"),
            (source_messages.RETRY, retry, "start"),
            (source_messages.CHOOSE_SOURCE, sources, "source"),
            (source_messages.OPEN_FILE, file, "open_file"),
            (source_messages.PLAY_DEMO, demo, "demo"),
            (source_messages.DEFAULT_MODEL, primary_button(tr("Use the default model")), "model"),
            (source_messages.SETTINGS, QPushButton(tr("Settings…")), "settings"),
        )
        for _, button, action in buttons:
            if action == "model":
                button.clicked.connect(self.default_model_wanted)
                continue
            button.setToolTip(self.commands[action].toolTip())
            button.clicked.connect(self.commands[action].trigger)
        self.view.set_message_buttons([(name, button) for name, button, _ in buttons])
