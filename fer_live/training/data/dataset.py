"""Data sets as arrays in memory: faces, one target distribution per head, and splits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fer_live.core.labels import LabelSet

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")

NO_SPLIT = 255
"""In place of an index into `SPLITS`: the face is in no split."""


@dataclass(frozen=True)
class HeadTargets:
    """Target distribution of one head for every face.

    Args:
        labels: Classes, K of them.
        probabilities: (N, K) float32, each row sums to 1; a row of zeros has no target.
    """

    labels: LabelSet
    probabilities: NDArray[np.float32]


@dataclass(frozen=True)
class FaceData:
    """Faces with their targets.

    Args:
        images: (N, S, S) or (N, S, S, 3) uint8; colour is red, green, blue.
        targets: Targets by head name.
        split: (N,) uint8, an index into `SPLITS`, or `NO_SPLIT`.
        source: Where the data came from, for reports.
        notes: What was left out or repaired, one sentence each.
        truth: (N,) int64 class by head name, for heads with a separate evaluation rule; -1 for a
            face that has no class by this rule.
        names: (N,) origin of each face as readable text: a row or a file; empty if unknown.
        crop_margin: Side of the images divided by that of the faces' boxes, if the faces were found
            in photographs; None if the pictures are as they came, which every model takes whole.
    """

    images: NDArray[np.uint8]
    targets: Mapping[str, HeadTargets]
    split: NDArray[np.uint8]
    source: Path
    notes: tuple[str, ...] = ()
    truth: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    names: NDArray[np.str_] = field(default_factory=lambda: np.zeros(0, np.str_))
    crop_margin: float | None = None

    def part(self, split: Split) -> "FaceData":
        """The rows of one split."""
        return self.select(self.split == SPLITS.index(split))

    def select(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "FaceData":
        """The chosen rows, by mask or by index."""
        return FaceData(
            self.images[rows],
            {k: HeadTargets(t.labels, t.probabilities[rows]) for k, t in self.targets.items()},
            self.split[rows],
            self.source,
            self.notes,
            {k: t[rows] for k, t in self.truth.items()},
            self.names[rows] if len(self.names) else self.names,
            self.crop_margin,
        )

    def classes(self, head: str) -> NDArray[np.int64]:
        """(N,) int64 class of each face for a head: by its rule, else the top target; -1: none."""
        if head in self.truth:
            return self.truth[head]
        target = self.targets[head].probabilities
        return np.where(target.sum(1) > 0, target.argmax(1), -1).astype(np.int64)

    def __len__(self) -> int:
        return len(self.images)
