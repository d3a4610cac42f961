"""Crops in, calibrated probabilities out."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.classification.runtime.device import choose_device
from fer_live.core.errors import DeviceError, ModelError
from fer_live.core.labels import FER2013, FERPLUS
from tests.classification.conftest import TINY, make_meta, make_network

CPU = choose_device("cpu")


@pytest.fixture
def crops():
    return np.random.default_rng(0).integers(0, 256, (5, 32, 32), np.uint8)


def test_no_crops_give_no_rows(network):
    classifier = TorchClassifier(network, make_meta(), CPU)
    assert classifier.classify(np.zeros((0, 32, 32), np.uint8)).shape == (0, 8)


def test_probabilities_are_those_of_the_network(network, crops):
    x = (torch.from_numpy(crops)[:, None] / 255 - 0.5) / 0.25
    with torch.inference_mode():
        expected = network(x)["ferplus"].softmax(1).numpy()
    classifier = TorchClassifier(network, make_meta(), CPU)
    answer = classifier.classify(crops)
    assert answer.dtype == np.float32
    assert answer == pytest.approx(expected, abs=1e-5)
    assert classifier.labels == FERPLUS
    assert classifier.device_name == "CPU"
    assert classifier.model_name == "tiny"


def test_a_batch_answers_as_one_by_one(network, crops):
    classifier = TorchClassifier(network, make_meta(), CPU)
    single = np.concatenate([classifier.classify(crops[i : i + 1]) for i in range(5)])
    assert classifier.classify(crops) == pytest.approx(single, abs=1e-5)


def test_colour_crops(crops):
    architecture = replace(TINY, in_channels=3)
    network = make_network(architecture)
    colour = np.stack([crops, crops // 2, crops // 3], axis=-1)
    meta = make_meta(architecture)
    mean, std = (torch.tensor(v).view(3, 1, 1) for v in (meta.input.mean, meta.input.std))
    x = (torch.from_numpy(colour).permute(0, 3, 1, 2) / 255 - mean) / std
    with torch.inference_mode():
        expected = network(x)["ferplus"].softmax(1).numpy()
    assert TorchClassifier(network, meta, CPU).classify(colour) == pytest.approx(expected, abs=1e-5)


def test_calibration_is_applied(crops):
    plain = make_meta()
    spec = plain.heads["ferplus"]
    bias = (2.0,) + (0.0,) * 7
    meta = replace(
        plain, heads={**plain.heads, "ferplus": replace(spec, temperature=2.0, bias=bias)}
    )
    before = np.log(TorchClassifier(make_network(), plain, CPU).classify(crops))
    after = TorchClassifier(make_network(), meta, CPU).classify(crops)
    logits = (before + np.array(bias)) / 2
    expected = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    assert after == pytest.approx(expected, abs=1e-5)


def test_another_head_may_answer(network, crops):
    classifier = TorchClassifier(network, make_meta(), CPU, head="fer2013")
    assert classifier.labels == FER2013
    assert classifier.classify(crops).shape == (5, 7)


def test_a_head_that_is_not_there_is_refused(network):
    with pytest.raises(ModelError, match="no head") as caught:
        TorchClassifier(network, make_meta(), CPU, head="rafdb")
    assert "ferplus" in caught.value.hint


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((1, 48, 48), np.uint8), np.zeros((1, 32, 32, 3), np.uint8), np.zeros((1, 32, 32))],
)
def test_crops_of_another_kind_are_refused(network, wrong):
    with pytest.raises(ValueError, match="crops are"):
        TorchClassifier(network, make_meta(), CPU).classify(wrong)


def test_float32_is_not_rounded_for_speed(network):
    classifier = TorchClassifier(network, make_meta(), CPU)
    seen = []
    classifier.pooling.register_forward_pre_hook(
        lambda *_: seen.append(torch.backends.cudnn.allow_tf32)
    )
    before = torch.backends.cudnn.allow_tf32
    classifier.classify(np.zeros((1, 32, 32), np.uint8))
    assert seen == [False]
    assert torch.backends.cudnn.allow_tf32 == before


def test_a_device_that_is_not_there_says_what_to_do():
    with pytest.raises(DeviceError, match="Unknown device"):
        choose_device("tpu")
    if not torch.cuda.is_available():
        with pytest.raises(DeviceError, match="CUDA cannot be used") as caught:
            choose_device("cuda")
        assert "--device cpu" in caught.value.hint


def test_auto_takes_the_best_there_is(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (8, 0))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Card")
    best = choose_device()
    assert (best.kind, best.dtype, best.name) == ("cuda", torch.float32, "CUDA: Card")
    assert choose_device(half=True).dtype == torch.float16
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (6, 1))
    assert choose_device(half=True).dtype == torch.float32
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_device().kind == "mps"
    assert choose_device().dtype == torch.float32
    assert choose_device(half=True).dtype == torch.float16
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert choose_device().kind == "cpu"
