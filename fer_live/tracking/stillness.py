"""Whether a followed face still looks as it did when it was last classified."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE_PX = 24
"""Side to which crops are reduced: noise averages out, and a mouth is eight pixels wide."""

_CELLS = 12
"""Cells per side in which what is left of a change is averaged."""

UNCHANGED = 6.0
"""Greatest change of a cell, grey levels, of a face that looks the same. On FER2013 faces a sensor
noise of 10 levels always stays below; mouth corners, brows or a lower lip that move by 3 % of the
face's side are above in 93 of 100. An answer that is kept is off by 0.004 in the median and by 0.05
in one of ten (half the sum of the differences of the probabilities)."""

HOLD_S = 0.5
"""A face is classified at least this often, however little it changes."""


class StillFaces:
    """The crops that were last classified, by identity. One thread at a time.

    Two crops are compared without what a jittering box and a change of light do to them. To first
    order, a shift, a rotation and a change of size add combinations of the crop's derivatives
    (Lucas and Kanade 1981), and a change of light adds a constant and a multiple of the crop. These
    are fitted and taken off; the rest is a change of the face.
    """

    def __init__(self) -> None:
        self._seen: dict[int, tuple[NDArray[np.float32], NDArray[np.float32], float]] = {}

    def remember(self, track_id: int, crop: NDArray[np.uint8], now_s: float) -> None:
        """Keeps a crop that is classified.

        Args:
            track_id: The face's identity.
            crop: (S, S) grey or (S, S, 3) RGB.
            now_s: When the frame was taken, monotonic seconds.
        """
        reduced = _reduced(crop)
        self._seen[track_id] = reduced, _basis(reduced), now_s

    def unchanged(self, track_id: int, crop: NDArray[np.uint8], now_s: float) -> bool:
        """Whether a face looks as it did, and that is at most `HOLD_S` ago.

        Arguments as for `remember`; the crop's size and colour are those of the crop before.
        """
        if track_id not in self._seen:
            return False
        before, basis, seen_s = self._seen[track_id]
        if now_s - seen_s > HOLD_S:
            return False
        change = (_reduced(crop) - before).ravel()
        change -= basis @ (basis.T @ change)
        cells = _SIDE_PX // _CELLS
        rest = change.reshape(_CELLS, cells, _CELLS, cells).mean((1, 3))
        return bool(np.abs(rest).max() <= UNCHANGED)

    def forget(self, alive: Iterable[int]) -> None:
        """Drops every identity that is not among the living."""
        keep = set(alive)
        self._seen = {key: seen for key, seen in self._seen.items() if key in keep}


def _reduced(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(24, 24) grey levels."""
    grey = crop if crop.ndim == 2 else cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    size = _SIDE_PX, _SIDE_PX
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _basis(crop: NDArray[np.float32]) -> NDArray[np.float32]:
    """(576, 6) orthonormal: what light and a box that moves, turns and grows may change."""
    down, across = np.gradient(crop)
    axis = np.linspace(-1, 1, _SIDE_PX, dtype=np.float32)
    x, y = axis[None], axis[:, None]
    changes = [
        np.ones_like(crop),
        crop,
        across,
        down,
        x * across + y * down,
        x * down - y * across,
    ]
    # A flat crop has no derivatives: its directions are arbitrary, but orthonormal.
    return np.linalg.qr(np.stack([part.ravel() for part in changes], 1))[0]
