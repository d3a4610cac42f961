"""The status bar: rates, true latency, drops, device and model."""

import time
from collections import deque
from statistics import median
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar, QWidget

from fer_live.gui.protocols import EngineLike
from fer_live.gui.widgets.elide import cut

if TYPE_CHECKING:
    from fer_live.live.statistics import StatsSnapshot

LATENCY_WINDOW_S = 1.0
"""The latency shown is the median of the last second."""

UNKNOWN = "—"
WIDEST_STATE_PX = 80
"""The state gets what room is left; it asks for no more than this."""
SPACE_PX = 8
"""Between two figures."""
WIDEST_NAME = 24
"""Characters shown of a device's or model's name; the tooltip has it whole."""


class Latency:
    """Median age of the frames painted in the last second."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque(maxlen=512)

    def add(self, latency_ms: float, now_s: float | None = None) -> None:
        """A frame was painted."""
        self._seen.append((time.perf_counter() if now_s is None else now_s, latency_ms))

    def median_ms(self, now_s: float | None = None) -> float | None:
        """The median, or None when nothing was painted lately."""
        now = time.perf_counter() if now_s is None else now_s
        recent = [value for at, value in self._seen if at >= now - LATENCY_WINDOW_S]
        return median(recent) if recent else None


class ElidedLabel(QLabel):
    """One line that never asks for more room than there is; what is cut is in the tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        """A few letters wide."""
        return QSize(WIDEST_STATE_PX, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws what fits."""
        painter = QPainter(self)
        place = self.contentsRect()
        words = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, place.width()
        )
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        self.style().drawItemText(
            painter, place, align, self.palette(), self.isEnabled(), words, self.foregroundRole()
        )
        painter.end()


class StatusStrip(QStatusBar):
    """What runs, how fast, and on what."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.setAccessibleName("Status")
        self.latency = Latency()
        self.state = ElidedLabel()
        self.state.setObjectName("stateText")
        self.addWidget(self.state, 1)
        self.replay = self._field("")
        self.capture = self._field("Frames per second that the source gives")
        self.analysis = self._field("Frames per second that are analysed")
        self.delay = self._field("From the picture's capture to the screen, median of one second")
        self.dropped = self._field("Frames that were shown or passed over without being analysed")
        self.device = self._field("Where the model runs")
        self.model = self._field("The model that names the expressions")
        self._spare = (self.device, self.model, self.dropped, self.replay, self.capture)
        """What goes first where there is no room."""
        self.show_figures(None, None)

    def minimumSizeHint(self) -> QSize:
        """The window may be narrower than all the figures."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leaves out what does not fit."""
        super().resizeEvent(event)
        self._fit()

    def show_state(self, text: str) -> None:
        """Says what the engine does."""
        if text == self.state.text():
            return
        self.state.setText(text)
        self.state.setToolTip(text)
        self.state.setAccessibleName(f"State: {text}")

    def show_figures(self, engine: EngineLike | None, stats: "StatsSnapshot | None") -> None:
        """Shows an engine's figures, or dashes."""
        waits = self.latency.median_ms()
        self.capture.setText("Capture " + _rate(stats.capture_fps if stats else None))
        self.analysis.setText("Analysis " + _rate(stats.analysis_fps if stats else None))
        self.delay.setText("Latency " + (UNKNOWN if waits is None else f"{waits:.0f} ms"))
        self.dropped.setText(f"Dropped {stats.frames_dropped if stats else UNKNOWN}")
        device = engine.device_name if engine else None
        model = engine.model_name if engine else None
        self.device.setText(cut(device or "", WIDEST_NAME))
        self.model.setText(f"Model {cut(model, WIDEST_NAME)}" if model else "")
        self.model.setToolTip(f"The model that names the expressions: {model}" if model else "")
        self._fit()

    def show_replay(self, line: str, tip: str) -> None:
        """Shows what the instant replay keeps; nothing while it is off."""
        if line != self.replay.text():
            self.replay.setText(line)
            self.replay.setToolTip(tip)
            self._fit()

    def _fit(self) -> None:
        fields = (*self._spare, self.analysis, self.delay)
        shown = [field for field in fields if field.text()]
        needed = {field: field.sizeHint().width() + SPACE_PX for field in shown}
        room = self.width() - WIDEST_STATE_PX
        for field in self._spare:
            if field in needed and sum(needed.values()) > room:
                shown.remove(field)
                del needed[field]
        for field in fields:
            field.setVisible(field in shown)

    def _field(self, tip: str) -> QLabel:
        label = QLabel()
        label.setToolTip(tip)
        self.addPermanentWidget(label)
        return label


def _rate(fps: float | None) -> str:
    return UNKNOWN if not fps else f"{fps:.1f} fps"
