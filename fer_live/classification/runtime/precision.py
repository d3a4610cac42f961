"""Choice between float32 and eight bits on the CPU, by a short trial of both."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fer_live.classification.description import InputSpec
from fer_live.classification.runtime.base import CheckpointClassifier
from fer_live.core.errors import ModelError
from fer_live.core.settings import Precision
from fer_live.core.types import FaceCrops

if TYPE_CHECKING:
    from fer_live.classification.runtime.onnx import OnnxClassifier

_log = logging.getLogger(__name__)

TRIAL_GRIDS = (4, 5, 6, 7, 8, 9, 10, 12)
"""Sides of the random grids that the trial's pictures are enlarged from: one picture each."""

TRIAL_SEED = 2
"""Seed of these."""

MOST_DIFFERENCE = 0.06
"""Difference in the trial above which eight bits are not used. The released models' are at most
0.03; with ranges that are 30 % too small it was 0.08 and 0.12."""

LEAST_GAIN = 0.8
"""Eight bits are used where they take at most this share of float32's time. Processors without
instructions for eight-bit products gain little or nothing."""


@dataclass(frozen=True)
class Trial:
    """The CPU in float32 and another classifier on the same pictures.

    Args:
        difference: Each picture's largest difference of a probability, their mean.
        float32_s, other_s: Shortest time of one picture, seconds: what else the computer does
            makes single passes longer, never shorter.
    """

    difference: float
    float32_s: float
    other_s: float

    @property
    def agrees(self) -> bool:
        """Whether eight bits give the same answers."""
        return self.difference <= MOST_DIFFERENCE

    @property
    def pays(self) -> bool:
        """Whether eight bits are faster on this computer."""
        return self.other_s <= LEAST_GAIN * self.float32_s


def load_onnx(
    path: Path,
    head: str | None = None,
    threads: int = 1,
    prior: str = "",
    precision: Precision = "auto",
) -> "OnnxClassifier":
    """Loads a checkpoint with ONNX Runtime, in float32 or eight bits.

    ``auto`` tries both where the checkpoint has the ranges for eight bits (about 50 ms), and takes
    these if they are faster and give the same answers. ``int8`` needs no gain.

    Raises:
        ModelError: As `OnnxClassifier`, or the answers in eight bits differ.
        ConfigError: The prior cannot be used.
        ImportError: ONNX Runtime is not there.
    """
    # Imported here: a GPU is compared with PyTorch on the CPU as well.
    from fer_live.classification.runtime.onnx import OnnxClassifier

    plain = OnnxClassifier(path, head, threads, prior)
    if precision == "float32" or (precision == "auto" and not plain.meta.ranges):
        return plain
    small = OnnxClassifier(path, head, threads, prior, int8=True)
    trial = compare(plain, small)
    _log.info("%s", trial)
    if precision == "int8" and not trial.agrees:
        raise ModelError(
            f"In eight bits {small.model_name!r} answers differently on this computer.",
            "Use --precision float32.",
        )
    return small if precision == "int8" or (trial.agrees and trial.pays) else plain


def compare(plain: CheckpointClassifier, other: CheckpointClassifier) -> Trial:
    """Classifies the trial's pictures with both, one by one and in turns."""
    both = (plain, other)
    times: tuple[list[float], list[float]] = ([], [])
    differences = []
    for crop in trial_crops(plain.input):
        answers = []
        for classifier, taken in zip(both, times, strict=True):
            begun_s = time.perf_counter()
            answers.append(classifier.classify(crop[None]))
            taken.append(time.perf_counter() - begun_s)
        differences.append(np.abs(answers[0] - answers[1]).max())
    return Trial(float(np.mean(differences)), min(times[0]), min(times[1]))


def trial_crops(spec: InputSpec, grids: Sequence[int] = TRIAL_GRIDS) -> FaceCrops:
    """Smooth random patterns, one for each grid, (N, S, S) or (N, S, S, 3) uint8.

    No face is needed: patterns that no class is sure of show differences best.
    """
    rng = np.random.default_rng(TRIAL_SEED)
    crops = spec.blank(len(grids))
    for crop, side in zip(crops, grids, strict=True):
        grid = rng.integers(0, 256, (side, side, *crop.shape[2:]), np.uint8)
        crop[:] = cv2.resize(grid, crop.shape[:2], interpolation=cv2.INTER_CUBIC)
    return crops
