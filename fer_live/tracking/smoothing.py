"""Smoothing of expressions: averaged probabilities and labels with hysteresis, for each track."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_live.core.labels import UNSURE, LabelSet
from fer_live.core.types import Probabilities


@dataclass(frozen=True)
class SmoothingOptions:
    """How steady the shown expression is, and how fast it reacts. Times in seconds.

    Args:
        tau_s: Time constant of the average.
        switch_margin: Lead in probability with which another class replaces the label at once.
        hold_margin: Lead with which it replaces the label after `hold_s`.
        hold_s: How long that lead must last.
        unsure_below: Below this probability of the top class the label is `labels.UNSURE`.
        sure_from: From this probability a class is shown again; at least `unsure_below`.
        unsure_hold_s: How long the top class must stay below before the label becomes unsure, so
            that a change of expression does not show it.

    Raises:
        ValueError: A time or margin is negative, or the thresholds are in the wrong order.
    """

    tau_s: float = 0.25
    switch_margin: float = 0.15
    hold_margin: float = 0.04
    hold_s: float = 0.15
    unsure_below: float = 0.35
    sure_from: float = 0.40
    unsure_hold_s: float = 0.3

    def __post_init__(self) -> None:
        values = (self.tau_s, self.switch_margin, self.hold_margin, self.hold_s)
        if (
            min(*values, self.unsure_hold_s) < 0
            or not 0 <= self.unsure_below <= self.sure_from <= 1
        ):
            raise ValueError(f"smoothing options do not fit together: {self}")


@dataclass(frozen=True, eq=False)
class Shown:
    """The smoothed expression of one face.

    Args:
        label: A class or `labels.UNSURE`.
        confidence: Smoothed probability of the label, or of the top class when unsure; 0-1.
        probabilities: (K,) float32, smoothed.
    """

    label: str
    confidence: float
    probabilities: Probabilities


class _State:
    """Average and label of one track."""

    def __init__(self, probabilities: NDArray[np.float64], now_s: float) -> None:
        self.mean = probabilities
        self.updated_s = now_s
        self.observations = 1
        self.label = int(probabilities.argmax())
        self.unsure = False
        self.leading = self.label
        self.leading_since_s = now_s
        self.low_since_s: float | None = None


class ExpressionSmoother:
    """Smooths the probabilities of every track and decides which label is shown.

    The average is exponential in time, with weight 1 - exp(-dt / tau) for a new observation, so
    that it does not depend on the frame rate; a new track starts with the plain mean. It averages
    probabilities, not logarithms, in which one wrong but confident frame would have the greatest
    weight. One thread at a time.

    Args:
        labels: Classes, in the order of the probabilities.
        options: How steady the label is, and how fast it reacts.
    """

    def __init__(self, labels: LabelSet, options: SmoothingOptions | None = None) -> None:
        self._labels = labels
        self._options = options or SmoothingOptions()
        self._states: dict[int, _State] = {}

    def update(self, track_id: int, probabilities: Probabilities, now_s: float) -> Shown:
        """Adds the classification of one face; returns what to show.

        Args:
            track_id: Id of the face's track.
            probabilities: (K,) float32, sum 1.
            now_s: Time of the classified frame, monotonic seconds.

        Raises:
            ValueError: The probabilities are not K finite numbers.
        """
        values = np.asarray(probabilities, np.float64)
        if values.shape != (len(self._labels),) or not np.isfinite(values).all():
            raise ValueError(f"probabilities are ({len(self._labels)},) and finite: {values}")
        state = self._states.get(track_id)
        if state is None:
            state = self._states[track_id] = _State(values, now_s)
            state.unsure = bool(values.max() < self._options.unsure_below)
            return self._shown(state)
        dt_s = max(0.0, now_s - state.updated_s)
        state.updated_s += dt_s
        if dt_s > 0:
            state.observations += 1
            steady = -np.expm1(-dt_s / self._options.tau_s) if self._options.tau_s else 1.0
            weight = max(steady, 1 / state.observations)
            state.mean = state.mean + weight * (values - state.mean)
            self._decide(state)
        return self._shown(state)

    def current(self, track_id: int) -> Shown | None:
        """The last decision for a track; None if it was never classified."""
        state = self._states.get(track_id)
        return None if state is None else self._shown(state)

    def forget(self, alive: Iterable[int]) -> None:
        """Drops every track that is not in `alive`."""
        keep = set(alive)
        self._states = {key: state for key, state in self._states.items() if key in keep}

    def reset(self) -> None:
        """Forgets everything, for a new source."""
        self._states.clear()

    def _decide(self, state: _State) -> None:
        """Updates the label and the unsure state from the average, both with hysteresis."""
        options, now_s = self._options, state.updated_s
        top = int(state.mean.argmax())
        lead = float(state.mean[top] - state.mean[state.label])
        if top != state.leading or lead < options.hold_margin:
            state.leading, state.leading_since_s = top, now_s
        held = now_s - state.leading_since_s >= options.hold_s and lead >= options.hold_margin
        if top != state.label and (lead >= options.switch_margin or held):
            state.label = top
        highest = float(state.mean[top])
        if state.unsure:
            if highest >= options.sure_from:
                state.unsure, state.label, state.low_since_s = False, top, None
        elif highest >= options.unsure_below:
            state.low_since_s = None
        elif state.low_since_s is None:
            state.low_since_s = now_s
        elif now_s - state.low_since_s >= options.unsure_hold_s:
            state.unsure = True

    def _shown(self, state: _State) -> Shown:
        mean = state.mean.astype(np.float32)
        if state.unsure:
            return Shown(UNSURE, float(mean.max()), mean)
        return Shown(self._labels.labels[state.label], float(mean[state.label]), mean)
