"""What a timeline draws of a session, as arrays that are quick to look up."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_live.core.labels import UNSURE
from fer_live.gui.language import face_name
from fer_live.report.figures import Spell
from fer_live.report.summary import spells_by_face
from fer_live.report.timing import frame_times
from fer_live.review.corrections import MarkerNote
from fer_live.review.session import Session
from fer_live.review.spans import Span
from fer_live.session_log.schema import CORRECTED, FLAGS

QUALITY = tuple(flag for flag in FLAGS if flag not in (UNSURE, CORRECTED))
"""Flags that say why a label may be wrong; the label itself says that it is unsure."""


@dataclass(frozen=True, eq=False)
class FaceTrack:
    """One face over time; N rows.

    Args:
        face: Its identity.
        name: What it is called.
        time_s: (N,) session time, seconds, rising.
        end_s: (N,) until when each row holds.
        probabilities: (N, K); NaN before the first classification.
        label: (N,) as in `LogTable.label`.
        confidence: (N,).
        flagged: (N,) whether a quality flag is set.
        corrected: (N,) whether the label is corrected.
        flags: (N,) bits of the flags.
        spells: Its labels.
    """

    face: int
    name: str
    time_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    label: NDArray[np.int64]
    confidence: NDArray[np.float64]
    flagged: NDArray[np.bool_]
    corrected: NDArray[np.bool_]
    flags: NDArray[np.int64]
    spells: tuple[Spell, ...]

    def rows_at(self, times_s: NDArray[np.float64]) -> NDArray[np.int64]:
        """Index of the row that holds at each time; -1 where the face is not seen."""
        row = np.searchsorted(self.time_s, times_s, "right") - 1
        seen = (row >= 0) & (times_s < self.end_s[np.maximum(row, 0)])
        return np.where(seen, row, -1)

    def spell_at(self, time_s: float) -> Spell | None:
        """The spell that holds at a time."""
        return next((one for one in self.spells if one.start_s <= time_s < one.end_s), None)


@dataclass(frozen=True, eq=False)
class TimelineData:
    """A session as a timeline shows it.

    Args:
        start_s, end_s: Session time, seconds.
        labels: Classes, in the order of the probabilities.
        names: What `FaceTrack.label` refers to.
        tracks: The faces, by identity.
        markers: By time.
        left_out: Spans without rows.
        frames_s: Session times of the frames, rising.
    """

    start_s: float
    end_s: float
    labels: tuple[str, ...]
    names: tuple[str, ...]
    tracks: tuple[FaceTrack, ...]
    markers: tuple[MarkerNote, ...]
    left_out: tuple[Span, ...]
    frames_s: NDArray[np.float64]

    def changes_s(self, face: int | None) -> tuple[float, ...]:
        """Times at which the label of a face changes, or of any for None."""
        tracks = [one for one in self.tracks if face in (None, one.face)]
        return tuple(sorted({spell.start_s for one in tracks for spell in one.spells}))

    def track(self, face: int) -> FaceTrack | None:
        """The track of a face."""
        return next((one for one in self.tracks if one.face == face), None)


def timeline_data(session: Session) -> TimelineData:
    """Computes what a timeline draws; takes some tenths of a second for a long session."""
    table = session.table
    tracks: list[FaceTrack] = []
    frames_s = np.zeros(0)
    if len(table):
        times = frame_times(table)
        frames_s = times.start_s
        ends_s = (times.start_s + times.lasts_s)[times.of_row]
        flagged = np.logical_or.reduce([table.has(flag) for flag in QUALITY])
        corrected = table.has(CORRECTED)
        spells = spells_by_face(table)
        order = np.argsort(table.identity, kind="stable")
        faces, first = np.unique(table.identity[order], return_index=True)
        for face, rows in zip(faces.tolist(), np.split(order, first[1:]), strict=True):
            if face > 0:
                tracks.append(
                    FaceTrack(
                        face,
                        face_name(face, session.names.get(face, "")),
                        table.time_s[rows],
                        ends_s[rows],
                        table.probabilities[rows],
                        table.label[rows],
                        table.confidence[rows],
                        flagged[rows],
                        corrected[rows],
                        table.flags[rows],
                        spells[face],
                    )
                )
    return TimelineData(
        session.start_s,
        session.end_s,
        table.labels,
        table.names,
        tuple(tracks),
        session.markers,
        session.corrections.left_out,
        frames_s,
    )


def next_time(times_s: Sequence[float], now_s: float, *, forward: bool) -> float | None:
    """The next or previous of some times, in order; None if there is none.

    Times closer than half a millisecond to the present one count as the same.
    """
    if forward:
        return next((one for one in times_s if one > now_s + 5e-4), None)
    return next((one for one in reversed(times_s) if one < now_s - 5e-4), None)
