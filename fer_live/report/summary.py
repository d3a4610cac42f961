"""Computes the figures of a report from a session log."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

from fer_live.core.errors import RecordingError
from fer_live.report.figures import Dwell, FaceSummary, Marker, SessionSummary, Spell
from fer_live.report.timing import FrameTimes, frame_times
from fer_live.session_log.reader import NO_LABEL, LogEvent, LogTable, video_position
from fer_live.session_log.schema import (
    DROPPED,
    FLAGS,
    MARKER,
    RECORDING,
    RECORDING_OFF,
)

MAX_BINS = 600
"""Most steps of a chart: about the width of a chart in pixels."""
MAX_CHARTS = 12
"""Most faces with a chart of their own; those seen longest."""
_LEAST_SHOWN = 0.01
"""A chart's step is blank if the face is visible for a smaller share of the step."""


@dataclass(frozen=True, eq=False)
class _Rows:
    """Some rows of a log.

    Args:
        table: These N rows, with the events of the whole log.
        frames: (N,) index of each row's frame, see `FrameTimes`.
        weights_s: (N,) duration of each row's frame, seconds.
    """

    table: LogTable
    frames: NDArray[np.int64]
    weights_s: NDArray[np.float64]


def summarise(table: LogTable) -> SessionSummary:
    """Computes the figures.

    Each frame counts for the time until the next one, see `timing.frame_times`. Shares are shares
    of time, not of frames, so that they do not depend on the frame rate.

    Raises:
        RecordingError: The log has no frame.
    """
    if not len(table):
        raise RecordingError(
            f"The log {table.path.name} has no frame.", "There is nothing to report."
        )
    times = frame_times(table)
    end_s = float(times.start_s[-1] + times.lasts_s[-1])
    bins = min(MAX_BINS, len(times.start_s))
    edges_s = np.linspace(times.start_s[0], max(end_s, times.start_s[0] + 1e-6), bins + 1)
    by_face = {i: _rows(table, times, places) for i, places in _places(table).items()}
    faces = tuple(_face(rows, times, identity) for identity, rows in by_face.items())
    longest = sorted(faces, key=lambda face: -face.seen_s)[:MAX_CHARTS]
    seen = _rows(table, times, np.flatnonzero(table.identity > 0))
    empty = _rows(table, times, np.flatnonzero(table.identity <= 0))
    dropped = _counted(table, DROPPED) or 0
    zone = _zone(table)
    return SessionSummary(
        name=table.path.name,
        about=table.about,
        sources=tuple(dict.fromkeys(e.source for e in table.events if e.source)),
        labels=table.labels,
        began=datetime.fromtimestamp(float(table.wall_s[0]), zone),
        ended=datetime.fromtimestamp(float(table.wall_s[-1] + times.lasts_s[-1]), zone),
        duration_s=end_s - float(times.start_s[0]),
        frames=len(times.start_s),
        rate_fps=1 / times.usual_s if times.usual_s else 0.0,
        frames_without_face=len(empty.table),
        without_face_s=float(empty.weights_s.sum()),
        frames_dropped=dropped,
        frames_skipped=max(0, times.missing - dropped),
        frames_not_recorded=_counted(table, RECORDING_OFF, RECORDING),
        outages_s=times.outages_s,
        faces=faces,
        seen_s=float(seen.weights_s.sum()),
        shares=_shares(seen),
        means=_means(seen),
        changes=sum(face.changes for face in faces),
        flags=_flags(seen),
        markers=tuple(_marker(table, e) for e in table.events if e.kind == MARKER),
        events=tuple(e for e in table.events if e.kind != MARKER),
        edges_s=edges_s,
        trace=_trace(seen, times, edges_s),
        traces={p.identity: _trace(by_face[p.identity], times, edges_s) for p in longest},
        complete=table.complete,
        damaged=table.damaged,
        names=table.face_names,
    )


def spells_by_face(table: LogTable) -> dict[int, tuple[Spell, ...]]:
    """The spells of each face, in order, by identity."""
    if not len(table):
        return {}
    times = frame_times(table)
    return {i: _spells(_rows(table, times, at), times)[0] for i, at in _places(table).items()}


def _places(table: LogTable) -> dict[int, NDArray[np.intp]]:
    """Indices of each face's rows, in order, by identity."""
    order = np.argsort(table.identity, kind="stable")
    identities, first = np.unique(table.identity[order], return_index=True)
    found = zip(identities.tolist(), np.split(order, first[1:]), strict=True)
    return {identity: places for identity, places in found if identity > 0}


def _rows(table: LogTable, times: FrameTimes, places: NDArray[np.intp]) -> _Rows:
    frames = times.of_row[places]
    return _Rows(table.take(places), frames, times.lasts_s[frames])


def _counted(table: LogTable, *kinds: str) -> int | None:
    """Sum of the counts of events of these kinds; None without such events."""
    counts = [event.count or 0 for event in table.events if event.kind in kinds]
    return sum(counts) if counts else None


def _face(rows: _Rows, times: FrameTimes, identity: int) -> FaceSummary:
    spells, changes = _spells(rows, times)
    lasting: dict[str | None, list[float]] = {}
    for spell in spells:
        lasting.setdefault(spell.label, []).append(spell.duration_s)
    return FaceSummary(
        identity=identity,
        first_s=spells[0].start_s,
        last_s=spells[-1].end_s,
        seen_s=float(rows.weights_s.sum()),
        frames=len(rows.table),
        shares=_shares(rows),
        means=_means(rows),
        changes=changes,
        spells=spells,
        dwell={
            label: Dwell(len(all_s), float(np.median(all_s)), max(all_s))
            for label, all_s in lasting.items()
        },
        flags=_flags(rows),
        face_px=float(np.median(rows.table.box_xywh[:, 2:].min(1))),
    )


def _spells(rows: _Rows, times: FrameTimes) -> tuple[tuple[Spell, ...], int]:
    """The spells of one identity's rows, and the number of label changes between them."""
    frames, labels = rows.frames, rows.table.label
    joined = (np.diff(frames) == 1) & ~times.gap_after[frames[:-1]]
    same = labels[1:] == labels[:-1]
    classified = (labels[1:] != NO_LABEL) & (labels[:-1] != NO_LABEL)
    starts = np.flatnonzero(np.concatenate(([True], ~(joined & same))))
    ends = np.append(starts[1:], len(frames)) - 1
    found = zip(starts.tolist(), ends.tolist(), strict=True)
    spells = tuple(
        Spell(
            _name(rows.table, int(labels[first])),
            float(times.start_s[frames[first]]),
            float(times.start_s[frames[last]] + times.lasts_s[frames[last]]),
        )
        for first, last in found
    )
    return spells, int((joined & ~same & classified).sum())


def _name(table: LogTable, label: int) -> str | None:
    return None if label == NO_LABEL else table.names[label]


def _shares(rows: _Rows) -> dict[str | None, float]:
    """Share of the rows' time by label, largest first; empty if no time passed."""
    total_s = float(rows.weights_s.sum())
    if not total_s:
        return {}
    found = {
        _name(rows.table, int(label)): float(rows.weights_s[rows.table.label == label].sum())
        / total_s
        for label in np.unique(rows.table.label)
    }
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _means(rows: _Rows) -> dict[str, float]:
    labels, probabilities = rows.table.labels, rows.table.probabilities
    known = np.isfinite(probabilities).all(1)
    if not len(labels) or not rows.weights_s[known].sum():
        return {}
    means = np.average(probabilities[known], axis=0, weights=rows.weights_s[known])
    return dict(zip(labels, means.tolist(), strict=True))


def _flags(rows: _Rows) -> dict[str, float]:
    total_s = float(rows.weights_s.sum()) or 1.0
    return {n: float(rows.weights_s[rows.table.has(n)].sum()) / total_s for n in FLAGS}


def _trace(rows: _Rows, times: FrameTimes, edges_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B, K) probabilities of the rows, averaged over faces and time in each step; else NaN."""
    known = np.isfinite(rows.table.probabilities).all(1)
    probabilities = rows.table.probabilities[known]
    trace = np.full((len(edges_s) - 1, len(rows.table.labels)), np.nan)
    frames, place = np.unique(rows.frames[known], return_inverse=True)
    if not len(frames) or not rows.table.labels:
        return trace
    start_s, lasts_s = times.start_s[frames], times.lasts_s[frames]
    # Values are constant during a frame, so their integral over time is piecewise linear.
    corners_s = np.maximum.accumulate(np.stack((start_s, start_s + lasts_s), 1).ravel())

    def in_steps(values: NDArray[np.float64]) -> NDArray[np.float64]:
        part = np.bincount(place, values) * lasts_s
        total = np.cumsum(part)
        integral = np.stack((total - part, total), 1).ravel()
        return np.asarray(np.diff(np.interp(edges_s, corners_s, integral)))

    faces_s = in_steps(np.ones(len(place)))
    seen = faces_s > _LEAST_SHOWN * np.diff(edges_s)
    sums = np.stack([in_steps(values) for values in probabilities.T], 1)
    trace[seen] = sums[seen] / faces_s[seen, None]
    return trace


def _marker(table: LogTable, event: LogEvent) -> Marker:
    last = int(np.searchsorted(table.time_s, event.time_s + 1e-6, "right")) - 1
    rows = np.flatnonzero(table.time_s == table.time_s[max(last, 0)])
    shown = {
        int(table.identity[row]): _name(table, int(table.label[row]))
        for row in rows
        if table.identity[row]
    }
    return Marker(event, shown, video_position(table, event.time_s))


def _zone(table: LogTable) -> tzinfo | None:
    return table.events[0].wall_time.tzinfo if table.events else None
