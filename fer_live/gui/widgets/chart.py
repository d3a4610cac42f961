"""The chart of the last minute, drawn with pyqtgraph."""

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QColor, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from fer_live.core.labels import colour_rgb
from fer_live.gui.language import percent, tr, word
from fer_live.gui.widgets.probability_history import WINDOW_S, ProbabilityHistory
from fer_live.gui.widgets.theme import readable, rgb_of

CURVE_PX = 2.0
PLOT_PX = (100, 190)
"""Smallest and largest height of the plot."""
PLOT_SHARE = 0.28
"""Height of the plot as a share of the panel's, so that the cards keep the larger part."""
DRAW_INTERVAL_S = 0.25
"""Least time between two drawings: drawing costs as much as the analysis of a frame."""
AXIS_GAP_PX = 12
"""Between the labels of an axis and its line; half of it between two labels."""
EDGE_PX = (10, 20)
"""Least space above and to the right of the axes."""


def times() -> tuple[tuple[int, str], ...]:
    """Labels of the lower axis: seconds, and their text."""
    return ((-60, tr("60 s ago")), (-30, tr("30 s ago")), (0, tr("now")))


def shares() -> tuple[tuple[float, str], ...]:
    """Labels of the left axis: shares, and their text."""
    return tuple((share, percent(share)) for share in (0, 0.5, 1))


class Chart(QFrame):
    """The probabilities of all classes of one face over the last minute."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chartCard")
        self.setAccessibleName(tr("Chart of the last minute"))
        self.title = QLabel()
        self.title.setObjectName("sectionTitle")
        self.legend = QLabel()
        self.legend.setWordWrap(True)
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self._plot: Any = pg.PlotWidget(background=None)
        self._plot.setFixedHeight(PLOT_PX[1])
        self._plot.setAccessibleName(tr("Probabilities over the last minute"))
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.setMouseEnabled(False, False)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.setXRange(-WINDOW_S, 0, padding=0.01)
        self._plot.setYRange(0, 1, padding=0.07)
        for side in ("left", "bottom"):
            self._plot.getAxis(side).setStyle(tickLength=0)
        self._plot.getAxis("bottom").setTicks([times()])
        self._plot.getAxis("left").setTicks([shares()])
        self._plot.getAxis("left").setWidth(self._axis_width_px())
        self._plot.showGrid(x=False, y=True, alpha=0.15)
        self._curves: dict[str, Any] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 8, 10)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self._plot)
        column.addWidget(self.legend)
        self._labels: tuple[str, ...] = ()
        self._drawn: tuple[int | None, float] = (None, 0.0)
        self.show_face(ProbabilityHistory(), None, (), 0.0)
        self._apply_palette()

    def fit(self, panel_px: int) -> None:
        """Fits the height to that of the panel, pixels."""
        least, most = PLOT_PX
        self._plot.setFixedHeight(min(max(round(panel_px * PLOT_SHARE), least), most))

    @property
    def curves(self) -> dict[str, Any]:
        """pyqtgraph's curves by class."""
        return dict(self._curves)

    def show_face(
        self,
        history: ProbabilityHistory,
        track_id: int | None,
        labels: tuple[str, ...],
        now_s: float,
        name: str = "",
    ) -> None:
        """Shows the last minute of a face, or an empty chart for None.

        The same face is drawn again only after `DRAW_INTERVAL_S`.

        Args:
            history: Has the probabilities.
            track_id: Identity of the face.
            labels: Class names, in the order of the probabilities.
            now_s: The right end of the chart, on the clock of `Frame.captured_s`.
            name: The face's name; empty without a name.
        """
        face = name or tr("face #{number}").format(number=track_id)
        parts = (tr("Last minute"),) if track_id is None else (tr("Last minute"), face)
        self.title.setText(" · ".join(parts))
        same = track_id is not None and (track_id, labels) == (self._drawn[0], self._labels)
        if same and 0 <= now_s - self._drawn[1] < DRAW_INTERVAL_S:
            return
        self._drawn = track_id, now_s
        if labels and labels != self._labels:
            self._labels = labels
            self._make_curves()
        if track_id is None:
            for curve in self._curves.values():
                curve.setData([], [])
            return
        times, values = history.curves(track_id, now_s)
        for column, label in enumerate(self._labels):
            share = values[:, column] if values.size else times
            self._curves[label].setData(times, share, connect="finite")

    def showEvent(self, event: QShowEvent) -> None:
        """Draws the axes again: when laid out while hidden, they omit the labels at their ends."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self._draw_axes)

    def _axis_width_px(self) -> int:
        """Room for the widest label of the left axis, in the font that is set."""
        return self.fontMetrics().horizontalAdvance(shares()[-1][1]) + AXIS_GAP_PX

    def _times(self, room_px: float) -> tuple[tuple[int, str], ...]:
        """The labels of the lower axis that fit side by side on so many pixels."""
        labels = times()
        begin, middle, end = (self.fontMetrics().horizontalAdvance(text) for _, text in labels)
        if room_px / 2 >= (begin + middle) / 2 + AXIS_GAP_PX // 2:
            return labels
        return labels[::2] if room_px >= (begin + end) / 2 + AXIS_GAP_PX // 2 else labels[-1:]

    def _draw_axes(self) -> None:
        metrics = self.fontMetrics()
        # Half of a label stands beyond the end of its axis. The left axis has grid lines, and
        # pyqtgraph cuts what is above them: there, the range is larger than the shares.
        right = max(EDGE_PX[1], metrics.horizontalAdvance(times()[-1][1]) // 2 + 2)
        self._plot.getPlotItem().layout.setContentsMargins(6, EDGE_PX[0], right, 0)
        inside = self._plot.height() - EDGE_PX[0] - 2 * metrics.height() - AXIS_GAP_PX
        self._plot.setYRange(0, 1, padding=max(0.07, (metrics.height() / 2 + 2) / inside))
        self._plot.getAxis("bottom").setStyle(
            hideOverlappingLabels=metrics.horizontalAdvance(times()[0][1])
        )
        room_px = self._plot.width() - self._axis_width_px() - right - 6
        self._plot.getAxis("bottom").setTicks([self._times(room_px)])
        self._plot.getAxis("left").setWidth(self._axis_width_px())
        bottom = self._plot.getAxis("bottom")
        bottom.setHeight(self.fontMetrics().height() + AXIS_GAP_PX // 2)
        for side in ("left", "bottom"):
            self._plot.getAxis(side).setTickFont(self.font())
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.prepareGeometryChange()
            axis.picture = None
            axis.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leaves out the time in the middle where there is no room for it."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._draw_axes)

    def changeEvent(self, event: QEvent) -> None:
        """Follows the theme and the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_plot"):
            QTimer.singleShot(0, self, self._draw_axes)
        if event.type() == QEvent.Type.PaletteChange:
            self._apply_palette()

    def _make_curves(self) -> None:
        for curve in self._curves.values():
            self._plot.removeItem(curve)
        self._curves = {name: self._plot.plot([], [], antialias=True) for name in self._labels}
        self._apply_palette()

    def _apply_palette(self) -> None:
        colours = self.palette()
        background = rgb_of(colours.color(QPalette.ColorRole.Base))
        self._plot.setBackground(colours.color(QPalette.ColorRole.Base))
        muted = colours.color(QPalette.ColorRole.PlaceholderText)
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(pg.mkPen(colours.color(QPalette.ColorRole.Mid)))
            axis.setTextPen(pg.mkPen(muted))
        entries = []
        for name, curve in self._curves.items():
            colour = QColor(*readable(colour_rgb(name), background))
            curve.setPen(pg.mkPen(colour, width=CURVE_PX))
            entries.append(
                f'<span style="color:{colour.name()}">■</span>&nbsp;'
                f'<span style="color:{muted.name()}">{word(name)}</span>'
            )
        self.legend.setText("&nbsp;&nbsp; ".join(entries))
        self.legend.setVisible(bool(entries))
