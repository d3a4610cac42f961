"""The cards of the side panel: one per face; where many faces are, one line for each."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyleOption,
    QVBoxLayout,
    QWidget,
)

from fer_live.core.labels import UNSURE, colour_rgb
from fer_live.gui.language import face_name, percent, tr, word
from fer_live.gui.widgets.elide import ElidedLabel
from fer_live.gui.widgets.name_menu import name_menu
from fer_live.gui.widgets.theme import readable, rgb_of
from fer_live.tracking.quality_flags import advice

if TYPE_CHECKING:
    from fer_live.core.types import Face, Probabilities

ROW_PX = 19
"""Height of one class's row."""
BAR_PX = 8
"""Thickness of a bar."""
GAP_PX = 8
CHIP_PX = 14
MINI_PX = (54, 16)
"""Width and height of the tiny bars of a card that is one line."""
IDENTITY_PX = 28
"""Least width of number, name and advice, which are elided so that the percentage is whole."""
CARD_PX = 60
"""Height of an open card besides its bars, with the space below it."""
LINE_PX = 29
"""Height of a card that is one line, with the space below it."""
MOST_OPEN = 0.6
"""Share of the panel's height that an open card may take unless the user opens it, or all cards
have room.
"""
HIDDEN_S = 0.2
"""A face not found for longer than this is called hidden."""
OPEN_CARDS = 2
"""With more faces, only the card of the selected face is open, whatever the height."""


class Bars(QWidget):
    """One bar per class, painted by one widget."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: tuple[str, ...] = ()
        self._values: Probabilities | None = None
        self.setAccessibleName(tr("Probabilities"))
        self._top = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_values(self, labels: tuple[str, ...], values: "Probabilities | None") -> None:
        """Shows probabilities.

        Args:
            labels: Class names, in the order of the values.
            values: (K,) in 0-1, or None before the first classification.
        """
        if labels != self._labels:
            self._labels = labels
            self.updateGeometry()
        self._values = values
        self._top = -1 if values is None else int(values.argmax())
        shares = () if values is None else zip(labels, values, strict=True)
        self.setAccessibleDescription(
            ", ".join(f"{word(name)} {percent(value)}" for name, value in shares)
        )
        self.update()

    def sizeHint(self) -> QSize:
        """One row per class."""
        return QSize(200, ROW_PX * len(self._labels))

    def minimumSizeHint(self) -> QSize:
        """One row per class, and room for the names."""
        return QSize(140, ROW_PX * len(self._labels))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws names, bars and percentages."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetrics(self.font())
        widths = (metrics.horizontalAdvance(word(name)) for name in self._labels)
        name_px = max(widths, default=0) + GAP_PX
        value_px = metrics.horizontalAdvance(percent(1))
        bar_px = max(self.width() - name_px - value_px - GAP_PX, 10)
        for row, name in enumerate(self._labels):
            value = 0.0 if self._values is None else float(self._values[row])
            self._draw_row(painter, row, name, value, (name_px, bar_px, value_px))
        painter.end()

    def _draw_row(
        self, painter: QPainter, row: int, name: str, value: float, columns: tuple[int, int, int]
    ) -> None:
        name_px, bar_px, value_px = columns
        role = QPalette.ColorRole
        colours, y = self.palette(), row * ROW_PX
        is_top = row == self._top
        painter.setPen(colours.color(role.Text if is_top else role.PlaceholderText))
        middle = Qt.AlignmentFlag.AlignVCenter
        rect = QRectF(0, y, name_px, ROW_PX)
        painter.drawText(rect, middle | Qt.AlignmentFlag.AlignLeft, word(name))
        figure = "…" if self._values is None else percent(value)
        figure_rect = QRectF(self.width() - value_px, y, value_px, ROW_PX)
        painter.drawText(figure_rect, middle | Qt.AlignmentFlag.AlignRight, figure)
        top = y + (ROW_PX - BAR_PX) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.color(role.AlternateBase))
        painter.drawRoundedRect(QRectF(name_px, top, bar_px, BAR_PX), BAR_PX / 2, BAR_PX / 2)
        if value > 0:
            background = rgb_of(colours.color(role.Base))
            painter.setBrush(QColor(*colour_rgb(name)))
            painter.setPen(QColor(*readable(colour_rgb(name), background)))
            length = max(bar_px * value, BAR_PX if value > 0.01 else 2)
            # Half a pixel inwards, so that the outline is as high as the empty part.
            bar = QRectF(name_px, top, length, BAR_PX).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(bar, bar.height() / 2, bar.height() / 2)


class MiniBars(QWidget):
    """All classes as tiny columns side by side, without names."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(*MINI_PX)
        self._labels: tuple[str, ...] = ()
        self._values: Probabilities | None = None

    def show_values(self, labels: tuple[str, ...], values: "Probabilities | None") -> None:
        """Shows probabilities, see `Bars.show_values`."""
        self._labels, self._values = labels, values
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the columns on a base line."""
        painter = QPainter(self)
        colours, role = self.palette(), QPalette.ColorRole
        background = rgb_of(colours.color(role.Base))
        painter.fillRect(0, self.height() - 1, self.width(), 1, colours.color(role.Mid))
        step = self.width() / max(len(self._labels), 1)
        values = () if self._values is None else self._values
        for number, (name, value) in enumerate(zip(self._labels, values, strict=False)):
            height = round((self.height() - 1) * float(value))
            colour = QColor(*readable(colour_rgb(name), background))
            painter.fillRect(
                round(number * step), self.height() - 1 - height, max(round(step) - 1, 1), height,
                colour,
            )  # fmt: skip
        painter.end()


class FaceCard(QAbstractButton):
    """One face: colour, label, confidence and identity in one line, and all its bars when open.

    A button, so that a screen reader names it as something to press; it is checked while its face
    is selected.
    """

    chosen = Signal(int)
    """Identity of the face that was clicked, or chosen with Enter."""
    rename_wanted = Signal(int)
    """Identity of the face that was double-clicked, or whose menu was asked for a name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("faceCard")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCheckable(True)
        self.setToolTip(tr("Click to show this face in the chart; double-click to name it"))
        self.track_id = 0
        self.clicked.connect(lambda: self.chosen.emit(self.track_id))
        self._chip = QLabel()
        self._chip.setFixedSize(CHIP_PX, CHIP_PX)
        self.label = QLabel()
        self.label.setObjectName("faceLabel")
        font = self.label.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        self.label.setFont(font)
        self.confidence = QLabel()
        self.confidence.setFont(font)
        self.identity = ElidedLabel()
        self.identity.setMinimumWidth(IDENTITY_PX)
        self.identity.setObjectName("muted")
        self.bars = Bars()
        self.mini = MiniBars()
        head = QHBoxLayout()
        head.setSpacing(GAP_PX)
        head.addWidget(self._chip)
        head.addWidget(self.label)
        head.addWidget(self.identity, 1)
        head.addWidget(self.mini)
        head.addWidget(self.confidence)
        for label in (self._chip, self.label, self.identity, self.confidence):
            # The card itself takes the click.
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(self)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.bars)
        self._column = column
        self._chip_style = ""
        self.open = True
        self._show_open(True)

    def _show_open(self, on: bool) -> None:
        self.open = on
        self.bars.setVisible(on)
        self.mini.setVisible(not on)
        self._column.setContentsMargins(14, 10 if on else 4, 14, 12 if on else 4)

    def sizeHint(self) -> QSize:
        """As its contents need; a button alone would take the size of its text."""
        return self._column.sizeHint()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Asks for a name."""
        self.rename_wanted.emit(self.track_id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offers to name the face."""
        name_menu(self, self.track_id, self.rename_wanted).popup(event.globalPos())

    def nextCheckState(self) -> None:
        """A press selects the face; that is shown by `show_face`."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws background and border from the style sheet."""
        option = QStyleOption()
        option.initFrom(self)
        painter = QPainter(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        painter.end()

    def show_face(
        self, face: "Face", labels: tuple[str, ...], *, selected: bool, opened: bool = True
    ) -> None:
        """Shows a face; the card may have shown another face before.

        Args:
            face: The face.
            labels: Class names, in the order of its probabilities.
            selected: It is the face in the chart.
            opened: Show all bars, not one line.
        """
        if opened != self.open:
            self._show_open(opened)
        self.track_id = face.track_id
        label = word(face.label) if face.label else tr("analysing…")
        self.label.setText(label)
        known = face.label is not None and face.label != UNSURE
        figure = percent(face.confidence) if known else ""
        self.confidence.setText(figure)
        state = tr("hidden") if face.missed_s > HIDDEN_S else word(advice(face.quality))
        self.identity.setText(
            " · ".join((face.name or f"#{face.track_id}", *([state] if state else ())))
        )
        self.setAccessibleName(
            ", ".join(
                (
                    f"{face_name(face.track_id, face.name)}: {label} {figure}".strip(),
                    *([state] if state else ()),
                )
            )
        )
        red, green, blue = colour_rgb(face.label or UNSURE)
        style = f"background: rgb({red},{green},{blue}); border-radius: {CHIP_PX // 2}px;"
        if style != self._chip_style:
            self._chip_style = style
            self._chip.setStyleSheet(style)
        if self.property("selected") is not selected:
            self.setProperty("selected", selected)
            self.setChecked(selected)
            self.style().unpolish(self)
            self.style().polish(self)
        self.bars.show_values(labels, face.probabilities)
        self.mini.show_values(labels, face.probabilities)
        self.setAccessibleDescription(self.bars.accessibleDescription())


class FaceCards(QScrollArea):
    """The cards in the order of the faces given; cards are reused, not made for every frame."""

    chosen = Signal(int)
    rename_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Faces in the picture"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._cards: list[FaceCard] = []
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, 4, 0)
        self._column.setSpacing(8)
        self.empty = QLabel(tr("No face in the picture."))
        self.empty.setObjectName("muted")
        self.empty.setWordWrap(True)
        self._column.addWidget(self.empty)
        self._column.addStretch(1)
        self.setWidget(body)

    @property
    def cards(self) -> tuple[FaceCard, ...]:
        """The shown cards, from top to bottom."""
        return tuple(card for card in self._cards if not card.isHidden())

    def show_faces(
        self,
        faces: "Sequence[Face]",
        labels: tuple[str, ...],
        selected: int | None,
        *,
        wanted: bool = True,
    ) -> None:
        """Shows one card per face; of many, only that of the selected face is open.

        Args:
            faces: From top to bottom.
            labels: Class names.
            selected: Identity of the face in the chart.
            wanted: The user selected it: its card is open even if it then hides the others.
        """
        height = self.viewport().height()
        few = len(faces) <= OPEN_CARDS
        open_px = ROW_PX * len(labels) + CARD_PX
        room = len(faces) * open_px <= height
        whole_px = open_px + LINE_PX * (len(faces) - 1)
        one_open = wanted or open_px <= MOST_OPEN * height or whole_px <= height
        # The only face is open in any room.
        all_open = len(faces) == 1 or (few and room)
        while len(self._cards) < len(faces):
            card = FaceCard()
            card.chosen.connect(self.chosen)
            card.rename_wanted.connect(self.rename_wanted)
            self._column.insertWidget(len(self._cards), card)
            self._cards.append(card)
        for card, face in zip(self._cards, faces, strict=False):
            chosen = face.track_id == selected
            card.show_face(face, labels, selected=chosen, opened=all_open or (chosen and one_open))
            card.setVisible(True)
        for card in self._cards[len(faces) :]:
            card.setVisible(False)
        self.empty.setVisible(not faces)
        self._column.setSpacing(8 if all_open else 3)
