"""What the engine measures about itself, in bounded memory: rates, latencies, drops, memory."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fer_live.capture.source import SourceInfo
from fer_live.core.machine import rss_mb
from fer_live.core.types import FrameResult
from fer_live.live.histogram import Histogram

STAGES = ("detect", "classify", "track")
"""Keys of `FrameResult.stage_ms` that are reported."""

RATE_WINDOW_S = 2.0
"""Rates and the latencies of a snapshot look back this far: steady to read, yet soon true."""

RSS_INTERVAL_S = 0.5
"""Memory is read this often; reading it costs some ten microseconds."""

_RECENT = 512
"""Most entries a window holds: above 256 per second the window is shorter than it says."""

_RECENT_TRACKS = 1024
"""Identities remembered for counting; far more than are ever seen at a time."""


@dataclass(frozen=True)
class Spread:
    """Median, 95th percentile and largest value, milliseconds; zero before the first."""

    p50: float = 0.0
    p95: float = 0.0
    max: float = 0.0


@dataclass(frozen=True)
class StatsSnapshot:
    """The engine's figures at one moment, for a status bar.

    Args:
        duration_s: Since the first frame.
        frames_captured: Frames the source gave.
        frames_analysed: Frames that went through all stages.
        frames_dropped: Frames that did not: replaced by a newer one, or failed.
        frames_not_analysed: Of those dropped, the ones after the first analysed frame: what passed
            while the model was loading does not count.
        frames_failed: Of those dropped, the ones whose analysis raised an error.
        capture_fps: Frames per second from the source, lately.
        analysis_fps: Frames per second analysed, lately.
        latency_ms: From capture to the end of the analysis, lately.
        stage_ms: Wall time per stage, since the start.
        faces: Faces in the last frame.
        tracks: Identities shown since the start.
        rss_mb: Resident memory, MiB; None where the system does not say.
    """

    duration_s: float = 0.0
    frames_captured: int = 0
    frames_analysed: int = 0
    frames_dropped: int = 0
    frames_not_analysed: int = 0
    frames_failed: int = 0
    capture_fps: float = 0.0
    analysis_fps: float = 0.0
    latency_ms: Spread = Spread()
    stage_ms: Mapping[str, Spread] | None = None
    faces: int = 0
    tracks: int = 0
    rss_mb: float | None = None


class _Rate:
    """Events per second over a sliding window."""

    def __init__(self) -> None:
        self._times_s: deque[float] = deque(maxlen=_RECENT)

    def add(self, now_s: float) -> None:
        self._times_s.append(now_s)

    def value(self, now_s: float) -> float:
        times_s = [t for t in self._times_s if t > now_s - RATE_WINDOW_S]
        if len(times_s) < 2:
            return 0.0
        gaps = len(times_s) - 1
        between_s = times_s[-1] - times_s[0]
        # A silence longer than one mean gap counts: the rate falls as soon as the events stop.
        span_s = max(between_s, now_s - times_s[0] - between_s / gaps)
        return gaps / span_s if span_s > 0 else 0.0


class Statistics:
    """Counts and meters of one run. Every method may be called from any thread.

    After the engine has stopped, ``frames_captured == frames_analysed + frames_dropped``; while
    it runs, up to two more frames are captured that are still on their way.

    Args:
        clock: Seconds, monotonic; frames must be stamped by the same clock.
        rss: Resident memory in MiB, or None.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.perf_counter,
        rss: Callable[[], float | None] = rss_mb,
    ) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._rss = rss
        self._captured = self._analysed = self._dropped = self._failed = 0
        self._dropped_before_first = 0
        self._capture_rate, self._analysis_rate = _Rate(), _Rate()
        self._latency = Histogram()
        self._recent_latency: deque[tuple[float, float]] = deque(maxlen=_RECENT)
        self._stages = {name: Histogram() for name in STAGES}
        self._faces_sum = self._faces_max = self._faces_last = 0
        self._tracks = 0
        self._track_ids: deque[int] = deque(maxlen=_RECENT_TRACKS)
        self._first_s: float | None = None
        self._last_s: float | None = None
        self._rss_start = self._rss_peak = self._rss_now = rss()
        self._rss_next_s = clock() + RSS_INTERVAL_S

    def captured(self) -> None:
        """The source gave a frame."""
        now_s = self._clock()
        with self._lock:
            if self._first_s is None:
                self._first_s = now_s
            self._captured += 1
            self._capture_rate.add(now_s)
            self._read_memory(now_s)

    def missed(self, frames: int) -> None:
        """The source took in so many frames that nobody fetched: captured, and dropped."""
        with self._lock:
            self._captured += frames
            self._dropped += frames

    def dropped(self) -> None:
        """A captured frame was thrown away unanalysed."""
        with self._lock:
            self._dropped += 1

    def failed(self) -> None:
        """The analysis of a captured frame raised an error; counts as dropped, too."""
        with self._lock:
            self._failed += 1
            self._dropped += 1

    def analysed(self, result: FrameResult) -> None:
        """A captured frame went through all stages."""
        with self._lock:
            if not self._analysed:
                self._dropped_before_first = self._dropped
            self._analysed += 1
            self._analysis_rate.add(result.finished_s)
            self._latency.add(result.latency_ms)
            self._recent_latency.append((result.finished_s, result.latency_ms))
            for name, meter in self._stages.items():
                if name in result.stage_ms:
                    meter.add(result.stage_ms[name])
            count = len(result.faces)
            self._faces_last = count
            self._faces_sum += count
            self._faces_max = max(self._faces_max, count)
            for face in result.faces:
                if face.track_id not in self._track_ids:
                    self._tracks += 1
                    self._track_ids.append(face.track_id)

    def restarted(self) -> None:
        """The tracker was reset: its numbers may begin again for other faces."""
        with self._lock:
            self._track_ids.clear()
            self._faces_last = 0

    def finished(self) -> None:
        """The run is over: the clock stops, once."""
        with self._lock:
            if self._last_s is None:
                self._last_s = self._clock()
                self._read_memory(self._last_s, force=True)

    def snapshot(self) -> StatsSnapshot:
        """The figures now."""
        now_s = self._clock()
        with self._lock:
            recent = Histogram()
            for at_s, latency_ms in self._recent_latency:
                if at_s > now_s - RATE_WINDOW_S:
                    recent.add(latency_ms)
            return StatsSnapshot(
                duration_s=self._duration_s(now_s),
                frames_captured=self._captured,
                frames_analysed=self._analysed,
                frames_dropped=self._dropped,
                frames_not_analysed=(
                    self._dropped - self._dropped_before_first if self._analysed else 0
                ),
                frames_failed=self._failed,
                capture_fps=self._capture_rate.value(now_s),
                analysis_fps=self._analysis_rate.value(now_s),
                latency_ms=_spread(recent),
                stage_ms={name: _spread(meter) for name, meter in self._stages.items()},
                faces=self._faces_last,
                tracks=self._tracks,
                rss_mb=self._rss_now,
            )

    def report(
        self, source: SourceInfo | None, device: str | None, model: str | None
    ) -> dict[str, Any]:
        """The whole run as plain JSON values; times in ms, memory in MiB, None if unknown."""
        now_s = self._clock()
        with self._lock:
            self._read_memory(now_s, force=self._last_s is None)
            duration_s = self._duration_s(now_s)
            return {
                "source": _source(source),
                "device": device,
                "model": model,
                "duration_s": round(duration_s, 3),
                "frames_captured": self._captured,
                "frames_analysed": self._analysed,
                "frames_dropped": self._dropped,
                "fps_analysed": round(self._analysed / duration_s, 2) if duration_s else 0.0,
                "latency_ms": _rounded(self._latency, "p50", "p95", "max"),
                "stage_ms": {n: _rounded(m, "p50", "p95") for n, m in self._stages.items()},
                "faces": {
                    "mean": round(self._faces_sum / self._analysed, 3) if self._analysed else 0.0,
                    "max": self._faces_max,
                },
                "tracks": self._tracks,
                "rss_mb": {
                    "start": self._rss_start,
                    "peak": self._rss_peak,
                    "end": self._rss_now,
                },
            }

    def _duration_s(self, now_s: float) -> float:
        if self._first_s is None:
            return 0.0
        return max(0.0, (now_s if self._last_s is None else self._last_s) - self._first_s)

    def _read_memory(self, now_s: float, *, force: bool = False) -> None:
        if now_s < self._rss_next_s and not force:
            return
        self._rss_next_s = now_s + RSS_INTERVAL_S
        self._rss_now = self._rss()
        if self._rss_now is not None:
            self._rss_peak = max(self._rss_peak or 0.0, self._rss_now)


def _spread(meter: Histogram) -> Spread:
    return Spread(meter.quantile(0.5), meter.quantile(0.95), meter.largest)


def _rounded(meter: Histogram, *keys: str) -> dict[str, float]:
    spread = _spread(meter)
    return {key: round(getattr(spread, key), 2) for key in keys}


def _source(info: SourceInfo | None) -> dict[str, Any] | None:
    if info is None:
        return None
    return {
        "kind": info.kind,
        "name": info.name,
        "width": info.width,
        "height": info.height,
        "fps": info.fps,
        "live": info.live,
    }
