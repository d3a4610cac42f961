"""Which frames of a video to take when fewer are wanted than it has, chosen by their time."""

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Packet = TypeVar("Packet")

GRAIN_S = 1e-6
"""Times closer than this are the same: binary fractions of a clock."""

_REORDERED_MAX = 32
"""Packets come in another order than frames are shown, by at most 16 places in any codec."""


def period_of(time_s: float, rate: float) -> int:
    """Number of the period that a time is in, of `rate` periods a second, from time 0 on."""
    return math.floor((time_s + GRAIN_S) * rate)


class FirstOfEachPeriod:
    """Says of each time, in rising order, whether it is the first of its period.

    The periods begin at time 0, so that the answer does not depend on where one begins to ask.

    Args:
        rate: Periods per second.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._last: int | None = None

    def __call__(self, time_s: float) -> bool:
        period = period_of(time_s, self._rate)
        first = period != self._last
        self._last = period
        return first


class FrameChoice:
    """Takes the first frame of each period, known before it is decoded.

    Args:
        fps: Periods per second.
    """

    def __init__(self, fps: float) -> None:
        self._fps = fps
        self._first_s: dict[int, float] = {}

    def takes(self, time_s: float) -> bool:
        """Whether the frame at this time is taken; of a packet that `known` has given."""
        first_s = self._first_s.get(period_of(time_s, self._fps))
        return first_s is None or abs(time_s - first_s) < GRAIN_S

    def known(
        self, packets: Iterable[Packet], time_of: Callable[[Packet], float | None]
    ) -> Iterator[Packet]:
        """The same packets, each when it is known whether its frame is taken.

        Args:
            packets: In the order of the file.
            time_of: When a packet's frame is shown, seconds.
        """
        waiting: deque[Packet] = deque()
        for packet in packets:
            time_s = time_of(packet)
            if time_s is not None:
                period = period_of(time_s, self._fps)
                self._first_s[period] = min(self._first_s.get(period, math.inf), time_s)
            waiting.append(packet)
            if len(waiting) > _REORDERED_MAX:
                yield waiting.popleft()
        yield from waiting
