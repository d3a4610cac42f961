"""The settings dialog: edits a copy and returns it when it is accepted."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from fer_live.core.paths import model_names, model_title
from fer_live.core.settings import Settings
from fer_live.gui.language import LANGUAGES, tr, tr_later, translated
from fer_live.gui.settings.form import (
    FIELD_HEIGHT_PX,
    Columns,
    choice,
    field_with_button,
    group,
    remark,
    select,
    set_field_size,
)
from fer_live.gui.settings.outputs_page import OutputsPage
from fer_live.gui.settings.recording_page import RecordingPage
from fer_live.gui.widgets.scroll_page import ScrollPage
from fer_live.gui.window.geometry import dialog_size

if TYPE_CHECKING:
    from fer_live.capture.camera_check import CameraFormat

_log = logging.getLogger(__name__)

SIZES = ((640, 480), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))
"""Resolutions that most cameras offer; the settings may hold others."""
RATES = (15.0, 24.0, 30.0, 60.0)
KNOWN_FORMATS = tr_later("These are the values that the camera offers.")
UNKNOWN_FORMATS = tr_later("Where the camera does not support a value, it uses another.")
DEVICES = (
    ("auto", tr_later("Automatic")),
    ("cpu", tr_later("Processor (CPU)")),
    ("cuda", tr_later("NVIDIA graphics (CUDA)")),
    ("mps", tr_later("Apple graphics (MPS)")),
)
PRECISIONS = (
    ("auto", tr_later("8 or 32 bits")),
    ("float32", tr_later("32 bits")),
    ("int8", tr_later("8 bits")),
)
"""Arithmetic of the model on the CPU."""
DETECTORS = (
    (
        "auto",
        tr_later("Automatic"),
        tr_later("Finds faces at any angle and in poor light, and follows them cheaply."),
    ),
    (
        "haar",
        tr_later("Haar cascade"),
        tr_later("Finds upright faces that look at the camera in good light."),
    ),
    (
        "yunet",
        tr_later("YuNet network"),
        tr_later("Finds the same faces as Automatic, without the Haar cascade."),
    ),
)
"""Value, name, and what the choice means."""
PRIORS = (
    ("", tr_later("As the model has it")),
    ("ferplus", tr_later("Everyday: mostly neutral and happy")),
    ("balanced", tr_later("Balanced: nearly alike, contempt rare")),
    ("uniform", tr_later("Posed: every expression alike")),
)
"""How often each expression is expected, as `classification.priors` names it."""
CERTIFICATES = tr_later(
    "A PEM file, for a camera or server with a certificate of its own; streams over TLS are "
    "verified against it."
)
THEMES = (
    ("system", tr_later("As the system")),
    ("light", tr_later("Light")),
    ("dark", tr_later("Dark")),
)

PRECISION_LETTERS = 10
"""Width of the field for the arithmetic, in widths of the letter X."""


class SettingsDialog(QDialog):
    """Edits settings; `applied` carries the result.

    Args:
        settings: The current settings.
        offered: What the camera offers; empty if that is not known.
    """

    applied = Signal(object)
    """The new `Settings`."""

    def __init__(
        self,
        settings: Settings,
        parent: QWidget | None = None,
        offered: "Sequence[CameraFormat]" = (),
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settings = settings
        self._offered = tuple(offered)
        self.format_box = choice(_formats(settings, offered))
        self.size_box = choice(_sizes(settings, offered))
        self.rate_box = choice(())
        for offer in (self.format_box, self.size_box):
            offer.currentIndexChanged.connect(self._show_rates)
        self.mirror = QCheckBox(tr("Show the video as in a mirror"))
        self.device = choice(DEVICES)
        self.precision = QComboBox()
        # Room for the longest text beside the arrow, in every font.
        self.precision.setMinimumContentsLength(PRECISION_LETTERS)
        self.precision.setMinimumHeight(FIELD_HEIGHT_PX)
        for value, text in PRECISIONS:
            self.precision.addItem(translated(text), value)
        self.precision.setAccessibleName(tr("Arithmetic on the processor"))
        self.precision.setToolTip(tr("Arithmetic on the processor"))
        self.detector = choice([(value, name) for value, name, _ in DETECTORS])
        self.detector_note = remark("")
        self.detector.currentIndexChanged.connect(
            lambda index: self.detector_note.setText(translated(DETECTORS[index][2]))
        )
        self.model = QComboBox()
        set_field_size(self.model)
        self.model.addItem(tr("Default"), "")
        for name in _model_names():
            self.model.addItem(name, name)
        self.prior = choice(PRIORS)
        self.smoothing = QDoubleSpinBox(decimals=2, minimum=0.0, maximum=5.0, singleStep=0.05)
        self.smoothing.setSuffix(" s")
        self.unsure = QSpinBox(minimum=0, maximum=100, singleStep=5)
        self.unsure.setSuffix(tr("%", "after a number"))
        for box in (self.smoothing, self.unsure):
            set_field_size(box)
        self.ca_file = QLineEdit(placeholderText=tr("The public ones"))
        self.ca_file.setClearButtonEnabled(True)
        set_field_size(self.ca_file)
        self.recording = RecordingPage()
        self.outputs = OutputsPage()
        self.theme = choice(THEMES)
        self.language = choice((("system", tr_later("As the system")),))
        for code, name in LANGUAGES.items():
            self.language.addItem(name, code)
        self.language_note = remark(tr("The language changes at the next start."))
        self.language.currentIndexChanged.connect(self._note_language)
        self.bars = QCheckBox(tr("Bars beside each face"))
        self.heat = QCheckBox(tr("Heat map on each face"))
        self.fps = QCheckBox(tr("Frame rate"))
        self.ids = QCheckBox(tr("Face numbers"))
        self.advice = QCheckBox(tr("Advice on each face"))
        self.problem = remark("")
        self.problem.setObjectName("problem")
        self.problem.hide()
        self._build()
        self.show_settings(settings)
        self.resize(dialog_size(self))

    def values(self) -> Settings:
        """The edited settings."""
        width, height = self.size_box.currentData()
        return self._settings.with_values(
            {
                "width": width,
                "height": height,
                "fps": self.rate_box.currentData(),
                "pixel_format": self.format_box.currentData(),
                "mirror": self.mirror.isChecked(),
                "ca_file": self.ca_file.text().strip(),
                "device": self.device.currentData(),
                "precision": self.precision.currentData(),
                "detector": self.detector.currentData(),
                "model": self.model.currentData(),
                "prior": self.prior.currentData(),
                "smoothing_s": round(self.smoothing.value(), 2),
                "unsure_below": self.unsure.value() / 100,
                "theme": self.theme.currentData(),
                "language": self.language.currentData(),
                "show_bars": self.bars.isChecked(),
                "show_heat": self.heat.isChecked(),
                "show_fps": self.fps.isChecked(),
                "show_ids": self.ids.isChecked(),
                "show_advice": self.advice.isChecked(),
                **self.recording.values(),
                **self.outputs.values(),
            }
        )

    def show_settings(self, settings: Settings) -> None:
        """Fills the fields."""
        select(self.size_box, (settings.width, settings.height))
        select(self.format_box, settings.pixel_format)
        self._show_rates()
        if self.rate_box.findData(settings.fps) < 0:
            self.rate_box.addItem(QLocale().toString(settings.fps, "g", 6), settings.fps)
        select(self.rate_box, settings.fps)
        self.mirror.setChecked(settings.mirror)
        self.ca_file.setText(settings.ca_file)
        select(self.device, settings.device)
        select(self.precision, settings.precision)
        select(self.detector, settings.detector)
        self.detector_note.setText(translated(DETECTORS[self.detector.currentIndex()][2]))
        if settings.model and self.model.findData(settings.model) < 0:
            self.model.addItem(model_title(settings.model), settings.model)
        select(self.model, settings.model)
        if self.prior.findData(settings.prior) < 0:
            self.prior.addItem(Path(settings.prior).name, settings.prior)
        select(self.prior, settings.prior)
        self.smoothing.setValue(settings.smoothing_s)
        self.unsure.setValue(round(settings.unsure_below * 100))
        select(self.theme, settings.theme)
        select(self.language, settings.language)
        self._note_language()
        self.bars.setChecked(settings.show_bars)
        self.heat.setChecked(settings.show_heat)
        self.fps.setChecked(settings.show_fps)
        self.ids.setChecked(settings.show_ids)
        self.advice.setChecked(settings.show_advice)
        self.recording.show_settings(settings)
        self.outputs.show_settings(settings)

    def _note_language(self) -> None:
        self.language_note.setVisible(self.language.currentData() != self._settings.language)

    def _show_rates(self) -> None:
        """Lists the rates that the camera offers at the chosen size and format."""
        chosen, size = self.rate_box.currentData(), self.size_box.currentData()
        pixels = self.format_box.currentData()
        fitting = [f for f in self._offered if (f.width, f.height) == size]
        rates = {f.fps for f in fitting if not pixels or f.pixel_format == pixels} or set(RATES)
        self.rate_box.clear()
        for rate in sorted(rates):
            self.rate_box.addItem(QLocale().toString(rate, "g", 6), rate)
        nearest = min(rates, key=lambda rate: abs(rate - (chosen or self._settings.fps)))
        select(self.rate_box, nearest)

    def _build(self) -> None:
        browse_model = QPushButton(tr("Choose a file…"))
        browse_model.clicked.connect(self._choose_model)
        camera = group(
            tr("Camera"),
            (tr("Resolution"), self.size_box),
            (tr("Frames per second"), self.rate_box),
            (tr("Format"), self.format_box),
            ("", remark(translated(KNOWN_FORMATS if self._offered else UNKNOWN_FORMATS))),
            ("", self.mirror),
        )
        browse_certificates = QPushButton(tr("Choose a file…"))
        browse_certificates.clicked.connect(self._choose_certificates)
        streams = group(
            tr("Streams"),
            (tr("Certificates"), field_with_button(self.ca_file, browse_certificates)),
            ("", remark(translated(CERTIFICATES))),
        )
        analysis = group(
            tr("Expressions"),
            (tr("Face detector"), self.detector),
            ("", self.detector_note),
            (tr("Runs on"), field_with_button(self.device, self.precision)),
            (tr("Model"), field_with_button(self.model, browse_model)),
            (tr("Expected"), self.prior),
            (tr("Smoothing"), self.smoothing),
            ("", remark(tr("Higher is steadier; lower reacts faster."))),
            (tr("Unsure below"), self.unsure),
        )
        appearance = group(
            tr("Appearance"),
            (tr("Theme"), self.theme),
            (tr("Language"), self.language),
            ("", self.language_note),
            (tr("On the video"), self.bars),
            ("", self.heat),
            ("", self.fps),
            ("", self.ids),
            ("", self.advice),
        )
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.RestoreDefaults
        )
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        restore = buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        restore.setText(tr("Defaults"))
        restore.clicked.connect(lambda: self.show_settings(Settings()))
        self.pages = QTabWidget()
        self.pages.setAccessibleName(tr("Pages of the settings"))
        self.pages.setDocumentMode(True)
        self.pages.tabBar().setDrawBase(False)
        general = Columns((camera, appearance), (analysis, streams))
        titled = {
            tr("General"): general,
            tr("Recording"): self.recording,
            tr("Outputs"): self.outputs,
        }
        self._areas = [ScrollPage(page) for page in titled.values()]
        for area, title in zip(self._areas, titled, strict=True):
            self.pages.addTab(area, title)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(18, 10, 18, 14)
        outer.setSpacing(14)
        outer.addWidget(self.pages)
        outer.addWidget(self.problem)
        outer.addWidget(buttons)

    def _accept(self) -> None:
        pages = (self.recording, self.outputs)
        page = next((page for page in pages if page.problem()), None)
        self.problem.setText("" if page is None else page.problem())
        self.problem.setVisible(page is not None)
        if page is not None:
            area = next(area for area in self._areas if area.isAncestorOf(page))
            self.pages.setCurrentWidget(area)
            page.problem_field.setFocus()
            return
        self.applied.emit(self.values())
        self.accept()

    def _choose_certificates(self) -> None:
        kinds = tr("Certificates (*.pem *.crt *.cer)")
        dialog = QFileDialog(self, tr("Choose certificates"), "", kinds)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.ca_file.setText)
        dialog.open()

    def _choose_model(self) -> None:
        kinds = tr("Checkpoints (*.safetensors)")
        dialog = QFileDialog(self, tr("Choose a model"), "", kinds)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def take(path: str) -> None:
            self.model.addItem(Path(path).name, path)
            self.model.setCurrentIndex(self.model.count() - 1)

        dialog.fileSelected.connect(take)
        dialog.open()


def _sizes(settings: Settings, offered: "Sequence[CameraFormat]") -> list[tuple[Any, str]]:
    known = {(f.width, f.height) for f in offered} or set(SIZES)
    sizes = sorted({*known, (settings.width, settings.height)})
    return [(size, f"{size[0]} × {size[1]}") for size in sizes]  # noqa: RUF001


def _formats(settings: Settings, offered: "Sequence[CameraFormat]") -> list[tuple[Any, str]]:
    names = {f.pixel_format for f in offered} | {settings.pixel_format}
    return [("", tr("Automatic")), *((name, name) for name in sorted(names) if name)]


def _model_names() -> tuple[str, ...]:
    # The settings must open even if the folder of models cannot be read.
    try:
        return model_names()
    except OSError as error:
        _log.warning("the models cannot be listed: %s", error)
        return ()
