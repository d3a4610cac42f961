"""Networks by name, with one or more heads; ResNets have stems for small faces."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import resnet
from torchvision.ops import SqueezeExcitation

from fer_live.classification.description import Architecture
from fer_live.classification.networks.backbones import BACKBONES, SE_REDUCTION
from fer_live.core.errors import ConfigError

_RESNETS: dict[str, tuple[Any, tuple[int, int, int, int]]] = {
    "resnet18": (resnet.BasicBlock, (2, 2, 2, 2)),
    "resnet34": (resnet.BasicBlock, (3, 4, 6, 3)),
    "resnet50": (resnet.Bottleneck, (3, 4, 6, 3)),
}

DEEP_STEM_CHANNELS = 32
"""Channels of the full-resolution convolution in the deep stem (He et al., 2019, ResNet-C)."""


class FaceNet(nn.Module):
    """A backbone that pools to one feature vector per face, and one output layer per head.

    Input (N, C, H, W) float, normalised; output: logits (N, K) by head name.
    """

    def __init__(self, backbone: nn.Module, features: int, architecture: Architecture) -> None:
        super().__init__()
        self.enlarge_to = architecture.enlarge_to
        # The attribute is called trunk because its name is part of the keys in every checkpoint.
        self.trunk = backbone
        self.heads = nn.ModuleDict(
            {
                name: _head(features, classes, architecture)
                for name, classes in architecture.heads.items()
            }
        )

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return self.answers(self.enlarged(x))

    def enlarged(self, x: Tensor) -> Tensor:
        """The input at the side that the first layer is made for."""
        if not self.enlarge_to:
            return x
        return F.interpolate(x, (self.enlarge_to, self.enlarge_to), mode="bilinear")

    def answers(self, x: Tensor) -> dict[str, Tensor]:
        """As `forward`, for inputs that are enlarged already, as in training."""
        features = self.trunk(x)
        return {name: head(features) for name, head in self.heads.items()}


def architectures() -> tuple[str, ...]:
    """Names `build` knows."""
    return tuple(_BUILDERS)


def build(architecture: Architecture) -> FaceNet:
    """Builds a network with fresh weights, ready for training or for a checkpoint's weights.

    Raises:
        ConfigError: Unknown name or stem, no heads, or a width that is not positive.
    """
    if architecture.name not in _BUILDERS:
        raise ConfigError(
            f"There is no architecture called {architecture.name!r}.",
            f"Choose one of: {', '.join(architectures())}.",
        )
    if not architecture.heads or min(architecture.heads.values()) < 2:
        raise ConfigError("A network needs at least one head with two classes or more.")
    if min(architecture.widths) < 1 or architecture.in_channels not in (1, 3):
        raise ConfigError("Widths must be positive and in_channels must be 1 or 3.")
    backbone, features = _BUILDERS[architecture.name](architecture)
    if architecture.flatten_size:
        backbone.avgpool = nn.Identity()
        features = _flattened(backbone, architecture)
    return FaceNet(backbone, features, architecture)


@torch.no_grad()
def _flattened(backbone: nn.Module, architecture: Architecture) -> int:
    """Number of values in the last feature map for an input of `flatten_size` pixels."""
    backbone.eval()
    try:
        features = backbone(dummy_input(architecture, architecture.flatten_size)).shape[1]
    except RuntimeError as error:
        raise ConfigError(
            f"An input of {architecture.flatten_size} pixels is too small for {architecture.name}.",
            "Choose a larger size.",
        ) from error
    backbone.train()
    return int(features)


def _head(features: int, classes: int, architecture: Architecture) -> nn.Module:
    layers: list[nn.Module] = []
    for number, width in enumerate((*architecture.hidden, classes)):
        dropped = architecture.dropout if number or architecture.drop_features else 0.0
        layers += [nn.Dropout(dropped), nn.Linear(features, width), nn.ReLU(inplace=True)]
        features = width
    return nn.Sequential(*layers[:-1])


def _stem(stem: str, in_channels: int, width: int) -> nn.Module:
    def conv(cin: int, cout: int, kernel: int, stride: int) -> nn.Conv2d:
        return nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False)

    if stem == "imagenet":
        return conv(in_channels, width, 7, 2)
    if stem == "small":
        return conv(in_channels, width, 3, 2)
    if stem == "small-stride1":
        return conv(in_channels, width, 3, 1)
    if stem == "deep":
        return nn.Sequential(
            conv(in_channels, DEEP_STEM_CHANNELS, 3, 1),
            nn.BatchNorm2d(DEEP_STEM_CHANNELS),
            nn.ReLU(inplace=True),
            conv(DEEP_STEM_CHANNELS, width, 3, 2),
        )
    raise ConfigError(
        f"There is no stem called {stem!r}.",
        "Choose imagenet, small, small-stride1 or deep.",
    )


def _resnet(architecture: Architecture) -> tuple[nn.Module, int]:
    block, layers = _RESNETS[architecture.name]
    backbone = resnet.ResNet(block, list(layers))
    widths = architecture.widths
    if widths != (64, 128, 256, 512):
        backbone.inplanes = widths[0]
        backbone.bn1 = nn.BatchNorm2d(widths[0])
        for stage, (width, depth) in enumerate(zip(widths, layers, strict=True)):
            layer = backbone._make_layer(block, width, depth, stride=1 if stage == 0 else 2)
            setattr(backbone, f"layer{stage + 1}", layer)
    backbone.conv1 = _stem(architecture.stem, architecture.in_channels, widths[0])
    if architecture.stem != "imagenet":
        backbone.maxpool = nn.Identity()
    backbone.fc = nn.Identity()
    expansion = int(block.expansion)
    for module in backbone.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    for stage, width in enumerate(widths):
        for residual in getattr(backbone, f"layer{stage + 1}"):
            # The last norm of a block scales the whole branch, so it stands in for "bn3".
            last = "bn3" if expansion > 1 else "bn2"
            nn.init.zeros_(getattr(residual, last).weight)
            if architecture.squeeze_excitation:
                channels = width * expansion
                excite = SqueezeExcitation(channels, max(channels // SE_REDUCTION, 8))
                setattr(residual, last, nn.Sequential(getattr(residual, last), excite))
    return backbone, widths[3] * expansion


def _other_backbone(architecture: Architecture) -> tuple[nn.Module, int]:
    if architecture.squeeze_excitation:
        raise ConfigError(
            f"squeeze_excitation adds blocks to ResNets, not to {architecture.name}.",
            "Leave it out, or choose a ResNet.",
        )
    return BACKBONES[architecture.name](architecture.in_channels, architecture.widths)


_BUILDERS: dict[str, Callable[[Architecture], tuple[nn.Module, int]]] = {
    **dict.fromkeys(_RESNETS, _resnet),
    **dict.fromkeys(BACKBONES, _other_backbone),
}


def parameter_count(network: nn.Module) -> int:
    """Number of weights, without buffers."""
    return sum(p.numel() for p in network.parameters())


def dummy_input(architecture: Architecture, size: int, batch: int = 1) -> Tensor:
    """A batch of zeros (N, C, size, size), float32, with the channels the network takes."""
    return torch.zeros(batch, architecture.in_channels, size, size)
