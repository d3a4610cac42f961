"""The tool bar: source, start and the most used actions; icons alone where there is no room."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSizePolicy, QToolBar, QToolButton, QWidget

from fer_live.gui.language import tr
from fer_live.gui.widgets.icons import SIZE_PX, icon
from fer_live.gui.widgets.theme import Theme
from fer_live.gui.window.actions import Actions, button_text
from fer_live.gui.window.source_menu import SourceButton

LAST = ("fullscreen", "theme", "settings")
"""Actions at the right end; the first to lose their texts where there is little room."""
ITEMS = ("mirror", None, "snapshot", "record", "log", "save_replay", "output", None, *LAST)
"""Actions to the right of source and start, by name; None is a separator."""


def draw_overflow_button(bar: QToolBar, colour: str) -> None:
    """Draws the button for the tools that do not fit in a colour, ``#rrggbb``, and names it."""
    more = bar.findChild(QToolButton, "qt_toolbar_ext_button")
    if isinstance(more, QToolButton):
        more.setIcon(icon("more", colour))
        more.setToolTip(tr("More"))
        more.setAccessibleName(tr("More tools"))


class ToolBar(QToolBar):
    """Buttons of the window's actions.

    Args:
        actions: All actions.
        source: The source picker.
    """

    def __init__(self, actions: Actions, source: SourceButton) -> None:
        super().__init__(tr("Tools"))
        self._actions = actions
        self.running = False
        self._record_style: tuple[bool, str] | None = None
        self._source = source
        self._fitted: object = None
        self.setObjectName("tools")
        self.setMovable(False)
        self.setIconSize(QSize(SIZE_PX, SIZE_PX))
        self.toggleViewAction().setEnabled(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.addWidget(source)
        self.addAction(actions["start"])
        for name in ITEMS:
            if name is None:
                self.addSeparator()
            else:
                self.addAction(actions[name])
            if name == "output":
                spacer = QWidget()
                spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
                self.addWidget(spacer)
        for name in ("start", "record"):
            self.widgetForAction(actions[name]).setObjectName(f"{name}Button")
        for name in ("start", *filter(None, ITEMS)):
            self._name(actions[name])
        source.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def event(self, event: QEvent) -> bool:
        """Fits the buttons when a text on one of them, the style or the font changes."""
        done = super().event(event)
        if not self.isVisible():
            return done  # the first showing fits them
        if event.type() in (QEvent.Type.Show, QEvent.Type.StyleChange, QEvent.Type.FontChange):
            # Sizes measured before do not hold: a style sheet applies from the first showing on.
            self._fitted = None
            self.fit(self.width())
        elif event.type() == QEvent.Type.LayoutRequest:
            self.fit(self.width())
        return done

    def apply_theme(self, theme: Theme) -> None:
        """Draws the icon of the overflow button in the colours of a theme."""
        draw_overflow_button(self, theme.text)

    def show_start(self, theme: Theme, *, running: bool) -> None:
        """Makes the start action show what it does next: start or stop."""
        self.running = running
        action = self._actions["start"]
        verb = tr("Stop") if running else tr("Start")
        action.setText(verb)
        action.setIconText(button_text(verb))
        action.setIcon(icon("stop" if running else "start", theme.on_accent))
        self.widgetForAction(action).setAccessibleName(
            tr("Stop the source") if running else tr("Start the source")
        )

    def show_recording(self, theme: Theme, text: str | None) -> None:
        """Makes the record button red with `text` on it; None restores it."""
        action = self._actions["record"]
        on = text is not None
        action.setChecked(on)
        action.setIconText(button_text(text or tr("Record")))
        if self._record_style == (on, theme.name):
            return
        self._record_style = (on, theme.name)
        colour = theme.on_danger if on else theme.danger
        action.setIcon(icon("recording" if on else "record", colour))
        button = self.widgetForAction(action)
        button.setProperty("recording", on)
        button.style().unpolish(button)
        button.style().polish(button)

    def show_replay(self, on: bool) -> None:
        """Shows or removes the button that saves the replay."""
        action = self._actions["save_replay"]
        if on == (action in self.actions()):
            return
        # Removed rather than hidden, because every layout of the tool bar shows hidden buttons.
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
        """Hides texts of buttons where there is no room, except start and a running recording.

        The last buttons lose theirs first, then all.

        Args:
            width_px: Width of the window.
        """
        texts = [len(action.iconText()) for action in self.actions()]
        content = (width_px, self._source.text(), self._record_style, texts)
        if content == self._fitted:
            return
        self._fitted = content
        last = [self._actions[name] for name in LAST]
        for without in ((), last, self.actions()):
            self._show_texts(without)
            if self.sizeHint().width() <= width_px:
                break

    def _show_texts(self, without: Sequence[QAction]) -> None:
        """Shows the texts of all buttons but some."""
        beside = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        always = [self._actions["start"]]
        if self._record_style is not None and self._record_style[0]:
            always.append(self._actions["record"])
        for action in self.actions():
            button = self.widgetForAction(action)
            if isinstance(button, QToolButton) and button is not self._source:
                bare = action in without and action not in always
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly if bare else beside)
