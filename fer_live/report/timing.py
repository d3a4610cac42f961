"""The duration of each frame of a log."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_live.session_log.reader import LogTable

GAP_S = 0.5
"""A longer time without a frame is a gap, in which nothing is known, seconds. The tracker drops a
lost face after about the same time."""
GAP_STEPS = 3.0
"""Where frames are usually far apart, a gap is longer than this many times their usual distance."""


@dataclass(frozen=True, eq=False)
class FrameTimes:
    """The F frames of a log and their durations.

    Args:
        start_s: (F,) session time, seconds.
        lasts_s: (F,) time until the next frame, seconds; `usual_s` before a gap and for the last
            frame.
        gap_after: (F,) True where the next frame comes after a gap or a span that is left out,
            and for the last frame.
        of_row: (N,) index of the frame that each row of the log belongs to.
        usual_s: Median distance of two frames, seconds; 0 for a single frame.
        outages_s: Time in gaps, seconds.
        missing: Count of frame numbers missing between two frames.
    """

    start_s: NDArray[np.float64]
    lasts_s: NDArray[np.float64]
    gap_after: NDArray[np.bool_]
    of_row: NDArray[np.int64]
    usual_s: float
    outages_s: float
    missing: int


def frame_times(table: LogTable) -> FrameTimes:
    """Groups the rows of a log, at least one, into frames."""
    new = (np.diff(table.time_s) != 0) | (np.diff(table.frame) != 0)
    first = np.concatenate(([True], new))
    start_s = table.time_s[first]
    steps_s = np.maximum(np.diff(start_s), 0.0)
    usual_s = float(np.median(steps_s)) if len(steps_s) else 0.0
    gap = steps_s > max(GAP_S, GAP_STEPS * usual_s)
    for begins_s, _ in table.left_out:
        gap |= (start_s[:-1] < begins_s) & (begins_s <= start_s[1:])
    numbers = np.diff(table.frame[first])
    return FrameTimes(
        start_s=start_s,
        lasts_s=np.append(np.where(gap, usual_s, steps_s), usual_s),
        gap_after=np.append(gap, True),
        of_row=np.cumsum(first) - 1,
        usual_s=usual_s,
        outages_s=float((steps_s[gap] - usual_s).sum()),
        missing=int((numbers[numbers > 0] - 1).sum()),
    )
