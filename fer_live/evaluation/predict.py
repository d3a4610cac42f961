"""A classifier's probabilities for a whole data set, in batches."""

import numpy as np

from fer_live.classification.runtime.ensemble import Ensemble
from fer_live.classification.runtime.loading import Classifier
from fer_live.core.types import Probabilities
from fer_live.training.data.dataset import FaceData
from fer_live.training.inference import crop_batches


def predict(classifier: Classifier, data: FaceData, *, mirror: bool = False) -> Probabilities:
    """Calibrated probabilities (N, K) of the classifier's head for every face.

    Args:
        classifier: The model; each of an ensemble gets the faces at its own size.
        data: N faces of any size and colour.
        mirror: Average with the mirrored face's probabilities.
    """
    if isinstance(classifier, Ensemble):
        return classifier.average(lambda member: predict(member, data, mirror=mirror))
    parts = [np.zeros((0, len(classifier.labels)), np.float32)]
    for crops in crop_batches(data, classifier.input):
        probabilities: Probabilities = classifier.classify(crops)
        if mirror:
            probabilities = (probabilities + classifier.classify(crops[:, :, ::-1])) * np.float32(
                0.5
            )
        parts.append(probabilities)
    return np.concatenate(parts)
