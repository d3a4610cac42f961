import json
from dataclasses import replace

import numpy as np
import pytest

from fer_live.core.errors import DataError
from fer_live.evaluation.breakdowns.degradations import CLEAN, DEGRADATIONS
from fer_live.evaluation.breakdowns.groups import FEW, measure_groups, read_groups
from fer_live.evaluation.report import evaluate
from tests.evaluation.support import tiny_checkpoint
from tests.training.support import tiny_data


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return tiny_checkpoint(tmp_path_factory.mktemp("model") / "tiny.safetensors")


def test_each_degradation_is_measured_on_the_same_faces(model, tmp_path):
    data = tiny_data(test=40)
    data = replace(data, targets={"fer2013": data.targets["fer2013"]})
    report = evaluate(model, data, tmp_path, device="cpu", degrade=True)
    assert json.loads((tmp_path / "report.json").read_text("utf-8")) == report
    done = report["degradations"]
    assert done["n"] == report["n"] == 40
    assert set(done["rows"]) == set(DEGRADATIONS)
    assert done["rows"][CLEAN]["accuracy"] == report["accuracy"]
    assert done["rows"][CLEAN]["ece"]["value"] == pytest.approx(report["ece"])
    for row in done["rows"].values():
        low, high = row["accuracy"]["ci95"]
        assert low <= row["accuracy"]["value"] <= high
    assert (tmp_path / "degradations.png").stat().st_size > 10_000
    assert evaluate(model, data, tmp_path, device="cpu", degrade=True) == report
    assert "degradations" not in evaluate(model, data, tmp_path / "plain", device="cpu")


def test_groups_have_their_figures_and_the_gap_between_them(tmp_path):
    rng = np.random.default_rng(0)
    n = 2 * FEW + 10
    truth = rng.integers(0, 2, n)
    right = np.r_[rng.random(FEW) < 0.95, rng.random(FEW) < 0.6, np.ones(10, bool)]
    probabilities = np.eye(2, dtype=np.float32)[np.where(right, truth, 1 - truth)]
    names = np.array([f"row {i}" for i in range(n)])
    file = tmp_path / "groups.csv"
    age = ["young"] * FEW + ["old"] * FEW + ["other"] * 10
    lines = [f"row {i},{age[i]}," for i in range(n)]
    file.write_text("\n".join(["name,age,skin", *lines, "row 999,young,"]))
    done = measure_groups(names, truth, probabilities, ("a", "b"), read_groups(file))
    groups, gap = done["age"]["groups"], done["age"]["gap"]
    assert {name: group["n"] for name, group in groups.items()} == {
        "young": FEW, "old": FEW, "other": 10,
    }  # fmt: skip
    assert [name for name, group in groups.items() if group["few"]] == ["other"]
    assert groups["young"]["accuracy"]["value"] == pytest.approx(right[:FEW].mean())
    assert (gap["best"], gap["worst"]) == ("young", "old")
    assert gap["value"] == pytest.approx(right[:FEW].mean() - right[FEW : 2 * FEW].mean())
    assert gap["ci95"][0] < gap["value"] < gap["ci95"][1]
    assert gap["ci95"][0] > 0.1
    assert done["skin"] == {"groups": {}, "gap": None}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("face,age\nrow 1,old\n", "need a column 'name'"),
        ("name\nrow 1\n", "need a column 'name'"),
        ("name,age\nrow 1,old\nrow 1,young\n", "stands in .* twice"),
        ("", "cannot be read"),
    ],
)
def test_a_groups_file_that_cannot_be_used_is_told(tmp_path, text, said):
    file = tmp_path / "groups.csv"
    file.write_text(text)
    with pytest.raises(DataError, match=said):
        read_groups(file)
    with pytest.raises(DataError, match="cannot be read"):
        read_groups(tmp_path / "none.csv")


def test_groups_of_other_faces_are_told(tmp_path):
    file = tmp_path / "groups.csv"
    file.write_text("name,age\nface,old\n")
    with pytest.raises(DataError, match="none of the faces"):
        measure_groups(
            np.array(["row 1"]), np.array([0]), np.array([[1.0, 0]], "f4"), ("a", "b"),
            read_groups(file),
        )  # fmt: skip
