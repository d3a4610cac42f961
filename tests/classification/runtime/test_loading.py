"""The engine for the CPU answers as PyTorch does, and is chosen where it can be."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from fer_live.classification.checkpoint import save_checkpoint
from fer_live.classification.description import Architecture
from fer_live.classification.runtime import loading as engines
from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.classification.runtime.onnx import OnnxClassifier
from fer_live.core.errors import DeviceError, ModelError
from fer_live.core.labels import FER2013, FERPLUS
from fer_live.core.paths import find_model
from tests.classification.conftest import TINY, make_meta, make_network, without_onnx

NETWORKS = {
    "deep": TINY,
    "small": replace(TINY, stem="small"),
    "small-stride1": replace(TINY, stem="small-stride1", name="resnet34"),
    "imagenet": replace(TINY, stem="imagenet", in_channels=3, widths=(64, 128, 256, 512)),
    "bottleneck": replace(TINY, name="resnet50", widths=(4, 8, 8, 16)),
    "excited": replace(TINY, squeeze_excitation=True),
    "hidden": replace(TINY, hidden=(12, 6)),
    "flattened": replace(TINY, flatten_size=32),
    "dlib": replace(TINY, name="dlib_resnet29", enlarge_to=112),
    "dlib-colour": replace(TINY, name="dlib_resnet29", enlarge_to=80, in_channels=3),
    "enlarged": replace(TINY, enlarge_to=45),
}


def saved(tmp_path, architecture=TINY, **values):
    path = tmp_path / "tiny.safetensors"
    meta = make_meta(architecture)
    spec = replace(meta.heads["ferplus"], temperature=1.7, bias=tuple(np.linspace(-1, 1, 8)))
    meta = replace(meta, heads={**meta.heads, "ferplus": spec}, **values)
    save_checkpoint(path, make_network(architecture), meta, half=True)
    return path


def crops_for(architecture: Architecture, count=5):
    shape = (count, 32, 32) if architecture.in_channels == 1 else (count, 32, 32, 3)
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("head", ["ferplus", "fer2013"])
def test_the_answers_are_those_of_pytorch(tmp_path, network, head):
    architecture = NETWORKS[network]
    path, crops = saved(tmp_path, architecture), crops_for(architecture)
    expected = TorchClassifier.load(path, "cpu", head).classify(crops)
    classifier = OnnxClassifier(path, head)
    answer = classifier.classify(crops)
    assert answer.dtype == np.float32
    assert np.ptp(answer, axis=0).max() > 1e-3, "the faces must differ for this to show anything"
    assert answer == pytest.approx(expected, abs=1e-4)
    assert classifier.labels == {"ferplus": FERPLUS, "fer2013": FER2013}[head]


def test_the_released_model_answers_the_same_and_in_any_batch():
    path = find_model()
    classifier = OnnxClassifier(path)
    crops = np.random.default_rng(1).integers(0, 256, classifier.input.blank(6).shape, np.uint8)
    answer = classifier.classify(crops)
    assert answer == pytest.approx(TorchClassifier.load(path, "cpu").classify(crops), abs=1e-4)
    alone = np.concatenate([classifier.classify(crops[i : i + 1]) for i in range(6)])
    assert answer == pytest.approx(alone, abs=1e-5)
    assert classifier.classify(crops[:0]).shape == (0, len(classifier.labels))
    shared = OnnxClassifier(path, threads=2).classify(crops)
    assert shared == pytest.approx(answer, abs=1e-5)


def test_crops_of_another_size_or_colour_are_refused(tmp_path):
    classifier = OnnxClassifier(saved(tmp_path))
    for wrong in (np.zeros((1, 48, 48), np.uint8), np.zeros((1, 32, 32, 3), np.uint8)):
        with pytest.raises(ValueError, match="crops are"):
            classifier.classify(wrong)
    with pytest.raises(ValueError, match="crops are"):
        classifier.classify(np.zeros((1, 32, 32), np.float32))


def test_a_head_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ModelError, match="no head"):
        OnnxClassifier(saved(tmp_path), "rafdb")


@pytest.mark.parametrize("spoil", ["missing", "foreign", "shape", "infinite", "cut"])
def test_damaged_weights_are_told_clearly(tmp_path, spoil):
    network, path = make_network(), tmp_path / "tiny.safetensors"
    if spoil == "missing":
        del network.trunk.layer3
    elif spoil == "foreign":
        network.extra = make_network().trunk.conv1
    elif spoil == "shape":
        network.trunk.layer2[0].conv1 = make_network().trunk.layer3[0].conv1
    elif spoil == "infinite":
        network.trunk.bn1.bias.data[0] = float("nan")
    save_checkpoint(path, network, make_meta())
    if spoil == "cut":
        path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelError) as caught:
        OnnxClassifier(path)
    assert caught.value.hint


def test_a_missing_model_is_told_before_anything_is_loaded(tmp_path):
    with pytest.raises(ModelError, match="no model"):
        engines.load_classifier(tmp_path / "none.safetensors", "cpu")


def test_the_cpu_needs_no_pytorch(tmp_path):
    code = (
        "import sys; from pathlib import Path\n"
        "from fer_live.classification.runtime.loading import load_classifier\n"
        f"c = load_classifier(Path({str(saved(tmp_path))!r}), 'cpu')\n"
        "print(c.device_name, c.engine_name.split()[0], 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["CPU", "ONNX", "False"]


@pytest.mark.parametrize("module", ["runtime.onnx", "export.quantise"])
def test_the_runtime_keeps_no_identifier_and_no_usage_data(module, tmp_path):
    # Continuous integration, which it spares by itself, must not be recognised.
    kept = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "PYTHONPATH")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    homes = ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "LOCALAPPDATA", "TMPDIR")
    environment |= dict.fromkeys(homes, str(tmp_path))
    code = f"import fer_live.classification.{module}, onnxruntime; onnxruntime.SessionOptions()"
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=120)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_pytorch_runs_what_the_graph_does_not_cover(tmp_path, monkeypatch):
    monkeypatch.setattr("fer_live.classification.runtime.onnx_graph.covers", lambda _: False)
    assert isinstance(engines.load_classifier(saved(tmp_path), "cpu"), TorchClassifier)


def test_a_driver_without_a_gpu_that_pytorch_can_use_leaves_the_cpu(tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "may_have_gpu", lambda: True)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
    assert isinstance(engines.load_classifier(saved(tmp_path), "auto"), OnnxClassifier)
    with pytest.raises(DeviceError):
        engines.load_classifier(saved(tmp_path), "cuda")


def test_without_pytorch_released_models_run_and_others_say_what_they_need(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    path = saved(tmp_path)
    assert isinstance(engines.load_classifier(path, "auto"), OnnxClassifier)
    with pytest.raises(DeviceError, match="no PyTorch, which the device cuda needs"):
        engines.load_classifier(path, "cuda")
    monkeypatch.setattr("fer_live.classification.runtime.onnx_graph.covers", lambda _: False)
    with pytest.raises(DeviceError, match="no PyTorch, which the network in"):
        engines.load_classifier(path, "cpu")


@pytest.mark.parametrize("missing", ["onnx", "onnxruntime"])
def test_without_onnx_runtime_pytorch_answers_the_same(tmp_path, monkeypatch, missing):
    path, crops = saved(tmp_path), crops_for(TINY)
    expected = engines.load_classifier(path, "cpu").classify(crops)
    without_onnx(monkeypatch, missing)
    classifier = engines.load_classifier(path, "cpu", precision="auto")
    assert classifier.engine_name.startswith("PyTorch")
    assert classifier.classify(crops) == pytest.approx(expected, abs=1e-4)
    monkeypatch.setattr(engines, "may_have_gpu", lambda: True)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
    assert engines.load_classifier(path, "auto").device_name == "CPU"
    with pytest.raises(DeviceError, match=f"Eight bits need onnx and onnxruntime.*{missing}"):
        engines.load_classifier(path, "cpu", precision="int8")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DeviceError, match="no PyTorch, which a computer without ONNX Runtime"):
        engines.load_classifier(path, "cpu")
