"""An exported file is used as a stranger would: with its own metadata, and no class of ours."""

import json
from dataclasses import replace

import cv2
import numpy as np
import onnxruntime
import pytest
import torch
from typer.testing import CliRunner

from fer_live.classification.checkpoint import load_checkpoint, save_checkpoint
from fer_live.classification.description import Architecture, HeadSpec, InputSpec
from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.cli.main import app
from fer_live.core.errors import ConfigError, DataError, FerLiveError, ModelError
from fer_live.core.labels import FERPLUS, LabelSet
from fer_live.evaluation.export_check import export_model
from tests.classification.conftest import TINY, make_meta, make_network
from tests.evaluation.support import tiny_checkpoint

NETWORKS = {
    "grey": TINY,
    "colour": replace(TINY, in_channels=3),
    "untold by our own graph": replace(TINY, name="cnn", stem="small"),
    "hidden": replace(TINY, hidden=(12,), flatten_size=32),
}


def saved(tmp_path, architecture: Architecture = TINY):
    """A checkpoint whose bias, temperature and margin all matter."""
    meta = make_meta(architecture)
    spec = replace(meta.heads["ferplus"], temperature=1.7, bias=tuple(np.linspace(-1, 1, 8)))
    meta = replace(meta, heads={**meta.heads, "ferplus": spec})
    path = tmp_path / "tiny.safetensors"
    network = make_network(architecture)
    for head in network.heads.values():
        head[-1].weight.data.mul_(10)  # sure of itself, as trained networks are
    save_checkpoint(path, network, meta)
    return path


def faces(color: str, size: int):
    shape = (5, size, size) if color == "gray" else (5, size, size, 3)
    return np.random.default_rng(3).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("head", ["ferplus", "fer2013"])
def test_plain_onnxruntime_and_the_metadata_are_enough(tmp_path, network, head):
    path, out = saved(tmp_path, NETWORKS[network]), tmp_path / "new" / "tiny.onnx"
    report = export_model(path, out, head=head)
    session = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"])
    told = session.get_modelmeta().custom_metadata_map
    size, labels = json.loads(told["input_size"]), json.loads(told["labels"])
    crops = faces(told["color"], size)
    batch = crops[:, None] if told["color"] == "gray" else crops.transpose(0, 3, 1, 2)
    (answer,) = session.run([told["output_name"]], {told["input_name"]: batch})
    reference = TorchClassifier.load(path, "cpu", head)
    assert tuple(labels) == reference.labels.labels
    assert answer == pytest.approx(reference.classify(crops), abs=1e-4)
    assert np.ptp(answer, axis=0).max() > 1e-3, "the faces must differ for this to show anything"
    assert json.loads(told["crop_margin"]) == 1.1
    assert report["metadata"] == told
    assert report["bytes"] == out.stat().st_size
    assert list(out.parent.iterdir()) == [out]


def test_the_constants_are_those_that_were_applied(tmp_path):
    path, out = saved(tmp_path), tmp_path / "tiny.onnx"
    told = export_model(path, out)["metadata"]
    mean, std, bias = (np.array(json.loads(told[k]), np.float32) for k in ("mean", "std", "bias"))
    crops = faces("gray", json.loads(told["input_size"]))
    x = torch.from_numpy(((crops / 255 - mean) / std).astype(np.float32)[:, None])
    with torch.inference_mode():
        logits = load_checkpoint(path)[0](x)[told["head"]].numpy()
    logits = (logits + bias) / json.loads(told["temperature"])
    by_hand = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    session = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {told["input_name"]: crops[:, None]})
    assert answer == pytest.approx(by_hand, abs=1e-4)


@pytest.mark.filterwarnings("ignore:.torch.jit.load. is deprecated")
def test_torchscript_holds_the_same(tmp_path):
    path, out = saved(tmp_path), tmp_path / "tiny.pt"
    export_model(path, out, "torchscript")
    extra = {"fer_live.json": ""}
    loaded = torch.jit.load(out, _extra_files=extra)
    told = json.loads(extra["fer_live.json"])
    crops = faces("gray", json.loads(told["input_size"]))
    answer = loaded(torch.from_numpy(crops[:, None])).numpy()
    assert answer == pytest.approx(TorchClassifier.load(path, "cpu").classify(crops), abs=1e-4)
    assert json.loads(told["labels"]) == list(FERPLUS.labels)


def pair(tmp_path, **other):
    """Two models with the same classes; of the second, in another order."""
    first = saved(tmp_path)
    architecture = replace(TINY, name="cnn", stem="small", heads={"mixed": 8})
    mixed = LabelSet("mixed", tuple(sorted(FERPLUS.labels)))
    heads = {"mixed": HeadSpec(mixed, 0.6, tuple(np.linspace(1, -1, 8)))}
    meta = make_meta(architecture, name="other", heads=heads, default_head="mixed", **other)
    network = make_network(architecture)
    network.heads["mixed"][-1].weight.data.mul_(10)
    save_checkpoint(tmp_path / "other.safetensors", network, meta)
    return [first, tmp_path / "other.safetensors"]


@pytest.mark.filterwarnings("ignore:.torch.jit.load. is deprecated")
@pytest.mark.parametrize("kind", ["onnx", "torchscript"])
def test_several_models_are_one_file_that_gives_their_mean(tmp_path, kind):
    models, out = pair(tmp_path), tmp_path / "both"
    told = export_model(models, out, kind)["metadata"]
    assert told["model"] == "tiny + other"
    assert json.loads(told["labels"]) == list(FERPLUS.labels)
    temperatures, biases = json.loads(told["temperature"]), json.loads(told["bias"])
    assert temperatures == [1.7, 0.6]
    # In the order of the labels, whatever the model's own is.
    second = dict(zip(sorted(FERPLUS.labels), np.linspace(1, -1, 8), strict=True))
    assert biases[1] == pytest.approx([second[label] for label in FERPLUS.labels])
    crops = faces("gray", 32)
    if kind == "onnx":
        session = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"])
        (answer,) = session.run(None, {told["input_name"]: crops[:, None]})
    else:
        answer = torch.jit.load(out)(torch.from_numpy(crops[:, None])).numpy()
    alone = [TorchClassifier.load(model, "cpu") for model in models]
    order = [alone[1].labels.index(label) for label in FERPLUS.labels]
    expected = (alone[0].classify(crops) + alone[1].classify(crops)[:, order]) / 2
    assert answer == pytest.approx(expected, abs=1e-4)


def test_models_that_take_other_crops_are_not_one_file(tmp_path):
    models = pair(tmp_path, input=InputSpec(48, "gray", (0.5,), (0.25,), 1.1))
    with pytest.raises(ModelError, match="different crops") as caught:
        export_model(models, tmp_path / "both.onnx")
    assert "by itself" in caught.value.hint
    assert not (tmp_path / "both.onnx").exists()


def face_folder(root):
    rng = np.random.default_rng(0)
    for number, name in enumerate(("happy", "sad", "angry")):
        (root / name).mkdir(parents=True)
        for face in range(20):
            noise = rng.integers(0, 60, (40, 40)) + 60 * number
            cv2.imwrite(str(root / name / f"{face}.png"), noise.astype(np.uint8))
    return root


def test_eight_bits_are_smaller_and_measured_on_faces(tmp_path):
    path, out = saved(tmp_path), tmp_path / "tiny.onnx"
    report = export_model(path, out, int8=True, data=face_folder(tmp_path / "set"), split="all")
    measured = report["int8"]
    assert measured["method"] == "static"
    assert measured["calibration_faces"] == 2 * 48, "each as it is and degraded"
    assert report["bytes"] < measured["bytes_float32"]
    accuracy = measured["accuracy"]
    assert (accuracy["split"], accuracy["faces"]) == ("all", 60)
    loss = 100 * (accuracy["float32"] - accuracy["int8"])
    assert accuracy["loss_points"] == pytest.approx(loss, abs=1e-2)
    assert accuracy["mean_difference"] > 0
    assert set(measured["latency_ms"]["int8"]) == {"1", "8"}
    session = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"])
    assert session.get_modelmeta().custom_metadata_map["precision"] == "int8"
    pictures = sorted((tmp_path / "set").rglob("*.png"))[::5]
    crops = np.stack([cv2.resize(cv2.imread(str(p), 0), (32, 32)) for p in pictures])
    (answer,) = session.run(None, {"crops": crops[:, None]})
    wanted = TorchClassifier.load(path, "cpu").classify(crops)
    assert answer.sum(1) == pytest.approx(np.ones(len(crops)), abs=1e-3)
    assert (answer.argmax(1) == wanted.argmax(1)).mean() > 0.8
    assert np.abs(answer - wanted).mean() < 0.05
    assert sorted(p.name for p in tmp_path.iterdir()) == ["set", "tiny.onnx", "tiny.safetensors"]


def test_eight_bits_without_faces_are_for_dense_networks(tmp_path):
    with pytest.raises(ConfigError, match="need faces"):
        export_model(saved(tmp_path), tmp_path / "a.onnx", int8=True)
    dense = replace(TINY, hidden=(2000, 200), flatten_size=32)
    report = export_model(saved(tmp_path, dense), tmp_path / "b.onnx", int8=True)
    assert report["int8"]["method"] == "dynamic"
    assert report["int8"]["accuracy"] is None
    assert report["bytes"] < 0.5 * report["int8"]["bytes_float32"]


def test_an_export_that_answers_otherwise_is_not_written(tmp_path, monkeypatch):
    path, out = saved(tmp_path), tmp_path / "tiny.onnx"
    other = replace(make_meta(), heads=make_meta().heads)  # without bias and temperature
    build = "fer_live.classification.export.export.build_graph"
    from fer_live.classification.runtime.onnx_graph import build_graph

    monkeypatch.setattr(build, lambda _, weights, head: build_graph(other, weights, head))
    with pytest.raises(ModelError, match="probabilities differ from the model's"):
        export_model(path, out)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_what_cannot_be_exported(tmp_path):
    path, out = saved(tmp_path), tmp_path / "tiny.onnx"
    out.write_text("precious")
    with pytest.raises(ConfigError, match="exists already"):
        export_model(path, out)
    assert out.read_text() == "precious"
    export_model(path, out, force=True)
    assert out.stat().st_size > 1000
    with pytest.raises(ModelError, match="no head"):
        export_model(path, tmp_path / "a.onnx", head="none")
    with pytest.raises(ConfigError, match="ONNX only"):
        export_model(path, tmp_path / "a.pt", "torchscript", int8=True)
    with pytest.raises(DataError):
        export_model(path, tmp_path / "a.onnx", int8=True, data=tmp_path / "none")
    with pytest.raises(FerLiveError, match="cannot be written"):
        export_model(path, path / "a.onnx")


@pytest.mark.parametrize("count", [1, 2])
def test_the_command_prints_what_was_done(tmp_path, count):
    command = ["export", "--out", str(tmp_path / "m.onnx")]
    for seed in range(count):
        model = tiny_checkpoint(tmp_path / f"{seed}.safetensors", name=f"m{seed}", seed=seed)
        command += ["--model", str(model)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["model"] == " + ".join(["m0", "m1"][:count])
    assert json.loads(done.stdout)["check"]["largest_difference"] < 1e-4
