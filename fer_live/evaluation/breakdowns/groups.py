"""Figures by group of people, with intervals and the gaps between groups: a fairness self-test."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_live.core.errors import DataError
from fer_live.core.types import Probabilities
from fer_live.evaluation.metrics import RESAMPLES, SEED, measure, with_interval

NAME_COLUMN = "name"
"""Column of a groups file that names the face, as `FaceData.names` does."""

FEW = 100
"""Groups with fewer faces are marked: their interval is wider than most gaps (10 points each way
at an accuracy of 50 %)."""

FIGURES = ("accuracy", "balanced_accuracy", "macro_f1", "ece")
"""Figures of each group."""


def read_groups(path: Path) -> pd.DataFrame:
    """A table of groups, one row for each face, all columns as text.

    Args:
        path: A CSV with a column ``name`` (a face's name in the data: ``row 12`` of FER2013's CSV,
            or a picture's path in its folder) and one column for each division into groups. An
            empty cell is in no group.

    Raises:
        DataError: Unreadable, a column is missing, or a face stands in it twice.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise DataError(
            f"The groups {path} cannot be read ({error}).", "Name a CSV file."
        ) from error
    if NAME_COLUMN not in table.columns or len(table.columns) < 2:
        raise DataError(
            f"The groups {path} need a column {NAME_COLUMN!r} and one for each division.",
            "Begin the file with a line such as name,age,skin.",
        )
    twice = table[NAME_COLUMN][table[NAME_COLUMN].duplicated()]
    if len(twice):
        raise DataError(f"{twice.iloc[0]!r} stands in {path} twice.", "Keep one row for each face.")
    return table.set_index(NAME_COLUMN)


def measure_groups(
    names: NDArray[np.str_],
    truth: NDArray[np.int64],
    probabilities: Probabilities,
    labels: tuple[str, ...],
    table: pd.DataFrame,
) -> dict[str, Any]:
    """Figures of every group, and the largest gap of each division.

    Args:
        names: (N,) names of the faces.
        truth: (N,) classes.
        probabilities: (N, K).
        labels: The K classes.
        table: From `read_groups`.

    Returns:
        By division: ``groups`` (by group ``n``, ``few`` and each figure with its interval), and
        ``gap``, the difference of accuracy between the best and the worst group of those with
        enough faces, with its 95 % bootstrap interval; None with fewer than two such groups.

    Raises:
        DataError: The table names none of the faces.
    """
    known = np.isin(names, table.index.to_numpy(str))
    if not known.any():
        raise DataError(
            "The groups name none of the faces that are measured.",
            f"Faces are named as {names[0]!r}." if len(names) else "The data names no face.",
        )
    rows = np.flatnonzero(known)
    cells = table.loc[names[rows]]
    return {
        str(column): _division(cells[column].to_numpy(str), rows, truth, probabilities, labels)
        for column in table.columns
    }


def _division(
    group: NDArray[np.str_],
    rows: NDArray[np.int64],
    truth: NDArray[np.int64],
    probabilities: Probabilities,
    labels: tuple[str, ...],
) -> dict[str, Any]:
    groups: dict[str, Any] = {}
    correct: dict[str, NDArray[np.bool_]] = {}
    for name in sorted(set(group) - {""}):
        own = rows[group == name]
        figures = measure(truth[own], probabilities[own], labels)
        groups[name] = {
            "n": len(own),
            "few": len(own) < FEW,
            **{figure: with_interval(figures, figure) for figure in FIGURES},
        }
        correct[name] = probabilities[own].argmax(1) == truth[own]
    return {"groups": groups, "gap": _gap(groups, correct)}


def _gap(
    groups: Mapping[str, Any], correct: Mapping[str, NDArray[np.bool_]]
) -> dict[str, Any] | None:
    """The gap between the best and the worst group, each resampled by itself."""
    enough = [name for name, group in groups.items() if not group["few"]]
    if len(enough) < 2:
        return None
    ranked = sorted(enough, key=lambda name: float(correct[name].mean()))
    worst, best = ranked[0], ranked[-1]
    rng = np.random.default_rng(SEED)
    drawn = {
        name: rng.binomial(len(correct[name]), correct[name].mean(), RESAMPLES) / len(correct[name])
        for name in (best, worst)
    }
    low, high = np.quantile(drawn[best] - drawn[worst], (0.025, 0.975))
    return {
        "best": best,
        "worst": worst,
        "value": float(correct[best].mean() - correct[worst].mean()),
        "ci95": [float(low), float(high)],
    }
