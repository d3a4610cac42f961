"""The probabilities of every face over the last minute, in bounded memory; data of the chart."""

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fer_live.core.types import Face, FrameResult

WINDOW_S = 60.0
"""Length of the history."""
STEP_S = 0.1
"""Least time between two samples; 600 per face are finer than the pixels of a curve."""
GAP_S = 0.5
"""A face that is missing from results for longer leaves a gap in its curve."""
STALL_S = 3.0
"""So long without any result leaves a gap too; the slowest computers take a second for one."""
MOST_FACES = 64
"""Identities kept; the one missing for longest is dropped first."""


class Sample(NamedTuple):
    """One face in one result: its time, the number of the result, (K,) probabilities."""

    time_s: float
    number: int
    probabilities: "NDArray[np.float32]"


class ProbabilityHistory:
    """Samples of the smoothed probabilities, by identity."""

    def __init__(self) -> None:
        self._samples: OrderedDict[int, deque[Sample]] = OrderedDict()
        self._next_s = float("-inf")
        self._taken = 0

    def add(self, result: "FrameResult") -> bool:
        """Adds a result unless the last sample is too recent; returns whether it was added."""
        now_s = result.frame.captured_s
        if now_s < self._next_s:
            return False
        self._next_s = now_s + STEP_S
        self._taken += 1
        for face in result.faces:
            if face.probabilities is not None:
                self._add_face(face, now_s)
        while len(self._samples) > MOST_FACES:
            self._samples.popitem(last=False)
        return True

    def clear(self) -> None:
        """Removes everything; call it when the source changes."""
        self._samples.clear()
        self._next_s = float("-inf")

    def curves(
        self, track_id: int, now_s: float
    ) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
        """Curves of one face.

        Args:
            track_id: Its identity.
            now_s: The right end of the chart, on the clock of `Frame.captured_s`.

        Returns:
            Times (N,) float64, seconds from -60 to 0, and probabilities (N, K) float64 in 0-1,
            NaN in gaps; N is 0 for an unknown face.
        """
        import numpy as np

        samples = [s for s in self._samples.get(track_id, ()) if s.time_s >= now_s - WINDOW_S]
        if not samples:
            return np.zeros(0), np.zeros((0, 0))
        times = np.array([s.time_s for s in samples], np.float64) - now_s
        values = np.array([s.probabilities for s in samples], np.float64)
        waits = np.diff(times)
        missing = np.diff([s.number for s in samples]) > 1
        gaps = np.flatnonzero((missing & (waits > GAP_S)) | (waits > STALL_S)) + 1
        if len(gaps):
            times = np.insert(times, gaps, times[gaps - 1])
            values = np.insert(values, gaps, np.nan, axis=0)
        return times, values

    def _add_face(self, face: "Face", now_s: float) -> None:
        import numpy as np

        assert face.probabilities is not None
        length = round(WINDOW_S / STEP_S) + 1
        samples = self._samples.setdefault(face.track_id, deque(maxlen=length))
        if samples and len(samples[-1].probabilities) != len(face.probabilities):
            samples.clear()
        probabilities = np.asarray(face.probabilities, np.float32)
        samples.append(Sample(now_s, self._taken, probabilities))
        self._samples.move_to_end(face.track_id)
