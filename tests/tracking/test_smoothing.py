from itertools import pairwise

import numpy as np
import pytest

from fer_live.core.labels import FER2013, UNSURE
from fer_live.tracking.smoothing import ExpressionSmoother, SmoothingOptions

K = len(FER2013)
RATES = [10, 15, 30, 60]


def peak(label, height):
    values = np.full(K, (1 - height) / (K - 1), np.float32)
    values[FER2013.index(label)] = height
    return values


def changes(labels):
    return sum(a != b for a, b in pairwise(labels))


@pytest.fixture
def smoother():
    return ExpressionSmoother(FER2013)


def test_nothing_is_shown_before_the_first_classification(smoother):
    assert smoother.current(1) is None
    smoother.forget([])
    smoother.reset()
    assert smoother.current(1) is None


def test_the_first_observation_is_shown_as_it_is(smoother):
    shown = smoother.update(1, peak("happy", 0.8), 3.0)
    assert shown.label == "happy"
    assert shown.confidence == pytest.approx(0.8)
    np.testing.assert_allclose(shown.probabilities, peak("happy", 0.8), atol=1e-6)
    assert shown.probabilities.dtype == np.float32
    assert smoother.current(1).label == "happy"


def test_identities_do_not_mix(smoother):
    for t in range(30):
        smoother.update(1, peak("happy", 0.9), t / 30)
    assert smoother.update(2, peak("sad", 0.9), 1.0).label == "sad"
    assert smoother.current(1).label == "happy"


def test_forgotten_faces_start_afresh(smoother):
    for key in (1, 2):
        smoother.update(key, peak("happy", 0.9), 0.0)
    smoother.forget([2])
    assert smoother.current(1) is None
    assert smoother.current(2) is not None
    assert smoother.update(1, peak("fear", 0.9), 0.1).label == "fear"
    smoother.reset()
    assert smoother.current(2) is None


@pytest.mark.parametrize("fps", [5, *RATES])
def test_the_filter_follows_the_clock_and_not_the_frame_rate(fps):
    """The same two seconds of one class, then 0.4 s of another, at every frame rate."""
    smoother, reference = ExpressionSmoother(FER2013), ExpressionSmoother(FER2013)
    for one, rate in ((smoother, fps), (reference, 240)):
        for t in range(2 * rate + 1):
            one.update(1, peak("sad", 0.9), t / rate)
        for t in range(1, round(0.4 * rate) + 1):
            one.update(1, peak("happy", 0.8), 2 + t / rate)
    shown, expected = smoother.current(1), reference.current(1)
    np.testing.assert_allclose(shown.probabilities, expected.probabilities, atol=1e-4)
    assert 0.3 < shown.probabilities[FER2013.index("happy")] < 0.8


@pytest.mark.parametrize("height", [0.2, 0.34, 0.36, 0.5, 0.7, 0.9, 0.99])
def test_what_does_not_change_is_shown_as_classified(smoother, height):
    """Calibrated probabilities stay calibrated."""
    smoother.update(1, peak("sad", 0.9), 0)
    for t in range(1, 200):
        shown = smoother.update(1, peak("happy", height), t / 10)
    np.testing.assert_allclose(shown.probabilities, peak("happy", height), atol=1e-3)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("tau_s", [0.0, 0.05, 0.25, 2.0])
def test_label_confidence_and_threshold_agree_at_every_moment(seed, tau_s):
    """Quickly changing faces of all kinds of certainty, irregular frames, a limit that moves."""
    rng = np.random.default_rng(seed)
    smoother, now_s, seen = ExpressionSmoother(FER2013), 0.0, set()
    for t in range(400):
        limit = float(rng.choice([0.0, 0.35, 0.5, 0.9]))
        smoother.options = SmoothingOptions(tau_s, limit)
        now_s += float(rng.choice([0.0, 0.01, 0.1, 0.5]))
        values = rng.dirichlet(np.full(K, rng.choice([0.02, 0.3, 3.0]))).astype(np.float32)
        smoother.update(t % 2, values, now_s)
        shown = smoother.current(t % 2)
        top = float(shown.probabilities.max())
        assert shown.confidence == top
        if top < limit:
            assert shown.label == UNSURE
        else:
            assert shown.probabilities[FER2013.index(shown.label)] == top
        seen.add(shown.label)
    assert UNSURE in seen
    assert len(seen) > K // 2


def test_probabilities_stay_probabilities(smoother):
    rng = np.random.default_rng(0)
    for t in range(100):
        shown = smoother.update(1, rng.dirichlet(np.ones(K)).astype(np.float32), t * 0.03)
        assert shown.probabilities.sum() == pytest.approx(1, abs=1e-5)
        assert shown.probabilities.min() >= 0


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize(("spread", "correlation"), [(0.5, 0.0), (1.0, 0.0), (0.7, 0.3)])
def test_noise_changes_the_label_five_times_less_often(fps, spread, correlation):
    """Logits with two close leaders and noise, white or correlated between frames."""
    rng = np.random.default_rng(fps)
    before = after = 0
    for face in range(12):
        level = rng.normal(-2, 0.7, K)
        level[rng.permutation(K)[:2]] = 0, -rng.uniform(0, 0.6)
        smoother = ExpressionSmoother(FER2013, SmoothingOptions(unsure_below=0))
        noise = np.zeros(K)
        raw, shown = [], []
        for t in range(12 * fps):
            fresh = rng.normal(0, spread, K)
            noise = correlation * noise + np.sqrt(1 - correlation**2) * fresh
            values = np.exp(level + noise)
            values /= values.sum()
            raw.append(FER2013.labels[values.argmax()])
            shown.append(smoother.update(face, values, t / fps).label)
        before += changes(raw)
        after += changes(shown)
    assert before > 100
    assert before >= 5 * after


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("old", [0.95, 0.7, 0.45])
@pytest.mark.parametrize("new", [0.95, 0.7, 0.5])
def test_a_true_change_is_shown_within_half_a_second_and_as_no_third_class(smoother, fps, old, new):
    shown = [smoother.update(1, peak("sad", old), t / fps).label for t in range(2 * fps)]
    assert set(shown) == {"sad"}
    after = [
        smoother.update(1, peak("surprise", new), (2 * fps + t) / fps).label for t in range(2 * fps)
    ]
    # The change lies somewhere between the last old frame and the first new one.
    first = after.index("surprise")
    gone = next(place for place, label in enumerate(after) if label != "sad")
    assert (gone + 1) / fps <= 0.5 + 1e-9
    # A class of 50 % needs longer to be sure of than one that is clear.
    assert (first + 1) / fps <= (0.8 if new == 0.5 else 0.5) + 1e-9
    # Half way, two classes that were both weakly probable may lie below the limit.
    assert set(after[:first]) <= {"sad", UNSURE}
    assert set(after[first:]) == {"surprise"}


@pytest.mark.parametrize("fps", RATES)
def test_one_wrong_frame_changes_nothing(smoother, fps):
    for t in range(3 * fps):
        wrong = t == 2 * fps and fps > 10
        values = peak("angry", 0.99) if wrong else peak("neutral", 0.7)
        assert smoother.update(1, values, t / fps).label == "neutral"


def test_a_slight_lead_takes_the_label_once_and_slowly(smoother):
    smoother.update(1, peak("happy", 0.6), 0.0)
    close = np.full(K, 0.02, np.float32)
    close[FER2013.index("happy")], close[FER2013.index("neutral")] = 0.44, 0.46
    labels = [smoother.update(1, close, t / 30).label for t in range(1, 300)]
    assert changes(labels) == 1
    assert labels[14] == "happy"
    assert labels[-1] == "neutral"


def test_unsure_at_once_for_a_new_face_with_no_clear_class(smoother):
    shown = smoother.update(1, peak("sad", 0.3), 0.0)
    assert shown.label == UNSURE
    assert shown.confidence == pytest.approx(0.3)


@pytest.mark.parametrize("fps", RATES)
def test_a_change_of_the_limit_counts_at_once(smoother, fps):
    for t in range(2 * fps):
        smoother.update(1, peak("happy", 0.6), t / fps)
    smoother.options = SmoothingOptions(unsure_below=0.7)
    assert smoother.current(1).label == UNSURE
    smoother.options = SmoothingOptions(unsure_below=0.5)
    assert smoother.current(1).label == "happy"


def test_time_that_stands_still_or_runs_back_changes_nothing(smoother):
    smoother.update(1, peak("happy", 0.9), 1.0)
    for now_s in (1.0, 0.2):
        shown = smoother.update(1, peak("sad", 0.9), now_s)
        assert shown.label == "happy"
        assert shown.confidence == pytest.approx(0.9)


def test_a_long_gap_leaves_little_of_the_past(smoother):
    for t in range(30):
        smoother.update(1, peak("happy", 0.9), t / 30)
    assert smoother.update(1, peak("sad", 0.9), 20.0).label == "sad"


@pytest.mark.parametrize("bad", [np.zeros(3), np.full(K, np.nan), np.zeros((1, K))])
def test_unfit_probabilities(smoother, bad):
    with pytest.raises(ValueError, match="probabilities"):
        smoother.update(1, bad, 0.0)


@pytest.mark.parametrize("options", [{"tau_s": -1}, {"tau_s": float("nan")}, {"unsure_below": 1.1}])
def test_options_that_do_not_fit(options):
    with pytest.raises(ValueError, match="fit"):
        SmoothingOptions(**options)
