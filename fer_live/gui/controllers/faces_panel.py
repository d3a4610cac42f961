"""Keeps the cards and the chart of the side panel in step with the results."""

import time
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from fer_live.gui.language import tr
from fer_live.gui.widgets.face_cards import FaceCards
from fer_live.gui.widgets.probability_history import ProbabilityHistory
from fer_live.gui.window.dialogs import ask_name

if TYPE_CHECKING:
    from fer_live.core.types import FrameResult
    from fer_live.gui.widgets.chart import Chart

CHART_DELAY_MS = 500
"""Time from the model's first answer to the chart: the first labels do not wait for its library."""
LEAST_CARDS_PX = 64
"""Least height of the cards above the chart; where there is less room, the chart is left out."""


def load_drawing_libraries() -> None:
    """Imports what the overlay needs; slow, so call it on a worker thread.

    The chart's library is not among them: importing it touches every class of Qt, and the first
    touch of a class on a worker thread, while the GUI thread uses Qt, can crash the program.
    """
    import fer_live.overlay.draw  # noqa: F401


class FacesPanel(QObject):
    """Updates the cards and the chart, at most ten times a second.

    Args:
        cards: The cards.
        column: Layout to which the chart is added.
    """

    named = Signal(int, str)
    """The user named a face: its identity and the name, which may be empty."""

    def __init__(
        self, cards: FaceCards, column: QVBoxLayout, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.history = ProbabilityHistory()
        self.chart: Chart | None = None
        self._cards = cards
        self._column = column
        self._chosen: int | None = None
        self._shown: int | None = None
        self._last: FrameResult | None = None
        self._from_left = False
        self._chart_timer = QTimer(self, singleShot=True, interval=CHART_DELAY_MS)
        self._chart_timer.timeout.connect(self.add_chart)
        self._cards.chosen.connect(self.choose)
        self._cards.rename_wanted.connect(self.ask_name)
        self._cards.empty.setText(_no_result())

    @property
    def shown(self) -> int | None:
        """Identity of the face in the chart."""
        return self._shown

    def sort_from_left(self, on: bool) -> None:
        """Orders the cards from left to right as in the picture, or by identity."""
        self._from_left = on
        self._show()

    def ask_name(self, track_id: int | None = None) -> None:
        """Asks for the name of a face; None is the one in the chart."""
        track_id = self._shown if track_id is None else track_id
        if track_id is None:
            return
        shown = {face.track_id: face.name for face in self._last.faces} if self._last else {}
        if track_id in shown:
            named = partial(self.named.emit, track_id)
            ask_name(self._cards.window(), track_id, shown[track_id], named)

    def show_name(self, track_id: int, name: str) -> None:
        """Shows a new name at once, also where no further result follows."""
        if self._last is not None:
            self._last = self._last.with_name(track_id, name)
            self._show()

    def choose(self, track_id: int) -> None:
        """Selects a face: its card is open, the chart shows it."""
        self._chosen = self._shown = track_id
        self._show()

    def add_chart(self) -> None:
        """Adds the chart; imports its library, about half a second, when first called."""
        if self.chart is None:
            from fer_live.gui.widgets.chart import Chart

            self.chart = Chart()
            self._column.addWidget(self.chart)
            self._panel.installEventFilter(self)
            self._fit_chart()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leaves out the chart where the panel is too low for it, as it is or with its legend."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._fit_chart()
        return False

    @property
    def _panel(self) -> QWidget:
        panel = self._column.parentWidget()
        assert panel is not None
        return panel

    def _fit_chart(self) -> None:
        if self.chart is not None:
            self.chart.fit(self._panel.height())
            column, edges = self._column, self._column.contentsMargins()
            width = self._panel.width() - edges.left() - edges.right()
            parts = self._panel.findChildren(
                QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly
            )
            others = set(parts) - {self.chart, self._cards}
            needed = edges.top() + edges.bottom() + column.spacing() * (len(parts) - 1)
            needed += LEAST_CARDS_PX + sum(part.sizeHint().height() for part in others)
            # Without its legend, the chart is as high at every width.
            legend = self.chart.hasHeightForWidth()
            hint = self.chart.sizeHint().height()
            needed += self.chart.heightForWidth(width) if legend else hint
            self.chart.setVisible(self._panel.height() >= needed)

    def add(self, result: "FrameResult", *, always: bool = False) -> None:
        """Takes a result; results that follow too quickly are skipped. The chart follows the first.

        Args:
            result: The result that is shown.
            always: Show this one in any case, because none may follow: the file is paused.
        """
        if not self.history.add(result) and not always:
            return
        self._last = result
        # Until the model is loaded, results have no labels.
        if self.chart is None and result.labels and not self._chart_timer.isActive():
            self._chart_timer.start()
        present = [face.track_id for face in result.faces]
        if self._chosen in present:
            self._shown = self._chosen
        elif self._shown not in present and present:
            self._shown = present[0]
        self._show()

    def show_loading(self, loading: bool) -> None:
        """Says why there are no cards: no model yet, no analysis, or no face."""
        if self._last is None:
            return
        if loading:
            text = tr("Loading the model…")
        elif self._last.found is None:
            # Shown without analysis, so nobody knows whether there is a face.
            text = tr("Waiting for the analysis…")
        else:
            text = tr("No face in the picture.")
        self._cards.empty.setText(text)

    def clear(self) -> None:
        """Removes all faces; call it when the source changes."""
        self.history.clear()
        self._chosen = self._shown = self._last = None
        self._cards.show_faces((), (), None)
        self._cards.empty.setText(_no_result())
        self._show_chart((), time.perf_counter())

    def _show(self) -> None:
        if self._last is None:
            return
        faces = self._last.faces
        if self._from_left:
            faces = tuple(sorted(faces, key=lambda face: face.box_xyxy[0] + face.box_xyxy[2]))
        wanted = self._chosen is not None and self._chosen == self._shown
        self._cards.show_faces(faces, self._last.labels, self._shown, wanted=wanted)
        self._show_chart(self._last.labels, self._last.frame.captured_s)

    def _show_chart(self, labels: tuple[str, ...], now_s: float) -> None:
        if self.chart is not None and not self.chart.isHidden():
            faces = self._last.faces if self._last else ()
            name = next((face.name for face in faces if face.track_id == self._shown), "")
            self.chart.show_face(self.history, self._shown, labels, now_s, name)


def _no_result() -> str:
    return tr("Faces are listed here, each with its expression.")
