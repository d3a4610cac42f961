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
from fer_live.gui.error_texts import error_text
from fer_live.gui.language import tr, tr_later, translated, word
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
    ("annotated", tr_later("With overlay")),
    ("clean", tr_later("Without overlay")),
    ("both", tr_later("Both, as two files")),
    ("none", tr_later("No pictures, numbers only")),
)
QUALITIES = (
    ("small", tr_later("Small file")),
    ("balanced", tr_later("Balanced")),
    ("high", tr_later("High")),
)
ENCODERS = (
    ("auto", tr_later("Hardware if available")),
    ("software", tr_later("Software (x264)")),
)
PRIVACY = (
    ("none", tr_later("Visible")),
    ("blur", tr_later("Blurred")),
    ("pixelate", tr_later("Pixelated")),
)
NOT_FOUND = tr_later(
    "A face that is not detected stays visible, for instance one that is turned away, covered, "
    "small or dark."
)
FORMATS = (
    ("csv", tr_later("CSV, for spreadsheets")),
    ("jsonl", tr_later("JSON Lines")),
    ("parquet", tr_later("Parquet")),
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
        self.clean = QCheckBox(tr("A copy without overlay beside every snapshot"))
        self.pictures = choice(PICTURES)
        self.quality = choice(QUALITIES)
        self.encoder = choice(ENCODERS)
        self.minutes = _number(1440, " min")
        self.megabytes = _number(1_000_000, " MB")
        self.name = QLineEdit(placeholderText=DEFAULT_NAME)
        self.privacy = choice(PRIVACY)
        self.on_screen = QCheckBox(tr("Hide them on screen too"))
        self.replay = QCheckBox(tr("Hold the last seconds in memory"))
        self.seconds = _number(300, " s", least=5)
        self.format = choice(FORMATS)
        self.texts = [QLineEdit(maxLength=LONGEST_TEXT) for _ in range(MARKER_KEYS)]
        self.privacy.currentIndexChanged.connect(self._fit)
        self.replay.toggled.connect(self._fit)
        self.pictures.currentIndexChanged.connect(self._fit)
        if importlib.util.find_spec("pyarrow") is None:
            _disable(self.format, "parquet", tr("Parquet (not installed)"))
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
            return error_text(error)
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
        browse = QPushButton(tr("Choose…"))
        browse.clicked.connect(self._choose_folder)
        fields = ", ".join(f"{{{name}}}" for name in FIELDS)
        meanings = ((name, word(meaning)) for name, meaning in FIELDS.items())
        self.name.setToolTip("\n".join(f"{{{name}}}: {meaning}" for name, meaning in meanings))
        placeholders = tr("Placeholders: {fields}. Existing files are never overwritten.")
        video = group(
            tr("Video"),
            (tr("Pictures"), self.pictures),
            (tr("Quality"), self.quality),
            (tr("Encoder"), self.encoder),
            (tr("Start a new file every"), self.minutes),
            (tr("or when it reaches"), self.megabytes),
        )
        files = group(
            tr("Files"),
            (tr("Folder"), field_with_button(self.folder, browse)),
            (tr("File name"), self.name),
            ("", remark(placeholders.format(fields=fields))),
            ("", self.clean),
        )
        privacy = group(
            tr("Faces in saved files"),
            (tr("Faces"), self.privacy),
            ("", self.on_screen),
            ("", remark(translated(NOT_FOUND))),
        )
        replay = group(tr("Instant replay"), ("", self.replay), (tr("Length"), self.seconds))
        log = group(
            tr("Session log"), (tr("Format"), self.format), (tr("Markers"), self._marker_grid())
        )
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
            field.setAccessibleName(tr("Text of marker {number}").format(number=number + 1))
            tip = tr("Text that key {number} writes to log and video").format(number=number + 1)
            field.setToolTip(tip)
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
        dialog = QFileDialog(self, tr("Choose a folder"), self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()


def _number(most: int, suffix: str, least: int = 0) -> QSpinBox:
    box = QSpinBox(minimum=least, maximum=most)
    box.setSuffix(suffix)
    if not least:
        box.setSpecialValueText(tr("Never"))
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
