import sys

import pytest
import torch

from fer_live.classification.description import Architecture, CheckpointMeta, HeadSpec, InputSpec
from fer_live.classification.networks.architectures import build
from fer_live.core.labels import FER2013, FERPLUS

TINY = Architecture(
    "resnet18", {"ferplus": 8, "fer2013": 7}, stem="deep", widths=(8, 8, 16, 16), dropout=0.3
)


def make_meta(architecture=TINY, **values):
    spec = InputSpec(32, "gray", (0.5,), (0.25,), 1.1)
    if architecture.in_channels == 3:
        spec = InputSpec(32, "rgb", (0.5, 0.4, 0.3), (0.25, 0.2, 0.3), 1.1)
    heads = {"ferplus": HeadSpec(FERPLUS), "fer2013": HeadSpec(FER2013)}
    defaults = {
        "name": "tiny",
        "architecture": architecture,
        "heads": heads,
        "default_head": "ferplus",
        "input": spec,
        "provenance": {"data": "none"},
    }
    return CheckpointMeta(**{**defaults, **values})


def make_network(architecture=TINY):
    """A network whose norms have statistics of their own, as after training."""
    torch.manual_seed(0)
    network = build(architecture).train()
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.weight.uniform_(0.5, 1.5)
                module.bias.uniform_(-0.5, 0.5)
        for _ in range(3):
            network(torch.randn(8, architecture.in_channels, 32, 32))
    return network.eval()


@pytest.fixture
def network():
    return make_network()


def without_onnx(monkeypatch, library="onnx"):
    """Makes a library unimportable, and what has loaded it is loaded again."""
    monkeypatch.setitem(sys.modules, library, None)
    for name in [n for n in sys.modules if n.startswith("fer_live.classification.runtime.onnx")]:
        monkeypatch.delitem(sys.modules, name)
