"""Every registered network, tested by its registry."""

from dataclasses import replace

import pytest
import torch

from fer_live.classification.description import Architecture
from fer_live.classification.networks.architectures import (
    architectures,
    build,
    dummy_input,
    parameter_count,
)
from fer_live.classification.runtime.classifier import fold_batch_norm
from fer_live.core.errors import ConfigError, ModelError
from tests.classification.conftest import TINY, make_network

ENLARGED = {"dlib_resnet29": 55}
"""Smallest side, pixels, that a network takes, where its maps vanish below it."""

STEMS = ("imagenet", "small", "small-stride1", "deep")


@pytest.mark.parametrize("name", architectures())
@pytest.mark.parametrize("channels", [1, 3])
def test_every_network_answers_with_every_head(name, channels):
    side = ENLARGED.get(name, 0)
    architecture = replace(TINY, name=name, in_channels=channels, enlarge_to=side)
    network = build(architecture).eval()
    with torch.inference_mode():
        out = network(dummy_input(architecture, 48, 2))
    assert {key: tuple(value.shape) for key, value in out.items()} == {
        "ferplus": (2, 8),
        "fer2013": (2, 7),
    }


VARIANTS = [
    TINY if name == "resnet18" else replace(TINY, name=name, enlarge_to=ENLARGED.get(name, 0))
    for name in architectures()
    if name != "simple-cnn"  # it has no norms
] + [
    replace(TINY, name=name, stem=stem, squeeze_excitation=excite)
    for name in ("resnet18", "resnet50")
    for stem in STEMS
    for excite in (False, True)
]


@pytest.mark.parametrize("architecture", VARIANTS, ids=lambda a: f"{a.name}-{a.stem}")
def test_folding_the_norms_changes_no_answer(architecture):
    network = make_network(architecture)
    x = torch.randn(4, 1, 32, 32)
    with torch.inference_mode():
        before = network(x)["ferplus"]
        folded = fold_batch_norm(network)
        after = folded(x)["ferplus"]
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in folded.modules())
    torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-4)
    assert before.std() > 1e-3


def test_hidden_layers_and_dropout():
    network = build(replace(TINY, hidden=(12, 6), dropout=0.5))
    widths = [m.out_features for m in network.heads["fer2013"] if isinstance(m, torch.nn.Linear)]
    assert widths == [12, 6, 7]
    x = torch.randn(8, 1, 32, 32)
    network.train()
    assert not torch.equal(network(x)["fer2013"], network(x)["fer2013"])


@pytest.mark.parametrize("name", [n for n in architectures() if n != "efficientnet_b0"])
def test_a_flattened_map_goes_to_the_heads_whole(name):
    architecture = replace(TINY, name=name, flatten_size=96, hidden=(12,), drop_features=False)
    network = build(architecture).eval()
    shapes = []
    network.trunk.register_forward_hook(lambda _m, _i, out: shapes.append(out.shape))
    first = network.heads["ferplus"][1]
    assert network(torch.zeros(2, 1, 96, 96))["ferplus"].shape == (2, 8)
    assert shapes[0][1] == first.in_features
    average = build(replace(architecture, flatten_size=0)).heads["ferplus"][1].in_features
    places = shapes[0][1] / average
    assert places == round(places**0.5) ** 2 > 1
    drops = [m.p for m in network.heads["ferplus"] if isinstance(m, torch.nn.Dropout)]
    assert drops == [0.0, 0.3]


def test_resemotenet_has_the_weights_of_its_authors():
    # 80,238,599 in the authors' code, whose convolutions have biases before their norms, and
    # whose excitation block has none.
    heads = {"fer2013": 7}
    architecture = Architecture("resemotenet", heads, in_channels=3, hidden=(1024, 512, 256))
    biases = (64 + 128 + 256) + 3 * (512 + 1024 + 2048)
    excitation = 256 // 16 + 256
    assert parameter_count(build(architecture)) == 80_238_599 - biases + excitation


@pytest.mark.parametrize("stem", STEMS)
def test_the_stem_sets_the_resolution_of_the_first_stage(stem):
    network = build(replace(TINY, stem=stem))
    sizes = []
    network.trunk.layer1.register_forward_hook(lambda _m, _i, out: sizes.append(out.shape[-1]))
    network.eval()(torch.zeros(1, 1, 48, 48))
    assert sizes == [{"imagenet": 12, "small": 24, "small-stride1": 48, "deep": 24}[stem]]


@pytest.mark.parametrize(
    "wrong",
    [{"name": "resnet9"}, {"stem": "big"}, {"heads": {}}, {"widths": (0, 1, 1, 1)},
     {"in_channels": 2}, {"heads": {"a": 1}}, {"name": "vgg11_bn", "flatten_size": 16},
     {"name": "cnn", "squeeze_excitation": True}],
)  # fmt: skip
def test_what_cannot_be_built_is_refused(wrong):
    with pytest.raises(ConfigError):
        build(replace(TINY, **wrong))


def test_a_description_survives_json_types():
    assert Architecture.from_dict(TINY.to_dict()) == TINY
    with pytest.raises(ModelError):
        Architecture.from_dict({"name": "resnet18", "depth": 3})
