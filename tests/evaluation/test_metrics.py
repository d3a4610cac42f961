import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score

from fer_live.evaluation.metrics import ECE_BINS, _Resampler, confidence_bins, measure

LABELS = ("a", "b", "c")


def sample(n=400, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, n, p=(0.6, 0.3, 0.1))
    logits = rng.normal(size=(n, 3)) + 1.2 * np.eye(3)[truth]
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return truth.astype(np.int64), probabilities.astype(np.float32)


def test_no_faces_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="0 faces"):
        measure(np.zeros(0, np.int64), np.zeros((0, 3), np.float32), LABELS)


def test_perfect_and_certain():
    truth = np.array([0, 1, 2, 2])
    metrics = measure(truth, np.eye(3, dtype=np.float32)[truth], LABELS)
    assert {k: round(v, 5) for k, v in metrics.values.items()} == {
        "accuracy": 1,
        "balanced_accuracy": 1,
        "macro_f1": 1,
        "roc_auc_macro": 1,
        "ece": 0,
        "ece_uniform": 0,
        "nll": 0,
        "accuracy_at_80": 1,
        "accuracy_at_60": 1,
        "aurc": 0,
    }
    assert metrics.confusion.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 2]]
    assert metrics.ci95["accuracy"] == (1, 1)


def test_small_case_by_hand():
    truth = np.array([0, 0, 1, 1])
    p = np.array([[0.9, 0.1, 0], [0.2, 0.8, 0], [0.3, 0.7, 0], [0.4, 0.6, 0]], np.float32)
    metrics = measure(truth, p, LABELS)
    assert metrics.values["accuracy"] == 0.75
    assert metrics.values["balanced_accuracy"] == 0.75
    assert metrics.values["macro_f1"] == pytest.approx((2 / 3 + 0.8) / 2)
    assert metrics.per_class["a"] == pytest.approx(
        {"precision": 1.0, "recall": 0.5, "f1": 2 / 3, "support": 2, "roc_auc": 0.5}
    )
    assert metrics.per_class["c"]["roc_auc"] is None
    # Confidences 0.9, 0.8, 0.7, 0.6 in bins of their own; the second is wrong.
    assert metrics.values["ece"] == pytest.approx((0.1 + 0.8 + 0.3 + 0.4) / 4)
    assert metrics.values["nll"] == pytest.approx(-np.log([0.9, 0.2, 0.7, 0.6]).mean())


def test_counting_each_face_once_gives_the_point_figures():
    truth, p = sample()
    p = np.round(p, 2)  # ties
    p /= p.sum(1, keepdims=True)
    metrics = measure(truth, p, LABELS, resamples=2)
    (once,) = zip(*_Resampler(truth, p).metrics(np.ones((1, len(truth)))).values(), strict=True)
    assert dict(zip(metrics.values, once, strict=True)) == pytest.approx(metrics.values, abs=1e-6)


def test_resampled_figures_are_those_of_the_resample():
    truth, p = sample(60)
    rows = np.random.default_rng(1).integers(0, 60, 60)
    weights = np.bincount(rows, minlength=60)[None].astype(float)
    got = {k: v[0] for k, v in _Resampler(truth, p).metrics(weights).items()}
    predicted = p[rows].argmax(1)
    assert got["macro_f1"] == pytest.approx(f1_score(truth[rows], predicted, average="macro"))
    assert got["balanced_accuracy"] == pytest.approx(
        balanced_accuracy_score(truth[rows], predicted)
    )
    areas = [roc_auc_score(truth[rows] == k, p[rows, k]) for k in range(3)]
    assert got["roc_auc_macro"] == pytest.approx(np.mean(areas))


def test_interval_is_seeded_holds_the_value_and_shrinks_with_more_faces():
    small, large = (measure(*sample(n), LABELS) for n in (100, 1600))
    again = measure(*sample(100), LABELS)
    assert small.ci95 == again.ci95
    width = {}
    for metrics in (small, large):
        low, high = metrics.ci95["accuracy"]
        assert low < metrics.values["accuracy"] < high
        width[metrics.n] = high - low
    # The binomial interval is 3.92 standard errors wide.
    share = small.values["accuracy"]
    assert width[100] == pytest.approx(3.92 * (share * (1 - share) / 100) ** 0.5, rel=0.15)
    assert width[1600] < width[100] / 3


def test_bins_cover_the_whole_range():
    assert confidence_bins(np.array([0, 0.5, 1], np.float32)).tolist() == [0, 7, ECE_BINS - 1]
