"""The window in other languages: complete files, in step with the code, and texts that fit."""

import ast
import re
import runpy
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from string import Formatter

import pytest
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QPushButton

from fer_live.core import labels, naming
from fer_live.core.settings import Settings
from fer_live.gui import language
from fer_live.gui.language import (
    LANGUAGES,
    WORDS,
    chosen_language,
    install_language,
    percent,
    tr,
    word,
)
from fer_live.gui.settings.dialog import SettingsDialog
from fer_live.gui.window.about_dialog import AboutDialog
from fer_live.gui.window.camera_check_dialog import CameraCheckDialog
from fer_live.gui.window.dialogs import ShortcutsDialog
from fer_live.gui.window.output_messages import markers_text, rows_text, size_text
from fer_live.review.exports import EXPORTS
from fer_live.tracking.quality_flags import QUALITY_FLAGS

ROOT = Path(__file__).resolve().parents[2]
TOOL = runpy.run_path(str(ROOT / "packaging" / "translations.py"))
GUI = ROOT / "fer_live" / "gui"
UNTRANSLATED = {
    *("CSV", "Demo", "Details", "Encoder", "Format", "JSON Lines", "Lab Streaming Layer", "Name"),
    *("OSC", "Parquet", "Pause", "Player", "Software (x264)", "Status", "Token", "Video", "Videos"),
    *("Label", "&Label", "Streams", "Zoom", "neutral", "{number} in {folder}", "Start"),
    *("{figure} fps", "{figure} ms"),
}
"""Texts that are the same in German."""


def messages(path):
    """Every text of a .ts file with its comment and its translations."""
    for message in ET.parse(path).iter("message"):
        translation = message.find("translation")
        forms = [form.text or "" for form in translation.iter("numerusform")]
        source = message.findtext("source")
        yield source, forms or [translation.text or ""], translation.get("type")


def placeholders(text):
    """The names in braces and Qt's numbers in a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name} | set(
        re.findall(r"%L?n", text)
    )


@pytest.fixture
def german(app):
    install_language(app, "de")
    yield
    install_language(app, "en")


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_text_is_translated_with_the_same_placeholders(code):
    found = list(messages(language.FOLDER / f"fer_live_{code}.ts"))
    assert found
    for source, forms, state in found:
        assert state is None, f"{source!r} is {state}"
        for form in forms:
            assert form.strip() or not source.strip(), f"{source!r} has no translation"
            assert placeholders(form) == placeholders(source), source
            assert (form[:1] == " ", form[-1:] == " ") == (
                source[:1] == " ",
                source[-1:] == " ",
            ) or (source == "%"), f"spaces around {source!r}"
            assert form.endswith("…") == source.endswith("…"), source


def test_german_has_german_texts():
    same = {source for source, forms, _ in messages(language.FOLDER / "fer_live_de.ts")
            if forms == [source]}  # fmt: skip
    assert same <= UNTRANSLATED


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_files_are_in_step_with_the_code(code, tmp_path):
    name = f"fer_live_{code}"
    copied = tmp_path / f"{name}.ts"
    shutil.copy(language.FOLDER / copied.name, copied)
    TOOL["update"](copied)
    before = sorted(messages(language.FOLDER / copied.name))
    assert sorted(messages(copied)) == before, "run: python packaging/translations.py"
    TOOL["release"](copied, tmp_path / f"{name}.qm")
    made = (tmp_path / f"{name}.qm").read_bytes()
    assert made == (language.FOLDER / f"{name}.qm").read_bytes(), "the .qm file is an old one"


def test_lupdate_finds_every_text_that_is_to_be_translated():
    """It reads only a text written out in the call, and none inside an f-string."""
    known = {source for source, _, _ in messages(language.FOLDER / "fer_live_de.ts")}
    calls = 0
    for path in GUI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                    and node.func.id in ("tr", "tr_later")):  # fmt: skip
                calls += 1
                text = node.args[0]
                assert isinstance(text, ast.Constant), f"{path.name}:{node.lineno}"
                assert text.value in known, f"{path.name}:{node.lineno}: {text.value!r}"
    assert calls > 500


def test_no_text_of_a_widget_is_left_without_translation():
    """What is given to these methods and classes as a plain text is shown as it is."""
    shows = {"setText", "setWindowTitle", "setToolTip", "setAccessibleName", "setPlaceholderText",
             "setLabelText", "setOkButtonText", "show_text", "addAction", "addMenu", "QLabel",
             "QPushButton", "QCheckBox", "QMenu", "QToolBar", "primary_button", "Notice",
             "Message", "NoticeAction", "showMessage", "setInformativeText"}  # fmt: skip
    names = {"fer_live"}
    for path in GUI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            plain = isinstance(first, ast.Constant) and isinstance(first.value, str)
            parts = first.values if isinstance(first, ast.JoinedStr) else []
            texts = [part.value for part in parts if isinstance(part, ast.Constant)]
            if called in shows and (plain or texts):
                text = first.value if plain else " ".join(texts)
                # One letter is a unit or a sign.
                words = set(re.findall(r"[A-Za-z_]{2,}", re.sub(r"<[^>]*>|&nbsp;", "", text)))
                assert words <= names, f"{path.name}:{node.lineno}: {text!r}"


def test_words_of_other_parts_are_known():
    wanted = {*labels.FERPLUS.labels, *labels.SIX_WITH_PAIN.labels, labels.UNSURE}
    wanted |= {flag.advice for flag in QUALITY_FLAGS.values() if flag.advice}
    wanted |= {*EXPORTS.values(), *naming.FIELDS.values()}
    assert wanted <= WORDS


def test_the_first_of_the_systems_languages_that_is_here_is_taken(monkeypatch):
    for preferred, expected in (
        (("de-AT", "en"), "de"),
        (("de_CH",), "de"),
        (("fr-FR", "de-DE"), "de"),
        (("fr-FR",), "en"),
        ((), "en"),
    ):
        monkeypatch.setattr(language, "system_languages", lambda tags=preferred: tags)
        assert chosen_language("system") == expected
        assert chosen_language("en") == "en"


def test_texts_and_numbers_follow_the_language(app, german):
    assert tr("Stopped") == "Gestoppt"
    assert word("happy") == "fröhlich"
    assert word("my own class") == "my own class"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"
    assert (rows_text(1), markers_text(2)) == ("1\u00a0Zeile", "2\u00a0Marken")
    assert size_text(1_400_000) == "1,4 MB"
    assert percent(0.994) == "99\u00a0%"
    assert SettingsDialog(Settings()).unsure.text() == "35\u00a0%"
    install_language(app, "en")
    assert tr("Stopped") == "Stopped"
    assert (rows_text(1), markers_text(2)) == ("1\u00a0row", "2\u00a0markers")
    assert size_text(1_400_000) == "1.4 MB"
    assert percent(0.994) == "99%"
    assert SettingsDialog(Settings()).unsure.text() == "35%"
    assert QLocale().language() == QLocale.Language.English


def test_the_language_is_chosen_in_the_settings(app):
    dialog = SettingsDialog(Settings())
    names = [dialog.language.itemText(place) for place in range(dialog.language.count())]
    assert names == ["As the system", "English", "Deutsch"]
    assert dialog.language_note.isHidden()
    dialog.language.setCurrentIndex(2)
    assert not dialog.language_note.isHidden()
    assert dialog.values().language == "de"
    dialog.deleteLater()


def test_the_window_is_german(german, open_window, services):
    window = open_window(begin=False)
    assert window.menuBar().actions()[0].text() == "&Quelle"
    assert window.commands["snapshot"].text() == "Foto aufnehmen"
    assert window.view.message.title == "Nichts wird abgespielt"


def shown(parent, kind):
    return [child for child in parent.findChildren(kind) if child.isVisibleTo(parent)]


def test_german_texts_fit_at_800_x_600(german, open_window):
    """No button or one-line text is narrower than what it says."""
    window = open_window(begin=False)
    window.resize(800, 600)
    QCoreApplication.processEvents()
    assert (window.width(), window.height()) == (800, 600)
    dialog = SettingsDialog(window.settings, window)
    dialog.resize(780, 560)
    dialog.show()
    QCoreApplication.processEvents()
    others = (ShortcutsDialog(window), AboutDialog({}, "", window), CameraCheckDialog("A", window))
    for other in others:
        other.resize(780, 560)
        other.show()
    QCoreApplication.processEvents()
    for parent in (window, dialog, *others):
        for button in shown(parent, QPushButton):
            assert button.width() >= button.minimumSizeHint().width(), button.text()
    for area in dialog._areas:
        assert area.widget().width() <= area.viewport().width()
    buttons = dialog.findChild(QDialogButtonBox)
    assert buttons.button(QDialogButtonBox.StandardButton.Cancel).text() == "Abbrechen"
    for label in shown(dialog, QLabel):
        if not label.wordWrap() and type(label) is QLabel:
            assert label.width() >= label.sizeHint().width(), label.text()
    for open_dialog in (dialog, *others):
        open_dialog.close()


def test_about_is_in_the_language_of_the_window(german):
    """What licences ask is said in it; names and SPDX identifiers stay."""
    dialog = AboutDialog({}, "")
    text = "\n".join(label.text() for label in dialog.findChildren(QLabel))
    words = set(re.findall(r"\w+", text.replace("FER2013 and FER+", "").lower()))
    assert "gemeinfrei" in words
    assert not words & {
        "the",
        "its",
        "is",
        "contains",
        "by",
        "packages",
        "whoever",
        "anyone",
        "and",
    }
    dialog.deleteLater()
