"""Class activation maps: the areas of a face that support a class against the others.

They are Grad-CAM (Selvaraju et al., 2017) of the logarithm of the class's odds. Of its logit alone
they would also mark what supports every class. For a head of one linear layer over the averaged
last feature map there is a closed form: the sum of the channels, weighted by the layer's weights
for the class (CAM; Zhou et al., 2016) less the mean weights of the other classes by their
probabilities. It equals Grad-CAM up to a factor, which scaling removes. Other heads need gradients:
see `gradcam`.
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
"""(N, h, w) float32, 0-1: how much each position in N crops supports a class."""

MERGED_FINER = 2
"""Factor on the side of merged maps if the maps differ in size or span."""


def in_closed_form(meta: CheckpointMeta) -> bool:
    """Whether the model's heads are one linear layer over the averaged feature map."""
    return not meta.architecture.hidden and not meta.architecture.flatten_size


def explain(
    features: NDArray[np.float32],
    weights: NDArray[np.float32],
    probabilities: Probabilities,
    labels: LabelSet,
    label: str | None,
) -> FaceMaps:
    """Heat maps of one class for each face.

    Args:
        features: (N, C, h, w) last feature map, before the average.
        weights: (K, C) of the head's linear layer.
        probabilities: (N, K) of the faces.
        labels, label: As for `explained_classes`.

    Raises:
        ConfigError: The model has no such class.
    """
    count, channels, height, width = features.shape
    classes = explained_classes(probabilities, labels, label)
    others = probabilities.copy()
    others[np.arange(count), classes] = 0
    total = others.sum(1, keepdims=True)
    others /= np.where(total > 0, total, 1)
    directions = weights[classes] - others @ weights
    raw = np.matmul(directions[:, None], features.reshape(count, channels, height * width))
    return scaled(raw.reshape(count, height, width))


def scaled(raw: NDArray[np.float32]) -> FaceMaps:
    """Maps (N, h, w) with negative values set to 0, scaled so that the largest value is 1.

    A map without positive values becomes 0 everywhere.
    """
    positive = np.maximum(raw, 0)
    most = positive.max((1, 2), keepdims=True, initial=0)
    return np.asarray(positive / np.where(most > 0, most, 1), np.float32)


def merged(
    maps: Sequence[FaceMaps], spans: Sequence[float], weights: Sequence[NDArray[np.float32]]
) -> FaceMaps:
    """Weighted mean of several models' maps of the same faces, scaled to 0-1.

    Args:
        maps: (N, h, h) of each model, N at least 1.
        spans: Side of each model's central part, as a share of the whole crop's side.
        weights: (N,) weights of each model's maps.
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
    """(N,) class to explain: that of `label`, or the top class of each row for None.

    Raises:
        ConfigError: The model has no such class.
    """
    if label is None:
        return np.asarray(probabilities.argmax(1), np.int64)
    if label not in labels.labels:
        raise ConfigError(
            f"The model has no class {label!r}.", f"It has {', '.join(labels.labels)}."
        )
    return np.full(len(probabilities), labels.index(label), np.int64)


def no_maps(model_name: str) -> ConfigError:
    """The error for a model without heat maps in closed form."""
    return ConfigError(
        f"The model {model_name!r} has no heat maps that are fast enough for live display.",
        "fer-live explain computes them for images.",
    )
