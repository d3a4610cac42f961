"""Applies corrections to a log: to its table, and to the rows of its file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from fer_live.core.errors import ReviewError
from fer_live.core.labels import UNSURE
from fer_live.report.formatting import clock, face_name
from fer_live.review.corrections import Corrections, MarkerNote
from fer_live.session_log.parser import Chunk, chunks
from fer_live.session_log.reader import LogEvent, LogTable, flag_bit
from fer_live.session_log.schema import CORRECTED, FACE, FRAME, MARKER, SMOOTHED, UNCLASSIFIED

LOGGED_IDENTITY, LOGGED_LABEL, NAME = "logged_identity", "logged_label", "name"
EXTRA = (NAME, LOGGED_IDENTITY, LOGGED_LABEL)
"""Columns of an export besides the log's own: a face's name, and what a correction replaced."""

FIRST_KEY = 1
"""Key of a logged marker that has none, as a damaged log may hold."""


def note_of(event: LogEvent) -> MarkerNote:
    """A logged marker as corrections refer to it."""
    return MarkerNote(event.time_s, event.marker or FIRST_KEY, event.text)


def correct_table(table: LogTable, corrections: Corrections) -> LogTable:
    """The table as corrected: rows left out are missing, their frames too.

    Probabilities stay as logged: they are the model's, whatever the reviewer sees. The confidence
    is that of the corrected label.
    """
    shown = np.ones(len(table), bool)
    for span in corrections.left_out:
        shown &= ~((table.time_s >= span.start_s) & (table.time_s < span.end_s))
    label, flags, names = table.label.copy(), table.flags.copy(), list(table.names)
    confidence = table.confidence.copy()
    for one in corrections.labels:
        at = np.isin(table.identity, one.identities)
        at &= (table.time_s >= one.span.start_s) & (table.time_s < one.span.end_s)
        if one.label not in names:
            names.append(one.label)
        label[at] = names.index(one.label)
        flags[at] &= ~(flag_bit(UNSURE) | flag_bit(UNCLASSIFIED))
        if one.label in table.labels:
            confidence[at] = table.probabilities[at, table.labels.index(one.label)]
        flags[at] |= flag_bit(CORRECTED) | (flag_bit(UNSURE) if one.label == UNSURE else 0)
    identity = table.identity.copy()
    for logged, face in corrections.merged.items():
        identity[table.identity == logged] = face
    unwanted = frozenset(corrections.markers_removed)
    events = [
        event for event in table.events if event.kind != MARKER or note_of(event) not in unwanted
    ]
    events += [_marker_event(table, marker) for marker in corrections.markers_added]
    events = [
        event
        for event in events
        if event.kind != MARKER or not corrections.is_left_out(event.time_s)
    ]
    whole = replace(
        table,
        names=tuple(names),
        label=label,
        confidence=confidence,
        flags=flags,
        identity=identity,
        events=tuple(sorted(events, key=lambda event: event.time_s)),
        face_names=names_of(table, corrections),
        left_out=corrections.left_out,
    )
    return whole.take(np.flatnonzero(shown))


def names_of(table: LogTable, corrections: Corrections) -> dict[int, str]:
    """Names of faces, by identity after merging: the corrected one, its own, or a merged one."""
    found: dict[int, str] = {}
    for identity, name in table.face_names.items():
        face = corrections.face_of(identity)
        if face == identity or face not in table.face_names:
            found[face] = name
    return {face: name for face, name in {**found, **corrections.names}.items() if name}


def markers_of(table: LogTable) -> tuple[MarkerNote, ...]:
    """The markers of a table, by time."""
    return tuple(note_of(event) for event in table.events if event.kind == MARKER)


def check_merge(table: LogTable, face: int, into: int) -> None:
    """Checks that two faces can be one person: they are never in the picture together.

    Args:
        table: The table as corrected so far.
        face, into: Two faces in it.

    Raises:
        ReviewError: They are; says when.
    """
    both = np.intersect1d(
        table.time_s[table.identity == face], table.time_s[table.identity == into]
    )
    if len(both):
        first, second = (face_name(one, table.face_names) for one in (into, face))
        raise ReviewError(
            f"{first} and {second} are in the picture together at "
            f"{clock(float(both[0]), tenths=True)}, so they are two people.",
            "Leave that part out first if it is a mistake of the detector.",
        )


@dataclass(frozen=True)
class CorrectedRows:
    """The rows of a corrected log, for a file.

    Args:
        names: Columns: those of the log, then `EXTRA`.
        rows: In the order of the columns. It reads the log as it goes.
    """

    names: tuple[str, ...]
    rows: Iterator[Sequence[Any]]


def corrected_rows(log: Path, table: LogTable, corrections: Corrections) -> CorrectedRows:
    """The rows of a log with every column it has, corrected.

    Args:
        log: The log.
        table: What it holds.
        corrections: What to correct. Rows that are left out or damaged are missing.

    Raises:
        RecordingError: It cannot be read.
    """
    own = tuple(dict.fromkeys(name for chunk in chunks(log) for name in chunk.names))
    names = (*own, *(name for name in EXTRA if name not in own))
    return CorrectedRows(names, _rows(chunks(log), names, table, corrections))


def _rows(
    parts: Iterable[Chunk], names: tuple[str, ...], table: LogTable, corrections: Corrections
) -> Iterator[Sequence[Any]]:
    added = list(corrections.markers_added)
    removed = frozenset(corrections.markers_removed)
    known, called = frozenset(table.names), names_of(table, corrections)

    def row_of(cells: dict[str, Any]) -> list[Any]:
        return [cells.get(name) for name in names]

    def due(time_s: float) -> Iterator[list[Any]]:
        while added and added[0].time_s <= time_s:
            marker = added.pop(0)
            if not corrections.is_left_out(marker.time_s):
                yield row_of(_marker_cells(table, marker))

    for chunk in parts:
        for values in chunk.rows:
            cells = dict(zip(chunk.names, values, strict=True))
            try:
                time_s = float(cells["time_s"])
                wanted = _correct_cells(cells, time_s, removed, known, called, corrections)
            except (ValueError, TypeError):
                continue
            yield from due(time_s)
            if wanted:
                yield row_of(cells)
    yield from due(float("inf"))


def _correct_cells(
    cells: dict[str, Any],
    time_s: float,
    removed: frozenset[MarkerNote],
    labels: frozenset[str],
    names: Mapping[int, str],
    corrections: Corrections,
) -> bool:
    """Corrects the cells of one row in place; False for a row that is not wanted.

    Raises:
        ValueError, TypeError: A cell does not fit its column.
    """
    kind = cells["kind"]
    if kind in (FACE, FRAME, MARKER) and corrections.is_left_out(time_s):
        return False
    if kind == MARKER:
        marker = MarkerNote(time_s, int(cells["marker"] or FIRST_KEY), str(cells["text"] or ""))
        return marker not in removed
    if kind != FACE:
        return True
    identity = int(cells["identity"])
    if cells["label"] and cells["label"] not in labels:
        raise ValueError("the label is damaged")
    face, label = corrections.face_of(identity), corrections.label_at(identity, time_s)
    cells[LOGGED_IDENTITY], cells[LOGGED_LABEL] = identity, cells["label"]
    cells[NAME] = names.get(face)
    cells["identity"] = face
    if label is not None:
        words = [w for w in (cells["flags"] or "").split() if w not in (UNSURE, UNCLASSIFIED)]
        cells["label"] = label
        cells["confidence"] = cells.get(SMOOTHED + label, cells["confidence"])
        cells["flags"] = " ".join([*([UNSURE] if label == UNSURE else []), *words, CORRECTED])
    return True


def _wall_time(table: LogTable, time_s: float) -> datetime:
    """Wall time at a session time, from the nearest row."""
    zone = table.events[0].wall_time.tzinfo if table.events else None
    if not len(table):
        return table.events[0].wall_time if table.events else datetime.fromtimestamp(0.0, zone)
    nearest = int(np.abs(table.time_s - time_s).argmin())
    apart_s = time_s - float(table.time_s[nearest])
    return datetime.fromtimestamp(float(table.wall_s[nearest]), zone) + timedelta(seconds=apart_s)


def _marker_event(table: LogTable, marker: MarkerNote) -> LogEvent:
    return LogEvent(
        MARKER,
        marker.time_s,
        _wall_time(table, marker.time_s),
        text=marker.text,
        marker=marker.key,
    )


def _marker_cells(table: LogTable, marker: MarkerNote) -> dict[str, Any]:
    wall = _wall_time(table, marker.time_s)
    return {
        "kind": MARKER,
        "time_s": marker.time_s,
        "wall_time": wall.isoformat(timespec="milliseconds"),
        "marker": marker.key,
        "text": marker.text or None,
    }
