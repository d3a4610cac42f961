"""One-to-one assignment of detections to tracks at the least total cost."""

import numpy as np
from numpy.typing import NDArray

_FORBIDDEN = 1e6
"""Used in place of an infinite cost, which the arithmetic cannot handle."""


def assign(cost: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs as many rows and columns as possible at the least total cost.

    Shortest augmenting paths with potentials (the Hungarian method; Kuhn, 1955; Jonker and
    Volgenant, 1987): O(n^3), microseconds to a millisecond for a frame's faces.

    Args:
        cost: (N, M) float64; infinite where a pair is not allowed.

    Returns:
        Allowed (row, column) pairs, sorted.
    """
    if not cost.size:
        return []
    if cost.shape[0] > cost.shape[1]:
        return sorted((row, column) for column, row in assign(cost.T))
    allowed = np.isfinite(cost)
    finite = np.where(allowed, cost, _FORBIDDEN)
    rows, columns = cost.shape
    row_potential = np.zeros(rows + 1)
    column_potential = np.zeros(columns + 1)
    row_of = np.zeros(columns + 1, np.intp)  # 1-based; 0 is none
    for row in range(1, rows + 1):
        row_of[0] = row
        column = 0
        slack = np.full(columns + 1, np.inf)
        came_from = np.zeros(columns + 1, np.intp)
        used = np.zeros(columns + 1, np.bool_)
        while row_of[column]:
            used[column] = True
            reached = row_of[column]
            free = np.flatnonzero(~used[1:]) + 1
            reduced = finite[reached - 1, free - 1] - row_potential[reached]
            reduced -= column_potential[free]
            better = reduced < slack[free]
            slack[free[better]] = reduced[better]
            came_from[free[better]] = column
            following = int(free[np.argmin(slack[free])])
            delta = slack[following]
            row_potential[row_of[used]] += delta
            column_potential[used] -= delta
            slack[~used] -= delta
            column = following
        while column:
            previous = int(came_from[column])
            row_of[column] = row_of[previous]
            column = previous
    pairs = [(int(row_of[c]) - 1, c - 1) for c in range(1, columns + 1) if row_of[c]]
    return sorted((row, column) for row, column in pairs if allowed[row, column])
