"""The video: the annotated frame, fitted and sharp, or a plain sentence when there is none."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
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
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from fer_live.core.types import FrameResult, ImageBgr

PANE_WIDTH_PX = 600
"""Widest message: a line of text that is still easy to read."""
EDGE_PX = 12
"""Room between a message and the view's edges."""
VEIL = 0.6
"""How dark the last frame becomes behind a message."""


@dataclass(frozen=True)
class Message:
    """What stands in the middle of the view instead of, or over, the picture.

    Args:
        title: A few words.
        text: One or two sentences; may be empty.
        offers: Names of the buttons to show, of those given to `VideoView.set_offers`.
        keep_frame: Keep the last frame visible behind the message.
        aside: A strip at the lower edge that leaves the picture as it is.
    """

    title: str
    text: str = ""
    offers: tuple[str, ...] = ()
    keep_frame: bool = False
    aside: bool = False


def fitted(frame: tuple[int, int], view: tuple[int, int]) -> tuple[int, int, int, int]:
    """Largest centred place for a frame in a view that keeps its aspect.

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
    """A new frame reached the screen; its age since capture, milliseconds."""
    double_clicked = Signal()
    on_screen = Signal()
    """The window was painted for the first time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Video")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(320, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._result: FrameResult | None = None
        self._picture: ImageBgr | None = None
        self._image: QImage | None = None
        self._scaled: ImageBgr | None = None
        self._fresh = self._seen = False
        self._message: Message | None = None
        self._pane = MessagePane(self)
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, EDGE_PX)
        self._outer.addStretch(1)
        self._outer.addWidget(self._pane, 0, Qt.AlignmentFlag.AlignHCenter)
        self._outer.addStretch(1)
        self._pane.hide()

    @property
    def result(self) -> FrameResult | None:
        """What is shown, for a snapshot; None when there is no picture."""
        return self._result

    @property
    def message(self) -> Message | None:
        """The message shown, if any."""
        return self._message

    @property
    def pane(self) -> "MessagePane":
        """The message's widget."""
        return self._pane

    def set_offers(self, offers: Sequence[tuple[str, QAbstractButton]]) -> None:
        """Buttons a message can show, by name, in their order."""
        self._pane.set_offers(offers)

    def show_result(self, result: FrameResult, picture: ImageBgr) -> None:
        """Shows a result.

        Args:
            result: What is shown.
            picture: (H, W, 3) uint8, its frame with the overlay drawn.
        """
        # An old result that is drawn anew says nothing about the latency.
        self._fresh |= result is not self._result
        self._result, self._picture, self._image = result, picture, None
        self.update()

    def show_message(self, message: Message | None) -> None:
        """Shows a message, or none; without `keep_frame` the picture goes."""
        self._message = message
        if message is not None:
            if not message.keep_frame:
                self._result = self._picture = self._image = self._scaled = None
            self._outer.setStretch(2, 0 if message.aside else 1)
            self._pane.show_message(message)
        elif self._pane.isAncestorOf(self.focusWidget() or self):
            # The button that was just pressed goes; the keys must not move to another one.
            self.setFocus()
        self._pane.setVisible(message is not None)
        self.update()

    def picture_rect_px(self) -> tuple[int, int, int, int] | None:
        """Place of the picture in the view: left, top, width, height in device pixels."""
        if self._picture is None:
            return None
        ratio = self.devicePixelRatioF()
        view = max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)
        return fitted((self._picture.shape[1], self._picture.shape[0]), view)

    def sizeHint(self) -> QSize:
        """Half of a 720p frame on each side."""
        return QSize(960, 540)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fills the ground and draws the fitted picture pixel by pixel."""
        painter = QPainter(self)
        ground = QRegion(self.rect())
        place = self.picture_rect_px()
        if place is not None:
            ratio = self.devicePixelRatioF()
            image = self._scaled_image(place[2], place[3], ratio)
            corner = QPointF(place[0] / ratio, place[1] / ratio)
            # Nothing is painted twice but the rim, which the picture may cover in part.
            covered = QRectF(corner, image.deviceIndependentSize()).toAlignedRect()
            ground -= QRegion(covered.adjusted(1, 1, -1, -1))
        painter.setClipRegion(ground)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Dark))
        painter.setClipping(False)
        if place is not None:
            painter.drawImage(corner, image)
            if self._message is not None and not self._message.aside:
                veil = QColor(self.palette().color(QPalette.ColorRole.Dark))
                veil.setAlphaF(VEIL)
                painter.fillRect(self.rect(), veil)
        painter.end()
        if not self._seen:
            self._seen = True
            self.on_screen.emit()
        if self._fresh and self._result is not None:
            self._fresh = False
            self.painted.emit((time.perf_counter() - self._result.frame.captured_s) * 1e3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fits the message to the room."""
        super().resizeEvent(event)
        self._pane.fit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Double click toggles full screen."""
        self.double_clicked.emit()

    def _scaled_image(self, width: int, height: int, ratio: float) -> QImage:
        # Scaled once per frame and size; a repaint for another reason costs nothing.
        if self._image is None or (self._image.width(), self._image.height()) != (width, height):
            # Imported late: the window opens before OpenCV is loaded.
            from fer_live.overlay.screen import fit_to_screen

            assert self._picture is not None
            # The image borrows the array's memory, so the array must live as long.
            self._scaled = fit_to_screen(self._picture, width, height)
            self._image = QImage(
                self._scaled.data, width, height, width * 3, QImage.Format.Format_BGR888
            )
        self._image.setDevicePixelRatio(ratio)
        return self._image


class MessagePane(QFrame):
    """A title, a sentence and some offers, in the middle of the view."""

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
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(8)
        self._row.addStretch(1)
        self._row.addStretch(1)
        self._offers: dict[str, QAbstractButton] = {}
        self._column = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._column.setSpacing(12)
        self._column.addWidget(self.title)
        self._column.addWidget(self.text)
        self._column.addLayout(self._row)
        self._message = Message("")

    def set_offers(self, offers: Sequence[tuple[str, QAbstractButton]]) -> None:
        """Puts the buttons in; none is shown until a message names it."""
        for name, button in offers:
            self._offers[name] = button
            button.hide()
            self._row.insertWidget(self._row.count() - 1, button)

    def show_message(self, message: Message) -> None:
        """Fills in the words and shows the offers that are named."""
        self.title.setText(message.title)
        self.text.setText(message.text)
        self.text.setVisible(bool(message.text))
        for name, button in self._offers.items():
            button.setVisible(name in message.offers)
        self.setAccessibleName(f"{message.title} {message.text}".strip())
        self._message = message
        self.fit()

    def fit(self) -> None:
        """Takes the width there is; the words then decide the height."""
        parent = self.parentWidget()
        room = PANE_WIDTH_PX if parent is None else parent.width() - 2 * EDGE_PX
        width = most = min(PANE_WIDTH_PX, max(room, 200))
        side, upper = (14, 8) if self._message.aside else (28, 24)
        self._column.setContentsMargins(side, upper, side, upper)
        shown = [b for name, b in self._offers.items() if name in self._message.offers]
        needed = sum(button.sizeHint().width() + self._row.spacing() for button in shown)
        beside = QBoxLayout.Direction.LeftToRight
        below = QBoxLayout.Direction.TopToBottom
        narrow = needed > most - 2 * side
        title = 1
        if self._message.aside and not narrow:
            # The size hint of a text that may wrap is narrower than the text.
            title = self.title.fontMetrics().horizontalAdvance(self.title.text())
            width = min(most, title + needed + 4 * side)
            title = max(1, width - needed - 4 * side)
        self.title.setMinimumWidth(title)
        self._row.setDirection(below if narrow else beside)
        self._column.setDirection(beside if self._message.aside and not narrow else below)
        self.setFixedWidth(width)


def chief_button(text: str) -> QPushButton:
    """A push button that stands out."""
    button = QPushButton(text)
    button.setProperty("chief", True)
    return button
