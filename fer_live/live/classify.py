"""Faces cut out and classified in one batch, with or without heat maps."""

import numpy as np

from fer_live.core.errors import ModelError
from fer_live.core.types import Boxes, HeatMap, ImageBgr, Probabilities
from fer_live.live.protocols import Cropper, FaceClassifier, HeatMapClassifier


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
    probabilities = classifier.classify(crops)
    _check(probabilities, len(boxes_xyxy), classifier)
    return probabilities


def explain_boxes(
    image_bgr: ImageBgr, boxes_xyxy: Boxes, classifier: HeatMapClassifier, crop: Cropper
) -> tuple[Probabilities, tuple[HeatMap, ...]]:
    """As `classify_boxes`, and for each face the heat map of its top class."""
    spec = classifier.input
    crops = crop(image_bgr, boxes_xyxy, spec.size, spec.color, spec.crop_margin)
    probabilities, maps = classifier.classify_with_maps(crops)
    _check(probabilities, len(boxes_xyxy), classifier)
    names = classifier.labels.labels
    return probabilities, tuple(
        HeatMap(values, names[int(row.argmax())], spec.crop_margin)
        for values, row in zip(maps, probabilities, strict=True)
    )


def _check(probabilities: Probabilities, count: int, classifier: FaceClassifier) -> None:
    if (
        probabilities.shape != (count, len(classifier.labels))
        or not np.isfinite(probabilities).all()
    ):
        raise ModelError(
            f"The model {classifier.model_name!r} gave an answer that is no probability.",
            "Use another model, or run it with --device cpu.",
        )
