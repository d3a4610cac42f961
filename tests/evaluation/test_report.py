import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.core.errors import DataError, ModelError
from fer_live.core.labels import FER2013, FERPLUS, SIX_WITH_PAIN, LabelSet
from fer_live.evaluation.evaluate import evaluate_models
from fer_live.evaluation.report import choose_head, evaluate, match_classes
from fer_live.training.data.dataset import HeadTargets
from fer_live.training.data.fer2013 import PLURALITY
from fer_live.training.inference import predict, predict_logits, to_crops
from tests.classification.conftest import without_onnx
from tests.evaluation.support import tiny_checkpoint
from tests.training.support import tiny_data

PICTURES = ("confusion.png", "roc.png", "reliability.png", "mistakes.png")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return tiny_checkpoint(tmp_path_factory.mktemp("model") / "tiny.safetensors")


def fer2013_only(**kwargs):
    data = tiny_data(**kwargs)
    return replace(data, targets={"fer2013": data.targets["fer2013"]})


def test_report_has_the_agreed_layout_and_its_pictures(model, tmp_path):
    report = evaluate(model, fer2013_only(test=40), tmp_path, device="cpu")
    assert json.loads((tmp_path / "report.json").read_text("utf-8")) == report
    assert report["n"] == 40
    assert report["labels"] == list(FER2013.labels)
    assert (report["head"], report["split"], report["model"]) == ("fer2013", "test", "tiny")
    for name in ("accuracy", "balanced_accuracy", "macro_f1"):
        low, high = report[name]["ci95"]
        assert low <= report[name]["value"] <= high
    for name in ("roc_auc_macro", "ece", "nll"):
        assert isinstance(report[name], float)
    assert set(report["per_class"]["sad"]) >= {"precision", "recall", "f1", "support"}
    assert np.sum(report["confusion"]) == 40
    assert report["left_out"] == {"no_class": 0}
    for name in PICTURES:
        picture = cv2.imread(str(tmp_path / name))
        assert picture is not None
        assert picture.std() > 5


def test_the_engine_is_the_window_s_where_it_is_installed(model, tmp_path, monkeypatch):
    data = fer2013_only(test=40)
    by_onnx = evaluate(model, data, tmp_path / "onnx", device="cpu")
    without_onnx(monkeypatch)
    by_torch = evaluate(model, data, tmp_path / "torch", device="cpu")
    assert by_onnx["engine"].startswith("ONNX Runtime")
    assert by_torch["engine"].startswith("PyTorch")
    assert by_onnx["nll"] == pytest.approx(by_torch["nll"], abs=1e-4)
    assert by_onnx["confusion"] == by_torch["confusion"]


def test_faces_that_training_pictures_repeat_can_be_left_out(model, tmp_path):
    data = fer2013_only(test=40)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, data.images.shape, np.uint8)
    test = np.flatnonzero(data.split == 2)
    images[test[:6]] = images[:6]
    images[test[6]] = images[test[7]]  # a copy among the test pictures alone is no leak
    report = evaluate(model, replace(data, images=images), tmp_path, device="cpu", copies=True)
    assert (report["n"], report["without_copies"]["n"]) == (40, 34)
    assert set(report["without_copies"]["accuracy"]) == {"value", "ci95"}


def test_votes_are_measured_against_the_majority(model, tmp_path):
    data = tiny_data(test=40)
    truth = data.classes("ferplus").copy()
    wide = truth.copy()
    truth[-5:] = -1
    data = replace(data, truth={"ferplus": truth, PLURALITY: wide})
    report = evaluate(model, data, tmp_path, device="cpu")
    none = int((truth[-40:] < 0).sum())
    assert report["head"] == "ferplus"
    assert report["labels"] == list(FERPLUS.labels)
    assert (report["n"], report["left_out"]["no_class"]) == (40 - none, none)
    assert report["plurality"]["n"] == int((wide[-40:] >= 0).sum()) > report["n"]
    assert "more than half" in report["truth"]


def test_named_head_is_compared_on_the_classes_both_know(model, tmp_path):
    data = tiny_data(test=40)
    contempt = data.targets["ferplus"].probabilities
    contempt[-3:] = np.eye(8)[FERPLUS.index("contempt")]
    report = evaluate(model, data, tmp_path, device="cpu", head="fer2013")
    assert report["compared_on"] == list(FER2013.labels)
    assert report["left_out"]["contempt"] == 3


def test_a_set_with_other_classes(model, tmp_path):
    data = tiny_data(test=36)
    classes = np.arange(len(data)) % 6
    six = HeadTargets(SIX_WITH_PAIN, np.eye(6, dtype=np.float32)[classes])
    report = evaluate(model, replace(data, targets={"six": six}), tmp_path, device="cpu")
    assert report["head"] == "fer2013"  # as many classes shared, fewer beside
    assert report["labels"] == ["angry", "disgust", "fear", "happy", "sad"]
    assert report["unknown_to_data"] == ["surprise", "neutral"]
    assert report["left_out"]["pain"] == 6
    assert report["n"] == 30
    assert all(sum(row) for row in report["confusion"])


def test_nothing_to_compare(model, tmp_path):
    data = tiny_data()
    strange = LabelSet("strange", ("pain", "happy"))
    one = HeadTargets(strange, np.eye(2, dtype=np.float32)[np.zeros(len(data), int)])
    with pytest.raises(DataError, match="share 1 classes"):
        evaluate(model, replace(data, targets={"strange": one}), tmp_path, device="cpu")
    with pytest.raises(DataError, match=r"no test faces \(train: 64, val: 21, test: 0\)"):
        evaluate(model, fer2013_only(test=0), tmp_path, device="cpu")
    with pytest.raises(ModelError, match="no head 'nope'"):
        evaluate(model, data, tmp_path, device="cpu", head="nope")
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(DataError, match="cannot be written"):
        evaluate(model, fer2013_only(), blocked, device="cpu")


def test_all_ignores_splits_and_a_folder_is_read_at_the_model_s_size(model, tmp_path, caplog):
    rng = np.random.default_rng(0)
    for name in ("happiness", "sadness"):
        (tmp_path / "set" / name).mkdir(parents=True)
        for number in range(4):
            face = rng.integers(0, 255, (30, 30), np.uint8)
            cv2.imwrite(str(tmp_path / "set" / name / f"{number}.png"), face)
    out = tmp_path / "out"
    report = evaluate_models([model], tmp_path / "set", None, out, split="all", device="cpu")
    assert report["n"] == 8
    assert report["labels"] == ["happy", "sad"]
    assert "Compared on the shared classes (happy, sad): the data does not have" in (caplog.text)


def test_probabilities_are_renormalised_over_shared_classes():
    p = np.array([[0.2, 0.3, 0.5], [0, 0, 1]], np.float32)
    known, given = LabelSet("k", ("happy", "sad", "fear")), LabelSet("g", ("sad", "happy"))
    compared = match_classes(p, known, np.array([1, 0]), given)
    np.testing.assert_allclose(compared.probabilities, [[0.4, 0.6], [0.5, 0.5]])
    assert compared.truth.tolist() == [0, 1]
    with pytest.raises(DataError, match="No face has a class"):
        match_classes(p, known, np.array([-1, -1]), given)


def test_head_is_chosen_by_classes(model):
    meta = TorchClassifier.load(model, "cpu").meta
    assert choose_head(meta, FER2013) == "fer2013"
    assert choose_head(meta, FERPLUS) == "ferplus"
    assert choose_head(meta, LabelSet("x", ("contempt", "sad"))) == "ferplus"


def test_predictions_do_not_depend_on_batches(model, monkeypatch):
    classifier = TorchClassifier.load(model, "cpu")
    data = tiny_data()
    whole = predict(classifier, data)
    monkeypatch.setattr("fer_live.training.inference.BATCH", 7)
    np.testing.assert_allclose(predict(classifier, data), whole, atol=1e-5)
    assert predict(classifier, data.select(np.zeros(0, np.int64))).shape == (0, 8)
    logits = predict_logits(classifier, data)["ferplus"]
    np.testing.assert_allclose(logits.softmax(1).numpy(), whole, atol=1e-5)


def test_mirrored_average_is_the_same_for_a_face_and_its_mirror(model):
    classifier = TorchClassifier.load(model, "cpu")
    rng = np.random.default_rng(2)
    data = tiny_data()
    data = replace(data, images=rng.integers(0, 256, data.images.shape, np.uint8))
    mirrored = replace(data, images=np.ascontiguousarray(data.images[:, :, ::-1]))
    assert not np.allclose(predict(classifier, data), predict(classifier, mirrored), atol=1e-3)
    np.testing.assert_allclose(
        predict(classifier, data, mirror=True),
        predict(classifier, mirrored, mirror=True),
        atol=1e-5,
    )


def test_crops_of_any_size_and_colour(tmp_path):
    spec = TorchClassifier.load(
        tiny_checkpoint(tmp_path / "rgb.safetensors", "rgb", 20), "cpu"
    ).input
    grey = np.full((2, 16, 16), 77, np.uint8)
    assert to_crops(grey, spec).shape == (2, 20, 20, 3)
    assert set(np.unique(to_crops(grey, spec))) == {77}
    colour = np.zeros((2, 20, 20, 3), np.uint8)
    assert to_crops(colour, spec) is colour
