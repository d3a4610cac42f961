"""Corrections of a session as commands that can be undone."""

import threading
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from fer_live.gui.controllers.tasks import Tasks
from fer_live.gui.language import face_name, tr, word
from fer_live.review.corrected import check_merge
from fer_live.review.corrections import Corrections, MarkerNote
from fer_live.review.session import Session
from fer_live.review.sidecar import save_corrections
from fer_live.review.spans import Span

SAVE_AFTER_MS = 400
"""Corrections that follow each other within this time are saved once."""


class _Correction(QUndoCommand):
    """Goes from one state of the corrections to the next, and back."""

    def __init__(
        self, text: str, states: tuple[Corrections, Corrections], use: Callable[[Corrections], None]
    ) -> None:
        super().__init__(text)
        self._before, self._after = states
        self._use = use

    def redo(self) -> None:
        """Corrects."""
        self._use(self._after)

    def undo(self) -> None:
        """Takes it back."""
        self._use(self._before)


class Edits(QObject):
    """Makes corrections, keeps their history and saves them.

    Args:
        session: The session as opened.
        tasks: Saves off the GUI thread.
    """

    changed = Signal()
    """The session is corrected in another way now."""
    saving_failed = Signal(object)
    """The error."""

    def __init__(self, session: Session, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.stack = QUndoStack(self)
        self._tasks = tasks
        self._saved = session.corrections
        self._lock = threading.Lock()
        self._timer = QTimer(self, interval=SAVE_AFTER_MS, singleShot=True)
        self._timer.timeout.connect(self._save_later)

    @property
    def corrections(self) -> Corrections:
        """The present ones."""
        return self.session.corrections

    def set_label(self, face: int, span: Span, label: str | None) -> None:
        """Labels a face over a span; None restores the logged labels."""
        own = self.session.logged_identities(face)
        name = self._name_of(face)
        if label:
            text = tr("label {face} {label}").format(face=name, label=word(label))
        else:
            text = tr("label {face} as logged").format(face=name)
        self._push(text, self.corrections.set_label(own, span, label))

    def merge(self, face: int, into: int) -> None:
        """Makes one face of two. Raises ReviewError if they are seen together."""
        check_merge(self.session.table, face, into)
        text = tr("merge {face} into {other}")
        text = text.format(face=self._name_of(face), other=self._name_of(into))
        self._push(text, self.corrections.merge(face, into))

    def split(self, face: int) -> None:
        """Takes back merging into a face."""
        text = tr("take {face} apart").format(face=self._name_of(face))
        self._push(text, self.corrections.split(face))

    def rename(self, face: int, name: str) -> None:
        """Names a face. Raises ReviewError if another one has the name."""
        named = self.corrections.rename(face, name, self.session.logged_names)
        self._push(tr("name {face}").format(face=self._name_of(face)), named)

    def leave_out(self, span: Span) -> None:
        """Leaves a span out."""
        self._push(tr("leave a span out"), self.corrections.leave_out(span))

    def take_in(self, span: Span) -> None:
        """Takes a span back in."""
        self._push(tr("take a span back in"), self.corrections.take_in(span))

    def add_marker(self, marker: MarkerNote) -> None:
        """Sets a marker."""
        text = tr("set marker {number}").format(number=marker.key)
        self._push(text, self.corrections.add_marker(marker))

    def remove_marker(self, marker: MarkerNote) -> None:
        """Deletes a marker."""
        text = tr("delete marker {number}").format(number=marker.key)
        self._push(text, self.corrections.remove_marker(marker))

    def replace_marker(self, old: MarkerNote, new: MarkerNote) -> None:
        """Moves a marker or changes its note."""
        text = tr("change marker {number}").format(number=old.key)
        self._push(text, self.corrections.replace_marker(old, new))

    def choose_video(self, video: str) -> None:
        """Takes a video of the user's choice."""
        changed = Corrections(**{**vars(self.corrections), "video": video})
        self._push(tr("choose the video"), changed)

    def _name_of(self, face: int) -> str:
        return face_name(face, self.session.names.get(face, ""))

    def save_now(self) -> None:
        """Saves at once what is not saved yet. Raises ReviewError."""
        self._timer.stop()
        if self.corrections != self._saved:
            self._save()

    def _push(self, text: str, after: Corrections) -> None:
        if after != self.corrections:
            self.stack.push(_Correction(text, (self.corrections, after), self._use))

    def _use(self, corrections: Corrections) -> None:
        self.session = self.session.corrected(corrections)
        self._timer.start()
        self.changed.emit()

    def _save_later(self) -> None:
        self._tasks.run("save-review", self._save, lambda _none: None, self.saving_failed.emit)

    def _save(self) -> None:
        # Always the newest ones, whichever thread comes first.
        with self._lock:
            corrections = self.corrections
            save_corrections(self.session.log, corrections, datetime.now)
            self._saved = corrections
