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
def test_the_average_follows_the_clock_and_not_the_frame_rate(fps):
    tau_s = SmoothingOptions().tau_s
    smoother = ExpressionSmoother(FER2013)
    for t in range(2 * fps + 1):
        smoother.update(1, peak("sad", 1.0), t / fps)
    for t in range(2 * fps + 1, 2 * fps + 1 + round(0.4 * fps)):
        shown = smoother.update(1, peak("happy", 1.0), t / fps)
    passed_s = round(0.4 * fps) / fps
    happy = shown.probabilities[FER2013.index("happy")]
    assert happy == pytest.approx(1 - np.exp(-passed_s / tau_s), abs=1e-3)


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
        smoother, noise = ExpressionSmoother(FER2013), np.zeros(K)
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
def test_a_true_change_is_shown_within_half_a_second_and_directly(smoother, fps, old, new):
    shown = [smoother.update(1, peak("sad", old), t / fps).label for t in range(2 * fps)]
    assert set(shown) == {"sad"}
    after = [
        smoother.update(1, peak("surprise", new), (2 * fps + t) / fps).label for t in range(2 * fps)
    ]
    # The change lies somewhere between the last old frame and the first new one.
    first = after.index("surprise")
    assert (first + 1) / fps <= 0.5 + 1e-9
    assert set(after[:first]) <= {"sad"}
    assert set(after[first:]) == {"surprise"}


@pytest.mark.parametrize("fps", RATES)
def test_one_wrong_frame_changes_nothing(smoother, fps):
    for t in range(3 * fps):
        wrong = t == 2 * fps and fps > 10
        values = peak("angry", 0.99) if wrong else peak("neutral", 0.7)
        assert smoother.update(1, values, t / fps).label == "neutral"


def test_a_slight_lead_does_not_take_the_label(smoother):
    values = peak("happy", 0.45)
    values[FER2013.index("neutral")] += 0.05
    smoother.update(1, values, 0.0)
    close = np.full(K, 0.02, np.float32)
    close[FER2013.index("happy")], close[FER2013.index("neutral")] = 0.44, 0.46
    for t in range(1, 90):
        shown = smoother.update(1, close, t / 30)
        assert shown.label == "happy"
    assert shown.confidence == pytest.approx(0.44, abs=0.01)


def test_unsure_at_once_for_a_new_face_with_no_clear_class(smoother):
    shown = smoother.update(1, peak("sad", 0.3), 0.0)
    assert shown.label == UNSURE
    assert shown.confidence == pytest.approx(0.3)


@pytest.mark.parametrize("fps", RATES)
def test_unsure_has_hysteresis(smoother, fps):
    options = SmoothingOptions()
    middle = (options.unsure_below + options.sure_from) / 2
    levels = [(0.8, "happy"), (middle, "happy"), (0.25, UNSURE), (middle, UNSURE), (0.6, "happy")]
    for step, (height, label) in enumerate(levels):
        for t in range(2 * fps):
            shown = smoother.update(1, peak("happy", height), 2 * step + t / fps)
        assert shown.label == label


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


@pytest.mark.parametrize(
    "options", [{"tau_s": -1}, {"hold_s": -0.1}, {"unsure_below": 0.6, "sure_from": 0.5}]
)
def test_options_that_do_not_fit(options):
    with pytest.raises(ValueError, match="fit"):
        SmoothingOptions(**options)
