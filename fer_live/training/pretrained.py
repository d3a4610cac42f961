"""Pretrained weights, and freezing of the first layers."""

import contextlib
import http.client
import logging
import pickle
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.models import get_model, get_model_weights

from fer_live.classification.checkpoint import load_checkpoint
from fer_live.classification.description import Architecture, InputSpec
from fer_live.classification.networks.architectures import FaceNet
from fer_live.core.errors import ConfigError
from fer_live.core.paths import find_model
from fer_live.training.face_weights import DLIB_SUFFIX, face_weights_file, load_face_weights

_log = logging.getLogger(__name__)

_OFF_MAIN_PATH = re.compile(r"downsample|\.fc[12]$")
"""Names of convolutions outside the main path: shortcuts, and both of an excitation block."""

STANDARD_WIDTHS = (64, 128, 256, 512)

_DOWNLOAD_ERRORS = (http.client.HTTPException, pickle.UnpicklingError)
"""Errors of an interrupted download and of a file that torch cannot read, besides OSError."""

NONE, IMAGENET, DLIB_FACE = "none", "imagenet", "dlib-face"
"""Values of a recipe's ``pretrained`` that are not a model's name or a path."""


def load_pretrained(
    source: str, network: FaceNet, architecture: Architecture, spec: InputSpec
) -> None:
    """Puts the weights that a recipe's ``pretrained`` names into a fresh network.

    Args:
        source: ``none``, ``imagenet``, ``dlib-face`` (dlib's face network from the installed
            package ``face_recognition_models``) or that network's ``.dat`` file, or the name or
            path of a model with the same backbone.
        network: The network, changed in place.
        architecture: What it was built from.
        spec: How pictures are normalised for it.

    Raises:
        ConfigError: The weights do not fit or cannot be downloaded.
        ModelError: The model is missing or cannot be read.
    """
    if source == IMAGENET:
        load_imagenet(network, architecture)
    elif holds_face_weights(source):
        load_face_weights(face_weights_file(source), network, spec.mean, spec.std)
    elif source != NONE:
        load_model(source, network, architecture)


def holds_face_weights(source: str) -> bool:
    """Whether a recipe's ``pretrained`` names dlib's face network."""
    return source == DLIB_FACE or Path(source).suffix.lower() == DLIB_SUFFIX


def load_model(name_or_path: str, network: FaceNet, architecture: Architecture) -> None:
    """Copies another model's weights into the backbone, and into the heads of the same shape.

    Raises:
        ConfigError: The model has another backbone.
        ModelError: There is no such model, or it cannot be read.
    """
    other, meta = load_checkpoint(find_model(name_or_path))
    differ = [
        name
        for name in ("name", "in_channels", "stem", "widths", "squeeze_excitation")
        if getattr(meta.architecture, name) != getattr(architecture, name)
    ]
    if differ:
        raise ConfigError(
            f"The model {name_or_path} is another network (its {', '.join(differ)}).",
            "Give the recipe's [model] the same settings, or start from another model.",
        )
    own = network.state_dict()
    taken = {
        key: value
        for key, value in other.state_dict().items()
        if key in own and own[key].shape == value.shape
    }
    network.load_state_dict({**own, **taken})
    fresh = sorted({key.split(".")[1] for key in own.keys() - taken.keys()})
    _log.info("Weights of %s loaded; heads with fresh weights: %s", name_or_path, fresh or "none")


def load_imagenet(network: FaceNet, architecture: Architecture) -> None:
    """Copies torchvision's ImageNet weights into the backbone, downloading them if necessary.

    For one input channel the first convolution's weights are summed over the colours, which
    gives the same output as the colour network gives for a grey image. A stem of another shape,
    excitation blocks and heads keep their fresh weights.

    Raises:
        ConfigError: The widths are not the standard ones, or the weights cannot be downloaded.
    """
    if tuple(architecture.widths) != STANDARD_WIDTHS:
        raise ConfigError(
            f"There are no ImageNet weights for widths {list(architecture.widths)}.",
            f'Use widths = {list(STANDARD_WIDTHS)}, or pretrained = "none".',
        )
    source = fetch_imagenet(architecture.name)
    first = next(key for key, value in source.items() if value.ndim == 4)
    if architecture.in_channels == 1:
        source[first] = source[first].sum(1, keepdim=True)
    own = network.trunk.state_dict()
    taken: dict[str, Tensor] = {}
    for key, value in own.items():
        # An excitation block wraps the norm before it, which then has index 0.
        old = source.get(key, source.get(_unwrapped(key)))
        if old is not None and old.shape == value.shape:
            taken[key] = old
    network.trunk.load_state_dict({**own, **taken})
    left = sum(p.numel() for k, p in network.trunk.named_parameters() if k not in taken)
    _log.info("ImageNet weights loaded; %d weights of the backbone start fresh", left)


def fetch_imagenet(name: str) -> dict[str, Tensor]:
    """The state of torchvision's network of this name, without its classifier.

    torch.hub checks a file that it downloads against the hash in its name, but not a file that is
    already in its folder; the contents are therefore checked here.

    Raises:
        ConfigError: There is no network, no disk space or no such weights, or the file is damaged.
    """
    try:
        weights = get_model_weights(name).DEFAULT
    except ValueError as error:
        raise ConfigError(
            f"There are no ImageNet weights for {name}.", 'Use pretrained = "none".'
        ) from error
    file = Path(torch.hub.get_dir()) / "checkpoints" / Path(weights.url).name
    was_there = file.is_file()
    try:
        with contextlib.redirect_stdout(sys.stderr):  # torch.hub prints what it downloads
            state = weights.get_state_dict(progress=False, check_hash=True)
        _check_state(state, name)
    except (OSError, RuntimeError, ValueError, EOFError, *_DOWNLOAD_ERRORS) as error:
        if was_there and file.is_file():
            raise ConfigError(
                f"{file} is damaged or holds no ImageNet weights of {name}.",
                'Delete it to download it again, or use pretrained = "none".',
            ) from error
        raise ConfigError(
            f"The ImageNet weights of {name} could not be downloaded ({error}).",
            f'Use pretrained = "none", or download {weights.url} on another computer '
            f"and copy it to {file.parent}.",
        ) from error
    return {key: value for key, value in state.items() if not key.startswith("fc.")}


def _check_state(state: Mapping[str, Tensor], name: str) -> None:
    """Raises ValueError for anything but the weights of torchvision's network of this name."""
    with torch.device("meta"):
        expected = get_model(name).state_dict()
    # Old weights lack num_batches_tracked.
    shapes = {k: v.shape for k, v in expected.items() if not k.endswith("num_batches_tracked")}
    if not isinstance(state, Mapping) or any(
        not isinstance(state.get(key), Tensor) or state[key].shape != shape
        for key, shape in shapes.items()
    ):
        raise ValueError(f"these are not the weights of {name}")


def freeze(network: FaceNet, layers: int) -> list[nn.Module]:
    """Excludes the first layers of the backbone from training.

    Layers are counted as in the networks' names: a convolution on the main path, with its norm,
    shortcut and excitation block. A ResNet-50 has 49 of them and one linear layer; with 40
    frozen, the last stage and the head are trained. The caller keeps the returned modules in
    evaluation mode, so that the statistics of the norms do not drift.

    Args:
        network: The network, changed in place.
        layers: Number of layers, counted from the input.

    Returns:
        The frozen modules.

    Raises:
        ConfigError: The backbone has fewer layers.
    """
    count, found = 0, []
    for name, module in network.trunk.named_modules():
        if next(module.parameters(recurse=False), None) is None:
            continue
        count += isinstance(module, nn.Conv2d) and not _OFF_MAIN_PATH.search(name)
        found.append((count, module))
    if not 0 <= layers <= count:
        raise ConfigError(
            f"{layers} layers cannot be frozen: the network has {count} before its heads.",
            f"Set frozen_layers to 0-{count}.",
        )
    frozen = [module for number, module in found if number <= layers]
    for module in frozen:
        module.requires_grad_(False)
    return frozen


def _unwrapped(key: str) -> str:
    parts = key.split(".")
    return ".".join([*parts[:-2], parts[-1]]) if len(parts) > 2 and parts[-2] == "0" else key
