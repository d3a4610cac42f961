"""The tracker's state of one face."""

import numpy as np
from numpy.typing import NDArray

from fer_live.core.types import Box
from fer_live.tracking.motion import BoxFilter, BoxSmoother, to_box

_APPEARANCE_TAU_S = 1.0
"""Time constant of the averaged appearance, seconds."""


class TrackState:
    """One track: tentative (`id` is 0), shown, or recently lost.

    Args:
        box: (4,) float32, first detection, pixels: left, top, right, bottom.
        score: The detector's score.
        now_s: Time of the frame, monotonic seconds.
        look: (D,) float32 appearance of unit length, or None.
    """

    def __init__(
        self, box: NDArray[np.float32], score: float, now_s: float, look: NDArray[np.float32] | None
    ) -> None:
        self.id = 0
        self.filter = BoxFilter(box)
        self.smoother = BoxSmoother(to_box(self.filter.position))
        self.raw_box: Box = to_box(self.filter.position)
        self.born_s = self.seen_s = now_s
        self.hits = 1
        self.score = self.score_sum = score
        self.look = look
        self.detection = 0

    def missed_s(self, now_s: float) -> float:
        """Seconds since the last detection."""
        return now_s - self.seen_s

    def found(self, box: NDArray[np.float32], score: float, now_s: float) -> None:
        """Updates the track with a detection; arguments as for the class."""
        self.filter.correct(box)
        left, top, right, bottom = (float(v) for v in box)
        self.raw_box = (left, top, right, bottom)
        self.seen_s = now_s
        self.hits += 1
        self.score = score
        self.score_sum += score

    def learn(self, look: NDArray[np.float32], dt_s: float) -> None:
        """Adds the current appearance, `dt_s` seconds after the last frame, to the average."""
        if self.look is None:
            self.look = look
            return
        mixed = self.look + (1 - np.exp(-dt_s / _APPEARANCE_TAU_S)) * (look - self.look)
        self.look = np.asarray(mixed / max(float(np.linalg.norm(mixed)), 1e-6), np.float32)
