"""What the side panel shows: cards and chart kept in step with the faces of the last minute."""

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QVBoxLayout

from fer_live.core.types import FrameResult
from fer_live.gui.widgets.face_cards import FaceCards
from fer_live.gui.widgets.history import History

if TYPE_CHECKING:
    from fer_live.gui.widgets.chart import Chart

NOBODY = "No face in the picture."
LOADING = "Loading the model…"
NOTHING = "Faces are listed here, each with its expression."


def load_chart_library() -> None:
    """Imports what chart and overlay need; takes long enough to be noticed on the GUI thread."""
    import pyqtgraph  # noqa: F401

    import fer_live.overlay.draw  # noqa: F401


class FacesPanel(QObject):
    """Feeds the cards and the chart, at most ten times a second.

    Args:
        cards: The cards.
        column: Layout that the chart is added to.
    """

    def __init__(
        self, cards: FaceCards, column: QVBoxLayout, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.history = History()
        self.chart: Chart | None = None
        self._cards = cards
        self._column = column
        self._chosen: int | None = None
        self._shown: int | None = None
        self._last: FrameResult | None = None
        self._cards.chosen.connect(self._choose)
        self._cards.empty.setText(NOTHING)

    @property
    def shown(self) -> int | None:
        """Identity whose chart is shown."""
        return self._shown

    def add_chart(self) -> None:
        """Makes the chart; its library should be loaded by then, see `load_chart_library`."""
        if self.chart is None:
            from fer_live.gui.widgets.chart import Chart

            self.chart = Chart()
            self._column.addWidget(self.chart)

    def add(self, result: FrameResult) -> None:
        """Takes a result; most are passed over, to be cheap."""
        if not self.history.add(result):
            return
        self._last = result
        present = [face.track_id for face in result.faces]
        if self._chosen in present:
            self._shown = self._chosen
        elif self._shown not in present and present:
            self._shown = present[0]
        self._show()

    def show_loading(self, loading: bool) -> None:
        """Says that there are no faces because the model is not there yet."""
        if self._last is not None:
            self._cards.empty.setText(LOADING if loading else NOBODY)

    def clear(self) -> None:
        """Forgets all faces: another source."""
        self.history.clear()
        self._chosen = self._shown = self._last = None
        self._cards.show_faces((), (), None)
        self._cards.empty.setText(NOTHING)
        self._show_chart((), time.perf_counter())

    def _choose(self, track_id: int) -> None:
        self._chosen = self._shown = track_id
        self._show()

    def _show(self) -> None:
        if self._last is None:
            return
        self._cards.show_faces(self._last.faces, self._last.labels, self._shown)
        self._show_chart(self._last.labels, self._last.frame.captured_s)

    def _show_chart(self, labels: tuple[str, ...], now_s: float) -> None:
        if self.chart is not None and not self.chart.isHidden():
            self.chart.show_face(self.history, self._shown, labels, now_s)
