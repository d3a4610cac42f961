"""What a report says of a session: plain values, all worked out by `summary.summarise`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_live.session_log.reader import LogEvent


@dataclass(frozen=True)
class Spell:
    """A time in which one face was shown with one label without a break.

    Args:
        label: A class, `labels.UNSURE`, or None before the first classification.
        start_s, end_s: Session time, seconds.
    """

    label: str | None
    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True)
class Dwell:
    """How long one label stayed each time.

    Args:
        times: Number of spells.
        median_s, longest_s: Of their durations, seconds.
    """

    times: int
    median_s: float
    longest_s: float


@dataclass(frozen=True, eq=False)
class PersonSummary:
    """One followed face.

    Args:
        identity: Its number.
        first_s, last_s: Session time of its first frame, and of the end of its last, seconds.
        seen_s: Time it was shown, seconds.
        frames: Frames it was shown in.
        shares: Share of `seen_s` by label, most first; None is not yet classified. They sum to 1.
        means: Mean smoothed probability by class, over the time it was classified.
        changes: How often the label changed while the face stayed.
        spells: In order; together they last `seen_s`.
        dwell: By label.
        flags: Share of `seen_s` with each quality flag.
        face_px: Median of the box's shorter side, pixels.
    """

    identity: int
    first_s: float
    last_s: float
    seen_s: float
    frames: int
    shares: Mapping[str | None, float]
    means: Mapping[str, float]
    changes: int
    spells: tuple[Spell, ...]
    dwell: Mapping[str | None, Dwell]
    flags: Mapping[str, float]
    face_px: float


@dataclass(frozen=True)
class Marker:
    """A marker and what was to be seen.

    Args:
        event: Its row.
        shown: Label by identity in the newest frame then.
        video: File and time in it, or None.
    """

    event: LogEvent
    shown: Mapping[int, str | None]
    video: tuple[Path, float] | None


@dataclass(frozen=True, eq=False)
class SessionSummary:
    """A whole session.

    Args:
        name: The log's file name.
        about: What it ran on, see `LogTable.about`.
        sources: Names of the sources, in order.
        labels: Classes, K.
        began, ended: Wall time of the first frame, and of the end of the last.
        duration_s: Session time from the first frame to the end of the last, seconds.
        frames: Frames analysed and logged.
        rate_fps: Analysed per second, the median.
        frames_without_face: Of those.
        without_face_s: Time in frames without a face, seconds.
        frames_dropped: Analysed, but not logged: the disk was too slow.
        frames_skipped: Given by the source, but not analysed: the machine was too slow.
        frames_not_recorded: Analysed while a video ran, but not in it: the encoder or the disk was
            too slow, or the recording had ended early; None if no video was recorded.
        outages_s: Time in gaps between frames that are no mere hiccups, seconds.
        people: By identity.
        seen_s: Sum of all their times.
        shares: As for one person, over all.
        means: As for one person, over all.
        changes: Sum over all.
        flags: As for one person, over all.
        markers: By time.
        events: Other events worth telling, by time.
        edges_s: (B + 1,) session time at the edges of the traces' steps.
        trace: (B, K) mean smoothed probabilities over all faces; NaN where there is none.
        traces: The same of one face each, by identity: those seen longest.
        complete: The log was closed properly.
        damaged: Lines that could not be read.
    """

    name: str
    about: Mapping[str, Any]
    sources: tuple[str, ...]
    labels: tuple[str, ...]
    began: datetime
    ended: datetime
    duration_s: float
    frames: int
    rate_fps: float
    frames_without_face: int
    without_face_s: float
    frames_dropped: int
    frames_skipped: int
    frames_not_recorded: int | None
    outages_s: float
    people: tuple[PersonSummary, ...]
    seen_s: float
    shares: Mapping[str | None, float]
    means: Mapping[str, float]
    changes: int
    flags: Mapping[str, float]
    markers: tuple[Marker, ...]
    events: tuple[LogEvent, ...]
    edges_s: NDArray[np.float64]
    trace: NDArray[np.float64]
    traces: Mapping[int, NDArray[np.float64]]
    complete: bool
    damaged: int
