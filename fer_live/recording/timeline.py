"""Where each frame lies in a recording: parts, pauses, and times in the files."""

import threading
from dataclasses import dataclass
from fractions import Fraction

from fer_live.core.types import Frame

TIME_BASE = Fraction(1, 90_000)
"""Ticks of a video clock (MPEG's 90 kHz): 11 microseconds."""
FIRST_GAP_S = 1 / 30
"""Distance of two frames before there are two to measure."""
LONGEST_GAP_S = 0.5
"""After a pause the next frame follows at the last distance of two frames, at most this."""


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
    """A stretch in which the files' time passes as the frames' time does.

    Args:
        place: Where its first frame is.
        time_s: `Frame.time_s` of its first frame.
        end_s: `Frame.time_s` from which on it holds nothing; None while it is open.
    """

    place: VideoTime
    time_s: float
    end_s: float | None = None


@dataclass(frozen=True)
class Placed:
    """The place proposed for a frame.

    Args:
        place: Where it goes.
        starts: It begins a segment: a part, or the time after a pause.
    """

    place: VideoTime
    starts: bool


class Timeline:
    """Places frames one after the other. One thread places; any thread may ask.

    Paused time is cut out: the first frame after a pause follows the last one before it at the
    distance that the last two frames had. A part begins at time 0 when the size changes, when
    asked for, and when the frames' own time breaks off, because another source takes over.

    Args:
        split_s: A new part after so many seconds of a part; None never.
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
        """From the first frame to the last, pauses left out, seconds."""
        return self._recorded_s

    @property
    def segments(self) -> tuple[Segment, ...]:
        """All so far, in order."""
        with self._lock:
            return tuple(self._segments)

    def cut_after(self, part: int) -> None:
        """No frame goes into this part or an earlier one any more. For any thread."""
        self._cut_after = max(self._cut_after, part)

    def pause(self, time_s: float) -> None:
        """A frame of this time is not recorded."""
        if self._segments and not self._paused:
            self._paused = True
            self._end(time_s)

    def propose(self, frame: Frame) -> Placed | None:
        """Where a frame would go; None if its time is that of the one before."""
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
        """The frame has been taken at the place proposed for it."""
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
        """Where a frame's time lies in the files; None before the first frame or in a pause.

        A frame that was dropped has a place too: that of its time. Where another source took over
        with an earlier time of its own, only its frames are found.
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
        """Where the newest frame is; None before the first."""
        return self._last if self._segments else None

    def _end(self, time_s: float) -> None:
        with self._lock:
            if self._segments and self._segments[-1].end_s is None:
                last = self._segments[-1]
                # Where the frames' own time breaks off, the old one ends with its last frame.
                end_s = time_s if time_s > self._last_s else self._last_s + self._gap_s
                self._segments[-1] = Segment(last.place, last.time_s, end_s)
