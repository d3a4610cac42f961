"""Distillation: predictions of trained models for the training faces, mixed into the targets."""

import contextlib
import hashlib
import logging
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from fer_live.classification.checkpoint import load_checkpoint
from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.classification.runtime.device import choose_device
from fer_live.core.errors import ConfigError
from fer_live.core.paths import find_model
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
        loss: Its `teachers` and `teacher_share`.
        device: Where the teachers run; see `choose_device`.
        cache: File where their answers are kept for a resumed run; None keeps nothing.

    Raises:
        ConfigError: A share for a head that the data or a teacher does not have.
        DeviceError: The device is not available.
        ModelError: A teacher is missing or cannot be read.
    """
    shares = {head: share for head, share in loss.teacher_share.items() if share}
    if not loss.teachers or not shares:
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
    for name in teachers:
        network, meta = load_checkpoint(find_model(name))
        for head in heads:
            labels = train.targets[head].labels if head in train.targets else None
            if labels is None or head not in meta.heads or meta.heads[head].labels != labels:
                raise ConfigError(
                    f"The teacher {name} and the data have no head {head!r} in common.",
                    "Name heads of both in loss.teacher_share, or choose another teacher.",
                )
        classifier = TorchClassifier(network, meta, choose_device(device))
        for mirrored in (False, True):
            logits = predict_logits(classifier, train, mirrored=mirrored)
            sums = {head: sums[head] + logits[head].softmax(1) for head in heads}
    return {head: (total / (2 * len(teachers))).numpy() for head, total in sums.items()}
