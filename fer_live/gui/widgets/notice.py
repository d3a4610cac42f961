"""Notices over the video: message, hint, and details on request."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFontDatabase
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from fer_live.core.errors import FerLiveError, ModelError
from fer_live.core.formats import SOURCE_HINT
from fer_live.gui.error_texts import localised
from fer_live.gui.language import tr
from fer_live.gui.widgets.flow_layout import FlowLayout

MOST_NOTICES = 3
"""Notices shown at once; more would cover the video, so the oldest goes."""
DONE_SHOWN_MS = 7000
"""Time a `done` notice stays: long enough to read a file name and press its button."""
LINGER_MS = 1500
"""Time a `done` notice stays after mouse and focus have left it."""
DETAILS_HEIGHT_PX = 120


@dataclass(frozen=True)
class NoticeAction:
    """A button of a notice.

    Args:
        text: On the button.
        call: What it does.
        closes: The notice has done its work and goes.
    """

    text: str
    call: Callable[[], object]
    closes: bool = True


@dataclass(frozen=True)
class Notice:
    """Content of a notice.

    Args:
        message: One sentence.
        hint: What the user can do; may be empty.
        details: Technical text, shown on request; may be empty.
        kind: ``done`` disappears by itself, the others stay until dismissed.
        actions: Its buttons, besides those for details and dismissal.
    """

    message: str
    hint: str = ""
    details: str = ""
    kind: Literal["error", "warning", "done"] = "error"
    actions: tuple[NoticeAction, ...] = ()


def notice_for(error: Exception, details: str = "") -> Notice:
    """The notice for an error; one that is not a `FerLiveError` is a defect of the program."""
    if isinstance(error, FerLiveError):
        cause = "" if error.__cause__ is None else f"{error.__cause__!r}"
        return Notice(localised(error.message), _window_hint(error), details or cause)
    text = details or "".join(traceback.format_exception(error))
    return Notice(
        tr("Unexpected error."),
        tr("Please report it with the details. The rest of the window keeps working."),
        text,
    )


def _window_hint(error: FerLiveError) -> str:
    """The hint of an error, with the window's ways instead of the command line's."""
    if isinstance(error, ModelError):
        return tr("Choose another model in the settings.")
    return localised(error.hint.replace(SOURCE_HINT, "Choose another source."))


class NoticeBar(QFrame):
    """The widget of one notice."""

    dismissed = Signal(object)

    def __init__(self, notice: Notice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = notice
        # Its own, and without a closure: a notice that is being deleted must release nothing that
        # owns it.
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._due)
        self.setObjectName("notice")
        self.setProperty("kind", notice.kind)
        kind = {"error": tr("error"), "warning": tr("warning"), "done": tr("done")}[notice.kind]
        self.setAccessibleName(f"{kind}: {notice.message} {notice.hint}".strip())
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(_label(notice.message, "noticeMessage"))
        if notice.hint:
            texts.addWidget(_label(notice.hint, "muted"))
        row = QHBoxLayout()
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(6)
        row.addLayout(texts, 1)
        self.details_button = _button(tr("Details"), quiet=True)
        row.addWidget(self.details_button, 0, Qt.AlignmentFlag.AlignTop)
        self.details_button.setCheckable(True)
        self.details_button.setVisible(bool(notice.details))
        self.action_buttons: dict[str, QPushButton] = {}
        # Several buttons beside the text would leave it no room in a small window.
        below = FlowLayout()
        below.setContentsMargins(12, 0, 8, 8)
        below.setSpacing(6)
        several = len(notice.actions) > 1
        for action in notice.actions:
            button = _button(action.text, quiet=False)
            if several:
                below.addWidget(button)
            else:
                row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
            button.clicked.connect(partial(self._act, action))
            self.action_buttons[action.text] = button
        self.dismiss_button = _button(tr("Dismiss"), quiet=True)
        row.addWidget(self.dismiss_button, 0, Qt.AlignmentFlag.AlignTop)
        self.dismiss_button.clicked.connect(lambda: self.dismissed.emit(self))
        self.details_view = QPlainTextEdit(notice.details)
        self.details_view.setReadOnly(True)
        self.details_view.setAccessibleName(tr("Details of the notice"))
        self.details_view.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details_view.setFixedHeight(DETAILS_HEIGHT_PX)
        self.details_view.hide()
        self.details_button.toggled.connect(self.details_view.setVisible)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        if several:
            column.addLayout(below)
        column.addWidget(self.details_view)

    @property
    def in_use(self) -> bool:
        """True while the mouse is over the notice or the focus is in it."""
        focus = QApplication.focusWidget()
        return self.underMouse() or (focus is not None and self.isAncestorOf(focus))

    def dismiss_after(self, wait_ms: int) -> None:
        """Dismisses the notice by itself, later if it is in use then."""
        self._timer.start(wait_ms)

    def _due(self) -> None:
        # A button must not disappear under the mouse or while it has the focus.
        if self.in_use:
            self._timer.start(LINGER_MS)
        else:
            self.dismissed.emit(self)

    def _act(self, action: NoticeAction, _checked: bool = False) -> None:
        action.call()
        if action.closes:
            self.dismissed.emit(self)


class NoticeArea(QWidget):
    """The notices over the video, newest first; a repeated one replaces the first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._bars: list[NoticeBar] = []
        self.setVisible(False)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The shown notices, newest first."""
        return tuple(bar.notice for bar in self._bars)

    @property
    def bars(self) -> tuple[NoticeBar, ...]:
        """The widgets, newest first."""
        return tuple(self._bars)

    def show_notice(self, notice: Notice) -> NoticeBar:
        """Adds a notice on top; with more than `MOST_NOTICES` the oldest goes."""
        for bar in list(self._bars):
            if (bar.notice.message, bar.notice.kind) == (notice.message, notice.kind):
                self._remove(bar)
        bar = NoticeBar(notice, self)
        bar.dismissed.connect(self._remove)
        self._bars.insert(0, bar)
        self._column.insertWidget(0, bar)
        while len(self._bars) > MOST_NOTICES:
            self._remove(self._bars[-1])
        if notice.kind == "done":
            bar.dismiss_after(DONE_SHOWN_MS)
        self.setVisible(True)
        QAccessible.updateAccessibility(QAccessibleEvent(bar, QAccessible.Event.Alert))
        return bar

    def show_error(self, error: Exception, details: str = "") -> NoticeBar:
        """Adds the notice for an error."""
        return self.show_notice(notice_for(error, details))

    def withdraw(self, bar: NoticeBar | None) -> None:
        """Removes a notice that no longer applies; does nothing for None or a dismissed one."""
        if bar is not None:
            self._remove(bar)

    def clear(self) -> None:
        """Removes all notices."""
        for bar in list(self._bars):
            self._remove(bar)

    def _remove(self, bar: NoticeBar) -> None:
        if bar not in self._bars:
            return
        self._bars.remove(bar)
        self._column.removeWidget(bar)
        bar.hide()
        bar.deleteLater()
        self.setVisible(bool(self._bars))


def _button(text: str, *, quiet: bool) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("quiet", quiet)
    return button


def _label(text: str, name: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setWordWrap(True)
    # A long path is cut rather than widening the window.
    label.setMinimumWidth(1)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
