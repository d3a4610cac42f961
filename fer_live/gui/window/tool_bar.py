"""The tool bar: source, start, and what is used most; icons alone where there is no room."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSizePolicy, QToolBar, QToolButton, QWidget

from fer_live.gui.widgets.icons import SIZE_PX, icon
from fer_live.gui.widgets.theme import Look
from fer_live.gui.window.actions import Actions, button_words
from fer_live.gui.window.source_menu import SourceButton

BAR = (
    *("mirror", None, "snapshot", "record", "log", "save_replay", "output", None),
    *("fullscreen", "theme", "settings"),
)
"""The tool bar behind source and start; None is a line."""


class ToolBar(QToolBar):
    """Buttons of the window's actions.

    Args:
        actions: All actions.
        source: The source picker.
    """

    def __init__(self, actions: Actions, source: SourceButton) -> None:
        super().__init__("Tools")
        self._actions = actions
        self.running = False
        self._record_dress: tuple[bool, str] | None = None
        self._source = source
        self._fitted: object = None
        self.setObjectName("tools")
        self.setMovable(False)
        self.setIconSize(QSize(SIZE_PX, SIZE_PX))
        self.toggleViewAction().setEnabled(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.addWidget(source)
        self.addAction(actions["start"])
        for name in BAR:
            if name is None:
                self.addSeparator()
            else:
                self.addAction(actions[name])
            if name == "output":
                space = QWidget()
                space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
                self.addWidget(space)
        for name in ("start", "record"):
            self.widgetForAction(actions[name]).setObjectName(f"{name}Button")
        for name in ("start", *(n for n in BAR if n)):
            self._name(actions[name])
        source.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def event(self, event: QEvent) -> bool:
        """Fits the buttons when the words on one of them change."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.fit(self.width())
        return done

    def dress(self, look: Look) -> None:
        """Draws the sign for what does not fit in the colours of a theme."""
        more = self.findChild(QToolButton, "qt_toolbar_ext_button")
        if isinstance(more, QToolButton):
            more.setIcon(icon("more", look.text))
            more.setToolTip("What did not fit")
            more.setAccessibleName("More tools")

    def show_start(self, look: Look, *, running: bool) -> None:
        """Makes the start action say what it would do."""
        self.running = running
        action = self._actions["start"]
        words = "Stop" if running else "Start"
        action.setText(words)
        action.setIconText(button_words(words))
        action.setIcon(icon("stop" if running else "start", look.on_accent))
        self.widgetForAction(action).setAccessibleName(f"{words} the source")

    def show_recording(self, look: Look, words: str | None) -> None:
        """Makes the record button red with `words` on it, or ordinary for None."""
        action = self._actions["record"]
        action.setChecked(words is not None)
        action.setIconText(button_words(words or "Record"))
        on = words is not None
        if self._record_dress == (on, look.name):
            return
        self._record_dress = (on, look.name)
        colour = look.on_danger if on else look.danger
        action.setIcon(icon("recording" if on else "record", colour))
        button = self.widgetForAction(action)
        button.setProperty("recording", on)
        button.style().unpolish(button)
        button.style().polish(button)

    def show_replay(self, on: bool) -> None:
        """Shows the button that saves the replay while there is one."""
        action = self._actions["save_replay"]
        if on == (action in self.actions()):
            return
        # Hiding the button alone would not do: the tool bar shows it again whenever it is laid out.
        if on:
            self.insertAction(self._actions["output"], action)
            self._name(action)
        else:
            self.removeAction(action)

    def _name(self, action: QAction) -> None:
        button = self.widgetForAction(action)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(action.text())

    def fit(self, width_px: int) -> None:
        """Drops words when there is no room for them, but not from start and a running recording.

        Args:
            width_px: Of the window.
        """
        texts = [len(action.iconText()) for action in self.actions()]
        wanted = (width_px, self._source.text(), self._record_dress, texts)
        if wanted != self._fitted:
            self._fitted = wanted
            self._show_words(roomy=True)
            if self.sizeHint().width() > width_px:
                self._show_words(roomy=False)

    def _show_words(self, *, roomy: bool) -> None:
        beside = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        self.setToolButtonStyle(beside if roomy else Qt.ToolButtonStyle.ToolButtonIconOnly)
        start = self.widgetForAction(self._actions["start"])
        record = self.widgetForAction(self._actions["record"])
        for button in (start, record):
            words = roomy or button is start or bool(button.property("recording"))
            if isinstance(button, QToolButton):
                button.setToolButtonStyle(beside if words else self.toolButtonStyle())
