"""Errors of the parts below the window, in its language: every sentence that a user can meet."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication

from fer_live.core import errors
from fer_live.core.errors import ModelError, RecordingError, SourceBusyError
from fer_live.core.formats import SOURCE_HINT
from fer_live.gui.error_texts import SEAM, SENTENCES, error_text, localised
from fer_live.gui.language import install_language, translated
from fer_live.gui.widgets.notice import notice_for

PACKAGE = Path(__file__).resolve().parents[2] / "fer_live"
VARYING = "{}"
MET = ("capture", "live", "outputs", "recording", "review", "session_log")
"""Folders whose errors reach the window."""
NOT_MET = {
    "{} is not open.",
    "Pictures cannot be shown at {} per second.",
    "There is no camera back-end {}.",
    "An array of shape {} and type {} is no image.",
    "A file cannot be played at {} times its speed.",
    "A recording's {} cannot be {}.",
    "Parts of {} s are too short.",
    "Parts of {} bytes are too small.",
    "The space to leave free cannot be negative.",
    "No video is recorded: saving pictures is turned off.",
    "There is no export named {}.",
    "The layout {} is for CSV logs, not for {} files.",
    "{} has no suffix of a log.",
}
"""Errors of the Python interface and of flags that the window neither sets nor passes on."""


STALE = 0.03
"""Share of sentences that may be behind a change below the window: they are shown in English."""
ELSEWHERE = {
    # Of an error of the window's own.
    "Plug one in, open a file or play the demo.",
    # With an end that is put together.
    "The disk with {folder} is full: only {number} MB are left.",
    "The picture has {width} x {height} pixels, more than the {number} million allowed for "
    "{format}.",
}
"""Sentences that are not found as they are in the parts below the window."""


@pytest.fixture
def german(app):
    install_language(app, "de")
    yield
    install_language(app, "en")


def plain(node: ast.expr) -> str:
    """A text with what varies as `VARYING`; empty for anything else."""
    if isinstance(node, ast.JoinedStr):
        parts = (plain(part) if isinstance(part, ast.Constant) else VARYING for part in node.values)
        return "".join(parts)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""


def texts(folders=("",)) -> Iterator[str]:
    """Every text in the parts below the window, and each of its sentences."""
    for folder in folders:
        for path in (PACKAGE / folder).rglob("*.py"):
            if "gui" in path.relative_to(PACKAGE).parts[:1]:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if text := plain(node) if isinstance(node, ast.expr) else "":
                    # What varies may be nothing: "is full{left}."
                    ends = (text.replace(f"{VARYING}.", "."), text.removesuffix(VARYING))
                    for one in (text, *ends):
                        yield from (one, *SEAM.split(one.strip()))


def messages() -> Iterator[tuple[str, str]]:
    """The class and the message of every error that is raised in `MET`."""
    for folder in MET:
        for path in (PACKAGE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and node.args:
                    called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    if called.endswith("Error") and isinstance(
                        node.args[0], ast.Constant | ast.JoinedStr
                    ):
                        yield called, plain(node.args[0])


def pattern(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w+\}", sentence)
    return re.compile(".+".join(map(re.escape, parts)), re.DOTALL)


def test_every_sentence_is_said_below_the_window():
    said = set(texts())
    patterns = {sentence: pattern(sentence) for sentence in set(SENTENCES) - ELSEWHERE}
    unsaid = [
        sentence
        for sentence, one in patterns.items()
        if not any(one.fullmatch(text) for text in said)
    ]
    assert len(unsaid) <= STALE * len(patterns), unsaid


def test_every_message_that_a_user_can_meet_is_known():
    # Those of `core.errors`: which others exist depends on what has been imported.
    ours = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
    met = {text for called, text in messages() if called in ours and text}
    assert len(met) > 60
    patterns = [pattern(sentence) for sentence in SENTENCES]
    wholes = {
        text.removesuffix(VARYING) if text.endswith(".{}") else text for text in met - NOT_MET
    }
    unknown = [text for text in wholes if not any(one.fullmatch(text) for one in patterns)]
    assert len(unknown) <= STALE * len(wholes), unknown


def test_sentences_are_filled_in_and_recognised_inside_each_other(app, german):
    assert localised("There is no file or folder /a b.mp4.") == (
        "Es gibt keine Datei und keinen Ordner /a b.mp4."
    )
    assert localised(
        "There are: 0 (HD Webcam). Plug one in, or use a video file or the demo."
    ) == ("Vorhanden: 0 (HD Webcam). Schließen Sie eine an, oder nehmen Sie eine Videodatei oder "
          "die Demo.")  # fmt: skip
    assert localised("Addresses begin with http://. Choose another source.") == (
        "Adressen beginnen mit http://. Wählen Sie eine andere Quelle."
    )
    assert localised("Something new. Choose another file.") == (
        "Something new. Wählen Sie eine andere Datei."
    )
    early = "a.mp4 ended early, {}: it may be damaged or cut off."
    assert localised(early.format("after 24 of 40 frames")).startswith(
        "a.mp4 endet vorzeitig, nach 24 von 40 Bildern."
    )
    assert "nach 2,5 s von 8,0 s." in localised(early.format("at 2.5 s of 8.0 s"))
    assert localised("") == ""


def test_english_stays_as_it_is(app):
    for sentence in SENTENCES:
        text = re.sub(r"\{(\w+)\}", r"<\1 {x}>", sentence)
        assert localised(text) == text
        assert translated(sentence) == sentence


def test_the_window_shows_errors_in_its_language(app, german):
    busy = SourceBusyError("Camera 0 is held by another program.", "Close it.")
    assert notice_for(busy).message == "Camera 0 wird von einem anderen Programm benutzt."
    model = ModelError("There is no model 'x'.", "Name a .safetensors file.")
    assert notice_for(model).message == "Es gibt kein Modell 'x'."
    lost = RecordingError("There is nothing to save yet.", SOURCE_HINT)
    assert notice_for(lost).hint == "Wählen Sie eine andere Quelle."
    assert error_text(RuntimeError("odd")) == "Unerwarteter Fehler: odd."
    assert error_text(busy).startswith("Camera 0 wird")
    assert QCoreApplication.translate("", "Stopped") == "Gestoppt"
