"""Steady expressions: a Bayesian filter over the classes of each identity."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_live.core.labels import UNSURE, LabelSet
from fer_live.core.types import Probabilities

EVIDENCE_RATE = 0.07
"""Rate per time constant, times the variance of a class. A quicker filter would show the noise
between two close classes, a slower one a clear change later than half a second at the default."""
FASTEST_RATE = 1.5
"""Greatest rate per time constant, so that one wrong but certain frame decides nothing."""
LEAST_PROBABILITY = 1e-6
"""No class is ever ruled out, since a classifier may be wrong."""


@dataclass(frozen=True)
class SmoothingOptions:
    """How steady and how quick the shown expression is.

    Args:
        tau_s: Time constant of the filter, seconds; 0 shows each classification as it is.
        unsure_below: Below this probability of the top class the label is `labels.UNSURE`, 0-1.

    Raises:
        ValueError: The time is negative, or the threshold is no probability.
    """

    tau_s: float = 0.25
    unsure_below: float = 0.35

    def __post_init__(self) -> None:
        if not (np.isfinite(self.tau_s) and self.tau_s >= 0 and 0 <= self.unsure_below <= 1):
            raise ValueError(f"smoothing options do not fit: {self}")


@dataclass(frozen=True, eq=False)
class Shown:
    """What is shown for one face.

    Args:
        label: The most probable class, or `labels.UNSURE` if its probability is below the limit.
        confidence: The largest of the probabilities, 0-1.
        probabilities: (K,) float32, smoothed.
    """

    label: str
    confidence: float
    probabilities: Probabilities


class _State:
    """Probabilities of one identity."""

    def __init__(self, probabilities: NDArray[np.float64], now_s: float) -> None:
        self.probabilities = probabilities
        self.updated_s = now_s
        self.age_s = 0.0


class ExpressionSmoother:
    """Filters the probabilities of every identity; the label is the most probable class.

    The filter is the forward filter of a hidden Markov model in continuous time (Wonham 1965).
    The hidden expression is sticky: it leaves class i at the rate d_i and enters it at d_i q_i. The
    weight of a classification q is chosen so that q is what the filter converges to, hence
    calibrated probabilities stay calibrated. For probabilities p, up to their sum,

        dp_i/dt = d_i (q_i sum(p) - p_i),    d_i = min(r / (q_i (1 - q_i)), r_max) / tau,

    with r = `EVIDENCE_RATE` and r_max = `FASTEST_RATE`. 1 / (q (1 - q)) is the Fisher information
    of a probability: what is nearly certain counts quickly, and between classes that are all
    probable the filter is slow and the label does not flicker. All rates are per second and the
    equation is solved exactly, hence the frame rate has no influence. Label, confidence and
    threshold are read from the filtered probabilities alone and cannot contradict them.

    One thread at a time.

    Args:
        labels: Classes, in the order of the probabilities.
        options: How steady and how quick; may be replaced at any time.
    """

    def __init__(self, labels: LabelSet, options: SmoothingOptions | None = None) -> None:
        self._labels = labels
        self.options = options or SmoothingOptions()
        self._states: dict[int, _State] = {}

    def update(self, track_id: int, probabilities: Probabilities, now_s: float) -> Shown:
        """Takes in a classification of one face and says what to show.

        Args:
            track_id: The face's identity.
            probabilities: (K,), summing to 1.
            now_s: When the classified frame was taken, monotonic seconds.

        Raises:
            ValueError: The probabilities are not K finite numbers.
        """
        values = np.asarray(probabilities, np.float64)
        if values.shape != (len(self._labels),) or not np.isfinite(values).all():
            raise ValueError(f"probabilities are ({len(self._labels)},) and finite: {values}")
        values = np.maximum(values, LEAST_PROBABILITY)
        values /= values.sum()
        state = self._states.get(track_id)
        if state is None:
            state = self._states[track_id] = _State(values, now_s)
            return self._shown(state)
        step_s = max(0.0, now_s - state.updated_s)
        if step_s > 0:
            state.updated_s += step_s
            state.age_s += step_s
            # A new identity has little past: its first classifications count alike.
            weight = max(1.0, self.options.tau_s / state.age_s)
            state.probabilities = self._filtered(state.probabilities, values, step_s * weight)
        return self._shown(state)

    def current(self, track_id: int) -> Shown | None:
        """What was last decided for an identity; None if it was never classified."""
        state = self._states.get(track_id)
        return None if state is None else self._shown(state)

    def forget(self, alive: Iterable[int]) -> None:
        """Drops every identity that is not among the living."""
        keep = set(alive)
        self._states = {key: state for key, state in self._states.items() if key in keep}

    def reset(self) -> None:
        """Forgets everything, for a new source."""
        self._states.clear()

    def _filtered(
        self, before: NDArray[np.float64], classified: NDArray[np.float64], step_s: float
    ) -> NDArray[np.float64]:
        """Solves the filter's equation over one step with a constant classification."""
        tau_s = self.options.tau_s
        if not tau_s:
            return classified
        variance = np.maximum(classified * (1 - classified), LEAST_PROBABILITY)
        rates = np.minimum(EVIDENCE_RATE / variance, FASTEST_RATE)
        # Scaled by the root of the inflow the generator is symmetric, so its exponential is cheap.
        scale = np.sqrt(rates * classified)
        values, vectors = np.linalg.eigh(np.outer(scale, scale) - np.diag(rates))
        decay = np.exp(np.minimum(values, 0.0) * (step_s / tau_s))
        after = scale * (vectors @ (decay * (vectors.T @ (before / scale))))
        after = np.maximum(after, LEAST_PROBABILITY)
        return np.asarray(after / after.sum())

    def _shown(self, state: _State) -> Shown:
        shown = state.probabilities.astype(np.float32)
        top = int(shown.argmax())
        confidence = float(shown[top])
        unsure = confidence < self.options.unsure_below
        return Shown(UNSURE if unsure else self._labels.labels[top], confidence, shown)
