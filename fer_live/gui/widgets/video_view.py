"""The video view: shows the annotated frame, or a message, fitted to its size."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from fer_live.gui.language import tr
from fer_live.gui.widgets.name_menu import name_menu
from fer_live.gui.widgets.theme import DARK

if TYPE_CHECKING:
    from fer_live.core.types import FrameResult, ImageBgr
    from fer_live.overlay.draw import Screen

PANE_WIDTH_PX = 600
"""Widest message: a line of text that is still easy to read."""
EDGE_PX = 12
"""Space between a message and the edges of the view."""
STAGE = QColor(DARK.stage)
"""Colour around the image, dark in both themes: light bars beside a video dazzle."""
DIMMING = 0.6
"""Opacity of the colour over the last frame behind a message, 0-1."""


@dataclass(frozen=True)
class Message:
    """A message in the middle of the view, instead of or over the video.

    Args:
        title: A few words.
        text: One or two sentences; may be empty.
        buttons: Names of the buttons to show, of those set by `VideoView.set_message_buttons`.
        keep_frame: Keep the last frame visible behind the message.
        aside: Show the message as a strip at the lower edge, and do not dim the frame.
    """

    title: str
    text: str = ""
    buttons: tuple[str, ...] = ()
    keep_frame: bool = False
    aside: bool = False


def fitted(frame: tuple[int, int], view: tuple[int, int]) -> tuple[int, int, int, int]:
    """Largest centred rectangle in a view that keeps a frame's aspect ratio.

    Args:
        frame: Width and height of the frame, pixels.
        view: Width and height of the view, device pixels.

    Returns:
        Left, top, width, height in device pixels; width and height are at least 1.
    """
    scale = min(view[0] / frame[0], view[1] / frame[1])
    width = max(round(frame[0] * scale), 1)
    height = max(round(frame[1] * scale), 1)
    return (view[0] - width) // 2, (view[1] - height) // 2, width, height


class VideoView(QWidget):
    """Shows results and messages."""

    painted = Signal(float)
    """A new frame was painted; its age since capture, milliseconds."""
    double_clicked = Signal()
    face_clicked = Signal(int)
    """Identity of the face in the picture that was clicked."""
    rename_wanted = Signal(int)
    """Identity of the face that was double-clicked, or whose menu was asked for a name."""
    resized = Signal()
    """The frame is shown in another size."""
    on_screen = Signal()
    """The window was painted for the first time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Video"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(320, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._result: FrameResult | None = None
        self._drawn_bgr: ImageBgr | None = None
        self._scaled_bgr: ImageBgr | None = None
        self._scaled_image: QImage | None = None
        self._is_new = self._was_painted = False
        self._message: Message | None = None
        self._pane = MessagePane(self)
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, EDGE_PX)
        self._outer.addStretch(1)
        # In a row of its own: an alignment asks for the height of the text at the view's width.
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._pane)
        row.addStretch(1)
        self._outer.addLayout(row)
        self._outer.addStretch(1)
        self._pane.hide()

    @property
    def result(self) -> "FrameResult | None":
        """The shown result, for a snapshot; None while no frame is shown."""
        return self._result

    @property
    def message(self) -> Message | None:
        """The shown message, if any."""
        return self._message

    @property
    def pane(self) -> "MessagePane":
        """The widget of the message."""
        return self._pane

    def set_message_buttons(self, buttons: Sequence[tuple[str, QAbstractButton]]) -> None:
        """Sets the buttons that a message can show, by name, in their order."""
        self._pane.set_buttons(buttons)

    def show_result(self, result: "FrameResult", drawn_bgr: "ImageBgr") -> None:
        """Shows a result.

        Args:
            result: The result.
            drawn_bgr: (H, W, 3) uint8, BGR: its frame with the overlay drawn, in the size of
                `place_of` or any other.
        """
        # A result that is drawn again must not count in the latency.
        self._is_new |= result is not self._result
        self._result, self._drawn_bgr, self._scaled_image = result, drawn_bgr, None
        self.update()

    def show_message(self, message: Message | None) -> None:
        """Shows a message, or none for None; without `keep_frame` the frame is removed."""
        self._message = message
        if message is not None:
            if not message.keep_frame:
                self._result = self._drawn_bgr = self._scaled_bgr = self._scaled_image = None
            self._outer.setStretch(2, 0 if message.aside else 1)
            self._pane.show_message(message)
        elif self._pane.isAncestorOf(self.focusWidget() or self):
            # The pressed button disappears; focus must not move on to another button.
            self.setFocus()
        self._pane.setVisible(message is not None)
        self.update()

    def place_of(self, image_bgr: "ImageBgr") -> "Screen":
        """The place that an image, (H, W, 3), has in the view."""
        # Imported here, because the window opens before OpenCV is loaded.
        from fer_live.overlay.draw import Screen

        ratio = self.devicePixelRatioF()
        _, _, width, height = fitted((image_bgr.shape[1], image_bgr.shape[0]), self._size_px())
        return Screen(width, height, ratio)

    def _size_px(self) -> tuple[int, int]:
        """Width and height of the view, device pixels."""
        ratio = self.devicePixelRatioF()
        return max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)

    def image_rect_px(self) -> tuple[int, int, int, int] | None:
        """Rectangle of the image in the view: left, top, width, height in device pixels."""
        if self._result is None:
            return None
        # Of the frame: the sides of the drawn image are rounded.
        return fitted((self._result.frame.width, self._result.frame.height), self._size_px())

    @property
    def _background(self) -> QColor:
        return self.palette().color(QPalette.ColorRole.Dark)

    def sizeHint(self) -> QSize:
        """960x540 logical pixels."""
        return QSize(960, 540)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fills the background and draws the image, scaled to device pixels."""
        painter = QPainter(self)
        background = QRegion(self.rect())
        rect = self.image_rect_px()
        if rect is not None:
            ratio = self.devicePixelRatioF()
            image = self._scale(rect[2], rect[3], ratio)
            corner = QPointF(rect[0] / ratio, rect[1] / ratio)
            # The background leaves the image out, except its border of one pixel, which the
            # image may cover only in part.
            covered = QRectF(corner, image.deviceIndependentSize()).toAlignedRect()
            background -= QRegion(covered.adjusted(1, 1, -1, -1))
        painter.setClipRegion(background)
        painter.fillRect(self.rect(), STAGE if rect is not None else self._background)
        painter.setClipping(False)
        if rect is not None:
            painter.drawImage(corner, image)
            if self._message is not None and not self._message.aside:
                dimming = QColor(self._background)
                dimming.setAlphaF(DIMMING)
                painter.fillRect(self.rect(), dimming)
        painter.end()
        if not self._was_painted:
            self._was_painted = True
            self.on_screen.emit()
        if self._is_new and self._result is not None:
            self._is_new = False
            self.painted.emit((time.perf_counter() - self._result.frame.captured_s) * 1e3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fits the message to the new size."""
        super().resizeEvent(event)
        self._pane.fit()
        self.resized.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Reports the face under the mouse; of several, the smallest."""
        super().mousePressEvent(event)
        face = self.face_at(event.position())
        if face is not None and event.button() == Qt.MouseButton.LeftButton:
            self.face_clicked.emit(face)

    def face_at(self, point: QPointF) -> int | None:
        """Identity of the face at a point of the view; of several, the smallest."""
        rect, result = self.image_rect_px(), self._result
        if rect is None or result is None:
            return None
        ratio = self.devicePixelRatioF()
        x = (point.x() * ratio - rect[0]) * result.frame.width / rect[2]
        y = (point.y() * ratio - rect[1]) * result.frame.height / rect[3]
        hit = [
            ((right - left) * (bottom - top), face.track_id)
            for face in result.faces
            for left, top, right, bottom in (face.box_xyxy,)
            if left <= x <= right and top <= y <= bottom
        ]
        return min(hit)[1] if hit else None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Reports a double click, which names a face, and beside a face toggles full screen."""
        face = self.face_at(event.position())
        if face is None:
            self.double_clicked.emit()
        else:
            self.rename_wanted.emit(face)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offers to name the face under the mouse."""
        face = self.face_at(QPointF(event.pos()))
        if face is not None:
            name_menu(self, face, self.rename_wanted).popup(event.globalPos())

    def _scale(self, width: int, height: int, ratio: float) -> QImage:
        # Scaled once per frame and size, so that a repaint for another reason is cheap.
        image = self._scaled_image
        if image is None or (image.width(), image.height()) != (width, height):
            # Imported here, because the window opens before OpenCV is loaded.
            from fer_live.overlay.screen import fit_to_screen

            assert self._drawn_bgr is not None
            # The QImage shares the array's memory, so the array must live as long.
            self._scaled_bgr = fit_to_screen(self._drawn_bgr, width, height)
            image = QImage(
                self._scaled_bgr.data, width, height, width * 3, QImage.Format.Format_BGR888
            )
            self._scaled_image = image
        image.setDevicePixelRatio(ratio)
        return image


class MessagePane(QFrame):
    """The widget of a message: title, text and buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messagePane")
        self.setMaximumWidth(PANE_WIDTH_PX)
        self.title = QLabel()
        self.title.setObjectName("paneTitle")
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        self.title.setFont(font)
        self.text = QLabel()
        self.text.setObjectName("muted")
        for label in (self.title, self.text):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setTextFormat(Qt.TextFormat.PlainText)
            # A long word is cut rather than widening the window.
            label.setMinimumWidth(1)
        self._row = QGridLayout()
        self._row.setSpacing(8)
        self._buttons: dict[str, QAbstractButton] = {}
        self._column = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._column.setSpacing(12)
        self._column.addWidget(self.title)
        self._column.addWidget(self.text)
        self._column.addLayout(self._row)
        self._message = Message("")

    def set_buttons(self, buttons: Sequence[tuple[str, QAbstractButton]]) -> None:
        """Adds buttons; each stays hidden until a message names it."""
        for name, button in buttons:
            self._buttons[name] = button
            button.setParent(self)
            button.hide()

    def show_message(self, message: Message) -> None:
        """Shows title and text, and the buttons that the message names."""
        self.title.setText(message.title)
        self.text.setText(message.text)
        self.text.setVisible(bool(message.text))
        for name, button in self._buttons.items():
            button.setVisible(name in message.buttons)
        self.setAccessibleName(f"{message.title} {message.text}".strip())
        self._message = message
        self.fit()

    def fit(self) -> None:
        """Fits the width to the view; the text then decides the height."""
        parent = self.parentWidget()
        available = PANE_WIDTH_PX if parent is None else parent.width() - 2 * EDGE_PX
        width = most = min(PANE_WIDTH_PX, max(available, 200))
        side, upper = (14, 8) if self._message.aside else (28, 24)
        self._column.setContentsMargins(side, upper, side, upper)
        shown = [self._buttons[name] for name in self._buttons if name in self._message.buttons]
        needed = sum(button.sizeHint().width() + self._row.spacing() for button in shown)
        beside = QBoxLayout.Direction.LeftToRight
        below = QBoxLayout.Direction.TopToBottom
        narrow = needed > most - 2 * side
        self._arrange(shown, most - 2 * side, beside=not narrow)
        title = 1
        if self._message.aside and not narrow:
            # The size hint of a label that wraps is narrower than its text.
            title = self.title.fontMetrics().horizontalAdvance(self.title.text())
            width = min(most, title + needed + 4 * side)
            title = max(1, width - needed - 4 * side)
        self.title.setMinimumWidth(title)
        self._column.setDirection(beside if self._message.aside and not narrow else below)
        self.setFixedWidth(width)

    def _arrange(self, shown: Sequence[QAbstractButton], room_px: int, *, beside: bool) -> None:
        """All in one row if `beside`, else two in a row, or one where even two are too wide."""
        widest = max((button.sizeHint().width() for button in shown), default=0)
        two = 2 * widest + self._row.spacing() <= room_px
        columns = len(shown) if beside else 2 if two else 1
        for button in self._buttons.values():
            self._row.removeWidget(button)
        for place, button in enumerate(shown):
            # The first and the last column keep a single row in the middle.
            self._row.addWidget(button, place // columns, place % columns + 1)
        for column in range(max(self._row.columnCount(), len(shown) + 2)):
            outer = column in (0, len(shown) + 1)
            inner = 1 <= column <= columns
            self._row.setColumnStretch(column, int(outer if beside else inner))


def primary_button(text: str) -> QPushButton:
    """A push button in the accent colour."""
    button = QPushButton(text)
    button.setProperty("primary", True)
    return button
