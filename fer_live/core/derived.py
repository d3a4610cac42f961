"""Figures derived from the probabilities of one face."""

import math
from collections.abc import Sequence

from fer_live.core.types import Probabilities

POSITIVE = "happy"
NEGATIVE = ("sad", "angry", "fear", "disgust")
"""The classes of `valence`."""

DERIVED = ("valence", "entropy_bits")
"""Names of the figures of `derived_figures`, in their order."""


def valence(probabilities: Probabilities, labels: Sequence[str]) -> float | None:
    """Whether an expression is positive or negative, from -1 to 1.

    P(happy) less the largest of P(sad), P(angry), P(fear) and P(disgust). FaceReader (Noldus)
    defines its valence so on the intensities of these expressions; see Höfling et al. 2020, "Read
    My Face", Frontiers in Psychology 11:1388.

    Args:
        probabilities: (K,) in 0-1.
        labels: (K) class names.

    Returns:
        None if one of the five classes is not among the labels.
    """
    by_class = dict(zip(labels, map(float, probabilities), strict=True))
    if not {POSITIVE, *NEGATIVE} <= by_class.keys():
        return None
    return by_class[POSITIVE] - max(by_class[label] for label in NEGATIVE)


def entropy_bits(probabilities: Probabilities) -> float:
    """How spread the probabilities are: 0 for a certain class, log2(K) for all K alike, bits.

    The Shannon entropy, -Σ p·log2(p) (Shannon 1948, "A Mathematical Theory of Communication").

    Args:
        probabilities: (K,) in 0-1, summing to 1.
    """
    total = -math.fsum(p * math.log2(p) for p in map(float, probabilities) if p > 0)
    return max(0.0, total)


def derived_figures(
    probabilities: Probabilities | None, labels: Sequence[str]
) -> tuple[float | None, float | None]:
    """`valence` and `entropy_bits` of a face; None where one is not known."""
    if probabilities is None:
        return None, None
    return valence(probabilities, labels), entropy_bits(probabilities)
