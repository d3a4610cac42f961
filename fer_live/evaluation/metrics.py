"""Classification metrics with bootstrap intervals."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    log_loss,
    precision_recall_fscore_support,
    roc_auc_score,
)
from torchmetrics.functional.classification import multiclass_calibration_error

ECE_BINS = 15
"""Equal-width confidence bins of the expected calibration error (Guo et al., 2017)."""

RESAMPLES = 1000
"""Bootstrap resamples; 25 of them lie beyond each end of a 95 % interval."""

SEED = 20130704
"""Seed of the bootstrap, so that a report is reproducible to the last digit."""

_CHUNK = 100  # resamples at a time: 100 rows of weights for 30,000 faces are 24 MB

_SMALLEST = 1e-7  # float32 resolution near 1: smaller probabilities are rounding errors

SELECTIVE = ("accuracy_at_80", "accuracy_at_60", "aurc")
"""Figures of selective prediction, see `Metrics`."""

HEADLINES = ("accuracy", "balanced_accuracy", "macro_f1")
"""Metrics that a report gives with their interval."""


@dataclass(frozen=True)
class Metrics:
    """Metrics of one set of faces.

    Args:
        n: Number of faces.
        labels: Classes, K of them.
        values: accuracy, balanced_accuracy (macro recall, which is also the accuracy under a
            uniform class prior), macro_f1, roc_auc_macro, ece, ece_uniform (classes weighted
            alike), accuracy_at_80 and accuracy_at_60 (of the 80 and 60 % of the faces with the
            highest confidence), aurc (area under the risk-coverage curve; Geifman and El-Yaniv,
            2017), nll. roc_auc_macro is None unless some class has both members and non-members.
        ci95: Ends of the 95 % bootstrap interval, for the same names.
        per_class: precision, recall, f1, support and roc_auc of each class.
        confusion: (K, K) counts; rows are the truth.
    """

    n: int
    labels: tuple[str, ...]
    values: Mapping[str, float | None]
    ci95: Mapping[str, tuple[float, float] | None]
    per_class: Mapping[str, Mapping[str, float | int | None]]
    confusion: NDArray[np.int64]


def measure(
    truth: NDArray[np.int64],
    probabilities: NDArray[np.float32],
    labels: tuple[str, ...],
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Metrics:
    """Measures predictions against the truth.

    Balanced accuracy and macro F1 are means over the classes that occur: for the first in the
    truth, for the second in the truth or the predictions, as in scikit-learn. The area under the
    ROC curve is the mean over one-versus-rest curves.

    Args:
        truth: (N,) class of each face, N at least 1.
        probabilities: (N, K), each row sums to 1.
        labels: Names of the K classes.
        resamples: Bootstrap resamples.
        seed: Seed of the bootstrap.

    Raises:
        ValueError: There are no faces, or the shapes do not match.
    """
    if not len(truth) or probabilities.shape != (len(truth), len(labels)):
        raise ValueError(f"{probabilities.shape} for {len(truth)} faces, {len(labels)} classes")
    probabilities = probabilities.clip(0, 1)
    predicted = probabilities.argmax(1)
    classes = np.arange(len(labels))
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, predicted, labels=classes, zero_division=0
    )
    areas = [_area(truth == k, probabilities[:, k]) for k in classes]
    known_areas = [area for area in areas if area is not None]
    occurs = (support > 0) | np.isin(classes, predicted)
    present = support > 0
    values: dict[str, float | None] = {
        "accuracy": float(accuracy_score(truth, predicted)),
        "balanced_accuracy": float(recall[present].mean()),
        "macro_f1": float(f1[occurs].mean()),
        "roc_auc_macro": float(np.mean(known_areas)) if known_areas else None,
        "ece": calibration_error(truth, probabilities),
        **_weighted(truth, probabilities),
        "nll": float(log_loss(truth, _clipped(probabilities), labels=classes)),
    }
    return Metrics(
        n=len(truth),
        labels=labels,
        values=values,
        ci95=_intervals(truth, probabilities, resamples, seed),
        per_class={
            label: {
                "precision": float(precision[k]),
                "recall": float(recall[k]),
                "f1": float(f1[k]),
                "support": int(support[k]),
                "roc_auc": areas[k],
            }
            for k, label in enumerate(labels)
        },
        confusion=confusion_matrix(truth, predicted, labels=classes).astype(np.int64),
    )


def with_interval(metrics: Metrics, name: str) -> dict[str, Any]:
    """One figure as reports have it, plain JSON types: its value and the ends of its interval."""
    ends = metrics.ci95[name]
    return {"value": metrics.values[name], "ci95": list(ends) if ends else None}


def _weighted(
    truth: NDArray[np.int64], probabilities: NDArray[np.float32]
) -> dict[str, float | None]:
    """Figures that need the order of the confidences or the classes' weights."""
    figures = _Resampler(truth, probabilities).metrics(np.ones((1, len(truth))))
    return {name: float(figures[name][0]) for name in ("ece_uniform", *SELECTIVE)}


def calibration_error(truth: NDArray[np.int64], probabilities: NDArray[np.float32]) -> float:
    """Expected calibration error of the top class over 15 bins, 0-1."""
    error = multiclass_calibration_error(
        torch.from_numpy(np.ascontiguousarray(probabilities)),
        torch.from_numpy(truth),
        num_classes=probabilities.shape[1],
        n_bins=ECE_BINS,
    )
    return float(error)


def confidence_bins(confidence: NDArray[np.float32]) -> NDArray[np.int64]:
    """Index (N,) in 0-14 of each confidence's bin; a bin includes its lower edge."""
    # torch's edges, which torchmetrics uses, differ from numpy's in the last bit.
    edges = torch.linspace(0, 1, ECE_BINS + 1).numpy()
    return np.clip(np.searchsorted(edges, confidence, side="right") - 1, 0, ECE_BINS - 1)


def _clipped(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    safe = np.clip(probabilities.astype(np.float64), _SMALLEST, 1.0)
    return np.asarray(safe / safe.sum(1, keepdims=True))


def _area(positive: NDArray[np.bool_], score: NDArray[np.float32]) -> float | None:
    if positive.all() or not positive.any():
        return None
    return float(roc_auc_score(positive, score))


def _intervals(
    truth: NDArray[np.int64], probabilities: NDArray[np.float32], resamples: int, seed: int
) -> dict[str, tuple[float, float] | None]:
    samples: dict[str, list[NDArray[np.float64]]] = {}
    resampler = _Resampler(truth, probabilities)
    for weights in _weights(len(truth), resamples, seed):
        for name, values in resampler.metrics(weights).items():
            samples.setdefault(name, []).append(values)
    ends: dict[str, tuple[float, float] | None] = {}
    for name, parts in samples.items():
        values = np.concatenate(parts)
        values = values[np.isfinite(values)]
        low, high = np.quantile(values, (0.025, 0.975)) if len(values) else (np.nan, np.nan)
        ends[name] = (float(low), float(high)) if len(values) else None
    return ends


def _weights(n: int, resamples: int, seed: int) -> Iterator[NDArray[np.float64]]:
    # A resample is how often each face was drawn: metrics become products with these counts.
    rng = np.random.default_rng(seed)
    for start in range(0, resamples, _CHUNK):
        count = min(_CHUNK, resamples - start)
        drawn = rng.integers(0, n, (count, n)) + np.arange(count)[:, None] * n
        yield np.bincount(drawn.ravel(), minlength=count * n).reshape(count, n).astype(np.float64)


class _Resampler:
    """Metrics of many resamples at once: weights (B, N) in, values (B,) out."""

    def __init__(self, truth: NDArray[np.int64], probabilities: NDArray[np.float32]) -> None:
        n, k = probabilities.shape
        self._k = k
        rows = np.arange(n)
        self._truth = truth
        predicted, confidence = probabilities.argmax(1), probabilities.max(1)
        self._cells = np.zeros((n, k * k))
        self._cells[rows, truth * k + predicted] = 1
        self._nll = -np.log(_clipped(probabilities)[rows, truth])
        self._gap = np.zeros((n, ECE_BINS))
        self._gap[rows, confidence_bins(confidence)] = (predicted == truth) - confidence
        self._surest_first = np.argsort(-confidence, kind="stable")
        self._wrong = (predicted != truth)[self._surest_first]
        self._curves = []
        for c in range(k):
            order = np.argsort(probabilities[:, c], kind="stable")
            score = probabilities[order, c]
            starts = np.flatnonzero(np.r_[True, score[1:] != score[:-1]])
            self._curves.append((order, starts, truth[order] == c))

    def metrics(self, weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        n = weights.shape[1]
        confusion = (weights @ self._cells).reshape(-1, self._k, self._k)
        hit = np.diagonal(confusion, axis1=1, axis2=2)
        support, given = confusion.sum(2), confusion.sum(1)
        return {
            "accuracy": hit.sum(1) / n,
            "balanced_accuracy": _mean_where(hit, support),
            "macro_f1": _mean_where(2 * hit, support + given),
            "roc_auc_macro": self._areas(weights),
            "ece": np.abs(weights @ self._gap).sum(1) / n,
            "ece_uniform": self._ece_uniform(weights, support),
            **self._selective(weights),
            "nll": weights @ self._nll / n,
        }

    def _ece_uniform(
        self, weights: NDArray[np.float64], support: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        even = weights / np.maximum(support, 1)[:, self._truth]
        total = (support > 0).sum(1)
        return np.asarray(np.abs(even @ self._gap).sum(1) / total)

    def _selective(self, weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        drawn = weights[:, self._surest_first]
        seen = np.cumsum(drawn, axis=1)
        risk = np.cumsum(drawn * self._wrong, axis=1) / np.maximum(seen, 1)
        total = seen[:, -1:]
        rows = np.arange(len(weights))
        return {
            "accuracy_at_80": 1 - risk[rows, (seen >= 0.8 * total).argmax(1)],
            "accuracy_at_60": 1 - risk[rows, (seen >= 0.6 * total).argmax(1)],
            "aurc": (risk * drawn).sum(1) / total[:, 0],
        }

    def _areas(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        # Mann-Whitney: share of pairs in which the member scores higher; a tie counts half.
        pairs, all_pairs = [], []
        for order, starts, positive in self._curves:
            drawn = weights[:, order]
            members = np.add.reduceat(drawn * positive, starts, axis=1)
            others = np.add.reduceat(drawn * ~positive, starts, axis=1)
            below = np.cumsum(others, axis=1) - others
            pairs.append((members * (below + others / 2)).sum(1))
            all_pairs.append(members.sum(1) * others.sum(1))
        return _mean_where(np.stack(pairs, 1), np.stack(all_pairs, 1))


def _mean_where(
    numerator: NDArray[np.float64], denominator: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean over the last axis of the defined quotients; NaN where none is defined."""
    defined = denominator > 0
    quotient = np.divide(numerator, denominator, out=np.zeros_like(numerator), where=defined)
    count = defined.sum(-1)
    total = quotient.sum(-1)
    result = np.full(total.shape, np.nan)
    np.divide(total, count, out=result, where=count > 0)
    return result
