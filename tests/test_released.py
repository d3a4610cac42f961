"""The figures in the released models' cards are what `evaluate` prints on the released files."""

import re
from collections import Counter
from pathlib import Path

import pytest

from fer_live.capture.demo import CYCLE_S, MAX_FACES, STORY_S, render_demo
from fer_live.core.labels import UNSURE
from fer_live.core.paths import find_model
from fer_live.core.settings import Settings
from fer_live.core.types import Frame
from fer_live.evaluation.evaluate import evaluate_models
from fer_live.live.assembly import processor_for
from tests.detection import composites

CARDS = Path(__file__).parent.parent / "models"
FER2013 = composites.PACKED.parent
ROWS = {"FER+ majority": True, "FER2013's labels": False}
"""Beginning of a row in a card's table of figures, and whether the truth is the FER+ votes."""


def row_of(card: str, begins: str) -> list[str]:
    """Cells of the figure table's row, without the first."""
    lines = [
        line for line in card.splitlines() if re.match(rf"\| {re.escape(begins)}[^|]*\|", line)
    ]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    (row,) = [row for row in rows if len(row) == 7]
    return row[1:]


def percent(value: float) -> str:
    return f"{100 * value:.1f} %"


@pytest.fixture(scope="module")
def parsed(tmp_path_factory):
    """Where the parsed CSV is kept, which takes fifteen seconds to parse."""
    return tmp_path_factory.mktemp("parsed")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("begins", ROWS)
def test_the_card_of_the_default_model_says_what_evaluate_says(begins, parsed, tmp_path):
    data, votes = FER2013 / "fer2013.csv.gz", FER2013 / "fer2013new.csv"
    if not (data.is_file() and votes.is_file()):
        pytest.skip("FER2013 and its FER+ votes are not at ../shared/data/fer2013")
    report = evaluate_models(
        [find_model()], data, votes if ROWS[begins] else None, tmp_path, cache_dir=parsed
    )
    accuracy, f1 = report["accuracy"], report["macro_f1"]
    low, high = (f"{100 * limit:.1f}" for limit in accuracy["ci95"])
    f1_low, f1_high = (f"{limit:.3f}" for limit in f1["ci95"])
    assert row_of((CARDS / "default.md").read_text("utf-8"), begins) == [
        f"{report['n']:,}",
        f"{percent(accuracy['value'])} [{low}, {high}]",
        f"{f1['value']:.3f} [{f1_low}, {f1_high}]",
        percent(report["balanced_accuracy"]["value"]),
        percent(report["ece"]),
        format(report["nll"], ".3f"),
    ]


def longest_shown_s(labels_at, step_s):
    """How long each label stays on one face without a break: label to seconds.

    Args:
        labels_at: For each frame, each face's identity and label.
        step_s: From frame to frame.
    """
    longest, lasting = Counter(), {}
    for labels in labels_at:
        lasting = {face: lasting.get(face, 0) + step_s for face in labels.items()}
        for (_, label), seconds in lasting.items():
            longest[label] = max(longest[label], seconds)
    return longest


STEP_S = 0.25
"""From frame to frame of the demo."""


def analysed_demo(length_s, size, faces=None):
    """Faces of the demo, frame by frame, as the window shows them."""
    processor = processor_for(Settings(device="cpu"))
    for number in range(round(length_s / STEP_S)):
        at_s = number * STEP_S
        image = render_demo(at_s, size, faces)
        yield processor.process(Frame(image, number, at_s, at_s)).faces


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_model_names_at_least_four_expressions_in_a_minute_of_the_demo():
    """Each for a second at least, as the window shows them: detected, followed and smoothed."""
    frames = analysed_demo(STORY_S, (960, 540))
    labels_at = [{face.track_id: face.label for face in faces} for faces in frames]
    shown = {label for label, s in longest_shown_s(labels_at, STEP_S).items() if s >= 1}
    assert {"happy", "surprise", "neutral"} <= shown, shown
    assert len(shown - {"happy", "surprise", "neutral", UNSURE}) >= 2, shown  # of sad, angry, …


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_model_names_anger_on_two_of_the_demos_four_people():
    """For a second each, where they stand side by side."""
    size = (960, 540)
    labels_at = [
        {int(sum(f.box_xyxy[::2]) / 2 / size[0] * MAX_FACES): f.label for f in faces}
        for faces in analysed_demo(CYCLE_S, size, MAX_FACES)
    ]
    people = range(MAX_FACES)
    each = [[{0: at.get(n)} for at in labels_at] for n in people]
    angry = [n for n in people if longest_shown_s(each[n], STEP_S)["angry"] >= 1]
    assert len(angry) >= 2, angry
