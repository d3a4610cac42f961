"""The settings page about saved files: video, privacy, replay, log, markers."""

import importlib.util
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from fer_live.core.errors import ConfigError
from fer_live.core.naming import FIELDS, check_pattern
from fer_live.core.paths import user_path
from fer_live.core.settings import MARKER_KEYS, Settings
from fer_live.gui.settings.form import (
    Columns,
    choice,
    field_with_button,
    group,
    remark,
    select,
    set_field_size,
)
from fer_live.recording.options import DEFAULT_NAME

PICTURES = (
    ("annotated", "With overlay"),
    ("clean", "Without overlay"),
    ("both", "Both, as two files"),
    ("none", "No pictures, numbers only"),
)
QUALITIES = (
    ("small", "Small file"),
    ("balanced", "Balanced"),
    ("high", "High"),
)
ENCODERS = (
    ("auto", "Hardware if available"),
    ("software", "Software (x264)"),
)
PRIVACY = (
    ("none", "Visible"),
    ("blur", "Blurred"),
    ("pixelate", "Pixelated"),
)
NOT_FOUND = (
    "A face that is not detected stays visible, for instance one that is turned away, covered, "
    "small or dark."
)
FORMATS = (
    ("csv", "CSV, for spreadsheets"),
    ("jsonl", "JSON Lines"),
    ("parquet", "Parquet"),
)
LONGEST_TEXT = 80
"""Characters of a marker's text; a list of chapters shows no more."""
MARKER_COLUMNS = 3


class RecordingPage(QWidget):
    """Fields for all files that the window writes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = Settings()
        self.folder = QLineEdit()
        self.clean = QCheckBox("A copy without overlay beside every snapshot")
        self.pictures = choice(PICTURES)
        self.quality = choice(QUALITIES)
        self.encoder = choice(ENCODERS)
        self.minutes = _number(1440, " min")
        self.megabytes = _number(1_000_000, " MB")
        self.name = QLineEdit(placeholderText=DEFAULT_NAME)
        self.privacy = choice(PRIVACY)
        self.on_screen = QCheckBox("Hide them on screen too")
        self.replay = QCheckBox("Hold the last seconds in memory")
        self.seconds = _number(300, " s", least=5)
        self.format = choice(FORMATS)
        self.texts = [QLineEdit(maxLength=LONGEST_TEXT) for _ in range(MARKER_KEYS)]
        self.privacy.currentIndexChanged.connect(self._fit)
        self.replay.toggled.connect(self._fit)
        self.pictures.currentIndexChanged.connect(self._fit)
        if importlib.util.find_spec("pyarrow") is None:
            _disable(self.format, "parquet", "Parquet (not installed)")
        self.problem_field: QWidget = self.name
        """The field that `problem` complains about."""
        self._build()

    def values(self) -> dict[str, Any]:
        """The settings as edited."""
        texts = [" ".join(field.text().split()) for field in self.texts]
        while texts and not texts[-1]:
            texts.pop()
        return {
            "output_dir": user_path(self.folder.text().strip() or "."),
            "clean_snapshot": self.clean.isChecked(),
            "record_pictures": self.pictures.currentData(),
            "record_quality": self.quality.currentData(),
            "record_encoder": self.encoder.currentData(),
            "record_name": self.name.text().strip(),
            "split_minutes": _value(self.minutes, self._settings.split_minutes),
            "split_mb": _value(self.megabytes, self._settings.split_mb),
            "privacy": self.privacy.currentData(),
            "privacy_on_screen": self.on_screen.isChecked() and self.on_screen.isEnabled(),
            "replay": self.replay.isChecked(),
            "replay_s": _value(self.seconds, self._settings.replay_s),
            "log_format": self.format.currentData(),
            "marker_texts": tuple(texts),
        }

    def problem(self) -> str:
        """Why the values cannot be used; empty if they can."""
        try:
            check_pattern(self.name.text().strip() or DEFAULT_NAME)
        except ConfigError as error:
            return str(error)
        return ""

    def show_settings(self, settings: Settings) -> None:
        """Fills the fields."""
        self._settings = settings
        self.folder.setText(str(settings.output_dir))
        self.clean.setChecked(settings.clean_snapshot)
        select(self.pictures, settings.record_pictures)
        select(self.quality, settings.record_quality)
        select(self.encoder, settings.record_encoder)
        self.name.setText(settings.record_name)
        self.minutes.setValue(round(settings.split_minutes))
        self.megabytes.setValue(round(settings.split_mb))
        select(self.privacy, settings.hiding)
        self.on_screen.setChecked(settings.privacy_on_screen)
        self.replay.setChecked(settings.replay)
        self.seconds.setValue(round(settings.replay_s))
        select(self.format, settings.log_format)
        for number, field in enumerate(self.texts):
            texts = settings.marker_texts
            field.setText(texts[number] if number < len(texts) else "")
        self._fit()

    def _build(self) -> None:
        browse = QPushButton("Choose…")
        browse.clicked.connect(self._choose_folder)
        fields = ", ".join(f"{{{name}}}" for name in FIELDS)
        self.name.setToolTip("\n".join(f"{{{n}}}: {meaning}" for n, meaning in FIELDS.items()))
        video = group(
            "Video",
            ("Pictures", self.pictures),
            ("Quality", self.quality),
            ("Encoder", self.encoder),
            ("Start a new file every", self.minutes),
            ("or when it reaches", self.megabytes),
        )
        files = group(
            "Files",
            ("Folder", field_with_button(self.folder, browse)),
            ("File name", self.name),
            ("", remark(f"Placeholders: {fields}. Existing files are never overwritten.")),
            ("", self.clean),
        )
        privacy = group(
            "Faces in saved files",
            ("Faces", self.privacy),
            ("", self.on_screen),
            ("", remark(NOT_FOUND)),
        )
        replay = group("Instant replay", ("", self.replay), ("Length", self.seconds))
        log = group("Session log", ("Format", self.format), ("Markers", self._marker_grid()))
        page = Columns((video, files), (privacy, replay, log))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)

    def _marker_grid(self) -> QWidget:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(6)
        for number, field in enumerate(self.texts):
            row, column = divmod(number, MARKER_COLUMNS)
            key = QLabel(str(number + 1))
            key.setProperty("muted", True)
            key.setBuddy(field)
            field.setAccessibleName(f"Text of marker {number + 1}")
            field.setToolTip(f"Text that key {number + 1} writes to log and video")
            grid.addWidget(key, row, 2 * column, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(field, row, 2 * column + 1)
        box = QWidget()
        box.setLayout(grid)
        return box

    def _fit(self) -> None:
        video = self.pictures.currentData() != "none"
        for widget in (self.quality, self.encoder, self.minutes, self.megabytes, self.name):
            widget.setEnabled(video)
        self.on_screen.setEnabled(self.privacy.currentData() != "none")
        self.replay.setEnabled(video)
        self.seconds.setEnabled(video and self.replay.isChecked())

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, "Choose a folder", self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()


def _number(most: int, suffix: str, least: int = 0) -> QSpinBox:
    box = QSpinBox(minimum=least, maximum=most)
    box.setSuffix(suffix)
    if not least:
        box.setSpecialValueText("Never")
    set_field_size(box)
    return box


def _value(box: QSpinBox, before: float) -> float:
    """The value of a box; the value before, with its fraction, if the box was not changed."""
    return before if box.value() == round(before) else float(box.value())


def _disable(box: QComboBox, value: str, text: str) -> None:
    index, model = box.findData(value), box.model()
    box.setItemText(index, text)
    if isinstance(model, QStandardItemModel):
        model.item(index).setEnabled(False)
