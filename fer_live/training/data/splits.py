"""Dividing faces into training, validation and test, class by class."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

EIGHTY_TEN_TEN = (0.8, 0.1, 0.1)
"""Shares of training, validation and test in a set without splits, unless others are asked for."""


def is_division(shares: Sequence[float]) -> bool:
    """True for shares of training, validation and perhaps test: each above 0, 1 in all."""
    return len(shares) in (2, 3) and min(shares) > 0 and abs(sum(shares) - 1) < 1e-9


def stratified(classes: NDArray[np.int64], shares: Sequence[float], seed: int) -> NDArray[np.uint8]:
    """Deals the rows of every class out by `shares`, shuffled by the seed.

    Each part but the first gets its share rounded, and at least one row of a class that has
    enough rows for every part; the first part gets the rest.

    Args:
        classes: (N,) class of each row.
        shares: Share of each part; the first is what remains.
        seed: Seed of the shuffle.

    Returns:
        (N,) uint8 number of each row's part.
    """
    rng = np.random.default_rng(seed)
    part = np.zeros(len(classes), np.uint8)
    for value in np.unique(classes):
        rows = rng.permutation(np.flatnonzero(classes == value))
        start = 0
        for number, share in enumerate(shares[1:], start=1):
            count = round(len(rows) * share)
            if share > 0 and len(rows) >= len(shares):
                count = max(count, 1)
            part[rows[start : start + count]] = number
            start += count
    return part
