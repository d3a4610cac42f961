"""Faces cut out and classified in one batch, with or without heat maps."""

import threading

import numpy as np
from numpy.typing import NDArray

from fer_live.classification.runtime.base import FaceClassifier
from fer_live.classification.runtime.loading import HeatMapClassifier
from fer_live.core.errors import ModelError
from fer_live.core.types import Boxes, FaceCrops, HeatMap, ImageBgr, Probabilities
from fer_live.live.protocols import Cropper


def classify_boxes(
    image_bgr: ImageBgr, boxes_xyxy: Boxes, classifier: FaceClassifier, crop: Cropper
) -> Probabilities:
    """Cuts faces out as the model wants them and classifies them in one batch.

    Args:
        image_bgr: (H, W, 3) uint8.
        boxes_xyxy: (N, 4) pixels, N at least 1.
        classifier, crop: The parts.

    Returns:
        (N, K) probabilities.

    Raises:
        ModelError: The model's answer has another shape or is not a number.
    """
    spec = classifier.input
    crops = crop(image_bgr, boxes_xyxy, spec.size, spec.color, spec.crop_margin)
    return classify_crops(crops, classifier)


def classify_crops(crops: FaceCrops, classifier: FaceClassifier) -> Probabilities:
    """(N, K) probabilities of N crops, at least one, in one batch; raises as `classify_boxes`."""
    probabilities = classifier.classify(crops)
    _check(probabilities, len(crops), classifier)
    return probabilities


def explain_crops(
    crops: FaceCrops, classifier: HeatMapClassifier
) -> tuple[Probabilities, tuple[HeatMap, ...]]:
    """As `classify_crops`, and for each face the heat map of its top class."""
    probabilities, maps = classifier.classify_with_maps(crops)
    _check(probabilities, len(crops), classifier)
    names = classifier.labels.labels
    return probabilities, tuple(
        HeatMap(values, names[int(row.argmax())], classifier.input.crop_margin)
        for values, row in zip(maps, probabilities, strict=True)
    )


class SharedClassifier:
    """A classifier for several threads, one of which computes at a time.

    Args:
        classifier: Used by nobody else, unless they hold `turn`.
        turn: Held while it computes.
    """

    def __init__(self, classifier: FaceClassifier, turn: threading.Lock) -> None:
        self._classifier = classifier
        self._turn = turn
        self.labels = classifier.labels
        self.input = classifier.input
        self.device_name = classifier.device_name
        self.engine_name = classifier.engine_name
        self.model_name = classifier.model_name
        self.supports_heat_maps = (
            isinstance(classifier, HeatMapClassifier) and classifier.supports_heat_maps
        )

    def classify(self, crops: FaceCrops) -> Probabilities:
        with self._turn:
            return self._classifier.classify(crops)

    def classify_with_maps(
        self, crops: FaceCrops, label: str | None = None
    ) -> tuple[Probabilities, NDArray[np.float32]]:
        assert isinstance(self._classifier, HeatMapClassifier)
        with self._turn:
            return self._classifier.classify_with_maps(crops, label)


def _check(probabilities: Probabilities, count: int, classifier: FaceClassifier) -> None:
    if (
        probabilities.shape != (count, len(classifier.labels))
        or not np.isfinite(probabilities).all()
    ):
        raise ModelError(
            f"The model {classifier.model_name!r} gave an answer that is no probability.",
            "Use another model, or run it with --device cpu.",
        )
