"""The timeline of a session: a row for each face, markers, spans left out, and a cursor."""

import math
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QHelpEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from fer_live.core.labels import UNSURE, colour_rgb
from fer_live.gui.language import percent, tr, word
from fer_live.gui.review.timeline_data import FaceTrack, TimelineData
from fer_live.gui.widgets.theme import contrast, readable, rgb_of
from fer_live.report.charts import TICK_STEPS_S
from fer_live.report.formatting import clock, label_name
from fer_live.review.corrections import MarkerNote
from fer_live.review.spans import Span
from fer_live.session_log.reader import flag_bit
from fer_live.session_log.schema import FLAGS

NAME_PX = 104
"""Width of the faces' names at the left."""
GAP_PX = 4
"""Between two rows, and between the parts of one."""
AREA_PX = 30
"""Height of the probabilities of a face."""
COMPACT_FROM = 6
"""With so many faces or more, only the selected one shows probabilities, so that more fit."""
QUALITY_PX = 4
"""Height of the strip of quality flags."""
EDGE_PX = 8
"""Between the time line and the right edge: a marker at the end needs room."""
NEAR_PX = 5
"""A click so close to a change of label or to a marker means it."""
DRAG_PX = 4
"""A movement of the mouse that is smaller is a click."""
TICK_PX = 90
"""Least distance of two times on the axis."""
LETTERS = 1.5
"""A label is written into its band if the band is so many letters wider than it."""
SHORTEST_VIEW_S = 0.5
"""Time shown at the strongest zoom, seconds."""
ZOOM = 1.25
"""Factor of one step of the wheel."""
INK, PAPER = QColor(20, 20, 20), QColor(255, 255, 255)

Target = Literal["axis", "row", "name", "none"]


class Selection(NamedTuple):
    """A span that is selected.

    Args:
        face: The face it concerns; None for all.
        span: Session time, seconds.
    """

    face: int | None
    span: Span


class Timeline(QWidget):
    """Draws a session; the mouse chooses times, spans, faces and markers.

    Everything but the cursor is drawn once, so that the cursor can follow a video.
    """

    seek_wanted = Signal(float)
    """A session time that was clicked, seconds."""
    selection_changed = Signal()
    face_changed = Signal()
    marker_chosen = Signal(object)
    """A `MarkerNote` that was clicked."""
    marker_moved = Signal(object, float)
    """A `MarkerNote` that was dragged, and its new time, seconds."""
    view_changed = Signal()
    """Another part of the session is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Timeline"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._data: TimelineData | None = None
        self._view = Span(0.0, 1.0)
        self._cursor_s = 0.0
        self._face: int | None = None
        self._selection: Selection | None = None
        self._marker: MarkerNote | None = None
        self._picture: QPixmap | None = None
        self._pressed: tuple[QPoint, Target, int | None] | None = None
        self._dragged: MarkerNote | None = None

    @property
    def data(self) -> TimelineData | None:
        """What is drawn."""
        return self._data

    @property
    def cursor_s(self) -> float:
        """Session time of the cursor, seconds."""
        return self._cursor_s

    @property
    def face(self) -> int | None:
        """The selected face."""
        return self._face

    @property
    def selection(self) -> Selection | None:
        """The selected span."""
        return self._selection

    @property
    def view(self) -> Span:
        """The part of the session that is shown, session time, seconds."""
        return self._view

    def show_data(self, data: TimelineData) -> None:
        """Shows a session, or the same one as corrected; keeps zoom and selection if it can."""
        first = self._data is None
        self._data = data
        if first:
            self._view = Span(data.start_s, max(data.end_s, data.start_s + SHORTEST_VIEW_S))
            self._cursor_s = data.start_s
        if self._face is not None and data.track(self._face) is None:
            self._face = None
        if self._marker not in data.markers:
            self._marker = None
        selected = None if self._selection is None else self._selection.face
        if selected is not None and data.track(selected) is None:
            self._selection = None
        self.updateGeometry()
        self._draw_again()

    def move_cursor(self, time_s: float) -> None:
        """Moves the cursor; a cursor that leaves the view takes the view along."""
        before, self._cursor_s = self._cursor_s, time_s
        length_s = self._view.end_s - self._view.start_s
        if self._data is not None and not self._view.start_s <= time_s <= self._view.end_s:
            self._look_at(time_s - (0.1 if time_s > before else 0.9) * length_s, length_s)
            return
        for one in (before, time_s):
            self.update(QRect(round(self.x_of(one)) - 8, 0, 17, self.height()))

    def choose_face(self, face: int | None) -> None:
        """Selects a face."""
        if face != self._face:
            self._face = face
            self.updateGeometry()
            self._draw_again()
            self.face_changed.emit()

    def select(self, selection: Selection | None) -> None:
        """Selects a span, and its face."""
        self._selection = selection
        if selection is not None and selection.face is not None:
            self.choose_face(selection.face)
        self.update()
        self.selection_changed.emit()

    def zoom(self, factor: float, around_s: float | None = None) -> None:
        """Shows a shorter (above 1) or longer part of the session, around a time or the cursor."""
        if self._data is None:
            return
        around_s = self._cursor_s if around_s is None else around_s
        length_s = (self._view.end_s - self._view.start_s) / factor
        share = (around_s - self._view.start_s) / (self._view.end_s - self._view.start_s)
        self._look_at(around_s - min(max(share, 0.0), 1.0) * length_s, length_s)

    def look_from(self, start_s: float) -> None:
        """Shows the session from a time on, at the same zoom."""
        self._look_at(start_s, self._view.end_s - self._view.start_s)

    def x_of(self, time_s: float) -> float:
        """Place of a session time, logical pixels."""
        share = (time_s - self._view.start_s) / (self._view.end_s - self._view.start_s)
        return NAME_PX + share * self._width

    def time_at(self, x: float) -> float:
        """Session time at a place, within the session, seconds."""
        share = (x - NAME_PX) / self._width
        time_s = self._view.start_s + share * (self._view.end_s - self._view.start_s)
        if self._data is None:
            return time_s
        return min(max(time_s, self._data.start_s), self._data.end_s)

    def row_rect(self, face: int) -> QRect:
        """Where the row of a face is; empty for an unknown face."""
        for track, rect in self._rows():
            if track.face == face:
                return rect
        return QRect()

    def sizeHint(self) -> QSize:
        """All rows."""
        bottom = max((rect.bottom() for _, rect in self._rows()), default=2 * self._axis_px)
        return QSize(600, bottom + 1 + GAP_PX)

    def minimumSizeHint(self) -> QSize:
        """All rows, so that a scroll area shows as many as it has room for."""
        return QSize(NAME_PX + 120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the picture of the session, then selection and cursor."""
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = QPixmap(self.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(self._colour(QPalette.ColorRole.Window))
            inner = QPainter(self._picture)
            self._draw(inner)
            inner.end()
        part = event.rect()
        source = QRectF(part.x() * ratio, part.y() * ratio, part.width() * ratio,
                        part.height() * ratio)  # fmt: skip
        painter.drawPixmap(QRectF(part), self._picture, source)
        if self._data is not None:
            self._draw_selection(painter)
            self._draw_cursor(painter)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draws everything for the new size."""
        super().resizeEvent(event)
        self._draw_again()

    def changeEvent(self, event: QEvent) -> None:
        """Follows theme and font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.updateGeometry()
            self._draw_again()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes hold of a marker, or begins a selection."""
        if event.button() != Qt.MouseButton.LeftButton or self._data is None:
            return
        at = event.position().toPoint()
        target, face = self._target(at)
        self._pressed = (at, target, face)
        self._dragged = self._marker_at(at.x()) if target == "axis" else None
        if face is not None:
            self.choose_face(face)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Extends the selection."""
        at = event.position().toPoint()
        if self._pressed is None:
            near = self._target(at)[0] == "axis" and self._marker_at(at.x()) is not None
            shape = Qt.CursorShape.SizeHorCursor if near else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            return
        start, target, face = self._pressed
        if target == "none" or abs(at.x() - start.x()) < DRAG_PX:
            return
        if self._dragged is not None:
            self._selection = None
            self.move_cursor(self.time_at(at.x()))
        elif target in ("axis", "row"):
            ends = sorted(self._snapped(x, face, frames=True) for x in (start.x(), at.x()))
            if ends[0] < ends[1]:
                self.select(Selection(face, Span(*ends)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends a drag, or goes to what was clicked."""
        if self._pressed is None:
            return
        (start, target, face), self._pressed = self._pressed, None
        dragged, self._dragged = self._dragged, None
        at = event.position().toPoint()
        moved = abs(at.x() - start.x()) >= DRAG_PX
        if dragged is not None:
            if moved:
                self.marker_moved.emit(dragged, self.time_at(at.x()))
            else:
                self.choose_marker(dragged)
                self.seek_wanted.emit(dragged.time_s)
        elif not moved and target in ("axis", "row"):
            self.choose_marker(None)
            self.select(None)
            self.seek_wanted.emit(self._snapped(at.x(), face))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Selects the whole spell under the mouse."""
        target, face = self._target(event.position().toPoint())
        track = None if self._data is None or face is None else self._data.track(face)
        if target == "row" and track is not None:
            spell = track.spell_at(self.time_at(event.position().x()))
            if spell is not None:
                self.select(Selection(face, Span(spell.start_s, spell.end_s)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms with Ctrl, moves along the session with Shift or sideways; else rows scroll."""
        across, up = event.angleDelta().x(), event.angleDelta().y()
        modifiers = event.modifiers()
        length_s = self._view.end_s - self._view.start_s
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            self.zoom(ZOOM ** (up / 120), self.time_at(event.position().x()))
        elif across or modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.look_from(self._view.start_s - (across or up) / 1200 * length_s)
        else:
            event.ignore()
            return
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Shows what is under the mouse as a tooltip."""
        if isinstance(event, QHelpEvent):
            text = self.text_at(event.pos())
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def choose_marker(self, marker: MarkerNote | None) -> None:
        """Selects a marker."""
        if marker != self._marker:
            self._marker = marker
            self._draw_again()
        if marker is not None:
            self.marker_chosen.emit(marker)

    @property
    def marker(self) -> MarkerNote | None:
        """The selected marker."""
        return self._marker

    def text_at(self, at: QPoint) -> str:
        """What is under a place, in words; empty where nothing is."""
        target, face = self._target(at)
        if self._data is None or target == "none":
            return ""
        time_s = self.time_at(at.x())
        lines = [clock(time_s, tenths=True)]
        if target == "axis":
            marker = self._marker_at(at.x())
            if marker is not None:
                name = tr("Marker {number}").format(number=marker.key)
                lines = [f"{clock(marker.time_s, tenths=True)} · {name}", marker.text]
        elif face is not None and (track := self._data.track(face)) is not None:
            lines = [f"{track.name} · {lines[0]}"] if target == "row" else [track.name]
            if target == "row":
                lines.append(self._row_text(track, time_s))
        return "\n".join(line for line in lines if line)

    def _row_text(self, track: FaceTrack, time_s: float) -> str:
        assert self._data is not None
        row = int(track.rows_at(np.array([time_s]))[0])
        if row < 0:
            return tr("not seen")
        place = int(track.label[row])
        label = label_name(self._data.names[place] if place >= 0 else None)
        name = word(label)
        share = track.confidence[row]
        parts = [name if np.isnan(share) else f"{name}, {percent(share)}"]
        parts += [flag for flag in FLAGS if track.flags[row] & flag_bit(flag) and flag != label]
        return " · ".join(parts)

    @property
    def _tracks(self) -> tuple[FaceTrack, ...]:
        return () if self._data is None else self._data.tracks

    @property
    def _width(self) -> int:
        return max(self.width() - NAME_PX - EDGE_PX, 1)

    @property
    def _axis_px(self) -> int:
        return 2 * self.fontMetrics().height() + 2

    @property
    def _band_px(self) -> int:
        return self.fontMetrics().height() + 4

    def _rows(self) -> Iterator[tuple[FaceTrack, QRect]]:
        """The faces and their rows, from top to bottom."""
        top = self._axis_px + GAP_PX
        compact = len(self._tracks) >= COMPACT_FROM
        for track in self._tracks:
            area = 0 if compact and track.face != self._face else AREA_PX
            height = self._band_px + area + QUALITY_PX
            yield track, QRect(0, top, self.width(), height)
            top += height + GAP_PX

    def _colour(self, role: QPalette.ColorRole) -> QColor:
        # The application's palette: a style sheet makes this widget's own background transparent.
        return QApplication.palette().color(role)

    def _draw_again(self) -> None:
        self._picture = None
        self.update()

    def _look_at(self, start_s: float, length_s: float) -> None:
        if self._data is None:
            return
        whole_s = max(self._data.end_s - self._data.start_s, SHORTEST_VIEW_S)
        length_s = min(max(length_s, SHORTEST_VIEW_S), whole_s)
        last_s = self._data.start_s + whole_s - length_s
        start_s = min(max(start_s, self._data.start_s), last_s)
        self._view = Span(start_s, start_s + length_s)
        self._draw_again()
        self.view_changed.emit()

    def _target(self, at: QPoint) -> tuple[Target, int | None]:
        if at.y() < self._axis_px:
            return ("axis" if at.x() >= NAME_PX - NEAR_PX else "none"), None
        for track, rect in self._rows():
            if rect.top() - GAP_PX // 2 <= at.y() <= rect.bottom() + GAP_PX // 2:
                return ("row" if at.x() >= NAME_PX else "name"), track.face
        return "none", None

    def _marker_at(self, x: float) -> MarkerNote | None:
        if self._data is None:
            return None
        near = [(abs(self.x_of(one.time_s) - x), one) for one in self._data.markers]
        found = min(near, default=None, key=lambda one: one[0])
        return found[1] if found is not None and found[0] <= NEAR_PX else None

    def _snapped(self, x: float, face: int | None, *, frames: bool = False) -> float:
        """Session time at a place; that of a change of label or a marker close by, if any.

        Args:
            x: The place.
            face: Whose changes; None for all.
            frames: Take the time of the nearest frame otherwise: spans are of whole frames.
        """
        assert self._data is not None
        times_s = [*self._data.changes_s(face), *(one.time_s for one in self._data.markers)]
        track = None if face is None else self._data.track(face)
        if track is not None:
            times_s += [spell.end_s for spell in track.spells]
        near = min(times_s, default=None, key=lambda one: abs(self.x_of(one) - x))
        if near is not None and abs(self.x_of(near) - x) <= NEAR_PX:
            return near
        time_s = self.time_at(x)
        if not frames:
            return time_s
        starts_s = np.append(self._data.frames_s, self._data.end_s)
        return float(starts_s[np.abs(starts_s - time_s).argmin()])

    def _draw(self, painter: QPainter) -> None:
        data = self._data
        if data is None:
            return
        self._draw_axis(painter)
        for track, rect in self._rows():
            self._draw_row(painter, track, rect.top(), rect.height())
        hatch = QBrush(self._colour(QPalette.ColorRole.PlaceholderText), Qt.BrushStyle.BDiagPattern)
        for span in data.left_out:
            left, right = self.x_of(span.start_s), self.x_of(span.end_s)
            area = QRectF(left, self._axis_px, max(right - left, 1.0), self.height())
            painter.fillRect(self._clipped(area), hatch)
        for marker in data.markers:
            self._draw_marker(painter, marker)

    def _clipped(self, area: QRectF) -> QRectF:
        return area.intersected(QRectF(NAME_PX, 0, self._width, self.height()))

    def _draw_axis(self, painter: QPainter) -> None:
        length_s = self._view.end_s - self._view.start_s
        most = max(1, self._width // TICK_PX)
        step_s = next((s for s in (0.1, 0.2, 0.5, *TICK_STEPS_S) if length_s / s <= most),
                      TICK_STEPS_S[-1])  # fmt: skip
        height = self.fontMetrics().height()
        base = self._axis_px - 1
        painter.setPen(self._colour(QPalette.ColorRole.Mid))
        painter.drawLine(NAME_PX, base, NAME_PX + self._width, base)
        text = self._colour(QPalette.ColorRole.PlaceholderText)
        for number in range(
            math.ceil(self._view.start_s / step_s), math.floor(self._view.end_s / step_s) + 1
        ):
            x = round(self.x_of(number * step_s))
            painter.setPen(text)
            painter.drawLine(x, base - 3, x, base)
            words = clock(number * step_s, tenths=step_s < 1)
            half = self.fontMetrics().horizontalAdvance(words) // 2 + 1
            left = min(max(x - half, NAME_PX), NAME_PX + self._width - 2 * half)
            painter.drawText(left, base - 4 - self.fontMetrics().descent(), words)
        painter.drawText(4, height, tr("Markers"))

    def _draw_row(self, painter: QPainter, track: FaceTrack, top: int, height: int) -> None:
        chosen = track.face == self._face
        surface = self._colour(QPalette.ColorRole.Base)
        painter.fillRect(QRect(0, top, NAME_PX - 4, height), surface)
        painter.fillRect(QRect(NAME_PX, top, self._width, height), surface)
        if chosen:
            painter.fillRect(QRect(0, top, 4, height), self._colour(QPalette.ColorRole.Highlight))
        font = QFont(self.font())
        font.setBold(chosen)
        painter.setFont(font)
        painter.setPen(self._colour(QPalette.ColorRole.Text))
        name = painter.fontMetrics().elidedText(
            track.name, Qt.TextElideMode.ElideRight, NAME_PX - 16
        )
        painter.drawText(QRect(9, top, NAME_PX - 16, self._band_px),
                         int(Qt.AlignmentFlag.AlignVCenter), name)  # fmt: skip
        painter.setFont(self.font())
        self._draw_band(painter, track, top)
        middles_s = self._view.start_s + (np.arange(self._width) + 0.5) / self._width * (
            self._view.end_s - self._view.start_s
        )
        rows = track.rows_at(middles_s)
        if height > self._band_px + QUALITY_PX:
            picture = self._area(track, rows)
            if picture is not None:
                painter.drawImage(NAME_PX, top + self._band_px, picture)
        bottom = top + height - QUALITY_PX
        seen = rows >= 0
        flagged = seen & track.flagged[np.maximum(rows, 0)]
        corrected = seen & track.corrected[np.maximum(rows, 0)]
        warning = QColor(*readable((224, 145, 30), rgb_of(surface)))
        self._draw_runs(painter, flagged, bottom, QUALITY_PX, warning)
        self._draw_runs(painter, corrected, top, 3, self._colour(QPalette.ColorRole.Highlight))

    def _draw_runs(
        self, painter: QPainter, on: NDArray[np.bool_], top: int, height: int, colour: QColor
    ) -> None:
        edges = np.flatnonzero(np.diff(np.concatenate(([0], on.view(np.int8), [0]))))
        for first, end in edges.reshape(-1, 2).tolist():
            painter.fillRect(QRect(NAME_PX + first, top, end - first, height), colour)

    def _draw_band(self, painter: QPainter, track: FaceTrack, top: int) -> None:
        letter = self.fontMetrics().averageCharWidth()
        for spell in track.spells:
            if spell.end_s <= self._view.start_s or spell.start_s >= self._view.end_s:
                continue
            left, right = self.x_of(spell.start_s), self.x_of(spell.end_s)
            band = self._clipped(QRectF(left, top, max(right - left, 1.0), self._band_px))
            colour = QColor(*colour_rgb(spell.label or UNSURE))
            if spell.label is None:
                painter.fillRect(band, QBrush(colour, Qt.BrushStyle.Dense5Pattern))
                continue
            painter.fillRect(band, colour)
            name = word(label_name(spell.label))
            if self.fontMetrics().horizontalAdvance(name) + LETTERS * letter <= band.width():
                dark = contrast(rgb_of(INK), rgb_of(colour)) >= contrast(
                    rgb_of(PAPER), rgb_of(colour)
                )
                painter.setPen(INK if dark else PAPER)
                painter.drawText(band, int(Qt.AlignmentFlag.AlignCenter), name)
            if band.width() >= 3:
                # A line between two labels of colours that look alike.
                painter.fillRect(
                    QRectF(band.left(), top, 1, self._band_px),
                    self._colour(QPalette.ColorRole.Base),
                )

    def _area(self, track: FaceTrack, rows: NDArray[np.int64]) -> QImage | None:
        """Probabilities stacked, in the classes' order, one column for each pixel."""
        assert self._data is not None
        if not track.probabilities.shape[1]:
            return None
        surface = self._colour(QPalette.ColorRole.Base)
        colours = [readable(colour_rgb(label), rgb_of(surface), 1.6) for label in self._data.labels]
        table = np.array([*colours, rgb_of(surface)], np.uint8)
        values = np.where((rows >= 0)[:, None], track.probabilities[np.maximum(rows, 0)], np.nan)
        levels = np.cumsum(values, 1)
        levels /= np.maximum(levels[:, -1:], 1e-9)
        heights = 1 - (np.arange(AREA_PX) + 0.5) / AREA_PX
        known = np.isfinite(levels).all(1)
        place = (heights[:, None, None] > np.nan_to_num(levels)[None]).sum(2)
        place = np.minimum(place, len(colours) - 1)
        place[:, ~known] = len(colours)
        pixels = np.ascontiguousarray(table[place])
        image = QImage(
            pixels.data, self._width, AREA_PX, 3 * self._width, QImage.Format.Format_RGB888
        )
        return image.copy()

    def _draw_marker(self, painter: QPainter, marker: MarkerNote) -> None:
        x = self.x_of(marker.time_s)
        if not NAME_PX - NEAR_PX <= x <= NAME_PX + self._width + NEAR_PX:
            return
        chosen = marker == self._marker
        text = self._colour(QPalette.ColorRole.Text)
        pen = QPen(text, 2 if chosen else 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(round(x), self.fontMetrics().height(), round(x), self.height())
        words = str(marker.key)
        width = self.fontMetrics().horizontalAdvance(words) + 8
        flag = QRect(round(x) - width // 2, 1, width, self.fontMetrics().height())
        accent = QPalette.ColorRole.Highlight if chosen else QPalette.ColorRole.Button
        on = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.ButtonText
        painter.fillRect(flag, self._colour(accent))
        painter.setPen(self._colour(on))
        painter.drawText(flag, int(Qt.AlignmentFlag.AlignCenter), words)

    def _draw_selection(self, painter: QPainter) -> None:
        if self._selection is None:
            return
        face, span = self._selection
        rect = QRect(0, self._axis_px, self.width(), self.height() - self._axis_px)
        if face is not None:
            rect = self.row_rect(face)
        left, right = self.x_of(span.start_s), self.x_of(span.end_s)
        area = self._clipped(QRectF(left, rect.top(), right - left, rect.height()))
        accent = self._colour(QPalette.ColorRole.Highlight)
        shade = QColor(accent)
        shade.setAlphaF(0.22)
        painter.fillRect(area, shade)
        painter.setPen(QPen(accent, 2))
        painter.drawRect(area.adjusted(1, 1, -1, -1))

    def _draw_cursor(self, painter: QPainter) -> None:
        x = self.x_of(self._cursor_s)
        if not NAME_PX - 1 <= x <= NAME_PX + self._width + 1:
            return
        colour = self._colour(QPalette.ColorRole.Text)
        painter.fillRect(QRectF(x - 1, 0, 2, self.height()), colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        base = self._axis_px - 1
        corners = [QPoint(round(x) - 5, base - 7), QPoint(round(x) + 5, base - 7)]
        painter.drawPolygon([*corners, QPoint(round(x), base)])
