"""Models side by side, from the command to the page."""

import json
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from fer_live.classification.checkpoint import load_checkpoint, save_checkpoint
from fer_live.classification.description import Architecture, CheckpointMeta, HeadSpec, InputSpec
from fer_live.classification.networks.architectures import build, parameter_count
from fer_live.cli.main import app
from fer_live.core.errors import ConfigError, DataError
from fer_live.core.labels import FER2013, SIX_WITH_PAIN
from fer_live.evaluation.compare import compare_models, holm, mcnemar
from fer_live.evaluation.cost import MIN_PASSES, WARM_UPS, measure_costs, measure_latencies
from fer_live.evaluation.data import load_for_models
from fer_live.evaluation.evaluate import evaluate_models
from fer_live.training.data.dataset import NO_SPLIT
from tests.evaluation.support import gray_and_rgb, tiny_checkpoint

PER_CLASS = 20


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """Noise in a folder per class, without splits."""
    root = tmp_path_factory.mktemp("faces")
    rng = np.random.default_rng(1)
    for name in FER2013.labels:
        (root / name).mkdir()
        for number in range(PER_CLASS):
            image = rng.integers(0, 256, (6, 6, 3), np.uint8)
            cv2.imwrite(str(root / name / f"{number}.png"), cv2.resize(image, (40, 40)))
    return root


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return gray_and_rgb(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def compared(models, faces, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "compared"
    a, b = models
    arguments = ["compare", "--model", a, "--model", b, "--model", f"{a} + {b}", "--device", "cpu"]
    arguments += ["--data", faces, "--out", out]
    done = CliRunner().invoke(app, [str(x) for x in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return out, json.loads((out / "compare.json").read_text("utf-8")), json.loads(done.stdout)


def test_figures_are_those_of_evaluate(compared, models, faces, tmp_path):
    _, report, printed = compared
    assert [m["name"] for m in report["models"]] == ["gray", "rgb", "gray + rgb"]
    groups = [[models[0]], [models[1]], list(models)]
    for entry, shown, group in zip(report["models"], printed["models"], groups, strict=True):
        alone = evaluate_models(group, faces, None, tmp_path / entry["name"], device="cpu")
        for key in ("n", "accuracy", "macro_f1", "per_class", "ece", "nll", "head", "confusion"):
            assert entry[key] == alone[key], key
        assert shown["accuracy"] == entry["accuracy"]["value"]
        by_split = entry["accuracy_by_split"]
        assert entry["gap_train_test"] == by_split["train"] - by_split["test"]


@pytest.mark.parametrize("split", ["train", "val"])
def test_accuracy_of_other_splits_is_that_of_evaluate(compared, models, faces, tmp_path, split):
    alone = evaluate_models([models[1]], faces, None, tmp_path, split=split, device="cpu")
    entry = compared[1]["models"][1]
    assert entry["accuracy_by_split"][split] == alone["accuracy"]["value"]
    assert entry["faces_by_split"][split] == alone["n"]


def test_costs_are_those_of_the_files(compared, models):
    _, report, _ = compared
    gray, rgb, both = report["models"]
    for entry, path in ((gray, models[0]), (rgb, models[1])):
        assert entry["file_bytes"] == path.stat().st_size
        assert entry["parameters"] == parameter_count(load_checkpoint(path)[0])
    for key in ("file_bytes", "parameters", "multiply_adds"):
        assert both[key] == gray[key] + rgb[key]
    for entry in report["models"]:
        assert set(entry["latency"]) == {"1", "8"}
        for latency in entry["latency"].values():
            assert 0 < latency["median_ms"] <= latency["p95_ms"]
        assert entry["device"] == "CPU"
        assert entry["engine"]
    assert report["machine"]["cores"] >= 1


def test_every_pair_is_tested(compared):
    _, report, _ = compared
    pairs = {(p["a"], p["b"]): p for p in report["pairs"]}
    assert set(pairs) == {("gray", "rgb"), ("gray", "gray + rgb"), ("rgb", "gray + rgb")}
    right = {m["name"]: round(m["accuracy"]["value"] * m["n"]) for m in report["models"]}
    for (a, b), pair in pairs.items():
        assert pair["only_a_right"] - pair["only_b_right"] == right[a] - right[b]
        assert 0 <= pair["p"] <= pair["p_holm"] <= 1


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.cells, self.pictures = [], []

    def handle_data(self, data):
        self.cells.append(data)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.pictures.append(dict(attrs)["src"])


def test_page_and_text_hold_the_figures_and_the_plots(compared):
    out, report, _ = compared
    page = Reader()
    text = (out / "compare.html").read_text("utf-8")
    page.feed(text)
    markdown = (out / "compare.md").read_text("utf-8")
    assert len(page.pictures) == 3
    assert all(source.startswith("data:image/png;base64,") for source in page.pictures)
    assert "http" not in text
    for entry in report["models"]:
        figure = f"{100 * entry['accuracy']['value']:.1f} %"
        assert any(cell.startswith(figure) for cell in page.cells)
        assert f"| {entry['name']} | {figure} [" in markdown
    for name in ("accuracy", "per-class", "cost"):
        image = cv2.imread(str(out / f"compare-{name}.png"))
        assert image is not None
        assert image.std() > 5
        assert f"(compare-{name}.png)" in markdown


def test_mcnemar_against_the_binomial_by_hand():
    a = np.array([True] * 9 + [False] * 3 + [True] * 5)
    b = np.array([False] * 9 + [True] * 3 + [True] * 5)
    only_a, only_b, p = mcnemar(a, b)
    assert (only_a, only_b) == (9, 3)
    # 2 (C(12,0) + C(12,1) + C(12,2) + C(12,3)) / 2^12
    assert p == pytest.approx(2 * (1 + 12 + 66 + 220) / 4096)
    assert mcnemar(a, a) == (0, 0, 1.0)


def test_holm_against_an_example_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_multiply_adds_against_a_count_by_hand(tmp_path):
    architecture = Architecture("simple-cnn", {"six": 6}, in_channels=1, widths=(4, 6, 8, 8))
    path = tmp_path / "cnn.safetensors"
    spec = InputSpec(16, "gray", (0.0,), (1.0,), 1.0)
    meta = CheckpointMeta("cnn", architecture, {"six": HeadSpec(SIX_WITH_PAIN)}, "six", spec)
    save_checkpoint(path, build(architecture).eval(), meta)
    expected = 16 * 16 * 9 * 1 * 4 + 8 * 8 * 9 * 4 * 6 + 4 * 4 * 9 * 6 * 8 + 8 * 6
    (cost,) = measure_costs([([path], None)], "cpu")
    assert cost.multiply_adds == expected


def test_models_take_turns_while_they_are_timed():
    calls = []

    class Timed:
        input = InputSpec(16, "gray", (0.0,), (1.0,), 1.0)

        def __init__(self, name):
            self.name = name

        def classify(self, crops):
            calls.append((self.name, crops.shape))

    latencies = measure_latencies([Timed("a"), Timed("b")], 8)
    assert calls == [("a", (8, 16, 16)), ("b", (8, 16, 16))] * (len(calls) // 2)
    assert [latency.passes for latency in latencies] == [len(calls) // 2 - WARM_UPS] * 2
    assert latencies[0].passes >= MIN_PASSES


def test_models_trained_on_other_divisions_meet_on_faces_new_to_both(models, faces, tmp_path):
    other = tiny_checkpoint(
        tmp_path / "other.safetensors", name="other", run={"seed": 7, "split": [0.6, 0.2, 0.2]}
    )
    metas = [load_checkpoint(path)[1] for path in (models[0], other)]
    first, second, both = (load_for_models(m, faces, None) for m in (metas[:1], metas[1:], metas))
    agreed = first.split == second.split
    assert (both.split[agreed] == first.split[agreed]).all()
    assert (both.split[~agreed] == NO_SPLIT).all()
    assert 0 < agreed.sum() < len(agreed)
    report = compare_models([str(models[0]), str(other)], faces, None, tmp_path, device="cpu")
    assert report["n"] == int((both.split == 2).sum())
    assert any("different splits" in note for note in report["notes"])


def test_a_sample_of_the_training_faces(models, faces, tmp_path):
    names = [str(model) for model in models]
    report = compare_models(names, faces, None, tmp_path, device="cpu", train_faces=30)
    for entry in report["models"]:
        assert entry["faces_by_split"] == {"train": 30, "val": 14, "test": 14}


def test_what_cannot_be_compared_is_said(models, faces, tmp_path):
    with pytest.raises(ConfigError, match="nothing to compare"):
        compare_models([str(models[0])], faces, None, tmp_path)
    with pytest.raises(ConfigError, match="named twice"):
        compare_models([str(models[0])] * 3, faces, None, tmp_path, device="cpu")
    no_test = tiny_checkpoint(tmp_path / "n.safetensors", name="n", run={"split": [0.8, 0.2]})
    pair = [str(no_test), str(models[0])]
    with pytest.raises(DataError, match="no test faces"):
        compare_models(pair, faces, None, tmp_path / "out", device="cpu")
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be written"):
        compare_models([str(m) for m in models], faces, None, tmp_path / "file", device="cpu")


def test_without_a_test_split_the_validation_faces_are_compared(faces, tmp_path):
    run = {"split": [0.8, 0.2]}
    pair = [
        str(tiny_checkpoint(tmp_path / f"{n}.safetensors", name=n, run=run, seed=seed))
        for seed, n in enumerate("ab")
    ]
    report = compare_models(pair, faces, None, tmp_path, split="val", device="cpu")
    assert report["n"] == 28
    assert report["models"][0]["accuracy_by_split"]["test"] is None
    assert report["models"][0]["gap_train_test"] is None
