"""The settings dialog: edits a copy, hands it back when it is accepted."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from fer_live.config import Settings
from fer_live.paths import model_names, model_title

_log = logging.getLogger(__name__)

SIZES = ((640, 480), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))
"""Resolutions most cameras know."""
RATES = (15.0, 24.0, 30.0, 60.0)
DEVICES = (
    ("auto", "Automatic"),
    ("cpu", "Processor (CPU)"),
    ("cuda", "NVIDIA graphics (CUDA)"),
    ("mps", "Apple graphics (MPS)"),
)
THEMES = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))
FIELD_PX = 230
FIELD_HEIGHT_PX = 30


class SettingsDialog(QDialog):
    """Edits settings.

    Args:
        settings: What is set now.
    """

    applied = Signal(object)
    """The new `Settings`."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settings = settings
        self.size_box = _choice(_sizes(settings))
        self.rate_box = _choice(_rates(settings))
        self.mirror = QCheckBox("Show the picture as in a mirror")
        self.device = _choice(DEVICES)
        self.model = QComboBox()
        self.model.setFixedSize(FIELD_PX, FIELD_HEIGHT_PX)
        self.model.addItem("Default", "")
        for name in _names_of_models():
            self.model.addItem(name, name)
        self.smoothing = QDoubleSpinBox(decimals=2, minimum=0.0, maximum=5.0, singleStep=0.05)
        self.smoothing.setSuffix(" s")
        self.unsure = QSpinBox(minimum=0, maximum=100, singleStep=5)
        self.unsure.setSuffix(" %")
        for box in (self.smoothing, self.unsure):
            box.setFixedSize(FIELD_PX, FIELD_HEIGHT_PX)
        self.folder = QLineEdit()
        self.clean = QCheckBox("Keep a copy without overlay beside every snapshot")
        self.theme = _choice(THEMES)
        self.bars = QCheckBox("Bars beside each face")
        self.fps = QCheckBox("Frame rate")
        self.ids = QCheckBox("Numbers of the faces")
        self._build()
        self.show_settings(settings)

    def values(self) -> Settings:
        """The settings as edited."""
        width, height = self.size_box.currentData()
        return self._settings.with_values(
            {
                "width": width,
                "height": height,
                "fps": self.rate_box.currentData(),
                "mirror": self.mirror.isChecked(),
                "device": self.device.currentData(),
                "model": self.model.currentData(),
                "smoothing_s": round(self.smoothing.value(), 2),
                "unsure_below": self.unsure.value() / 100,
                "output_dir": Path(self.folder.text().strip() or ".").expanduser(),
                "clean_snapshot": self.clean.isChecked(),
                "theme": self.theme.currentData(),
                "show_bars": self.bars.isChecked(),
                "show_fps": self.fps.isChecked(),
                "show_ids": self.ids.isChecked(),
            }
        )

    def show_settings(self, settings: Settings) -> None:
        """Fills the fields."""
        _select(self.size_box, (settings.width, settings.height))
        _select(self.rate_box, settings.fps)
        self.mirror.setChecked(settings.mirror)
        _select(self.device, settings.device)
        if settings.model and self.model.findData(settings.model) < 0:
            self.model.addItem(model_title(settings.model), settings.model)
        _select(self.model, settings.model)
        self.smoothing.setValue(settings.smoothing_s)
        self.unsure.setValue(round(settings.unsure_below * 100))
        self.folder.setText(str(settings.output_dir))
        self.clean.setChecked(settings.clean_snapshot)
        _select(self.theme, settings.theme)
        self.bars.setChecked(settings.show_bars)
        self.fps.setChecked(settings.show_fps)
        self.ids.setChecked(settings.show_ids)

    def _build(self) -> None:
        browse_model = QPushButton("Choose a file…")
        browse_model.clicked.connect(self._choose_model)
        browse_folder = QPushButton("Choose…")
        browse_folder.clicked.connect(self._choose_folder)
        camera = _group(
            "Camera",
            ("Resolution", self.size_box),
            ("Frames per second", self.rate_box),
            ("", self.mirror),
            ("", _muted("The camera is asked for this and may grant something else.")),
        )
        analysis = _group(
            "Expressions",
            ("Runs on", self.device),
            ("Model", _beside(self.model, browse_model)),
            ("Smoothing", self.smoothing),
            ("Unsure below", self.unsure),
            ("", _muted("More smoothing is calmer, less follows faster.")),
        )
        output = _group(
            "Snapshots and recordings",
            ("Folder", _beside(self.folder, browse_folder)),
            ("", self.clean),
        )
        looks = _group(
            "Appearance",
            ("Theme", self.theme),
            ("In the picture", self.bars),
            ("", self.fps),
            ("", self.ids),
        )
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.RestoreDefaults
        )
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        restore = buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        restore.setText("Defaults")
        restore.clicked.connect(lambda: self.show_settings(Settings()))
        columns = QHBoxLayout()
        columns.setSpacing(16)
        for groups in ((camera, looks), (analysis, output)):
            column = QVBoxLayout()
            column.setSpacing(8)
            for group in groups:
                column.addWidget(group)
            column.addStretch(1)
            columns.addLayout(column)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(18, 10, 18, 14)
        outer.setSpacing(14)
        outer.addLayout(columns)
        outer.addWidget(buttons)

    def _accept(self) -> None:
        self.applied.emit(self.values())
        self.accept()

    def _choose_model(self) -> None:
        dialog = QFileDialog(self, "Choose a model", "", "Checkpoints (*.safetensors)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def take(path: str) -> None:
            self.model.addItem(Path(path).name, path)
            self.model.setCurrentIndex(self.model.count() - 1)

        dialog.fileSelected.connect(take)
        dialog.open()

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, "Choose a folder", self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()


def _sizes(settings: Settings) -> list[tuple[Any, str]]:
    sizes = sorted({*SIZES, (settings.width, settings.height)})
    return [(size, f"{size[0]} × {size[1]}") for size in sizes]  # noqa: RUF001


def _rates(settings: Settings) -> list[tuple[Any, str]]:
    return [(rate, f"{rate:g}") for rate in sorted({*RATES, settings.fps})]


def _choice(entries: Sequence[tuple[Any, str]]) -> QComboBox:
    box = QComboBox()
    box.setFixedSize(FIELD_PX, FIELD_HEIGHT_PX)
    for value, text in entries:
        box.addItem(text, value)
    return box


def _select(box: QComboBox, value: Any) -> None:
    # findData compares Python tuples by identity.
    for number in range(box.count()):
        data = box.itemData(number)
        if (tuple(data) if isinstance(data, (list, tuple)) else data) == value:
            box.setCurrentIndex(number)


def _group(title: str, *rows: tuple[str, QWidget]) -> QGroupBox:
    group = QGroupBox(title)
    form = QFormLayout(group)
    form.setHorizontalSpacing(14)
    form.setVerticalSpacing(8)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    for text, field in rows:
        form.addRow(text, field)
        if text:
            field.setAccessibleName(f"{title}: {text}")
    return group


def _beside(field: QWidget, button: QPushButton) -> QWidget:
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(field, 1)
    row.addWidget(button)
    return both


def _muted(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("muted")
    label.setWordWrap(True)
    return label


def _names_of_models() -> tuple[str, ...]:
    # A folder that cannot be read must not keep the settings from opening.
    try:
        return model_names()
    except OSError as error:
        _log.warning("the models cannot be listed: %s", error)
        return ()
