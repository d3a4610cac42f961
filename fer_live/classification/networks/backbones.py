"""Backbones other than ResNets: plain CNNs, ResEmoteNet, torchvision's VGG and EfficientNet."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torchvision.models import efficientnet_b0
from torchvision.models.resnet import BasicBlock
from torchvision.models.vgg import cfgs, make_layers
from torchvision.ops import SqueezeExcitation

from fer_live.classification.networks.dlib_resnet import DlibResNet29
from fer_live.classification.networks.dlib_stages import STAGES

Widths = tuple[int, int, int, int]

CNN_DROPOUT = 0.25
"""Dropout after each block of the CNN, as is usual for small ones on FER2013."""

RESEMOTENET_DROPOUT = 0.2
"""Dropout after the first two convolution blocks of ResEmoteNet, as in its authors' code."""

SE_REDUCTION = 16
"""Squeeze ratio of the excitation block (Hu et al., 2018)."""

_STANDARD_VGG_WIDTHS = (64, 128, 256, 512)

_VGG_PLANS = {"vgg11_bn": "A", "vgg16_bn": "D"}  # torchvision's names of the papers' columns


class PooledBackbone(nn.Module):
    """A network that computes a feature map, averaged to one vector per face.

    Input (N, C, H, W) float; output (N, F). `features` and `avgpool` are named as torchvision
    names them, so that its weights fit.
    """

    def __init__(self, features: nn.Module) -> None:
        super().__init__()
        self.features = features
        self.avgpool: nn.Module = nn.AdaptiveAvgPool2d(1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.flatten(self.avgpool(self.features(x)), 1)


def simple_cnn(in_channels: int, widths: Widths) -> tuple[PooledBackbone, int]:
    """Three plain convolutions with max-pooling: about the smallest CNN in use."""
    layers: list[nn.Module] = []
    for width in widths[:3]:
        layers += [nn.Conv2d(in_channels, width, 3, padding=1), nn.ReLU(inplace=True)]
        layers += [nn.MaxPool2d(2)]
        in_channels = width
    return PooledBackbone(nn.Sequential(*layers)), in_channels


def cnn(in_channels: int, widths: Widths) -> tuple[PooledBackbone, int]:
    """Four blocks of convolution, batch norm, ReLU, max-pooling and dropout."""
    layers: list[nn.Module] = []
    for width in widths:
        layers += [*_conv_block(in_channels, width), nn.MaxPool2d(2), nn.Dropout(CNN_DROPOUT)]
        in_channels = width
    return PooledBackbone(nn.Sequential(*layers)), in_channels


def resemotenet(in_channels: int, widths: Widths) -> tuple[PooledBackbone, int]:
    """ResEmoteNet (Roy et al., 2024, arXiv:2409.10545): convolutions, one SE block, residuals.

    Three convolution blocks with max-pooling of the first three widths, a squeeze-and-excitation
    block, then three residual blocks of stride 2 that double the width from the fourth on, as in
    the authors' code. With the standard widths: 64, 128, 256, then 512, 1024, 2048.
    """
    layers: list[nn.Module] = []
    for block, width in enumerate(widths[:3]):
        layers += [*_conv_block(in_channels, width), nn.MaxPool2d(2)]
        if block < 2:
            layers.append(nn.Dropout(RESEMOTENET_DROPOUT))
        in_channels = width
    layers.append(SqueezeExcitation(in_channels, max(in_channels // SE_REDUCTION, 1)))
    for width in (widths[3], 2 * widths[3], 4 * widths[3]):
        shortcut = nn.Sequential(
            nn.Conv2d(in_channels, width, 1, stride=2, bias=False), nn.BatchNorm2d(width)
        )
        layers.append(BasicBlock(in_channels, width, stride=2, downsample=shortcut))
        in_channels = width
    return PooledBackbone(nn.Sequential(*layers)), in_channels


def vgg(name: str) -> Callable[[int, Widths], tuple[PooledBackbone, int]]:
    """A builder of torchvision's VGG with batch norm (Simonyan and Zisserman, 2015)."""

    def build(in_channels: int, widths: Widths) -> tuple[PooledBackbone, int]:
        to_width = dict(zip(_STANDARD_VGG_WIDTHS, widths, strict=True))
        plan = [w if isinstance(w, str) else to_width[w] for w in cfgs[_VGG_PLANS[name]]]
        features = make_layers(plan, batch_norm=True)
        features[0] = nn.Conv2d(in_channels, widths[0], 3, padding=1)
        return PooledBackbone(features), widths[3]

    return build


def efficientnet(in_channels: int, _widths: Widths) -> tuple[PooledBackbone, int]:
    """torchvision's EfficientNet-B0 (Tan and Le, 2019), in its own widths."""
    network = efficientnet_b0(weights=None)
    old = network.features[0][0]
    network.features[0][0] = nn.Conv2d(
        in_channels, old.out_channels, old.kernel_size, old.stride, old.padding, bias=False
    )
    return PooledBackbone(network.features), network.classifier[-1].in_features


def dlib_resnet29(in_channels: int, _widths: Widths) -> tuple[DlibResNet29, int]:
    """dlib's face-recognition ResNet (King, 2017) without its last block, in its own widths."""
    return DlibResNet29(in_channels), STAGES[-1][0]


BACKBONES: dict[str, Callable[[int, Widths], tuple[nn.Module, int]]] = {
    "simple-cnn": simple_cnn,
    "cnn": cnn,
    "resemotenet": resemotenet,
    **{name: vgg(name) for name in _VGG_PLANS},
    "efficientnet_b0": efficientnet,
    "dlib_resnet29": dlib_resnet29,
}
"""Builders by name: input channels and widths to a backbone and its number of features."""


def _conv_block(in_channels: int, width: int) -> list[nn.Module]:
    convolution = nn.Conv2d(in_channels, width, 3, padding=1, bias=False)
    return [convolution, nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
