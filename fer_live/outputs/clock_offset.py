"""How two clocks of one computer stand to each other, measured."""

from collections.abc import Callable

READINGS = 16
"""Pairs of readings; the best one counts."""
EVERY_S = 5.0
"""The clocks may run at different rates: they are compared again after so long."""


class ClockOffset:
    """Turns seconds of one clock into seconds of another.

    The other clock is read between two readings of the first, and stands for the middle between
    them. It cannot be wrong by more than half the time between the two; the pair with the shortest
    time of several counts. (Cristian 1989, "Probabilistic clock synchronization".)

    Args:
        clock: The clock that times are given in, seconds.
        other: The clock that they are wanted in, seconds.
    """

    def __init__(self, clock: Callable[[], float], other: Callable[[], float]) -> None:
        self._clock = clock
        self._other = other
        self.offset_s = 0.0
        """What is added."""
        self.error_s = 0.0
        """By how much it can be wrong at most."""
        self._measured_s = 0.0
        self.measure()

    def measure(self) -> None:
        """Compares the clocks now."""
        best: tuple[float, float] | None = None
        for _ in range(READINGS):
            before_s = self._clock()
            other_s = self._other()
            after_s = self._clock()
            half_s = (after_s - before_s) / 2
            if best is None or half_s < best[0]:
                best = half_s, other_s - (before_s + half_s)
            self._measured_s = after_s
        assert best is not None
        self.error_s, self.offset_s = best

    def convert(self, time_s: float) -> float:
        """A time in the other clock's seconds; compares the clocks when that is due."""
        if self._clock() - self._measured_s > EVERY_S:
            self.measure()
        return time_s + self.offset_s
