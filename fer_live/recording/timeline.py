"""Assigns each frame its place in a recording: the part and the time in the part's files."""

import threading
from dataclasses import dataclass
from fractions import Fraction

from fer_live.core.types import Frame

TIME_BASE = Fraction(1, 90_000)
"""Ticks of a video clock (MPEG's 90 kHz): 11 microseconds."""
FIRST_GAP_S = 1 / 30
"""Assumed distance of two frames before two frames have been recorded."""
LONGEST_GAP_S = 0.5
"""Longest distance of the first frame after a pause from the last one before, seconds."""


@dataclass(frozen=True)
class VideoTime:
    """A place in a recording.

    Args:
        part: Number of the part, from 0.
        seconds: Time in that part's files.
    """

    part: int
    seconds: float

    @property
    def ticks(self) -> int:
        """The same in `TIME_BASE`."""
        return round(self.seconds / TIME_BASE)


@dataclass(frozen=True)
class Segment:
    """A stretch in which times in the file differ from `Frame.time_s` by a constant.

    Args:
        place: Where its first frame is.
        time_s: `Frame.time_s` of its first frame.
        end_s: `Frame.time_s` from which on it holds no frame; None while it is open.
    """

    place: VideoTime
    time_s: float
    end_s: float | None = None


@dataclass(frozen=True)
class Placed:
    """The place proposed for a frame.

    Args:
        place: Where it goes.
        starts: The frame begins a segment: a part, or the time after a pause.
    """

    place: VideoTime
    starts: bool


class Timeline:
    """Places frames one after the other. One thread places frames; any thread may query.

    Paused time is cut out: the first frame after a pause follows the last one before it at the
    distance of the last two frames. A part begins at time 0 when the frame size changes, at
    `cut_after`, and when the frames' own time breaks because another source takes over.

    Args:
        split_s: Longest time of a part, seconds; None for no limit.
    """

    def __init__(self, split_s: float | None = None) -> None:
        self._split_s = split_s
        self._lock = threading.Lock()
        self._segments: list[Segment] = []
        self._kind: tuple[int, int, bool] | None = None
        self._last_s = 0.0
        self._last = VideoTime(-1, 0.0)
        self._gap_s = FIRST_GAP_S
        self._paused = False
        self._cut_after = -1
        self._recorded_s = 0.0

    @property
    def part(self) -> int:
        """Number of the newest part; -1 before the first frame."""
        return self._last.part

    @property
    def recorded_s(self) -> float:
        """From the first frame to the last without pauses, seconds."""
        return self._recorded_s

    @property
    def segments(self) -> tuple[Segment, ...]:
        """All so far, in order."""
        with self._lock:
            return tuple(self._segments)

    def cut_after(self, part: int) -> None:
        """Ends this part and all before it: the next frame begins a new part. Thread-safe."""
        self._cut_after = max(self._cut_after, part)

    def pause(self, time_s: float) -> None:
        """Leaves out a frame of this time because of a pause."""
        if self._segments and not self._paused:
            self._paused = True
            self._end(time_s)

    def propose(self, frame: Frame) -> Placed | None:
        """The place for a frame; None if it has the same time as the frame before."""
        time_s, kind = frame.time_s, (frame.width, frame.height, frame.position_s is None)
        broken = self._last.part <= self._cut_after or kind != self._kind or time_s < self._last_s
        if not self._segments or broken:
            return Placed(VideoTime(self._last.part + 1, 0.0), True)
        if self._paused:
            seconds = self._last.seconds + self._gap_s
        else:
            newest = self._segments[-1]
            seconds = newest.place.seconds + time_s - newest.time_s
        if self._split_s is not None and seconds >= self._split_s:
            return Placed(VideoTime(self._last.part + 1, 0.0), True)
        place = VideoTime(self._last.part, seconds)
        if place.ticks <= self._last.ticks:
            return None
        return Placed(place, self._paused)

    def accept(self, frame: Frame, placed: Placed) -> None:
        """Confirms that the frame was queued at the proposed place."""
        time_s, live = frame.time_s, frame.position_s is None
        if self._kind is not None:
            runs_on = live == self._kind[2] and time_s >= self._last_s and not self._paused
            if runs_on:
                self._gap_s = min(time_s - self._last_s, LONGEST_GAP_S) or self._gap_s
            self._recorded_s += time_s - self._last_s if runs_on else self._gap_s
        if placed.starts:
            self._end(time_s)
            with self._lock:
                self._segments.append(Segment(placed.place, time_s))
        self._kind = (frame.width, frame.height, live)
        self._last_s, self._last = time_s, placed.place
        self._paused = False

    def video_time(self, time_s: float) -> VideoTime | None:
        """The place of a `Frame.time_s` in the files; None before the first frame and in a pause.

        The time of a dropped frame has a place too. Where another source took over with an earlier
        time of its own, that source's frames are found.
        """
        with self._lock:
            for segment in reversed(self._segments):
                if segment.time_s <= time_s:
                    if segment.end_s is not None and time_s >= segment.end_s:
                        return None
                    passed_s = time_s - segment.time_s
                    return VideoTime(segment.place.part, segment.place.seconds + passed_s)
        return None

    def newest(self) -> VideoTime | None:
        """The place of the newest frame; None before the first."""
        return self._last if self._segments else None

    def _end(self, time_s: float) -> None:
        with self._lock:
            if self._segments and self._segments[-1].end_s is None:
                last = self._segments[-1]
                # Where the frames' own time breaks, the old segment ends with its last frame.
                end_s = time_s if time_s > self._last_s else self._last_s + self._gap_s
                self._segments[-1] = Segment(last.place, last.time_s, end_s)
