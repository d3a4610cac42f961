"""Inference over a whole data set, in batches."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from fer_live.classification.description import InputSpec
from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.classification.runtime.ensemble import Ensemble
from fer_live.classification.runtime.loading import Classifier
from fer_live.core.types import FaceCrops, Probabilities
from fer_live.training.data.augmentation import resize, to_channels
from fer_live.training.data.dataset import FaceData

BATCH = 256
"""Faces per batch; only memory depends on it."""


def to_crops(images: NDArray[np.uint8], spec: InputSpec) -> FaceCrops:
    """Converts faces to a model's input size and colour mode, as training does.

    Args:
        images: (N, S, S) or (N, S, S, 3) uint8; colour is red, green, blue.
        spec: The model's input.

    Returns:
        (N, size, size) or (N, size, size, 3) uint8.
    """
    channels = 1 if spec.color == "gray" else 3
    given = 1 if images.ndim == 3 else 3
    if images.shape[1:3] == (spec.size, spec.size) and given == channels:
        return images
    batch = torch.from_numpy(np.ascontiguousarray(images))
    batch = (batch[:, None] if given == 1 else batch.permute(0, 3, 1, 2)).float()
    batch = to_channels(resize(batch, spec.size), channels).round().clamp(0, 255).byte()
    return batch[:, 0].numpy() if channels == 1 else batch.permute(0, 2, 3, 1).numpy()


def crop_batches(data: FaceData, spec: InputSpec) -> Iterator[FaceCrops]:
    """All faces of a data set in its order, `BATCH` at a time, as `to_crops` gives them."""
    for start in range(0, len(data), BATCH):
        yield to_crops(data.images[start : start + BATCH], spec)


def predict_logits(
    classifier: TorchClassifier, data: FaceData, *, mirrored: bool = False
) -> dict[str, torch.Tensor]:
    """Logits of every head, without calibration, for every face.

    Args:
        classifier: The model.
        data: N faces of any size and colour, at least one.
        mirrored: Mirror the faces first.

    Returns:
        (N, K) float32 on the CPU, by head name.
    """
    parts = [
        classifier.logits(crops[:, :, ::-1] if mirrored else crops)
        for crops in crop_batches(data, classifier.input)
    ]
    return {name: torch.cat([p[name].float().cpu() for p in parts]) for name in parts[0]}


def predict(classifier: Classifier, data: FaceData, *, mirror: bool = False) -> Probabilities:
    """Calibrated probabilities (N, K) of the classifier's head for every face.

    Args:
        classifier: The model; each model of an ensemble gets the faces at its own size, and of
            faces that were cut out of photographs for these models the part that it sees live.
        data: N faces of any size and colour.
        mirror: Average with the mirrored face's probabilities.
    """
    if isinstance(classifier, Ensemble) and data.crop_margin is None:
        return classifier.average(lambda member: predict(member, data, mirror=mirror))
    parts = [np.zeros((0, len(classifier.labels)), np.float32)]
    for crops in crop_batches(data, classifier.input):
        probabilities: Probabilities = classifier.classify(crops)
        if mirror:
            both = probabilities + classifier.classify(crops[:, :, ::-1])
            probabilities = both * np.float32(0.5)
        parts.append(probabilities)
    return np.concatenate(parts)
