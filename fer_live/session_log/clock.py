"""The clock of a session: one time line for the frames of all sources, events and wall time."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fer_live.core.types import Frame
from fer_live.session_log.schema import Moment

JUMP_S = 1.0
"""The wall clock has jumped if it differs by more than this from the monotonic clock, seconds. A
sleeping computer halts the monotonic clock; a user or time server may set the wall clock. Smaller
differences are a time server's gradual corrections."""


@dataclass(frozen=True)
class _Stretch:
    """Frames whose `Frame.time_s` runs without a break.

    Args:
        captured_s: When its first frame was captured.
        offset_s: Session time minus `Frame.time_s`.
        live: The source has no time line of its own, so its time is the wall's.
    """

    captured_s: float
    offset_s: float
    live: bool


class LogClock:
    """Session time: `Frame.time_s` minus that of the first frame. Thread-safe.

    Where a source's own time breaks, because another source takes over or a video starts again,
    session time advances by the time that really passed, so that it never runs backwards.

    Args:
        clock: Returns seconds on the clock of `Frame.captured_s`.
        now: Returns the wall time, in local time if it has no zone.
    """

    def __init__(self, clock: Callable[[], float], now: Callable[[], datetime]) -> None:
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._began_s = self._jumped_s = 0.0
        self._began: datetime | None = None
        self._stretches: list[_Stretch] = []
        self._last: tuple[float, float, int] | None = None
        self._last_own_s = 0.0
        self._place: tuple[float, float, str] | None = None

    @property
    def elapsed_s(self) -> float:
        """Session time of the newest frame."""
        return self._last[0] if self._last else 0.0

    def begin(self) -> datetime:
        """Starts the clock; returns the wall time of the start, with its offset from UTC."""
        self._began_s, self._began = self._clock(), self._wall_time()
        return self._began

    def follow_wall(self) -> float:
        """Adopts the present wall time if the wall clock has jumped.

        Returns:
            The jump since the last call, seconds; 0 without a jump.
        """
        with self._lock:
            if self._began is None:
                return 0.0
            passed_s = (self._wall_time() - self._began).total_seconds()
            jump_s = passed_s - (self._clock() - self._began_s + self._jumped_s)
            if abs(jump_s) <= JUMP_S:
                return 0.0
            self._jumped_s += jump_s
            return jump_s

    def at_frame(self, frame: Frame, source: str) -> Moment:
        """The moment of the next frame; begins a new stretch where the source's own time breaks."""
        with self._lock:
            live = frame.position_s is None
            if not self._stretches:
                self._stretches.append(_Stretch(frame.captured_s, -frame.time_s, live))
            elif live != self._stretches[-1].live or frame.time_s < self._last_own_s:
                assert self._last is not None
                resumes_s = self._last[0] + max(0.0, frame.captured_s - self._last[1])
                offset_s = resumes_s - frame.time_s
                self._stretches.append(_Stretch(frame.captured_s, offset_s, live))
            time_s = frame.time_s + self._stretches[-1].offset_s
            self._last = (time_s, frame.captured_s, frame.index)
            self._last_own_s = frame.time_s
        return self._moment(time_s, frame.captured_s, frame.index, source)

    def jump(self, frame: Frame, source: str) -> str:
        """What a log says if the viewer of a file went to another position before this frame.

        Call it for each frame, before `at_frame`; empty without a jump.
        """
        with self._lock:
            last, self._place = self._place, None
            if frame.position_s is None:
                return ""
            self._place = (frame.position_s, frame.jumped_s, source)
            if last is None or last[2] != source:
                return ""
            jumped = frame.jumped_s != last[1] or frame.position_s < last[0]
        return f"from {last[0]:.2f} s to {frame.position_s:.2f} s" if jumped else ""

    def at(self, frame: Frame, source: str) -> Moment:
        """The moment of any frame, also of one before the first."""
        with self._lock:
            stretches = tuple(self._stretches)
        if not stretches:
            return self.at_frame(frame, source)
        before = [s for s in stretches if s.captured_s <= frame.captured_s]
        offset_s = (before or stretches[:1])[-1].offset_s
        return self._moment(frame.time_s + offset_s, frame.captured_s, frame.index, source)

    def at_present(self, source: str) -> Moment:
        """The present moment; in a file, whose time is not the wall's, its newest frame."""
        now_s = self._clock()
        with self._lock:
            if self._last is None:
                return self._moment(0.0, now_s, None, source)
            time_s, captured_s, index = self._last
            if self._stretches[-1].live:
                time_s += max(0.0, now_s - captured_s)
        return self._moment(time_s, now_s, index, source)

    def _wall_time(self) -> datetime:
        now = self._now()
        return now if now.tzinfo else now.astimezone()

    def _moment(self, time_s: float, captured_s: float, index: int | None, source: str) -> Moment:
        return Moment(time_s, captured_s - self._began_s + self._jumped_s, index, source)


def clock_text(jump_s: float) -> str:
    """What an event says of a wall clock that has jumped."""
    return f"{jump_s:+.1f} s: the computer slept, or its clock was set."
