"""The figures in the released models' cards are what `evaluate` prints on the released files."""

import re
from pathlib import Path

import pytest

import fer_live
from fer_live.capture.demo import render_demo
from fer_live.core.paths import find_model
from fer_live.evaluation.evaluate import evaluate_models
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


@pytest.mark.timeout(600)
@pytest.mark.parametrize("begins", ROWS)
def test_the_card_of_the_default_model_says_what_evaluate_says(begins, tmp_path):
    data, votes = FER2013 / "fer2013.csv.gz", FER2013 / "fer2013new.csv"
    if not (data.is_file() and votes.is_file()):
        pytest.skip("FER2013 and its FER+ votes are not at ../shared/data/fer2013")
    report = evaluate_models(
        [find_model()], data, votes if ROWS[begins] else None, tmp_path, cache_dir=tmp_path
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


def test_the_model_names_both_expressions_of_the_demo():
    """Eileen Collins smiles, Grace Hopper does not."""
    seen = fer_live.predict(render_demo(13.0))
    assert [face.label for face in sorted(seen, key=lambda f: f.box_xyxy[0])] == [
        "happy",
        "neutral",
    ]
