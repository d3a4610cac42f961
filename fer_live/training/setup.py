"""Start of a run: the untrained module, and the check of a checkpoint to resume from."""

import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fer_live.classification.description import Architecture, InputSpec
from fer_live.core.errors import ConfigError, DataError
from fer_live.training.data.augmentation import resize
from fer_live.training.data.batches import BatchDataset
from fer_live.training.data.dataset import FaceData
from fer_live.training.face_weights import settle_norms
from fer_live.training.module import FaceModule
from fer_live.training.pretrained import holds_face_weights
from fer_live.training.recipe import Recipe

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Per channel (red, green, blue) of the images that torchvision's weights were trained on."""


SETTLING_FACES, SETTLING_BATCH = 2048, 128
"""Faces from which the statistics of a network's batch norms are estimated, and how many at once.
"""


def make_module(recipe: Recipe, data: FaceData, *, pretrained: bool = True) -> FaceModule:
    """The untrained module for a recipe, with the label sets and pixel statistics of its data.

    Args:
        recipe: The run's settings.
        data: Faces with splits.
        pretrained: Load the recipe's pretrained weights; False if a checkpoint replaces them.

    Raises:
        DataError: There are no rows, or no targets, to train or validate on.
        ConfigError: The recipe cannot be built.
        ModelError: The pretrained model is missing or cannot be read.
    """
    train, val = data.part("train"), data.part("val")
    if not len(train) or not len(val):
        raise DataError(
            f"{data.source} has no images for training or none for validation.",
            "Add images, or give the data set train and val splits.",
        )
    model = recipe.model
    channels = 3 if model.color == "rgb" else 1
    mean, std = normalization(recipe, train)
    spec = InputSpec(model.crop_size or model.size, model.color, mean, std, recipe.run.crop_margin)
    labels = {name: target.labels for name, target in data.targets.items()}
    architecture = Architecture(
        name=model.architecture,
        heads={name: len(label_set) for name, label_set in labels.items()},
        in_channels=channels,
        stem=model.stem,  # type: ignore[arg-type]
        widths=model.widths,  # type: ignore[arg-type]
        squeeze_excitation=model.squeeze_excitation,
        hidden=model.hidden,
        dropout=model.dropout,
        drop_features=model.drop_features,
        flatten_size=model.size if model.flatten else 0,
        enlarge_to=model.size if model.crop_size else 0,
    )
    weights = {}
    if recipe.loss.class_weights:
        for name, target in train.targets.items():
            counts = np.maximum(target.probabilities.sum(0), 1.0)
            weights[name] = torch.from_numpy((counts.sum() / (len(counts) * counts)).astype("f4"))
    module = FaceModule(recipe, architecture, labels, spec, weights, pretrained=pretrained)
    if pretrained and holds_face_weights(model.pretrained):
        settle_norms(module.network.trunk, _inputs(module, train))
    for part, what in ((train, "training"), (val, "validation")):
        if not part.targets[module.default_head].probabilities.any():
            raise DataError(
                f"No {what} image of {data.source} has a target for {module.default_head!r}.",
                "Set run.default_head to a head the data has targets for.",
            )
    return module


def _inputs(module: FaceModule, train: FaceData) -> Iterator[Tensor]:
    """Some training faces, spread over all, as the network takes them in its first epoch."""
    rows = np.linspace(0, len(train) - 1, min(SETTLING_FACES, len(train))).round().astype(int)
    images = BatchDataset(train.select(rows)).images
    for faces in torch.split(images, SETTLING_BATCH):
        yield module.normalised(resize(faces.float() / 255, module.size_at(0)))


def normalization(recipe: Recipe, train: FaceData) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation per channel for the recipe, on the 0-1 scale.

    Args:
        recipe: The run's settings.
        train: The training faces.
    """
    channels = 3 if recipe.model.color == "rgb" else 1
    if recipe.model.normalization == "unit":
        return (0.0,) * channels, (1.0,) * channels
    if recipe.model.normalization == "data":
        return pixel_statistics(train.images, channels)
    if channels == 3:
        return IMAGENET_MEAN, IMAGENET_STD
    # A grey image stands for three equal channels.
    return (round(sum(IMAGENET_MEAN) / 3, 4),), (round(sum(IMAGENET_STD) / 3, 4),)


def pixel_statistics(
    images: np.ndarray[Any, np.dtype[np.uint8]], channels: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation per channel on the 0-1 scale, to four digits.

    Args:
        images: (N, S, S) or (N, S, S, 3) uint8.
        channels: 1 or 3; grey images give three equal channels, and colour images give one
            channel over all their values.
    """
    split = images.ndim == 4 and channels == 3
    planes = [images[..., c] for c in range(3)] if split else [images]
    levels = np.arange(256) / 255
    mean, std = [], []
    for plane in planes:
        share = np.bincount(plane.reshape(-1), minlength=256) / plane.size
        centre = float(share @ levels)
        mean.append(round(centre, 4))
        std.append(round(max(float(share @ (levels - centre) ** 2) ** 0.5, 1e-3), 4))
    repeat = channels // len(planes)
    return tuple(mean * repeat), tuple(std * repeat)


_STORED = {"one-cycle": ("epochs",), "plateau": ("factor", "patience", "min_lr")}
"""Settings of a schedule that a resumed run takes from its checkpoint, not from the recipe."""


def check_resumable(
    path: Path, module: FaceModule, settings: Path, crop_margin: float | None
) -> None:
    """Rejects a checkpoint that is damaged or belongs to another network, optimizer or framing.

    Args:
        path: The checkpoint.
        module: The module that resumes from it.
        settings: The run's saved settings; the check skips a file that is missing.
        crop_margin: That of the data's faces, see `FaceData`.

    Raises:
        ConfigError: The checkpoint cannot be resumed; nothing has been changed.
    """
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        shapes = {key: tuple(value.shape) for key, value in stored["state_dict"].items()}
    except (OSError, RuntimeError, EOFError, KeyError, pickle.UnpicklingError) as error:
        raise ConfigError(
            f"{path} is damaged and cannot be resumed.", "Delete it to start again."
        ) from error
    if shapes != {key: tuple(value.shape) for key, value in module.state_dict().items()}:
        raise ConfigError(
            f"{path} holds a different network from that of the recipe and the data.",
            "Resume with the run's own recipe and data, or choose another folder.",
        )
    saved = _saved_settings(settings)
    if saved and saved.get("data", {}).get("crop_margin") != crop_margin:
        raise ConfigError(
            "A resumed run cannot change how its faces are cut out.",
            "Resume with --find-faces if the run began with it, else without.",
        )
    changed = _changed_settings(saved.get("recipe", {}), module.recipe)
    if changed:
        raise ConfigError(
            f"A resumed run cannot change {', '.join(changed)}.",
            "Resume with the run's own recipe, or choose another folder.",
        )


def _saved_settings(settings: Path) -> dict[str, Any]:
    """What `fit` has saved; empty if the file is missing or damaged."""
    try:
        saved = json.loads(settings.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return saved if isinstance(saved, dict) else {}


def _changed_settings(before: dict[str, Any], recipe: Recipe) -> list[str]:
    now = recipe.to_dict()
    names = [("optimizer", name) for name in now["optimizer"]]
    names += [("model", "frozen_layers"), ("schedule", "name")]
    names += [("schedule", name) for name in _STORED.get(recipe.schedule.name, ())]
    return [
        f"{section}.{name}"
        for section, name in names
        if before.get(section, {}).get(name, now[section][name]) != now[section][name]
    ]
