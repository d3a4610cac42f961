"""Pictures explained: every face with a heat map of what speaks for its label."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fer_live.batch.images import pictures_in, predict_file, write_picture
from fer_live.classification.runtime.ensemble import Ensemble, load_explainers
from fer_live.classification.runtime.loading import MapClassifier
from fer_live.core.errors import ConfigError
from fer_live.core.types import Face, FaceCrops, HeatMap, Probabilities
from fer_live.detection.still_detector import still_detector
from fer_live.overlay.draw import OverlayOptions, draw_overlay

MAP_DIGITS = 4
"""Decimals of a map in a record."""


def explain_paths(
    paths: Sequence[Path],
    out: Path,
    *,
    model: str | Sequence[str] | None = None,
    device: str = "auto",
    head: str | None = None,
    label: str | None = None,
    detect: bool = True,
) -> Iterator[dict[str, Any]]:
    """One answer per picture, as `predict_paths`, and the picture with heat maps over its faces.

    Args:
        paths: Pictures and folders of pictures.
        out: Folder for the pictures.
        model: Name or path of a model, None being the default, or several to be averaged.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        head: The (first) model's answer to explain; None chooses.
        label: Explain this label instead of each face's own.
        detect: False takes each whole picture as one face.

    Yields:
        What `predict_paths` does, ``picture`` (the file written, or None), and for each face
        ``map`` (rows of numbers in 0-1) and ``map_label``.

    Raises:
        ConfigError: The model does not know the label.
        FerLiveError: Model, device or detector cannot be had, or `out` not be written.
    """
    explaining = _Explaining(load_explainers(model, device, head), label)
    detector = still_detector() if detect else None
    options = OverlayOptions(show_bars=True, show_fps=False, show_ids=False)
    for path, problem in pictures_in(paths):
        answer, image_bgr, faces = predict_file(path, problem, detector, explaining)
        answer["picture"] = None
        if image_bgr is not None and answer["error"] is None:
            faces = tuple(
                replace(face, heat=explaining.heat_of(face, place))
                for place, face in enumerate(faces)
            )
            for record, face in zip(answer["faces"], faces, strict=True):
                assert face.heat is not None
                record["map_label"] = face.heat.label
                record["map"] = np.round(face.heat.values.astype(float), MAP_DIGITS).tolist()
            picture = draw_overlay(image_bgr, faces, explaining.labels.labels, options)
            answer["picture"] = str(write_picture(out, path, picture))
        yield answer


class _Explaining:
    """A classifier that remembers the maps of its last answer."""

    def __init__(self, classifier: MapClassifier, label: str | None) -> None:
        self._classifier = classifier
        self._label = label
        self.labels, self.input = classifier.labels, classifier.input
        self.device_name, self.model_name = classifier.device_name, classifier.model_name
        if label is not None and label not in self.labels.labels:
            raise ConfigError(
                f"The model {self.model_name!r} knows no {label!r}.",
                f"Choose one of: {', '.join(self.labels.labels)}.",
            )

    def classify(self, crops: FaceCrops) -> Probabilities:
        """As the classifier."""
        return self._explain(self._classifier, crops, whole=False)

    def classify_whole(self, crops: FaceCrops) -> Probabilities:
        """As `classify`, for crops that are whole pictures made square."""
        alike = self._classifier
        if isinstance(alike, Ensemble):
            alike = alike.framed_alike()
        return self._explain(alike, crops, whole=True)

    def _explain(self, classifier: MapClassifier, crops: FaceCrops, whole: bool) -> Probabilities:
        probabilities, self._maps = classifier.classify_with_maps(crops, self._label)
        self._whole = whole
        return probabilities

    def heat_of(self, face: Face, place: int) -> HeatMap:
        """The map of a face of the last answer, by its place in it."""
        assert face.label is not None
        _, _, width, height = face.box_xywh
        square = 2 * max(width, height) / (width + height)
        margin = square if self._whole else self.input.crop_margin
        return HeatMap(self._maps[place], self._label or face.label, margin)
