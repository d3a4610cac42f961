"""Distillation: predictions of trained models for the training faces, mixed into the targets.

`with_teachers` asks the teachers once for each face; `ViewTeachers` asks them in every step for the
view of the face that the student sees.
"""

import contextlib
import hashlib
import logging
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fer_live.classification.checkpoint import load_checkpoint
from fer_live.classification.description import CheckpointMeta
from fer_live.classification.networks.architectures import FaceNet
from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.classification.runtime.device import choose_device
from fer_live.core.errors import ConfigError
from fer_live.core.labels import LabelSet
from fer_live.core.paths import find_model
from fer_live.training.data.augmentation import to_channels
from fer_live.training.data.dataset import SPLITS, FaceData, HeadTargets
from fer_live.training.data.fer2013 import save_arrays
from fer_live.training.inference import predict_logits
from fer_live.training.recipe import LossRecipe

_log = logging.getLogger(__name__)


def with_teachers(
    data: FaceData, loss: LossRecipe, device: str = "auto", cache: Path | None = None
) -> FaceData:
    """The data with its training targets mixed with teachers' predictions (Hinton et al., 2015).

    A prediction is the mean of the probabilities over the teachers and over the face and its
    mirror image, without calibration. Validation and test faces and faces without a target keep
    what they have.

    Args:
        data: Faces with splits.
        loss: Its `teachers` and `teacher_share`; with `teacher_views` the data stays as it is.
        device: Where the teachers run; see `choose_device`.
        cache: File where their answers are kept for a resumed run; None keeps nothing.

    Raises:
        ConfigError: A share for a head that the data or a teacher does not have.
        DeviceError: The device is not available.
        ModelError: A teacher is missing or cannot be read.
    """
    shares = {head: share for head, share in loss.teacher_share.items() if share}
    if not loss.teachers or not shares or loss.teacher_views:
        return data
    rows = np.flatnonzero(data.split == SPLITS.index("train"))
    predictions = _cached(loss.teachers, data.select(rows), sorted(shares), device, cache)
    targets = dict(data.targets)
    for head, share in shares.items():
        target = targets[head]
        mixed = target.probabilities.copy()
        has_target = mixed[rows].any(1)
        known, predicted = rows[has_target], predictions[head][has_target]
        agreeing = int((predicted.argmax(1) == mixed[known].argmax(1)).sum())
        _log.info(
            "The teachers agree with %d of %d training targets of %s", agreeing, len(known), head
        )
        mixed[known] = (1 - share) * mixed[known] + share * predicted
        targets[head] = HeadTargets(target.labels, mixed)
    return replace(data, targets=targets)


def _cached(
    teachers: Sequence[str],
    train: FaceData,
    heads: Sequence[str],
    device: str,
    cache: Path | None,
) -> dict[str, NDArray[np.float32]]:
    """`_predictions`, from the file if it holds those of the same teachers, faces and heads."""
    if cache is None:
        return _predictions(teachers, train, heads, device)
    digest = hashlib.sha256(train.images.tobytes())
    for name in teachers:
        with contextlib.suppress(OSError):  # `_predictions` says what is wrong with it
            digest.update(find_model(name).read_bytes())
    key = f"{digest.hexdigest()} {' '.join(heads)}"
    try:
        with cache.open("rb") as handle, np.load(handle) as stored:
            if str(stored["key"]) == key:
                return {head: stored[head] for head in heads}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        pass  # none yet, or damaged
    predictions = _predictions(teachers, train, heads, device)
    save_arrays(cache, key=np.array(key), **predictions)
    return predictions


def _predictions(
    teachers: Sequence[str], train: FaceData, heads: Sequence[str], device: str
) -> dict[str, NDArray[np.float32]]:
    """(N, K) mean probabilities by head name."""
    sums = {head: torch.zeros(()) for head in heads}
    labels = {name: target.labels for name, target in train.targets.items()}
    for name in teachers:
        network, meta = _teacher(name, heads, labels)
        classifier = TorchClassifier(network, meta, choose_device(device))
        for mirrored in (False, True):
            logits = predict_logits(classifier, train, mirrored=mirrored)
            sums = {head: sums[head] + logits[head].softmax(1) for head in heads}
    return {head: (total / (2 * len(teachers))).numpy() for head, total in sums.items()}


class ViewTeachers:
    """Trained models that answer for every view of a training face (Beyer et al., 2022).

    A view is the face flipped, turned, shifted and scaled as the student sees it, but neither
    degraded nor erased: the student learns to say of the poor picture what the teachers say of the
    good one. A teacher that enlarges its faces gets the view at the larger side at once: enlarged
    after it was turned at the smaller side, a face is blurred. The answers are not calibrated.

    Args:
        loss: Its `teachers` and `teacher_share`.
        labels: Label set of each head of the data, by name.

    Raises:
        ConfigError: A share for a head that the data or a teacher does not have.
        ModelError: A teacher is missing or cannot be read.
    """

    def __init__(self, loss: LossRecipe, labels: Mapping[str, LabelSet]) -> None:
        self._shares = {head: share for head, share in loss.teacher_share.items() if share}
        self._teachers: list[tuple[FaceNet, CheckpointMeta]] = []
        for name in loss.teachers:
            network, meta = _teacher(name, sorted(self._shares), labels)
            network.eval().requires_grad_(False).to(memory_format=torch.channels_last)
            self._teachers.append((network, meta))

    def __deepcopy__(self, memo: object) -> "ViewTeachers":
        """Itself: teachers do not change, and an average of the student's weights needs none."""
        return self

    def to(self, device: torch.device) -> None:
        """Moves the teachers to the student's device."""
        for network, _ in self._teachers:
            network.to(device)

    @torch.no_grad()
    def mixed(
        self, targets: Mapping[str, Tensor], view: Callable[[int], Tensor]
    ) -> dict[str, Tensor]:
        """The targets of a batch with the teachers' mean answers mixed in.

        Args:
            targets: (N, K) float32 distributions by head name; rows of zeros stay as they are.
            view: Gives the batch's views for a side S: (N, C, S, S) float32 in 0-1.
        """
        views: dict[int, Tensor] = {}
        sums = dict.fromkeys(self._shares, 0.0 * next(iter(targets.values()))[:, :1])
        for network, meta in self._teachers:
            spec, side = meta.input, meta.network_side
            if side not in views:
                views[side] = view(side)
            x = to_channels(views[side], len(spec.mean))
            mean, std = (x.new_tensor(v).view(1, -1, 1, 1) for v in (spec.mean, spec.std))
            logits = network.answers((x - mean) / std)
            sums = {head: sums[head] + logits[head].float().softmax(1) for head in sums}
        result = dict(targets)
        for head, share in self._shares.items():
            known = targets[head].sum(1, keepdim=True) > 0
            taught = (1 - share) * targets[head] + share * sums[head] / len(self._teachers)
            result[head] = torch.where(known, taught, targets[head])
        return result


def _teacher(
    name: str, heads: Sequence[str], labels: Mapping[str, LabelSet]
) -> tuple[FaceNet, CheckpointMeta]:
    """A teacher that has all these heads, with the labels of the data."""
    network, meta = load_checkpoint(find_model(name))
    for head in heads:
        if head not in labels or head not in meta.heads or meta.heads[head].labels != labels[head]:
            raise ConfigError(
                f"The teacher {name} and the data have no head {head!r} in common.",
                "Name heads of both in loss.teacher_share, or choose another teacher.",
            )
    return network, meta
