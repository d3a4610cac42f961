"""How a model holds out when pictures get worse: one table row for each degradation."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_live.classification.runtime.loading import Classifier
from fer_live.evaluation.metrics import measure, with_interval
from fer_live.evaluation.plots import DPI, new_figure, reliability_curve
from fer_live.training.data.dataset import FaceData
from fer_live.training.data.degradation import (
    Face,
    blurred,
    compressed,
    covered,
    few_pixels,
    moved,
    noisy,
    relight,
)
from fer_live.training.inference import predict

SEED = 20131
"""Seed of the noise and of the choice of faces."""

CLEAN = "clean"

SHOWN = ("accuracy", "balanced_accuracy", "ece")
"""Figures of a row."""

COLUMNS = 5
"""Reliability curves beside each other."""

Step = Callable[[Face, np.random.Generator], Face]

DEGRADATIONS: Mapping[str, Step] = {
    CLEAN: lambda face, rng: face,
    "noise, deviation 15": lambda face, rng: noisy(face, 15, 0, rng),
    "noise, deviation 30": lambda face, rng: noisy(face, 30, 0, rng),
    "JPEG, quality 10": lambda face, rng: compressed(face, 10),
    "blur, 2 px": lambda face, rng: blurred(face, 2),
    "16 pixels": lambda face, rng: few_pixels(face, 16),
    "brightness x 1.7": lambda face, rng: relight(face, 1, 1.7, 1),
    "brightness x 0.5": lambda face, rng: relight(face, 1, 0.5, 1),
    "contrast x 0.5": lambda face, rng: relight(face, 1, 1, 0.5),
    "turned by 15 degrees": lambda face, rng: moved(face, angle_deg=15),
    "shifted by 10 %": lambda face, rng: moved(face, shift=0.1),
    "smaller in the crop, x 0.8": lambda face, rng: moved(face, scale=0.8),
    "larger in the crop, x 1.2": lambda face, rng: moved(face, scale=1.2),
    "mask": lambda face, rng: covered(face, (0.6, 1.0), (0.1, 0.9), 200),
    "sunglasses": lambda face, rng: covered(face, (0.25, 0.42), (0.08, 0.92), 20),
}
"""Each degradation by its name. Deviations are levels of 255, pixels those of a 48-pixel face; the
bars of ``mask`` and ``sunglasses`` cover 60-100 % and 25-42 % of the height."""


def measure_degradations(
    classifier: Classifier, data: FaceData, truth: NDArray[np.int64], faces: int = 1000
) -> dict[str, Any]:
    """Measures the same faces under every degradation.

    Args:
        classifier: The model.
        data: N faces.
        truth: (N,) class among the classifier's, -1 for none.
        faces: How many of those that have a class, drawn at random by `SEED`; 0 takes all.

    Returns:
        ``n``, and ``rows``: by name accuracy, balanced accuracy and calibration error, each with
        its 95 % bootstrap interval, and the points of the reliability curve.
    """
    known = np.flatnonzero(truth >= 0)
    if faces and faces < len(known):
        known = np.sort(np.random.default_rng(SEED).choice(known, faces, replace=False))
    chosen, truth = data.select(known), truth[known]
    rows = {}
    for name, step in DEGRADATIONS.items():
        rng = np.random.default_rng(SEED)
        images = np.stack([step(face, rng) for face in chosen.images])
        probabilities = predict(classifier, replace(chosen, images=images))
        figures = measure(truth, probabilities, classifier.labels.labels)
        rows[name] = {
            **{name: with_interval(figures, name) for name in SHOWN},
            "reliability": reliability_curve(truth, probabilities),
        }
    return {"n": len(known), "rows": rows}


def draw_degradations(done: Mapping[str, Any], path: Path) -> None:
    """Accuracy of each degradation with its interval, and its reliability curve below."""
    rows = done["rows"]
    lines = -(-len(rows) // COLUMNS)
    figure = new_figure(11, 2 + 0.3 * len(rows) + 2.2 * lines)
    grid = figure.add_gridspec(
        1 + lines, COLUMNS, height_ratios=[1 + 0.15 * len(rows)] + [1] * lines
    )
    axes = figure.add_subplot(grid[0, :])
    values = np.array([row["accuracy"]["value"] for row in rows.values()])
    ends = np.array([row["accuracy"]["ci95"] for row in rows.values()])
    places = np.arange(len(rows))[::-1]
    axes.barh(places, values, color="#0072B2", xerr=np.abs(ends.T - values), ecolor="0.3")
    axes.set_yticks(places, list(rows))
    axes.set_xlim(0, 1)
    axes.set_xlabel(f"Accuracy with its 95 % interval, n = {done['n']}")
    for number, (name, row) in enumerate(rows.items()):
        cell = figure.add_subplot(grid[1 + number // COLUMNS, number % COLUMNS])
        cell.plot([0, 1], [0, 1], color="0.6", linestyle="--")
        cell.plot(*zip(*row["reliability"], strict=True), "o-", color="#D55E00", markersize=3)
        cell.set_title(f"{name}\nECE {row['ece']['value']:.1%}", fontsize=8)
        cell.set_xlim(0, 1)
        cell.set_ylim(0, 1)
    figure.supxlabel("Confidence")
    figure.savefig(path, dpi=DPI)
