"""Class activation maps: which places of a face speak for a class.

Where a head is one linear layer over the averaged last feature map, the map has a closed form:
the sum of the channels, weighted as the layer weighs their averages (CAM; Zhou et al., 2016). It
is Grad-CAM (Selvaraju et al., 2017) up to the number of places, which scaling takes away. Other
heads need gradients: see `gradcam`.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.classification.description import CheckpointMeta
from fer_live.core.errors import ConfigError
from fer_live.core.labels import LabelSet
from fer_live.core.types import Probabilities

FaceMaps = NDArray[np.float32]
"""(N, h, w) float32, 0-1: how much each place of N crops speaks for a class."""

MERGED_FINER = 2
"""Where merged maps differ in size or span, the result is so many times finer than they are."""


def in_closed_form(meta: CheckpointMeta) -> bool:
    """Whether the model's heads are one linear layer over averages."""
    return not meta.architecture.hidden and not meta.architecture.flatten_size


def class_maps(
    features: NDArray[np.float32], weights: NDArray[np.float32], classes: NDArray[np.int64]
) -> FaceMaps:
    """The maps of one class for each face.

    Args:
        features: (N, C, h, w) last feature map, before it is averaged.
        weights: (K, C) of the head's linear layer.
        classes: (N,) the class whose map is wanted.
    """
    count, channels, height, width = features.shape
    places = features.reshape(count, channels, height * width)
    raw = np.matmul(weights[classes][:, None], places)
    return scaled(raw.reshape(count, height, width))


def explain(
    features: NDArray[np.float32],
    weights: NDArray[np.float32],
    probabilities: Probabilities,
    labels: LabelSet,
    label: str | None,
) -> FaceMaps:
    """`class_maps` of the `explained_classes`; arguments as theirs."""
    return class_maps(features, weights, explained_classes(probabilities, labels, label))


def scaled(raw: NDArray[np.float32]) -> FaceMaps:
    """Maps (N, h, w) without what speaks against the class, the most that speaks for it being 1.

    A map in which nothing speaks for the class is 0 everywhere.
    """
    positive = np.maximum(raw, 0)
    most = positive.max((1, 2), keepdims=True, initial=0)
    return np.asarray(positive / np.where(most > 0, most, 1), np.float32)


def merged(
    maps: Sequence[FaceMaps], spans: Sequence[float], weights: Sequence[NDArray[np.float32]]
) -> FaceMaps:
    """Several models' maps of the same faces as one.

    Args:
        maps: (N, h, h) of each model, N at least 1.
        spans: Share of the whole crop's side, 0-1, that each model saw: the middle.
        weights: (N,) how much each model's map counts.
    """
    sides = [math.ceil(m.shape[1] / span) for m, span in zip(maps, spans, strict=True)]
    side = max(sides)
    if len({(m.shape[1], span) for m, span in zip(maps, spans, strict=True)}) > 1:
        side *= MERGED_FINER
    total = np.zeros((len(maps[0]), side, side), np.float32)
    for own, span, weight in zip(maps, spans, weights, strict=True):
        border = round(side * (1 - span) / 2)
        inner = side - 2 * border
        for row, heat in enumerate(own):
            fine = cv2.resize(heat, (inner, inner), interpolation=cv2.INTER_LINEAR)
            total[row, border : side - border, border : side - border] += weight[row] * fine
    return scaled(total)


def explained_classes(
    probabilities: Probabilities, labels: LabelSet, label: str | None
) -> NDArray[np.int64]:
    """(N,) the class to explain: of a label, else the top class of each row.

    Raises:
        ConfigError: The model has no such class.
    """
    if label is None:
        return np.asarray(probabilities.argmax(1), np.int64)
    if label not in labels.labels:
        raise ConfigError(f"The model knows no {label!r}.", f"It knows {', '.join(labels.labels)}.")
    return np.full(len(probabilities), labels.index(label), np.int64)


def no_maps(model_name: str) -> ConfigError:
    """What a user is told whose model has no maps in closed form."""
    return ConfigError(
        f"The model {model_name!r} has no heat map that is quick enough to be shown live.",
        "fer-live explain shows it for pictures.",
    )
