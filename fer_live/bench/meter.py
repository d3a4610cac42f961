"""Wall and CPU time of pieces of work, and the memory of this process."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fer_live.core.machine import peak_mb, rss_mb


@dataclass(frozen=True)
class Timing:
    """How long one kind of work took, milliseconds.

    Args:
        count: How often it was measured.
        wall_p50, wall_p95: Time on the clock.
        cpu_mean, cpu_p50, cpu_p95: Processor time of all threads of this process.
    """

    count: int
    wall_p50: float
    wall_p95: float
    cpu_mean: float
    cpu_p50: float
    cpu_p95: float

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "count": self.count,
            "wall_ms": {"p50": _round(self.wall_p50), "p95": _round(self.wall_p95)},
            "cpu_ms": {
                "mean": _round(self.cpu_mean),
                "p50": _round(self.cpu_p50),
                "p95": _round(self.cpu_p95),
            },
        }


class Meter:
    """Collects the times of one kind of work."""

    def __init__(self) -> None:
        self._wall_s: list[float] = []
        self._cpu_s: list[float] = []

    def add(self, wall_s: float, cpu_s: float) -> None:
        """One measurement taken elsewhere, seconds."""
        self._wall_s.append(wall_s)
        self._cpu_s.append(cpu_s)

    def __enter__(self) -> "Meter":
        self._begun = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        self.add(wall_s - self._begun[0], cpu_s - self._begun[1])

    @property
    def timing(self) -> Timing:
        """What was collected; zeros if nothing was."""
        wall, cpu = (np.array(v or [0.0]) * 1e3 for v in (self._wall_s, self._cpu_s))
        return Timing(
            len(self._wall_s),
            float(np.median(wall)),
            float(np.percentile(wall, 95)),
            float(cpu.mean()),
            float(np.median(cpu)),
            float(np.percentile(cpu, 95)),
        )


def repeat(work: Callable[[], object], seconds: float, least: int = 5) -> Timing:
    """Measures a piece of work again and again, after one run that is not counted.

    Args:
        work: What to measure.
        seconds: Ends after this time on the clock ...
        least: ... but not before so many runs.
    """
    work()
    gc.collect()
    meter, begun_s = Meter(), time.perf_counter()
    count = 0
    while count < least or time.perf_counter() - begun_s < seconds:
        with meter:
            work()
        count += 1
    return meter.timing


def memory() -> dict[str, float | None]:
    """Memory now and at most so far, MiB."""
    now, peak = rss_mb(), peak_mb()
    # The system counts the two apart, each to within some pages.
    return {"now": now, "peak": None if peak is None else max(peak, now or 0.0)}


def _round(value: float) -> float:
    return round(value, 3)
