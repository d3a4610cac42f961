"""The status bar: state, rates, latency, frames not analysed, device and model."""

import time
from collections import deque
from statistics import median
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from fer_live.gui.language import number, tr
from fer_live.gui.protocols import EngineLike
from fer_live.gui.widgets.elide import ELIDED_MIN_PX, ElidedLabel, elide_middle

if TYPE_CHECKING:
    from fer_live.live.statistics import StatsSnapshot

LATENCY_WINDOW_S = 1.0
"""The latency shown is the median of the last second."""

UNKNOWN = "—"
SPACING_PX = 8
"""Between two figures."""
LONGEST_NAME = 24
"""Characters shown of a device's or model's name; the tooltip shows all of it."""


class Latency:
    """Median age of the frames painted in the last second."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque(maxlen=512)

    def add(self, latency_ms: float, now_s: float | None = None) -> None:
        """Notes the latency of a painted frame, milliseconds."""
        self._seen.append((time.perf_counter() if now_s is None else now_s, latency_ms))

    def median_ms(self, now_s: float | None = None) -> float | None:
        """The median, or None if no frame was painted in the last second."""
        now = time.perf_counter() if now_s is None else now_s
        recent = [value for at, value in self._seen if at >= now - LATENCY_WINDOW_S]
        return median(recent) if recent else None


class StatusBar(QStatusBar):
    """Shows what runs, how fast, and on which device and model."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.setAccessibleName(tr("Status"))
        self.latency = Latency()
        self.state = ElidedLabel()
        self.state.setObjectName("stateText")
        self.addWidget(self.state, 1)
        self.replay = self._field("")
        self.capture = self._field(tr("Frames per second from the source"))
        self.analysis = self._field(tr("Frames analysed per second"))
        self.delay = self._field(tr("Time from capture to screen, median of one second"))
        self.not_analysed = self._field(
            tr("Frames shown or skipped without analysis since the first analysed one")
        )
        self.device = self._field(tr("Device that runs the model"))
        self.model = self._field(tr("The model that names the expressions"))
        self.outputs = self._field("")
        self.outputs.setObjectName("chip")
        self._optional = (
            *(self.device, self.model, self.not_analysed, self.replay, self.outputs),
            self.capture,
        )
        """Hidden in this order where there is no room."""
        self.show_figures(None, None)

    def minimumSizeHint(self) -> QSize:
        """No least width: figures that do not fit are hidden."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hides the figures that do not fit."""
        super().resizeEvent(event)
        self._fit()

    def show_state(self, text: str) -> None:
        """Shows the state of the source."""
        if text == self.state.text():
            return
        self.state.setText(text)
        self.state.setToolTip(text)
        self.state.setAccessibleName(tr("State: {state}").format(state=text))

    def show_figures(self, engine: EngineLike | None, stats: "StatsSnapshot | None") -> None:
        """Shows the figures of an engine; dashes for None."""
        latency_ms = self.latency.median_ms()
        rate = _rate(stats.capture_fps if stats else None)
        self.capture.setText(tr("Capture {rate}").format(rate=rate))
        rate = _rate(stats.analysis_fps if stats else None)
        self.analysis.setText(tr("Analysis {rate}").format(rate=rate))
        time_ms = UNKNOWN if latency_ms is None else f"{latency_ms:.0f} ms"
        self.delay.setText(tr("Latency {time}").format(time=time_ms))
        count = stats.frames_not_analysed if stats else UNKNOWN
        self.not_analysed.setText(tr("Not analysed {number}").format(number=count))
        device = engine.device_name if engine else None
        model = engine.model_name if engine else None
        self.device.setText(elide_middle(device or "", LONGEST_NAME))
        short = elide_middle(model or "", LONGEST_NAME)
        self.model.setText(tr("Model {name}").format(name=short) if model else "")
        tip = tr("The model that names the expressions: {name}").format(name=model)
        self.model.setToolTip(tip if model else "")
        self._fit()

    def show_replay(self, figures: str, tip: str) -> None:
        """Shows the figures of the instant replay; an empty text while it is off."""
        if figures != self.replay.text():
            self.replay.setText(figures)
            self.replay.setToolTip(tip)
            self._fit()

    def show_outputs(self, figures: str, tip: str) -> None:
        """Shows the live outputs that are on; an empty text while none is."""
        if figures != self.outputs.text() or tip != self.outputs.toolTip():
            self.outputs.setText(figures)
            self.outputs.setToolTip(tip)
            name = tr("Live outputs: {figures}").format(figures=figures)
            self.outputs.setAccessibleName(name if figures else "")
            self._fit()

    def _fit(self) -> None:
        fields = (*self._optional, self.analysis, self.delay)
        shown = [field for field in fields if field.text()]
        needed = {field: field.sizeHint().width() + SPACING_PX for field in shown}
        room = self.width() - ELIDED_MIN_PX
        for field in self._optional:
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
    return UNKNOWN if not fps else f"{number(fps, 1)} fps"
