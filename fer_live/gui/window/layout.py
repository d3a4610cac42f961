"""The window's frame: tool bar, video, side panel, status bar; looks and full screen."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QMainWindow,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from fer_live.gui.widgets import theme
from fer_live.gui.widgets.face_cards import FaceCard, FaceCards
from fer_live.gui.widgets.notice import NoticeArea
from fer_live.gui.widgets.toast import Toast
from fer_live.gui.widgets.video_view import VideoView, chief_button
from fer_live.gui.window import messages
from fer_live.gui.window.actions import LEAVE_FULL_SCREEN, Actions
from fer_live.gui.window.first_start import FirstStart
from fer_live.gui.window.geometry import arrangement_text, restore_arrangement
from fer_live.gui.window.session_bar import SessionBar
from fer_live.gui.window.source_menu import SourceButton
from fer_live.gui.window.status_bar import StatusStrip
from fer_live.gui.window.tool_bar import ToolBar

DEFAULT_SIZE = (1280, 800)
PANEL_PX = 330
PANEL_FROM_PX = 760
"""A narrower window hides the side panel until it is asked for."""


class WindowLayout(QMainWindow):
    """Widgets and their arrangement, no behaviour of the program.

    Args:
        handlers, switches: What the actions call, as `Actions` takes them.
        theme_name: ``system``, ``light`` or ``dark``.
    """

    def __init__(
        self,
        handlers: Mapping[str, Callable[[], object]],
        switches: Mapping[str, Callable[[bool], object]],
        theme_name: theme.ThemeName,
    ) -> None:
        super().__init__()
        self.setWindowTitle("fer_live")
        self.commands = Actions(self, handlers, {**switches, "panel": self._show_panel,
                                                 "fullscreen": self.set_full_screen})  # fmt: skip
        self._theme_name = theme_name
        self.look = theme.resolve(theme_name)
        self.source_button = SourceButton(self.commands)
        self.tool_bar = ToolBar(self.commands, self.source_button)
        self.addToolBar(self.tool_bar)
        self.session_bar = SessionBar(self.commands)
        self.view = VideoView()
        self.toast = Toast(self.view)
        self.view.setFocus()
        self.view.double_clicked.connect(self.commands["fullscreen"].trigger)
        self.notices = NoticeArea()
        self.first_start = FirstStart()
        self.cards = FaceCards()
        self.panel = self._make_panel()
        self.status = StatusStrip()
        self.setStatusBar(self.status)
        self._offers()
        self._arrange()
        escape = QShortcut(QKeySequence(LEAVE_FULL_SCREEN[0]), self)
        escape.activated.connect(lambda: self.set_full_screen(False))
        QApplication.styleHints().colorSchemeChanged.connect(self._scheme_changed)
        self.set_theme(theme_name)

    def set_theme(self, name: theme.ThemeName) -> None:
        """Gives the application a look."""
        self._theme_name = name
        self.look = theme.resolve(name)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, self.look)
        self.commands.dress(self.look)
        self.first_start.dress(self.look)
        self.session_bar.dress(self.look)
        self.tool_bar.dress(self.look)
        self.show_start(running=self.tool_bar.running)
        self.show_recording(None)
        self.source_button.show_source(self.source_button.source)

    def set_full_screen(self, on: bool) -> None:
        """Shows only the picture on the whole screen, or everything again."""
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
        # The window manager may leave full screen by itself, so this follows the state as well.
        for widget in (self.menuBar(), self.tool_bar, self.statusBar()):
            widget.setVisible(on)
        self.session_bar.allow(on)
        self.panel.setVisible(on and self.commands["panel"].isChecked())
        margin = 10 if on else 0
        self._column.setContentsMargins(margin, margin, margin, margin)
        self.commands["fullscreen"].setChecked(not on)

    def show_start(self, *, running: bool) -> None:
        """Makes the start action say what it would do."""
        self.tool_bar.show_start(self.look, running=running)

    def show_recording(self, words: str | None) -> None:
        """Makes the record button red with `words` on it, or ordinary for None."""
        self.tool_bar.show_recording(self.look, words)

    def event(self, event: QEvent) -> bool:
        """Leaves the space bar to a focused button or card; elsewhere it is a shortcut."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
            and isinstance(self.focusWidget(), QAbstractButton | FaceCard)
        ):
            event.accept()
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Drops the tool bar's words when there is no room for them."""
        super().resizeEvent(event)
        self.tool_bar.fit(event.size().width())
        narrow = event.size().width() < PANEL_FROM_PX
        if narrow != self._narrow and not self.isFullScreen():
            self._narrow = narrow
            self.commands["panel"].setChecked(self._panel_wanted and not narrow)
            self.panel.setVisible(self._panel_wanted and not narrow)

    def changeEvent(self, event: QEvent) -> None:
        """Keeps the full-screen action true when the system leaves full screen by itself."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange and hasattr(self, "splitter"):
            self._show_chrome(not self.isFullScreen())

    _was_maximized = False
    _narrow = False
    _panel_wanted = True

    def _show_panel(self, on: bool) -> None:
        self._panel_wanted = on
        self.panel.setVisible(on and not self.isFullScreen())

    def arrange_as(self, text: str) -> None:
        """Place, size, splitter and panel as `geometry.arrangement_text` has them, if it can be."""
        self.resize(*DEFAULT_SIZE)
        if not restore_arrangement(self, self.splitter, text):
            self.commands["panel"].setChecked(False)
            self._show_panel(False)

    def arrangement(self) -> str:
        """The same, to be kept."""
        return arrangement_text(self, self.splitter, panel=self._panel_wanted)

    def _scheme_changed(self) -> None:
        if self._theme_name == "system":
            self.set_theme("system")

    def _make_panel(self) -> QWidget:
        panel = QWidget()
        panel.setObjectName("sidePanel")
        panel.setMinimumWidth(240)
        self._panel_column = QVBoxLayout(panel)
        self._panel_column.setContentsMargins(10, 10, 10, 10)
        self._panel_column.setSpacing(8)
        title = QLabel("Faces")
        title.setObjectName("sectionTitle")
        self._panel_column.addWidget(title)
        self._panel_column.addWidget(self.cards, 1)
        return panel

    def _arrange(self) -> None:
        middle = QWidget()
        self._column = QVBoxLayout(middle)
        self._column.setContentsMargins(10, 10, 10, 10)
        self._column.setSpacing(8)
        self._column.addWidget(self.notices)
        self._column.addWidget(self.first_start)
        self._column.addWidget(self.session_bar)
        self._column.addWidget(self.view, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(middle)
        self.splitter.addWidget(self.panel)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([1000, PANEL_PX])
        self.setCentralWidget(self.splitter)
        self.commands["panel"].setChecked(True)

    def _offers(self) -> None:
        again, sources = chief_button("Start"), QPushButton("Choose a camera…")
        retry = chief_button("Try again")
        file, demo = QPushButton("Open a file…"), QPushButton("Play the demo")
        for button, name in ((again, "start"), (retry, "start"), (sources, "source"),
                             (file, "open_file"), (demo, "demo")):  # fmt: skip
            button.setToolTip(self.commands[name].toolTip())
            button.clicked.connect(self.commands[name].trigger)
        self.view.set_offers(
            ((messages.AGAIN, again), (messages.RETRY, retry), (messages.SOURCES, sources),
             (messages.FILE, file), (messages.DEMO, demo))
        )  # fmt: skip
