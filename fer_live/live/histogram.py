"""Percentiles of any number of durations in fixed memory."""

import math

import numpy as np

SMALLEST_MS = 0.01
"""Everything below counts as this; no stage we measure is quicker."""

RATIO = 1.01
"""Width of a bin: a percentile is right to half a per cent."""

_BINS = 1852
"""Bins from 0.01 ms to 10^6 ms (a quarter of an hour): ceil(log(1e8) / log(1.01)) + 1."""


class Histogram:
    """Logarithmic bins, as in HdrHistogram; smallest and largest value are kept exactly.

    Not locked: the owner sees to that.
    """

    def __init__(self) -> None:
        self._counts = np.zeros(_BINS, np.int64)
        self._total = 0
        self._smallest = math.inf
        self._largest = 0.0

    def __len__(self) -> int:
        return self._total

    @property
    def largest(self) -> float:
        """The largest value so far; 0 before the first."""
        return self._largest

    def add(self, value_ms: float) -> None:
        """Counts one value; a negative one counts as zero."""
        value_ms = max(0.0, value_ms)
        place = math.log(max(value_ms, SMALLEST_MS) / SMALLEST_MS) / math.log(RATIO)
        self._counts[min(int(place), _BINS - 1)] += 1
        self._total += 1
        self._smallest = min(self._smallest, value_ms)
        self._largest = max(self._largest, value_ms)

    def quantile(self, share: float) -> float:
        """The value that `share` (0-1) of all values do not exceed; 0 before the first."""
        if not self._total:
            return 0.0
        rank = max(1, math.ceil(share * self._total))
        place = int(np.searchsorted(np.cumsum(self._counts), rank))
        middle: float = SMALLEST_MS * RATIO ** (place + 0.5)
        return min(max(middle, self._smallest), self._largest)
