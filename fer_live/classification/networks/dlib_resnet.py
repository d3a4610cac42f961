"""dlib's face-recognition network: a ResNet of 29 layers for faces of any size."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fer_live.classification.networks.dlib_stages import STAGES


class DlibBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut without weights.

    Where the block halves the map, its first convolution has stride 2 and no padding and the
    shortcut is an average over 2x2; the smaller of the two is then filled up with zeros at the
    right, at the bottom and in the channels, as dlib's ``add_prev`` does.
    """

    def __init__(self, in_channels: int, channels: int, *, halve: bool) -> None:
        super().__init__()
        stride, padding = (2, 0) if halve else (1, 1)
        self.halve = halve
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if not self.halve:
            return F.relu(x + y)
        x = F.avg_pool2d(x, 2)
        side = max(x.shape[-1], y.shape[-1])
        return F.relu(_filled(x, side, y.shape[1]) + _filled(y, side, y.shape[1]))


class DlibResNet29(nn.Module):
    """The backbone up to the mean over the last map.

    Input (N, C, S, S) float, S of 55 pixels or more; output (N, 256).

    Args:
        in_channels: 1 for grey input, 3 for colour.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        width = STAGES[0][0]
        self.conv = nn.Conv2d(in_channels, width, 7, 2, bias=False)
        self.bn = nn.BatchNorm2d(width)
        blocks: list[nn.Module] = []
        for stage, (channels, count) in enumerate(STAGES):
            for place in range(count):
                blocks.append(DlibBlock(width, channels, halve=stage > 0 and place == 0))
                width = channels
        self.blocks = nn.Sequential(*blocks)
        self.avgpool: nn.Module = nn.AdaptiveAvgPool2d(1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.bn(self.conv(x))), 3, 2)
        return torch.flatten(self.avgpool(self.blocks(x)), 1)


def _filled(x: Tensor, side: int, channels: int) -> Tensor:
    """A map (N, C, H, H) with zeros added up to (N, channels, side, side)."""
    missing = side - x.shape[-1]
    if not missing and x.shape[1] == channels:
        return x
    return F.pad(x, (0, missing, 0, missing, 0, channels - x.shape[1]))
