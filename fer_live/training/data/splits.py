"""Stratified splits of a data set into training, validation and test."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DEFAULT_SHARES = (0.8, 0.1, 0.1)
"""Default shares of training, validation and test in a data set without splits of its own."""


def are_split_shares(shares: Sequence[float]) -> bool:
    """True for two or three shares (training, validation, test), each above 0, that sum to 1."""
    return len(shares) in (2, 3) and min(shares) > 0 and abs(sum(shares) - 1) < 1e-9


def stratified(classes: NDArray[np.int64], shares: Sequence[float], seed: int) -> NDArray[np.uint8]:
    """Distributes the rows of every class by `shares`, shuffled by the seed.

    Each part but the first gets its share rounded, and at least one row of a class that has
    enough rows for every part; the first part gets the rest.

    Args:
        classes: (N,) class of each row.
        shares: Share of each part; the first is what remains.
        seed: Seed of the shuffle.

    Returns:
        (N,) uint8 index of each row's share.
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
