"""dlib's weights: drawn at random and written in its file's layout, and its own where installed."""

import importlib.util
import struct

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from fer_live.classification.description import Architecture, InputSpec
from fer_live.classification.networks.architectures import build
from fer_live.classification.networks.dlib_stages import STAGES
from fer_live.core.errors import ConfigError
from fer_live.training.face_weights import PIXEL_MEAN, settle_norms
from fer_live.training.pretrained import load_pretrained
from fer_live.training.setup import make_module
from tests.training.support import tiny_data, tiny_recipe

SIDE = 80


@pytest.fixture(scope="module")
def weights():
    rng = torch.Generator().manual_seed(0)

    def affine(name, width):
        return {
            f"{name}.weight": torch.rand(width, generator=rng) + 0.5,
            f"{name}.bias": torch.randn(width, generator=rng) * 0.1,
        }

    def convolution(name, inner, outer, side):
        fan = inner * side * side
        return {
            f"{name}.weight": torch.randn(outer, inner, side, side, generator=rng) / fan**0.5,
            f"{name}.bias": torch.randn(outer, generator=rng) * 0.1,
        }

    width = STAGES[0][0]
    state = {**convolution("conv", 3, width, 7), **affine("bn", width)}
    number = 0
    for channels, count in STAGES:
        for _ in range(count):
            name = f"blocks.{number}"
            state |= convolution(f"{name}.conv1", width, channels, 3)
            state |= affine(f"{name}.bn1", channels)
            state |= convolution(f"{name}.conv2", channels, channels, 3)
            state |= affine(f"{name}.bn2", channels)
            width, number = channels, number + 1
    return state


def packed(number):
    """dlib's packed integer: the length in bytes, then the bytes, lowest first."""
    size = max(1, (number.bit_length() + 7) // 8)
    return struct.pack("<B", size) + number.to_bytes(size, "little")


def written(weights):
    """The layers as dlib writes them: name, one tensor with weight and bias, settings."""
    data = b"\x01\x01\x0d" + b"loss_metric_2"
    for name in dict.fromkeys(key.rpartition(".")[0] for key in weights):
        kind = b"con_4" if "conv" in name else b"affine_"
        numbers = torch.cat([weights[f"{name}.{part}"].flatten() for part in ("weight", "bias")])
        sizes = b"".join(packed(size) for size in (len(numbers), 1, 1, 1))
        data += packed(len(kind)) + kind + packed(2) + sizes + numbers.numpy().tobytes()
        data += packed(0) * 4
    return data


@pytest.fixture(scope="module")
def file(weights, tmp_path_factory):
    path = tmp_path_factory.mktemp("dlib") / "weights.dat"
    path.write_bytes(written(weights))
    return path


def dlib(state, pixels):
    """dlib's network as it describes itself, on RGB pixels of 0-255."""

    def affine(name, x):
        weight, bias = (state[f"{name}.{k}"][:, None, None] for k in ("weight", "bias"))
        return x * weight + bias

    def convolution(name, x, stride, padding):
        return F.conv2d(x, state[f"{name}.weight"], state[f"{name}.bias"], stride, padding)

    def filled(x, like):
        missing = [a - b for a, b in zip(like, x.shape[1:], strict=True)]
        return F.pad(x, (0, missing[2], 0, missing[1], 0, missing[0]))

    x = (pixels - torch.tensor(PIXEL_MEAN)[:, None, None]) / 256
    x = F.max_pool2d(affine("bn", convolution("conv", x, 2, 0)).relu(), 3, 2)
    number = 0
    for stage, (_, count) in enumerate(STAGES):
        for place in range(count):
            name, halve = f"blocks.{number}", stage > 0 and place == 0
            y = convolution(f"{name}.conv1", x, 2 if halve else 1, 0 if halve else 1)
            y = affine(f"{name}.bn1", y).relu()
            y = affine(f"{name}.bn2", convolution(f"{name}.conv2", y, 1, 1))
            x = F.avg_pool2d(x, 2) if halve else x
            shape = [max(a, b) for a, b in zip(x.shape[1:], y.shape[1:], strict=True)]
            x = (filled(x, shape) + filled(y, shape)).relu()
            number += 1
    return x.mean((2, 3))


@pytest.mark.parametrize("channels", [1, 3])
@torch.no_grad()
def test_the_backbone_answers_as_dlib_does_and_still_does_with_settled_norms(
    weights, file, channels
):
    rng = np.random.default_rng(0)
    shape = (6, channels, SIDE, SIDE)
    pixels = torch.from_numpy(rng.integers(0, 256, shape).astype("f4"))
    expected = dlib(weights, pixels.expand(-1, 3, -1, -1))
    mean, std = (0.4, 0.5, 0.6)[:channels], (0.2, 0.25, 0.3)[:channels]
    color = "gray" if channels == 1 else "rgb"
    architecture = Architecture("dlib_resnet29", {"two": 2}, in_channels=channels)
    network = build(architecture).eval()
    load_pretrained(str(file), network, architecture, InputSpec(SIDE, color, mean, std, 1.0))
    inputs = (pixels / 255 - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
    scale = float(expected.abs().max())
    assert expected.std() > 0.01 * scale
    assert network.trunk(inputs).numpy() == pytest.approx(expected.numpy(), abs=1e-4 * scale)

    fresh = network.trunk.bn.running_var.clone()
    settle_norms(network.trunk, iter(inputs.split(4)))
    assert not torch.allclose(network.trunk.bn.running_var, fresh)
    assert network.trunk(inputs).numpy() == pytest.approx(expected.numpy(), abs=1e-3 * scale)
    # In training, a norm takes its batch's statistics: now they are nearly those it has.
    network.train()
    assert network.trunk(inputs).numpy() == pytest.approx(expected.numpy(), abs=0.02 * scale)


def test_a_run_begins_with_settled_norms(file):
    recipe = tiny_recipe(
        model__architecture="dlib_resnet29",
        model__size=SIDE,
        model__crop_size=16,
        model__pretrained=str(file),
    )
    module = make_module(recipe, tiny_data())
    norm = module.network.trunk.bn
    assert not torch.allclose(norm.running_var, torch.ones_like(norm.running_var))
    assert module.input_spec.size == 16
    assert module.architecture.enlarge_to == SIDE
    faces = torch.rand(2, 1, SIDE, SIDE)
    module.eval()
    small = F.interpolate(faces, (16, 16), mode="bilinear", antialias=True)
    enlarged = F.interpolate(small, (SIDE, SIDE), mode="bilinear")
    with torch.no_grad():
        live = module.network(module.normalised(small))["fer2013"]
        trained = module(enlarged)["fer2013"]
    assert live.numpy() == pytest.approx(trained.numpy(), abs=1e-4)


def test_weights_that_do_not_fit_are_told(file, weights, tmp_path):
    spec = InputSpec(SIDE, "gray", (0.5,), (0.25,), 1.0)
    resnet = Architecture("resnet18", {"two": 2})
    with pytest.raises(ConfigError, match="dlib_resnet29 alone"):
        load_pretrained(str(file), build(resnet), resnet, spec)
    architecture = Architecture("dlib_resnet29", {"two": 2})
    whole = written(weights)
    for damage in (whole[: len(whole) // 2], whole[:40], b"", whole.replace(b"con_4", b"con_9")):
        part = tmp_path / "part.dat"
        part.write_bytes(damage)
        with pytest.raises(ConfigError, match="does not hold dlib's face network"):
            load_pretrained(str(part), build(architecture), architecture, spec)
    with pytest.raises(ConfigError, match="No such file"):
        load_pretrained(str(tmp_path / "none.dat"), build(architecture), architecture, spec)


def test_without_the_package_its_name_is_told(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    architecture = Architecture("dlib_resnet29", {"two": 2})
    spec = InputSpec(SIDE, "gray", (0.5,), (0.25,), 1.0)
    with pytest.raises(ConfigError, match="face_recognition_models") as caught:
        load_pretrained("dlib-face", build(architecture), architecture, spec)
    assert "pip install face_recognition_models" in caught.value.hint


@pytest.mark.skipif(
    importlib.util.find_spec("face_recognition_models") is None,
    reason="face_recognition_models (100 MB) is not installed",
)
def test_the_package_holds_the_network():
    architecture = Architecture("dlib_resnet29", {"two": 2}, in_channels=1)
    network = build(architecture)
    spec = InputSpec(SIDE, "gray", (0.5,), (0.25,), 1.0)
    load_pretrained("dlib-face", network, architecture, spec)
    assert network.trunk.blocks[12].bn2.bias.abs().sum() > 0
