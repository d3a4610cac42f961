"""The review window: the video of a session, its timeline, and what corrects it."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMainWindow,
    QMenu,
    QScrollArea,
    QScrollBar,
    QSplitter,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fer_live.core.errors import FerLiveError
from fer_live.core.labels import UNSURE
from fer_live.core.settings import MARKER_KEYS
from fer_live.core.types import FrameResult
from fer_live.gui.controllers.desktop import FileNotices
from fer_live.gui.controllers.tasks import GuiCalls, Tasks
from fer_live.gui.error_texts import error_text, localised
from fer_live.gui.language import face_name, percent, tr, word
from fer_live.gui.review.edits import Edits
from fer_live.gui.review.picture import frame_result
from fer_live.gui.review.review_actions import COLUMNS, TOOL_BAR, add_actions, shortcut_rows
from fer_live.gui.review.timeline import ZOOM, Selection, Timeline
from fer_live.gui.review.timeline_data import next_time, timeline_data
from fer_live.gui.widgets.notice import Notice, NoticeArea
from fer_live.gui.widgets.top_overlay import TopOverlay
from fer_live.gui.widgets.video_view import Message, VideoView
from fer_live.gui.window import geometry
from fer_live.gui.window.dialogs import ShortcutsDialog, ask_file, ask_name
from fer_live.gui.window.layout import DEFAULT_SIZE
from fer_live.gui.window.tool_bar import draw_overflow_button
from fer_live.report.formatting import clock
from fer_live.review.corrections import MarkerNote
from fer_live.review.exports import CSV, ELAN, EXPORTS, REPORT, SUBTITLES, export
from fer_live.review.frame_reader import FrameReader, ShownFrame
from fer_live.review.session import Session
from fer_live.review.spans import Span

TICK_MS = 20
"""Interval at which the cursor follows while the video plays: faster than most videos' frames."""
JUMP_S = 5.0
SPEEDS = (0.25, 4.0)
"""Slowest and fastest playing."""
TIMELINE_SHARE = 0.45
"""Greatest share of the window's height that the timeline takes at first."""
BELOW_PX = 40
"""Height of the scroll bar below the timeline and its margins."""


class ReviewWindow(QMainWindow):
    """Shows a session and corrects it.

    Args:
        session: The session.
        problem: What could not be read of its corrections; empty if all was.
    """

    closed = Signal()
    open_wanted = Signal()
    """The user wants to open another session."""

    def __init__(self, session: Session, problem: str = "") -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.tasks = Tasks(self)
        self.edits = Edits(session, self.tasks, self)
        self.view = VideoView()
        self.view.resized.connect(self._draw)
        self.timeline = Timeline()
        self.notices = NoticeArea()
        self.files = FileNotices(self.notices, self.tasks)
        self._position_s = session.start_s
        self._speed = 1.0
        self._frame: ShownFrame | None = None
        self._failed: set[Path] = set()
        self._ended = False
        self._clock = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._clock.timeout.connect(self._tick)
        self._ticked_s = 0.0
        undo, redo = (
            self.edits.stack.createUndoAction(self),
            self.edits.stack.createRedoAction(self),
        )
        undo.setShortcut(QKeySequence("Ctrl+Z"))
        redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self.commands, self._menus = add_actions(self, self._calls(), (undo, redo))
        self.commands["undo"], self.commands["redo"] = undo, redo
        self._label_menu = QMenu(tr("&Label"), self)
        self._merge_menu = QMenu(tr("&Merge into"), self)
        self._arrange()
        self.edits.changed.connect(self._show_session)
        self.edits.saving_failed.connect(self.notices.show_error)
        self.view.face_clicked.connect(self.choose_face)
        self.view.rename_wanted.connect(self._name_clicked)
        self.timeline.seek_wanted.connect(self.go_to)
        self.timeline.marker_moved.connect(self._move_marker)
        self.timeline.selection_changed.connect(self._show_state)
        self.timeline.face_changed.connect(self._show_state)
        self.timeline.view_changed.connect(self._show_scroll)
        gui = GuiCalls(self)
        self.reader = FrameReader(
            lambda frame: gui.call(lambda: self._show_frame(frame)),
            lambda video, error: gui.call(lambda: self._show_failure(video, error)),
        )
        self.commands["boxes"].setChecked(not any(one.drawn for one in session.stretches))
        self.resize(geometry.first_size(QSize(*DEFAULT_SIZE), self.screen().availableGeometry()))
        self._show_session()
        wanted = self.timeline.sizeHint().height() + BELOW_PX
        lower = min(wanted, round(self.height() * TIMELINE_SHARE))
        self._split.setSizes([max(self.height() - lower, 1), lower])
        faces = session.identities
        if len(faces) == 1:
            self.timeline.choose_face(faces[0])
        if problem:
            self.notices.show_notice(Notice(localised(problem), kind="warning"))

    @property
    def session(self) -> Session:
        """The session as corrected now."""
        return self.edits.session

    @property
    def position_s(self) -> float:
        """Session time of the cursor, seconds."""
        return self._position_s

    @property
    def playing(self) -> bool:
        """Whether the video plays."""
        return self._clock.isActive()

    def go_to(self, time_s: float) -> None:
        """Goes to a session time, seconds."""
        session = self.session
        self._position_s = min(max(time_s, session.start_s), session.end_s)
        self.timeline.move_cursor(self._position_s)
        self._time.setText(
            f"{clock(self._position_s, tenths=True)} / {clock(session.end_s, tenths=True)}"
        )
        stretch = session.stretch_at(self._position_s)
        if stretch is not None and stretch.video not in self._failed:
            self.reader.show(stretch.video, stretch.in_video(self._position_s))
        elif stretch is None:
            self._frame = None
            message = not_recorded() if session.stretches else no_video()
            if self.view.message != message:
                self.view.show_message(message)

    def play(self, on: bool) -> None:
        """Plays or pauses; at the end it begins again."""
        if on:
            if self._position_s >= self.session.end_s - TICK_MS / 1000:
                self.go_to(self.session.start_s)
            self._ticked_s = time.perf_counter()
            self._clock.start()
        else:
            self._clock.stop()
        self.commands["play"].setText(tr("Pause") if on else tr("Play"))
        self.commands["play"].setIconText(tr("Pause") if on else tr("Play"))

    def run_export(self, suffix: str) -> None:
        """Writes an export beside the log and says where it is."""
        session = self.session
        self.statusBar().showMessage(tr("Writing {what}…").format(what=word(EXPORTS[suffix])))

        def done(paths: tuple[Path, ...]) -> None:
            self.statusBar().clearMessage()
            for path in paths:
                message = tr("Saved {files}.").format(files=path.name)
                self.files.show_saved(Notice(message, str(path.parent), kind="done"), path)

        def failed(error: Exception) -> None:
            self.statusBar().clearMessage()
            self.notices.show_error(error)

        self.tasks.run("export", lambda: export(session, suffix), done, failed)

    def changeEvent(self, event: QEvent) -> None:
        """Follows the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_bar"):
            self._draw_overflow_button()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Saves what is not saved yet, and releases the video."""
        if not self._ended:
            try:
                self.edits.save_now()
            except FerLiveError as error:
                # The first time it stays open, so that the reason can be read.
                if localised(error.message) not in {one.message for one in self.notices.notices}:
                    self.notices.show_error(error)
                    event.ignore()
                    return
            self._ended = True
            self._clock.stop()
            self.reader.close()
            self.tasks.close(1.0)
            self.closed.emit()
        super().closeEvent(event)

    def _calls(self) -> dict[str, Callable[[], object]]:
        step = self._step
        return {
            "open": self.open_wanted.emit,
            "video": lambda: ask_file(self, self.edits.choose_video),
            "csv": lambda: self.run_export(CSV),
            "html": lambda: self.run_export(REPORT),
            "vtt": lambda: self.run_export(SUBTITLES),
            "eaf": lambda: self.run_export(ELAN),
            "close": self.close,
            "play": lambda: self.play(not self.playing),
            "back": lambda: step(-1),
            "ahead": lambda: step(1),
            "back_5": lambda: self.go_to(self._position_s - JUMP_S),
            "ahead_5": lambda: self.go_to(self._position_s + JUMP_S),
            "begin": lambda: self.go_to(self.session.start_s),
            "end": lambda: self.go_to(self.session.end_s),
            "previous": lambda: self._go_to_change(forward=False),
            "next": lambda: self._go_to_change(forward=True),
            "previous_marker": lambda: self._go_to_marker(forward=False),
            "next_marker": lambda: self._go_to_marker(forward=True),
            "slower": lambda: self._set_speed(self._speed / 2),
            "faster": lambda: self._set_speed(self._speed * 2),
            "from_here": lambda: self._mark_span(start_s=self._position_s),
            "to_here": lambda: self._mark_span(end_s=self._position_s),
            "as_logged": lambda: self.set_label(None),
            "rename": self._ask_name,
            "split": lambda: self._with_face(self.edits.split),
            "leave_out": lambda: self._with_selection(self.edits.leave_out),
            "take_in": self._take_in,
            "marker": lambda: self._ask_marker(1),
            "note": self._ask_note,
            "delete": self._delete_marker,
            "up": lambda: self._choose_next_face(-1),
            "down": lambda: self._choose_next_face(1),
            "boxes": self._draw,
            "zoom_in": lambda: self.timeline.zoom(ZOOM * ZOOM),
            "zoom_out": lambda: self.timeline.zoom(1 / (ZOOM * ZOOM)),
            "whole": lambda: self.timeline.zoom(1e-9),
            "keys": lambda: ShortcutsDialog(self, shortcut_rows(), COLUMNS).open(),
        }

    def _arrange(self) -> None:
        bar = QToolBar(tr("Review"))
        bar.setMovable(False)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        exports = QMenu(tr("E&xport"), self)
        for name in ("csv", "html", "vtt", "eaf"):
            exports.addAction(self.commands[name])
        for name in TOOL_BAR:
            bar.addAction(self.commands[name])
            if name == "next":
                bar.addSeparator()
                bar.addWidget(
                    _menu_button(tr("Label"), self._label_menu, tr("Label the selected span"))
                )
        bar.addWidget(
            _menu_button(tr("Merge"), self._merge_menu, tr("Merge the selected face into another"))
        )
        bar.addAction(self.commands["undo"])
        bar.addAction(self.commands["redo"])
        self.commands["undo"].setIconText(tr("Undo"))
        self.commands["redo"].setIconText(tr("Redo"))
        bar.addSeparator()
        bar.addWidget(_menu_button(tr("Export"), exports, tr("Write the session as corrected")))
        self.addToolBar(bar)
        self._bar = bar
        self._draw_overflow_button()
        edit, before = self._menus["Edit"], self.commands["as_logged"]
        edit.insertMenu(before, self._label_menu)
        edit.insertMenu(self.commands["split"], self._merge_menu)
        self._merge_menu.aboutToShow.connect(self._fill_merge_menu)
        self._fill_label_menu()
        for key in range(1, MARKER_KEYS + 1):
            shortcut = QShortcut(QKeySequence(str(key)), self)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(partial(self.set_marker, key))
        TopOverlay(self.view, self.notices)
        self._rows = QScrollArea()
        self._rows.setWidgetResizable(True)
        self._rows.setFrameShape(QFrame.Shape.NoFrame)
        self._rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._rows.setWidget(self.timeline)
        self._along = QScrollBar(Qt.Orientation.Horizontal)
        self._along.setAccessibleName(tr("Part of the session shown"))
        self._along.valueChanged.connect(lambda value: self.timeline.look_from(value / 1000))
        self._time = QLabel()
        self._state = QLabel()
        self._state.setObjectName("stateText")
        self.statusBar().addWidget(self._state, 1)
        self.statusBar().addPermanentWidget(self._time)
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(8, 4, 8, 2)
        column.setSpacing(2)
        column.addWidget(self._rows, 1)
        column.addWidget(self._along)
        self.view.setMinimumSize(160, 120)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setHandleWidth(4)
        split.setChildrenCollapsible(False)
        split.addWidget(self.view)
        split.addWidget(lower)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 0)
        self._split = split
        self.setCentralWidget(split)
        self.timeline.setFocus()

    def _draw_overflow_button(self) -> None:
        draw_overflow_button(
            self._bar, QApplication.palette().color(QPalette.ColorRole.Text).name()
        )

    def _show_session(self) -> None:
        """Shows the session as it is corrected now."""
        session = self.session
        self.setWindowTitle(tr("{file} — review").format(file=session.log.name))
        self.timeline.show_data(timeline_data(session))
        self._failed.clear()
        self._show_scroll()
        self.go_to(self._position_s)
        self._draw()
        self._show_state()

    def _tick(self) -> None:
        now_s = time.perf_counter()
        passed_s, self._ticked_s = now_s - self._ticked_s, now_s
        self.go_to(self._position_s + passed_s * self._speed)
        if self._position_s >= self.session.end_s:
            self.play(False)

    def _show_frame(self, frame: ShownFrame) -> None:
        stretch = self.session.stretch_at(self._position_s)
        if stretch is None or stretch.video != frame.video or self._ended:
            return
        self._frame = frame
        if self.view.message is not None:
            self.view.show_message(None)
        self._draw()

    def _draw(self) -> None:
        stretch = self.session.stretch_at(self._position_s)
        if self._frame is None or stretch is None:
            return
        time_s = stretch.start_s + self._frame.time_s - stretch.begins_s
        result: FrameResult = frame_result(self._frame, self.session, time_s)
        drawn = result.frame.image_bgr
        if self.commands["boxes"].isChecked():
            from fer_live.overlay.draw import OverlayOptions, draw_overlay

            options = OverlayOptions(show_fps=False, word=word, percent=percent)
            place = self.view.place_of(drawn)
            drawn = draw_overlay(drawn, result.faces, result.labels, options, screen=place)
        self.view.show_result(result, drawn)

    def _show_failure(self, video: Path, error: FerLiveError) -> None:
        if video in self._failed or self._ended:
            return
        self._failed.add(video)
        self._frame = None
        title = tr("Can't show {file}").format(file=video.name)
        self.view.show_message(Message(title, error_text(error)))

    def _show_scroll(self) -> None:
        data, view = self.timeline.data, self.timeline.view
        if data is None:
            return
        length_s = view.end_s - view.start_s
        self._along.blockSignals(True)
        self._along.setRange(
            round(data.start_s * 1000),
            max(round((data.end_s - length_s) * 1000), round(data.start_s * 1000)),
        )
        self._along.setPageStep(max(round(length_s * 1000), 1))
        self._along.setSingleStep(max(round(length_s * 100), 1))
        self._along.setValue(round(view.start_s * 1000))
        self._along.blockSignals(False)

    def _show_state(self) -> None:
        """Says what the next correction would concern."""
        face, selection = self.timeline.face, self.timeline.selection
        who = self._name_of(face)
        if selection is not None:
            span = selection.span
            who = tr("{face}, {begin} to {end}").format(
                face=self._name_of(selection.face),
                begin=clock(span.start_s, tenths=True),
                end=clock(span.end_s, tenths=True),
            )
        if self._speed != 1:
            who = " · ".join((who, tr("speed {speed}").format(speed=f"{self._speed:g}")))
        self._state.setText(who)
        self.timeline.setAccessibleDescription(who)

    def _step(self, frames: int) -> None:
        self.play(False)
        assert self.timeline.data is not None
        times_s = self.timeline.data.frames_s.tolist()
        found = next_time(times_s, self._position_s, forward=frames > 0)
        if found is not None:
            self.go_to(found)

    def _go_to_change(self, *, forward: bool) -> None:
        assert self.timeline.data is not None
        times_s = self.timeline.data.changes_s(self.timeline.face)
        found = next_time(times_s, self._position_s, forward=forward)
        self._go_to_found(found, tr("There is no further change in this direction."))

    def _go_to_marker(self, *, forward: bool) -> None:
        times_s = [one.time_s for one in self.session.markers]
        found = next_time(times_s, self._position_s, forward=forward)
        self._go_to_found(found, tr("There is no further marker in this direction."))
        for marker in self.session.markers:
            if found is not None and marker.time_s == found:
                self.timeline.choose_marker(marker)

    def _go_to_found(self, found: float | None, none: str) -> None:
        if found is None:
            self._hint(none)
        else:
            self.go_to(found)

    def _set_speed(self, speed: float) -> None:
        self._speed = min(max(speed, SPEEDS[0]), SPEEDS[1])
        self._show_state()

    def _hint(self, text: str) -> None:
        self.statusBar().showMessage(text, 4000)

    def _mark_span(self, start_s: float | None = None, end_s: float | None = None) -> None:
        selection = self.timeline.selection
        old = selection.span if selection is not None else Span(self._position_s, self._position_s)
        span = Span(old.start_s if start_s is None else start_s,
                    old.end_s if end_s is None else end_s)  # fmt: skip
        if span.end_s <= span.start_s:
            # The other end follows at the end of the session until it is set, too.
            far_s = self.session.end_s if start_s is not None else self.session.start_s
            span = Span(*sorted((self._position_s, far_s)))
        if span.start_s < span.end_s:
            self.timeline.select(Selection(self.timeline.face, span))

    def set_label(self, label: str | None) -> None:
        """Labels the selected span; without one, the spell of the selected face at the cursor."""
        selection, face = self.timeline.selection, self.timeline.face
        if selection is not None and selection.face is not None:
            self.edits.set_label(selection.face, selection.span, label)
            return
        if face is None:
            self._hint(tr("Click a face's row first, or drag over it to select a span."))
            return
        span = selection.span if selection is not None else self._spell_at_cursor(face)
        if span is None:
            name = self._name_of(face)
            self._hint(tr("{face} is not seen at the cursor.").format(face=name))
            return
        self.edits.set_label(face, span, label)

    def _spell_at_cursor(self, face: int) -> Span | None:
        data = self.timeline.data
        track = None if data is None else data.track(face)
        spell = None if track is None else track.spell_at(self._position_s)
        return None if spell is None else Span(spell.start_s, spell.end_s)

    def set_marker(self, key: int, text: str = "") -> None:
        """Sets a marker at the cursor."""
        self.edits.add_marker(MarkerNote(self._position_s, key, text))

    def _move_marker(self, marker: MarkerNote, time_s: float) -> None:
        moved = MarkerNote(time_s, marker.key, marker.text)
        self.edits.replace_marker(marker, moved)
        self.timeline.choose_marker(moved)

    def _delete_marker(self) -> None:
        marker = self.timeline.marker
        if marker is None:
            self._hint(tr("Click a marker on the time line first."))
        else:
            self.edits.remove_marker(marker)

    def _with_face(self, call: Callable[[int], object]) -> None:
        face = self.timeline.face
        if face is None:
            self._hint(tr("Click a face's row first."))
            return
        try:
            call(face)
        except FerLiveError as error:
            self.notices.show_error(error)

    def _with_selection(self, call: Callable[[Span], object]) -> None:
        selection = self.timeline.selection
        if selection is None:
            self._hint(tr("Drag over the time line to select a span first."))
        else:
            call(selection.span)

    def _take_in(self) -> None:
        if self.timeline.selection is not None:
            self._with_selection(self.edits.take_in)
            return
        for span in self.session.corrections.left_out:
            if span.holds(self._position_s):
                self.edits.take_in(span)
                return
        self._hint(tr("The cursor is not in a span that is left out."))

    def choose_face(self, face: int) -> None:
        """Selects a face and scrolls to its row."""
        self.timeline.choose_face(face)
        rect = self.timeline.row_rect(face)
        self._rows.ensureVisible(0, rect.center().y(), 0, rect.height())

    def _name_clicked(self, face: int) -> None:
        self.choose_face(face)
        self._ask_name()

    def _choose_next_face(self, step: int) -> None:
        faces = [one.face for one in self.timeline.data.tracks] if self.timeline.data else []
        if not faces:
            return
        face = self.timeline.face
        place = faces.index(face) + step if face in faces else (0 if step > 0 else -1)
        self.choose_face(faces[min(max(place, 0), len(faces) - 1)])

    def _fill_label_menu(self) -> None:
        for number, label in enumerate((*self.session.logged.labels, UNSURE), 1):
            action = QAction(word(label), self)
            if number <= MARKER_KEYS:
                action.setShortcut(QKeySequence(f"Ctrl+{number}"))
            action.triggered.connect(lambda _on=False, chosen=label: self.set_label(chosen))
            self._label_menu.addAction(action)
            self.addAction(action)
        self._label_menu.addSeparator()
        self._label_menu.addAction(self.commands["as_logged"])

    def _fill_merge_menu(self) -> None:
        self._merge_menu.clear()
        face = self.timeline.face
        others = [other for other in self.session.identities if face is not None and other != face]
        for other in others:
            action = self._merge_menu.addAction(self._name_of(other))
            action.triggered.connect(lambda _on=False, into=other: self.merge(into))
        if not others:
            first, alone = tr("Click a face's row first"), tr("There is no other face")
            self._merge_menu.addAction(first if face is None else alone).setEnabled(False)

    def merge(self, into: int) -> None:
        """Merges the selected face into another one."""

        def work(face: int) -> None:
            self.edits.merge(face, into)
            self.timeline.choose_face(into)

        self._with_face(work)

    def _ask_name(self) -> None:
        def ask(face: int) -> None:
            self.play(False)
            given = self.session.names.get(face, "")

            def take(text: str) -> None:
                self._with_face(lambda _face: self.edits.rename(face, text))

            ask_name(self, face, given, take)

        self._with_face(ask)

    def _ask_marker(self, key: int) -> None:
        at_s = self._position_s

        def take(text: str) -> None:
            self.edits.add_marker(MarkerNote(at_s, key, text))

        question = tr("Note for a marker at {time}:").format(time=clock(at_s, tenths=True))
        self._ask(tr("Set a marker"), question, "", take)

    def _ask_note(self) -> None:
        marker = self.timeline.marker
        if marker is None:
            self._hint(tr("Click a marker on the time line first."))
            return

        def take(text: str) -> None:
            self.edits.replace_marker(marker, MarkerNote(marker.time_s, marker.key, text))

        question = tr("Note of marker {number}:").format(number=marker.key)
        self._ask(tr("Change the note"), question, marker.text, take)

    def _name_of(self, face: int | None) -> str:
        """What a face is called; None is all of them."""
        if face is None:
            return tr("All faces")
        return face_name(face, self.session.names.get(face, ""))

    def _ask(self, title: str, words: str, text: str, take: Callable[[str], Any]) -> None:
        self.play(False)
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(title)
        dialog.setLabelText(words)
        dialog.setTextEchoMode(QLineEdit.EchoMode.Normal)
        dialog.setTextValue(text)
        dialog.textValueSelected.connect(take)
        dialog.open()


def _menu_button(text: str, menu: QMenu, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(f"{text} ▾")
    button.setAccessibleName(text)
    button.setToolTip(tip)
    button.setMenu(menu)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return button


def no_video() -> Message:
    """The message of a session without a video."""
    return Message(
        tr("No video"),
        tr("None was found for this log. The timeline can be reviewed without one."),
    )


def not_recorded() -> Message:
    """The message at a time that the video does not hold."""
    return Message(tr("Not in the video"), tr("Nothing was recorded at this time."))
