"""The check of heat maps: it must pass maps that are true and fail maps that are not."""

import json
import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from fer_live.classification.checkpoint import save_checkpoint
from fer_live.classification.description import InputSpec
from fer_live.cli.main import app
from fer_live.core.errors import ConfigError, DataError
from fer_live.core.labels import LabelSet
from fer_live.evaluation.faithfulness import (
    COVERED_SHARE,
    GALLERY,
    check_faithfulness,
    cover,
    marked_places,
    measure_maps,
)
from tests.classification.conftest import TINY, make_meta, make_network
from tests.evaluation.support import tiny_checkpoint

SIDE = 24


class Corner:
    """Sees nothing but the upper left quarter: the brighter it is, the surer of the first class."""

    labels = LabelSet("two", ("happy", "sad"))
    input = InputSpec(SIDE, "gray", (0.5,), (0.25,), 1.0)
    device_name = engine_name = model_name = "fake"
    supports_heat_maps = True

    def __init__(self, corner):
        self.map = np.zeros((2, 2), np.float32)
        self.map[corner] = 1

    def classify(self, crops):
        seen = crops[:, : SIDE // 2, : SIDE // 2].mean((1, 2)) / 255
        return np.stack((seen, 1 - seen), 1).astype(np.float32)

    def classify_with_maps(self, crops, label=None):
        return self.classify(crops), np.tile(self.map, (len(crops), 1, 1))


def faces(count=40):
    rng = np.random.default_rng(0)
    crops = rng.integers(0, 60, (count, SIDE, SIDE), np.uint8)
    crops[:, : SIDE // 2, : SIDE // 2] = rng.integers(200, 255, (count, 1, 1), np.uint8)
    return crops


def measured(corner):
    classifier, crops = Corner(corner), faces()
    return measure_maps(classifier, crops, *classifier.classify_with_maps(crops))


def test_true_maps_are_faithful_and_false_ones_are_not():
    true, false = measured((0, 0)), measured((1, 1))
    assert true["faithful"]
    low, high = true["marked_minus_random"]["ci95"]
    assert 0.1 < low <= true["marked_minus_random"]["mean"] <= high
    assert true["marked_matters_more_than_random"] > 0.9
    assert not false["faithful"]
    assert false["drop"]["marked"]["mean"] == pytest.approx(0, abs=1e-3)
    assert false["marked_minus_random"]["ci95"][1] < 0
    # All faces have the same map here: another face's is no worse than the own.
    assert true["marked_minus_other_face"]["mean"] == 0


def test_the_same_number_of_pixels_is_covered_on_every_face():
    maps = np.random.default_rng(1).random((5, 3, 3), np.float32)
    maps[0] = 0
    marked = marked_places(maps, SIDE)
    assert marked.shape == (5, SIDE, SIDE)
    assert set(marked.sum((1, 2))) == {round(COVERED_SHARE * SIDE**2)}
    large = cv2.resize(maps[3], (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    assert large[marked[3]].min() >= large[~marked[3]].max()


@pytest.mark.parametrize("channels", [(), (3,)])
def test_what_is_covered_becomes_the_mean_of_the_face(channels):
    crops = np.random.default_rng(2).integers(0, 256, (2, SIDE, SIDE, *channels), np.uint8)
    masks = np.zeros((2, SIDE, SIDE), bool)
    masks[0, :5] = True
    covered = cover(crops, masks)
    assert np.array_equal(covered[1], crops[1])
    assert np.array_equal(covered[0, 5:], crops[0, 5:])
    assert covered[0, 2, 3] == pytest.approx(crops[0].mean((0, 1)), abs=0.51)


def test_one_face_is_not_enough():
    classifier = Corner((0, 0))
    with pytest.raises(DataError, match="One face"):
        measure_maps(classifier, faces(1), *classifier.classify_with_maps(faces(1)))


def face_folder(root):
    rng = np.random.default_rng(0)
    for name in ("happy", "sad", "angry"):
        (root / name).mkdir(parents=True)
        for number in range(8):
            face = rng.integers(0, 255, (30, 30), np.uint8)
            cv2.imwrite(str(root / name / f"{number}.png"), face)
    return root


def test_a_missing_library_is_told(tmp_path, monkeypatch):
    model, data = tmp_path / "m.safetensors", face_folder(tmp_path / "set")
    hidden = replace(TINY, hidden=(12,))
    save_checkpoint(model, make_network(hidden), make_meta(hidden))
    monkeypatch.setitem(sys.modules, "captum.attr", None)
    monkeypatch.delitem(sys.modules, "fer_live.classification.explain.gradcam", raising=False)
    arguments = ["explain", "--check", "--model", model, "--data", data, "--out", tmp_path / "out"]
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    assert isinstance(done.exception, ConfigError)
    assert "fer-live[explain]" in done.exception.hint


def test_a_model_is_checked_on_a_folder(tmp_path):
    face_folder(tmp_path / "set")
    model, out = tiny_checkpoint(tmp_path / "m.safetensors", size=32), tmp_path / "out"
    report = check_faithfulness(model, tmp_path / "set", None, out, split="all", faces=20)
    assert json.loads((out / "faithfulness.json").read_text("utf-8")) == report
    assert (report["n"], report["head"], report["split"]) == (20, "fer2013", "all")
    for name in ("marked", "random", "other_face"):
        low, high = report["drop"][name]["ci95"]
        assert low <= report["drop"][name]["mean"] <= high
    assert report["mistakes_shown"] > 0
    assert cv2.imread(str(out / GALLERY)).std() > 5
    other = tiny_checkpoint(tmp_path / "o.safetensors", name="other", seed=5, size=24)
    both = check_faithfulness([model, other], tmp_path / "set", None, out, split="all", faces=20)
    assert both["model"] == "tiny + other"
    assert both["drop"] != report["drop"]
    again = check_faithfulness(model, tmp_path / "set", None, out, split="all", faces=20)
    assert again == report
    with pytest.raises(DataError, match="cannot be written"):
        check_faithfulness(model, tmp_path / "set", None, model, split="all")
