"""Several models as one: their calibrated probabilities averaged."""

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from fer_live.classification.description import CheckpointMeta, InputSpec, read_meta
from fer_live.classification.explain.cam import FaceMaps, explained_classes, merged
from fer_live.classification.runtime.loading import (
    Classifier,
    HeatMapClassifier,
    load_classifier,
    load_explainer,
)
from fer_live.core.errors import ModelError
from fer_live.core.labels import LabelSet
from fer_live.core.paths import MODEL_SEPARATOR, find_models
from fer_live.core.types import FaceCrops, Probabilities

OVERSAMPLING = 2
"""Factor on the size of crops if members differ in size or margin, so that the second scaling loses
little detail."""

Loader = Callable[[Path, str, str | None, str], Classifier]
"""Loads one checkpoint: path, device, head, prior."""


class Ensemble:
    """Several models as one: the mean of their calibrated probabilities, class by class.

    The models may differ in input size, colour mode and crop margin. Crops are cut once, with the
    largest size and margin of any member and in colour if one needs it; each member gets the
    central part with its own margin, at its own size.

    Args:
        members: Two or more, with the same classes in any order.
        framed_alike: Crops have each member's margin already, as the faces of a data set do.

    Raises:
        ModelError: There are fewer than two models, or their classes differ.
    """

    def __init__(self, members: Sequence[Classifier], framed_alike: bool = False) -> None:
        if len(members) < 2:
            raise ModelError("An ensemble needs two models.", "Name --model twice.")
        self.members = tuple(members)
        first = members[0].labels
        for member in members[1:]:
            if set(member.labels.labels) != set(first.labels):
                raise _differ([m.model_name for m in members], [m.labels for m in members])
        self._order = [[m.labels.index(label) for label in first.labels] for m in members]
        self.input = common_input([m.input for m in members])
        widest = self.input.crop_margin
        self._framed = [m.input.crop_margin if framed_alike else widest for m in members]

    def framed_alike(self) -> "Ensemble":
        """The same models, for crops that have each member's margin already."""
        return Ensemble(self.members, framed_alike=True)

    @property
    def labels(self) -> LabelSet:
        """The first member's classes, in its order."""
        return self.members[0].labels

    @property
    def device_name(self) -> str:
        """Names of the devices in use."""
        return MODEL_SEPARATOR.join(dict.fromkeys(m.device_name for m in self.members))

    @property
    def engine_name(self) -> str:
        """Names of the libraries in use."""
        return MODEL_SEPARATOR.join(dict.fromkeys(m.engine_name for m in self.members))

    @property
    def model_name(self) -> str:
        """The names of all members."""
        return MODEL_SEPARATOR.join(member.model_name for member in self.members)

    def classify(self, crops: FaceCrops) -> Probabilities:
        """Mean probabilities of one batch.

        Args:
            crops: (N, S, S) grey or (N, S, S, 3) RGB uint8, as `input` says.

        Returns:
            (N, K) float32.
        """
        return self._mean(
            [m.classify(view) for m, view in zip(self.members, self._views(crops), strict=True)]
        )

    def classify_whole(self, crops: FaceCrops) -> Probabilities:
        """As `classify`, for crops that have each member's margin already."""
        return self.framed_alike().classify(crops)

    @property
    def supports_heat_maps(self) -> bool:
        """Whether every member has heat maps."""
        return all(isinstance(m, HeatMapClassifier) and m.supports_heat_maps for m in self.members)

    def classify_with_maps(
        self, crops: FaceCrops, label: str | None = None
    ) -> tuple[Probabilities, FaceMaps]:
        """As `classify`, with the mean of the members' heat maps of the same class.

        Each member's map is weighted by its probability of the class.

        Args:
            crops: As for `classify`.
            label: The class; None is the top class of each face's mean probabilities.

        Returns:
            (N, K) float32, and (N, h, h) float32 in 0-1 over the whole crop.

        Raises:
            ConfigError: There is no such class, or a member has no heat maps.
        """
        if not len(crops):
            return self.classify(crops), np.zeros((0, 1, 1), np.float32)
        members = [m for m in self.members if isinstance(m, HeatMapClassifier)]
        views = self._views(crops)
        answers = [m.classify_with_maps(v, label) for m, v in zip(members, views, strict=True)]
        mean = self._mean([probabilities for probabilities, _ in answers])
        classes = explained_classes(mean, self.labels, label)
        wanted = np.array(self.labels.labels)[classes]
        maps, weights = [], []
        for member, view, (own, heat) in zip(members, views, answers, strict=True):
            shown = np.array(member.labels.labels)[own.argmax(1)] if label is None else wanted
            heat = heat.copy()
            for other in np.unique(wanted[wanted != shown]):
                rows = np.flatnonzero((wanted == other) & (wanted != shown))
                heat[rows] = member.classify_with_maps(view[rows], str(other))[1]
            maps.append(heat)
            columns = [member.labels.index(str(name)) for name in wanted]
            weights.append(own[np.arange(len(own)), columns])
        spans = [m.input.crop_margin / f for m, f in zip(members, self._framed, strict=True)]
        return mean, merged(maps, spans, weights)

    def average(self, answer: Callable[[Classifier], Probabilities]) -> Probabilities:
        """Mean (N, K) of `answer` over the members, in the class order of the first."""
        return self._mean([answer(member) for member in self.members])

    def _views(self, crops: FaceCrops) -> list[FaceCrops]:
        """The crops for each member."""
        self.input.check(crops)
        pairs = zip(self.members, self._framed, strict=True)
        return [_view(crops, member.input, framed) for member, framed in pairs]

    def _mean(self, answers: Sequence[Probabilities]) -> Probabilities:
        ordered = [a[:, order] for a, order in zip(answers, self._order, strict=True)]
        mean: Probabilities = np.mean(ordered, axis=0, dtype=np.float32)
        return mean


def load_models(
    models: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
    device: str = "auto",
    head: str | None = None,
    load: Loader = load_classifier,
    prior: str = "",
) -> Classifier:
    """Loads one model, or an ensemble of several.

    Of models with several heads, heads with the same classes are used: the first model's default
    head if all others have its classes, else its next head whose classes they have.

    Args:
        models: Names or paths, as for `find_models`; None is the default model.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        head: Head of the first model; None chooses.
        load: Loads each of the models.
        prior: Class shares that the probabilities hold for; see `priors.shares_of`.

    Raises:
        ModelError: A checkpoint is missing or damaged or does not fit, there is no such head, or
            the models have no heads with the same classes.
        DeviceError: The device is not available.
        ConfigError: The prior cannot be used.
    """
    paths = find_models(models)
    if len(paths) == 1:
        return load(paths[0], device, head, prior)
    heads = common_heads([read_meta(path) for path in paths], head)[0]
    return Ensemble([load(path, device, h, prior) for path, h in zip(paths, heads, strict=True)])


def load_explainers(
    models: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
    device: str = "auto",
    head: str | None = None,
    prior: str = "",
) -> HeatMapClassifier:
    """As `load_models`, with heat maps from every model; see `load_explainer`."""
    classifier = load_models(models, device, head, load_explainer, prior)
    assert isinstance(classifier, HeatMapClassifier)
    return classifier


def common_heads(metas: Sequence[CheckpointMeta], head: str | None = None) -> list[tuple[str, ...]]:
    """Heads with the same classes, one for each model; the first model's default head first.

    Args:
        metas: The models' descriptions.
        head: Limits the result to this head of the first model.

    Raises:
        ModelError: There are no such heads.
    """
    first = metas[0]
    wanted = _heads(first) if head is None else [first.choose_head(head)]
    answers = []
    for name in wanted:
        classes = set(first.heads[name].labels.labels)
        same = [
            next((h for h in _heads(m) if set(m.heads[h].labels.labels) == classes), None)
            for m in metas[1:]
        ]
        if None not in same:
            answers.append((name, *(h for h in same if h is not None)))
    if not answers:
        raise _differ([m.name for m in metas], [m.labels for m in metas])
    return answers


def _heads(meta: CheckpointMeta) -> list[str]:
    return sorted(meta.heads, key=lambda name: name != meta.default_head)


def _differ(names: Sequence[str], labels: Sequence[LabelSet]) -> ModelError:
    known = "; ".join(
        f"{name}: {', '.join(known.labels)}" for name, known in zip(names, labels, strict=True)
    )
    return ModelError(
        f"The models {' and '.join(names)} cannot be averaged: they have different classes.",
        f"Use models with the same classes. {known}.",
    )


def common_input(specs: Sequence[InputSpec]) -> InputSpec:
    """The crops from which each of several models can take its part; of one, its own size.

    Only size, colour and crop margin mean something: pixels are normalised by each model.
    """
    widest = max(spec.crop_margin for spec in specs)
    size = max(math.ceil(spec.size * widest / spec.crop_margin) for spec in specs)
    if len({(spec.size, spec.crop_margin) for spec in specs}) > 1:
        size *= OVERSAMPLING
    color: Literal["gray", "rgb"] = "gray"
    if any(spec.color == "rgb" for spec in specs):
        color = "rgb"
    channels = 3 if color == "rgb" else 1
    return InputSpec(size, color, (0.0,) * channels, (1.0,) * channels, widest)


def _view(crops: FaceCrops, spec: InputSpec, framed: float) -> FaceCrops:
    """Crops of margin `framed`, cut and scaled to a member's input."""
    whole = crops.shape[1]
    # The same border on every side: half a pixel more on one side would shift the face.
    border = round(whole * (1 - spec.crop_margin / framed) / 2)
    side = whole - 2 * border
    crops = crops[:, border : whole - border, border : whole - border]
    gray = spec.color == "gray"
    if side == spec.size and (crops.ndim == 3) == gray:
        return crops
    how = cv2.INTER_AREA if side > spec.size else cv2.INTER_CUBIC
    shape = (len(crops), spec.size, spec.size)
    views = np.empty(shape if gray else (*shape, 3), np.uint8)
    for index, crop in enumerate(crops):
        if gray and crop.ndim == 3:
            crop = cv2.cvtColor(np.ascontiguousarray(crop), cv2.COLOR_RGB2GRAY)
        views[index] = cv2.resize(crop, (spec.size, spec.size), interpolation=how)
    return views
