"""Explains images: a heat map over every face shows which areas support its label."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fer_live.batch.images import images_in, predict_file, write_image
from fer_live.classification.runtime.ensemble import Ensemble, load_explainers
from fer_live.classification.runtime.loading import HeatMapClassifier
from fer_live.core.errors import ConfigError
from fer_live.core.settings import DetectorChoice
from fer_live.core.types import Face, FaceCrops, HeatMap, Probabilities
from fer_live.detection.still_detector import still_detector
from fer_live.overlay.draw import OverlayOptions, draw_overlay

MAP_DIGITS = 4
"""Decimals of a heat map in a record."""


def explain_paths(
    paths: Sequence[Path],
    out: Path,
    *,
    model: str | Sequence[str] | None = None,
    device: str = "auto",
    head: str | None = None,
    prior: str = "",
    label: str | None = None,
    detect: bool = True,
    detector: DetectorChoice = "auto",
) -> Iterator[dict[str, Any]]:
    """One record per image, as `predict_paths`; also writes the image with heat maps on its faces.

    Args:
        paths: Images and folders of images.
        out: Folder of the written images.
        model: Name or path of a model, None being the default, or several to be averaged.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        head: Head of the (first) model to explain; None chooses.
        prior: Class shares that the probabilities hold for; see `priors.shares_of`.
        label: Explain this label instead of each face's own.
        detect: False takes each whole image as one face.
        detector: What finds the faces, see `still_detector`.

    Yields:
        What `predict_paths` yields, with ``picture`` (the written file, or None), and for each face
        ``map`` (rows of numbers in 0-1) and ``map_label``.

    Raises:
        ConfigError: The model does not know the label.
        FerLiveError: Model, device or detector is not available, or `out` cannot be written.
    """
    explaining = _Explaining(load_explainers(model, device, head, prior), label)
    finder = still_detector(detector) if detect else None
    options = OverlayOptions(show_bars=True, show_fps=False, show_ids=False)
    for path, problem in images_in(paths):
        result, image_bgr = predict_file(path, problem, finder, explaining)
        record = result.to_dict() | {"picture": None}
        if image_bgr is not None:
            faces = tuple(
                replace(face, heat=explaining.heat_of(face, index))
                for index, face in enumerate(result.faces)
            )
            for entry, face in zip(record["faces"], faces, strict=True):
                assert face.heat is not None
                entry["map_label"] = face.heat.label
                entry["map"] = np.round(face.heat.values.astype(float), MAP_DIGITS).tolist()
            annotated = draw_overlay(image_bgr, faces, explaining.labels.labels, options)
            record["picture"] = str(write_image(out, path, annotated))
        yield record


class _Explaining:
    """A classifier that keeps the heat maps of its last batch."""

    def __init__(self, classifier: HeatMapClassifier, label: str | None) -> None:
        self._classifier = classifier
        self._label = label
        self.labels, self.input = classifier.labels, classifier.input
        self.device_name, self.engine_name = classifier.device_name, classifier.engine_name
        self.model_name = classifier.model_name
        if label is not None and label not in self.labels.labels:
            raise ConfigError(
                f"The model {self.model_name!r} has no label {label!r}.",
                f"Choose one of: {', '.join(self.labels.labels)}.",
            )

    def classify(self, crops: FaceCrops) -> Probabilities:
        """As `FaceClassifier.classify`; keeps the maps."""
        return self._explain(self._classifier, crops, whole=False)

    def classify_whole(self, crops: FaceCrops) -> Probabilities:
        """As `classify`, for crops that are whole images padded to squares."""
        alike = self._classifier
        if isinstance(alike, Ensemble):
            alike = alike.framed_alike()
        return self._explain(alike, crops, whole=True)

    def _explain(
        self, classifier: HeatMapClassifier, crops: FaceCrops, whole: bool
    ) -> Probabilities:
        probabilities, self._maps = classifier.classify_with_maps(crops, self._label)
        self._whole = whole
        return probabilities

    def heat_of(self, face: Face, index: int) -> HeatMap:
        """The heat map of a face, by its index in the last batch."""
        assert face.label is not None
        _, _, width, height = face.box_xywh
        square = 2 * max(width, height) / (width + height)
        margin = square if self._whole else self.input.crop_margin
        return HeatMap(self._maps[index], self._label or face.label, margin)
