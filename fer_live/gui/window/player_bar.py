"""The bar below a video file: play and pause, position, single frames, speed, repetition."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLocale, QPoint, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QToolButton,
    QWidget,
)

from fer_live.gui.language import tr, translated
from fer_live.gui.widgets.elide import ElidedLabel
from fer_live.gui.widgets.icons import icon
from fer_live.gui.widgets.seek_preview import SeekPreview
from fer_live.gui.widgets.theme import Theme
from fer_live.gui.window.actions import Actions
from fer_live.report.formatting import clock

if TYPE_CHECKING:
    from fer_live.core.types import ImageBgr

SPEEDS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
"""Multiples of a file's own speed that can be chosen."""

FULL_FROM_PX = 440
"""A narrower bar leaves out repetition, sound and the keys for single frames."""

VOLUME_FROM_PX = 600
"""A narrower bar leaves out the volume, too."""
VOLUME_PX = 70


def speed_text(speed: float) -> str:
    """A speed as it is shown, with the sign of multiplication."""
    return f"{QLocale().toString(speed, 'g', 3)}×"  # noqa: RUF001


class PositionSlider(QSlider):
    """A slider for the position in a file, milliseconds; a click goes where it points.

    While it is dragged, `sliderMoved` tells each position.
    """

    pointed = Signal(int, int)
    """The mouse is over it, or drags it: the position under it, milliseconds, and its x, pixels."""
    left = Signal()
    """The mouse is no longer over it, and does not drag it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setAccessibleName(tr("Position in the file"))
        self.setMouseTracking(True)
        # The arrow keys are actions of the window.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumWidth(80)

    def value_at(self, x: float) -> int:
        """The position under a point of the widget, milliseconds."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        control = QStyle.ComplexControl.CC_Slider
        groove = self.style().subControlRect(
            control, option, QStyle.SubControl.SC_SliderGroove, self
        )
        handle = self.style().subControlRect(
            control, option, QStyle.SubControl.SC_SliderHandle, self
        )
        room = max(groove.width() - handle.width(), 1)
        at = round(x) - groove.left() - handle.width() // 2
        return QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at, room)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Goes to the point and begins to drag."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.setSliderDown(True)
        self._move(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follows the mouse, and tells the position under it."""
        if self.isSliderDown():
            self._move(event)
        if self.maximum() > 0:
            x = event.position().x()
            within = min(max(round(x), 0), self.width())
            self.pointed.emit(self.value_at(x), within)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends dragging."""
        self.setSliderDown(False)
        if not self.rect().contains(event.position().toPoint()):
            self.left.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Tells that the mouse has left."""
        super().leaveEvent(event)
        if not self.isSliderDown():
            self.left.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Tells the same when the bar goes."""
        super().hideEvent(event)
        self.left.emit()

    def _move(self, event: QMouseEvent) -> None:
        value = self.value_at(event.position().x())
        self.setSliderPosition(value)
        self.sliderMoved.emit(value)


class PlayerBar(QFrame):
    """Controls of a file; hidden while the source is live.

    Args:
        actions: Has the actions of the menu Playback.
    """

    position_wanted = Signal(float)
    """Seconds, from the slider."""
    picture_wanted = Signal(float)
    """Seconds: the place under the mouse, whose picture `show_picture` takes."""
    volume_chosen = Signal(float)
    """From 0 to 1."""
    speed_chosen = Signal(float)
    """A multiple of the file's own speed."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._theme: Theme | None = None
        self._paused = False
        self.setObjectName("playerBar")
        self.setAccessibleName(tr("Player"))
        self.back = self._button(actions, "step_back")
        self.play = self._button(actions, "hold")
        self.forward = self._button(actions, "step_forward")
        self.loop = self._button(actions, "loop")
        self.mute = self._button(actions, "mute")
        self.volume = QSlider(Qt.Orientation.Horizontal)
        self.volume.setAccessibleName(tr("Volume"))
        self.volume.setRange(0, 100)
        self.volume.setFixedWidth(VOLUME_PX)
        # The arrow keys are actions of the window.
        self.volume.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.volume.valueChanged.connect(lambda percent: self.volume_chosen.emit(percent / 100))
        self.file = ElidedLabel()
        self.file.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.file.setMaximumWidth(220)
        self.time = QLabel()
        self.time.setAccessibleName(tr("Time"))
        self.slider = PositionSlider()
        self.slider.sliderMoved.connect(lambda ms: self.position_wanted.emit(ms / 1e3))
        self.preview: SeekPreview | None = None
        self.slider.pointed.connect(self._show_preview)
        self.slider.left.connect(self._hide_preview)
        self.speed = QComboBox()
        self.speed.setAccessibleName(tr("Speed"))
        self.speed.setToolTip(tr("Speed of playback ([ is slower, ] is faster)"))
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for speed in SPEEDS:
            self.speed.addItem(speed_text(speed), speed)
        self.speed.activated.connect(
            lambda place: self.speed_chosen.emit(float(self.speed.itemData(place)))
        )
        row = QHBoxLayout(self)
        # What does not fit is left out; the bar never widens the window.
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        row.setContentsMargins(6, 3, 6, 3)
        row.setSpacing(4)
        for button in (self.back, self.play, self.forward):
            row.addWidget(button)
        row.addSpacing(4)
        row.addWidget(self.time)
        row.addWidget(self.file)
        row.addWidget(self.slider, 1)
        row.addSpacing(4)
        for widget in (self.speed, self.loop, self.mute, self.volume):
            row.addWidget(widget)
        self.file.hide()
        self.show_speed(1.0)
        self.show_position(None, None)
        self.hide()

    def show_position(self, position_s: float | None, length_s: float | None) -> None:
        """Shows where the file is; the slider stays where it is dragged."""
        known = "–:––" if position_s is None else clock(position_s, tenths=True)  # noqa: RUF001
        length = "" if length_s is None else f" / {clock(length_s)}"
        self.time.setText(f"{known}{length}")
        digits = "0" * len(self.time.text())
        # Wide enough for any digits, so that the slider does not move while the time runs.
        self.time.setMinimumWidth(self.fontMetrics().horizontalAdvance(digits))
        self.slider.setEnabled(bool(length_s))
        if not self.slider.isSliderDown():
            with QSignalBlocker(self.slider):
                self.slider.setMaximum(round((length_s or 0.0) * 1e3))
                self.slider.setValue(round((position_s or 0.0) * 1e3))

    def apply_theme(self, theme: Theme) -> None:
        """Draws the icon of play or pause in the colours of a theme."""
        self._theme = theme
        self._draw_hold()
        self._draw_mute()

    def show_paused(self, *, paused: bool) -> None:
        """Makes the play button show what it does next."""
        self._actions["hold"].setChecked(paused)
        if paused != self._paused:
            self._paused = paused
            self._draw_hold()

    def _draw_hold(self) -> None:
        action = self._actions["hold"]
        action.setText(tr("Play the video") if self._paused else tr("Pause the video"))
        self.play.setAccessibleName(action.text())
        if self._theme is not None:
            action.setIcon(icon("start" if self._paused else "pause", self._theme.text))

    def show_volume(self, volume: float, *, muted: bool) -> None:
        """Shows the volume, 0 to 1, and whether the sound is off."""
        with QSignalBlocker(self.volume):
            self.volume.setValue(round(volume * 100))
        self._actions["mute"].setChecked(muted)
        self._draw_mute()

    def show_sound(self, problem: str | None) -> None:
        """Lets the sound be controlled, or says why there is none."""
        self.volume.setEnabled(problem is None)
        reason = translated(problem) if problem else ""
        self.volume.setToolTip(reason or tr("Volume"))
        self.mute.setToolTip(reason or self._actions["mute"].toolTip())

    def _draw_mute(self) -> None:
        action = self._actions["mute"]
        if self._theme is not None:
            action.setIcon(icon("muted" if action.isChecked() else "sound", self._theme.text))

    def show_file(self, text: str) -> None:
        """Shows the name of the picture; empty in a video."""
        if text != self.file.text():
            self.file.setText(text)
            self.file.setToolTip(text)
            self.file.updateGeometry()
        self.file.setVisible(bool(text))

    def show_picture(self, image_bgr: "ImageBgr | None") -> None:
        """Shows the picture (H, W, 3) uint8 of the place under the mouse, or only its time."""
        if self.preview is not None:
            self.preview.show_picture(image_bgr)

    def _show_preview(self, position_ms: int, x: int) -> None:
        window = self.window()
        if self.preview is None:
            self.preview = SeekPreview(window)
        above = self.slider.mapTo(window, QPoint(x, 0))
        self.preview.show_at(above, clock(position_ms / 1e3, tenths=True))
        self.picture_wanted.emit(position_ms / 1e3)

    def _hide_preview(self) -> None:
        if self.preview is not None:
            self.preview.hide()

    def show_speed(self, speed: float) -> None:
        """Shows the speed."""
        self.speed.setCurrentIndex(SPEEDS.index(speed))

    def minimumSizeHint(self) -> QSize:
        """No least width: what does not fit is left out."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leaves out what there is no room for; the keys still work."""
        super().resizeEvent(event)
        self._fit(event.size().width())

    def changeEvent(self, event: QEvent) -> None:
        """Keeps the time as wide as its text in a new font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "time"):
            self.time.setMinimumWidth(0)

    def _fit(self, width_px: int) -> None:
        full = width_px >= FULL_FROM_PX
        for widget in (self.back, self.forward, self.loop, self.mute):
            widget.setVisible(full)
        self.volume.setVisible(width_px >= VOLUME_FROM_PX)

    def _button(self, actions: Actions, name: str) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(actions[name])
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(actions[name].text())
        return button
