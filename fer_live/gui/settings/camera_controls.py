"""The dialog for exposure, focus, white balance and zoom of the camera that runs."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from fer_live.gui.controllers.tasks import Tasks
from fer_live.gui.error_texts import error_text
from fer_live.gui.language import tr, tr_later, translated
from fer_live.gui.protocols import CameraControlsLike

if TYPE_CHECKING:
    from fer_live.capture.camera_controls import ControlState

TITLES = {
    "exposure": tr_later("Exposure"),
    "focus": tr_later("Focus"),
    "white_balance": tr_later("White balance"),
    "zoom": tr_later("Zoom"),
}
APPLY_MS = 150
"""A value is sent when it has not changed for so long: a camera takes some time for each."""
MOST = 1e6
"""Bound of the values on both sides; a camera refuses what is beyond its own."""
READING = tr_later("Asking the camera…")
NONE = tr_later("This camera offers none of these here. Its own program or its driver may.")
UNITS = tr_later("The numbers are the camera's own units. What you choose is kept for this camera.")


class CameraControlsDialog(QDialog):
    """Shows the controls that the camera answers, and changes them at once.

    Args:
        title: The camera's name.
        camera: Is asked on worker threads.
        tasks: Runs them.
    """

    chosen = Signal(str, object)
    """Name of a control that was set, and its value; None is automatic."""

    def __init__(
        self, title: str, camera: CameraControlsLike, tasks: Tasks, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Camera controls: {camera}").format(camera=title))
        self._camera = camera
        self._tasks = tasks
        self._busy = False
        self._wanted: dict[str, float | None] = {}
        self.automatic: dict[str, QCheckBox] = {}
        self.values: dict[str, QDoubleSpinBox] = {}
        self.status = QLabel(translated(READING))
        self.status.setWordWrap(True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(14)
        self._grid.setColumnStretch(2, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(14)
        column.addLayout(self._grid)
        column.addWidget(self.status)
        column.addWidget(buttons)
        self.setMinimumWidth(360)
        self._timer = QTimer(self, interval=APPLY_MS, singleShot=True)
        self._timer.timeout.connect(self._send)
        tasks.run("camera controls", camera.read_controls, self._show, self._fail)

    def _show(self, states: "tuple[ControlState, ...]") -> None:
        for state in states:
            self._add(state)
        self.status.setText(translated(UNITS if states else NONE))

    def _add(self, state: "ControlState") -> None:
        name, row = state.name, self._grid.rowCount()
        self._grid.addWidget(QLabel(translated(TITLES[name])), row, 0)
        if state.automatic is not None:
            box = QCheckBox(tr("Automatic"))
            box.setAccessibleName(
                tr("{control}: automatic").format(control=translated(TITLES[name]))
            )
            box.toggled.connect(partial(self._want, name))
            self._grid.addWidget(box, row, 1)
            self.automatic[name] = box
        value = QDoubleSpinBox(minimum=-MOST, maximum=MOST, decimals=0, singleStep=state.step)
        value.setAccessibleName(translated(TITLES[name]))
        value.setKeyboardTracking(False)
        value.valueChanged.connect(partial(self._want, name))
        self._grid.addWidget(value, row, 2)
        self.values[name] = value
        self._show_state(state)

    def _show_state(self, state: "ControlState") -> None:
        value, box = self.values[state.name], self.automatic.get(state.name)
        with QSignalBlocker(value):
            value.setValue(state.value)
        value.setEnabled(not state.automatic)
        if box is not None:
            with QSignalBlocker(box):
                box.setChecked(bool(state.automatic))

    def _want(self, name: str, _changed: object) -> None:
        box, value = self.automatic.get(name), self.values[name]
        automatic = box is not None and box.isChecked()
        value.setEnabled(not automatic)
        self._wanted[name] = None if automatic else value.value()
        self._timer.start()

    def _send(self) -> None:
        if self._busy or not self._wanted:
            return
        self._busy = True
        name = next(iter(self._wanted))
        value = self._wanted.pop(name)
        self._tasks.run(
            "camera control",
            lambda: self._camera.set_control(name, value),
            partial(self._done, name, value),
            self._fail,
        )

    def _done(self, name: str, value: float | None, state: "ControlState | None") -> None:
        self._busy = False
        if state is not None and name not in self._wanted:
            self._show_state(state)
        self.chosen.emit(name, value if value is None or state is None else state.value)
        self._send()

    def _fail(self, error: Exception) -> None:
        self._busy = False
        self._wanted.clear()
        for widget in (*self.values.values(), *self.automatic.values()):
            widget.setEnabled(False)
        self.status.setText(error_text(error))
