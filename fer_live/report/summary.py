"""Every figure of a report, from a log: one function, plain values."""

from datetime import datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

from fer_live.errors import RecordingError
from fer_live.labels import UNSURE
from fer_live.recording.log_reader import NO_LABEL, LogEvent, LogTable, video_position
from fer_live.recording.log_rows import COASTING, DROPPED, EDGE, MARKER, SMALL, UNCLASSIFIED
from fer_live.report.figures import Dwell, Marker, PersonSummary, SessionSummary, Spell
from fer_live.report.timing import FrameTimes, frame_times

MAX_BINS = 600
"""Steps of a curve: about the pixels a page has for it."""
_LEAST_SHOWN = 0.01
"""A curve's step is blank if the face was there for a smaller share of it."""


def summarise(table: LogTable) -> SessionSummary:
    """Works out the figures.

    Each frame counts for the time until the next one, see `timing.frame_times`; shares are of
    time, not of frames, so that they hold whatever the frame rate was.

    Raises:
        RecordingError: There is no frame in the log.
    """
    if not len(table):
        raise RecordingError(
            f"The log {table.path.name} holds no frame.", "There is nothing to report."
        )
    times = frame_times(table)
    end_s = float(times.start_s[-1] + times.lasts_s[-1])
    bins = min(MAX_BINS, len(times.start_s))
    edges_s = np.linspace(times.start_s[0], max(end_s, times.start_s[0] + 1e-6), bins + 1)
    seen = table.identity > 0
    people = tuple(
        _person(table, times, edges_s, int(identity))
        for identity in np.unique(table.identity[seen])
    )
    empty = ~seen
    dropped = sum(e.count or 0 for e in table.events if e.kind == DROPPED)
    weights_s = times.lasts_s[times.of_row]
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
        frames_without_face=int(empty.sum()),
        without_face_s=float(weights_s[empty].sum()),
        frames_dropped=dropped,
        frames_skipped=max(0, times.missing - dropped),
        outages_s=times.outages_s,
        people=people,
        seen_s=float(weights_s[seen].sum()),
        shares=_shares(table, weights_s, seen),
        means=_means(table, weights_s, seen),
        changes=sum(person.changes for person in people),
        flags=_flags(table, weights_s, seen),
        markers=tuple(_marker(table, e) for e in table.events if e.kind == MARKER),
        events=tuple(e for e in table.events if e.kind != MARKER),
        edges_s=edges_s,
        trace=_trace(table, times, seen, edges_s),
        complete=table.complete,
        damaged=table.damaged,
    )


def _person(
    table: LogTable, times: FrameTimes, edges_s: NDArray[np.float64], identity: int
) -> PersonSummary:
    own = table.identity == identity
    weights_s = times.lasts_s[times.of_row]
    spells, changes = _spells(table, times, own)
    lasting: dict[str | None, list[float]] = {}
    for spell in spells:
        lasting.setdefault(spell.label, []).append(spell.duration_s)
    return PersonSummary(
        identity=identity,
        first_s=spells[0].start_s,
        last_s=spells[-1].end_s,
        seen_s=float(weights_s[own].sum()),
        frames=int(own.sum()),
        shares=_shares(table, weights_s, own),
        means=_means(table, weights_s, own),
        changes=changes,
        spells=spells,
        dwell={
            label: Dwell(len(all_s), float(np.median(all_s)), max(all_s))
            for label, all_s in lasting.items()
        },
        flags=_flags(table, weights_s, own),
        face_px=float(np.median(table.box_xywh[own][:, 2:].min(1))),
        trace=_trace(table, times, own, edges_s),
    )


def _spells(
    table: LogTable, times: FrameTimes, own: NDArray[np.bool_]
) -> tuple[tuple[Spell, ...], int]:
    """The spells of one identity's rows, and how many follow one another with another label."""
    frames, labels = times.of_row[own], table.label[own]
    joined = (np.diff(frames) == 1) & ~times.gap_after[frames[:-1]]
    same = labels[1:] == labels[:-1]
    classified = (labels[1:] != NO_LABEL) & (labels[:-1] != NO_LABEL)
    starts = np.flatnonzero(np.concatenate(([True], ~(joined & same))))
    ends = np.append(starts[1:], len(frames)) - 1
    found = zip(starts.tolist(), ends.tolist(), strict=True)
    spells = tuple(
        Spell(
            _name(table, int(labels[first])),
            float(times.start_s[frames[first]]),
            float(times.start_s[frames[last]] + times.lasts_s[frames[last]]),
        )
        for first, last in found
    )
    return spells, int((joined & ~same & classified).sum())


def _name(table: LogTable, label: int) -> str | None:
    return None if label == NO_LABEL else table.names[label]


def _shares(
    table: LogTable, weights_s: NDArray[np.float64], rows: NDArray[np.bool_]
) -> dict[str | None, float]:
    """Share of the rows' time by label, most first; empty if no time passed."""
    total_s = float(weights_s[rows].sum())
    if not total_s:
        return {}
    found = {
        _name(table, int(label)): float(weights_s[rows & (table.label == label)].sum()) / total_s
        for label in np.unique(table.label[rows])
    }
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _means(
    table: LogTable, weights_s: NDArray[np.float64], rows: NDArray[np.bool_]
) -> dict[str, float]:
    known = rows & np.isfinite(table.probabilities).all(1)
    if not len(table.labels) or not weights_s[known].sum():
        return {}
    means = np.average(table.probabilities[known], axis=0, weights=weights_s[known])
    return dict(zip(table.labels, means.tolist(), strict=True))


def _flags(
    table: LogTable, weights_s: NDArray[np.float64], rows: NDArray[np.bool_]
) -> dict[str, float]:
    total_s = float(weights_s[rows].sum()) or 1.0
    names = (UNSURE, UNCLASSIFIED, COASTING, EDGE, SMALL)
    return {n: float(weights_s[rows & table.has(n)].sum()) / total_s for n in names}


def _trace(
    table: LogTable, times: FrameTimes, own: NDArray[np.bool_], edges_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(B, K) mean probabilities of the rows, by faces and time, in each step; NaN without any."""
    rows = own & np.isfinite(table.probabilities).all(1)
    trace = np.full((len(edges_s) - 1, len(table.labels)), np.nan)
    frames, place = np.unique(times.of_row[rows], return_inverse=True)
    if not len(frames) or not table.labels:
        return trace
    start_s, lasts_s = times.start_s[frames], times.lasts_s[frames]
    # Each frame holds while it lasts: the integral over time is a broken line, known at its ends.
    corners_s = np.maximum.accumulate(np.stack((start_s, start_s + lasts_s), 1).ravel())

    def in_steps(values: NDArray[np.float64]) -> NDArray[np.float64]:
        part = np.bincount(place, values) * lasts_s
        total = np.cumsum(part)
        integral = np.stack((total - part, total), 1).ravel()
        return np.asarray(np.diff(np.interp(edges_s, corners_s, integral)))

    faces_s = in_steps(np.ones(len(place)))
    seen = faces_s > _LEAST_SHOWN * np.diff(edges_s)
    sums = np.stack([in_steps(values) for values in table.probabilities[rows].T], 1)
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
