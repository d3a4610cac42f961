"""The figures of a session report as plain values; `summary.summarise` computes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_live.session_log.reader import LogEvent


@dataclass(frozen=True)
class Spell:
    """A span of time in which a face is shown with one label without a break.

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
    """Durations of the spells of one label.

    Args:
        times: Number of spells.
        median_s, longest_s: Median and longest duration, seconds.
    """

    times: int
    median_s: float
    longest_s: float


@dataclass(frozen=True, eq=False)
class FaceSummary:
    """One tracked face.

    Args:
        identity: Its number.
        first_s, last_s: Session time of its first frame, and of the end of its last, seconds.
        seen_s: Time in which it is shown, seconds.
        frames: Number of frames in which it is shown.
        shares: Share of `seen_s` by label, largest first; None is not yet classified. Sum 1.
        means: Mean smoothed probability by class, over the time in which it is classified.
        changes: Number of label changes while the face stays.
        spells: In order; together they last `seen_s`.
        dwell: By label.
        flags: Share of `seen_s` with each quality flag.
        face_px: Median of the shorter side of its box, pixels.
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
    """A marker and what was shown at its time.

    Args:
        event: Its row in the log.
        shown: Label by identity in the newest frame.
        video: Video file and time in it, seconds; None if no video was recorded.
    """

    event: LogEvent
    shown: Mapping[int, str | None]
    video: tuple[Path, float] | None


@dataclass(frozen=True, eq=False)
class SessionSummary:
    """A whole session.

    Args:
        name: The log's file name.
        about: Source, model and device, see `LogTable.about`.
        sources: Names of the sources, in order.
        labels: Classes, K.
        began, ended: Wall time of the first frame, and of the end of the last.
        duration_s: Session time from the first frame to the end of the last, seconds.
        frames: Number of frames analysed and logged.
        rate_fps: Median number of frames analysed per second.
        frames_without_face: Number of them without a face.
        without_face_s: Time in frames without a face, seconds.
        frames_dropped: Frames analysed but not logged, because the disk was too slow.
        frames_skipped: Frames delivered by the source but not analysed, because the computer was
            too slow.
        frames_not_recorded: Frames analysed during a recording but not in the video, because the
            encoder or the disk was too slow or the recording ended early; None without a video.
        outages_s: Time in gaps between frames, see `timing.GAP_S`, seconds.
        faces: By identity.
        seen_s: Sum of the faces' times, seconds.
        shares: As of one face, over all faces.
        means: As of one face, over all faces.
        changes: Sum over all.
        flags: As of one face, over all faces.
        markers: By time.
        events: All other events, by time.
        edges_s: (B + 1,) session time at the edges of the traces' steps, seconds.
        trace: (B, K) mean smoothed probabilities over all faces; NaN where there is no face.
        traces: The same for each of the faces seen longest, by identity.
        complete: True if the log was closed properly.
        damaged: Number of lines that could not be read.
        names: Names of faces, by identity.
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
    faces: tuple[FaceSummary, ...]
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
    names: Mapping[int, str] = field(default_factory=dict)
