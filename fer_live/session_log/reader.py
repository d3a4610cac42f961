"""Reads a session log into arrays, one per column."""

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_live.core.errors import RecordingError
from fer_live.core.labels import UNSURE
from fer_live.session_log.parser import NEEDED, Chunk, chunks, label_names
from fer_live.session_log.schema import (
    END,
    FACE,
    FLAGS,
    FRAME,
    POSITION,
    RAW,
    RECORDING,
    RECORDING_OFF,
    SESSION,
    SMOOTHED,
)

NO_FACE = 0
"""Identity in the row of a frame without a face."""
NO_LABEL = -1
"""Label of a face not yet classified, and of a frame without a face."""
LONGEST_S = 1e9
"""A row with a later time is damaged; thirty years in seconds."""
_BAD_CELLS = (ValueError, TypeError, AttributeError, OverflowError)
"""Exceptions raised by a cell whose value does not fit its column."""


class _BadCellError(ValueError):
    """A cell that does not fit its column."""

    def __init__(self, column: str, values: Sequence[Any]) -> None:
        shown = f" (it holds {str(values[0])[:40]!r})" if len(values) == 1 else ""
        super().__init__(f"the column {column}{shown}")


@dataclass(frozen=True)
class LogEvent:
    """A row of an event; the fields are the columns of the same name, '' or None if empty."""

    kind: str
    time_s: float
    wall_time: datetime
    source: str = ""
    text: str = ""
    marker: int | None = None
    file: str = ""
    video_time_s: float | None = None
    count: int | None = None


@dataclass(frozen=True, eq=False)
class LogTable:
    """A log in memory: one entry per face and frame, in the order written; N entries.

    Args:
        path: The file.
        labels: Classes, K, in the order of the probabilities.
        names: Names that `label` refers to: the classes, then `labels.UNSURE`.
        time_s: (N,) seconds since the first logged frame.
        wall_s: (N,) POSIX time, seconds.
        frame: (N,) frame numbers; they restart when a source is reopened.
        identity: (N,) from 1; `NO_FACE` in a frame without a face.
        box_xywh: (N, 4) pixels; NaN without a face.
        label: (N,) index into `names`, or `NO_LABEL`.
        confidence, score, missed_s: (N,); NaN where empty.
        probabilities, raw_probabilities: (N, K); NaN where empty.
        flags: (N,) bits, see `has`.
        events: All other rows, by time.
        damaged: Number of unreadable lines, not counting an unfinished last one.
        face_names: What the user called the faces last, by identity; only those with a name.
        left_out: Spans whose rows a review left out: start and end, session time, seconds.
    """

    path: Path
    labels: tuple[str, ...]
    names: tuple[str, ...]
    time_s: NDArray[np.float64]
    wall_s: NDArray[np.float64]
    frame: NDArray[np.int64]
    identity: NDArray[np.int64]
    box_xywh: NDArray[np.float32]
    label: NDArray[np.int64]
    confidence: NDArray[np.float64]
    score: NDArray[np.float64]
    missed_s: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    raw_probabilities: NDArray[np.float64]
    flags: NDArray[np.int64]
    events: tuple[LogEvent, ...]
    damaged: int = 0
    face_names: Mapping[int, str] = field(default_factory=dict)
    left_out: tuple[tuple[float, float], ...] = ()

    def __len__(self) -> int:
        return len(self.time_s)

    @property
    def complete(self) -> bool:
        """False if the log was not closed: after a crash, or while it is being written."""
        return any(event.kind == END for event in self.events)

    @property
    def about(self) -> dict[str, Any]:
        """Source, model and device from the first session row; empty without such a row."""
        for event in self.events:
            if event.kind == SESSION:
                return _json(event.text)
        return {}

    def has(self, flag: str) -> NDArray[np.bool_]:
        """(N,) whether a row has this flag, one of `schema.FLAGS`."""
        return np.asarray(self.flags & flag_bit(flag) > 0)

    def take(self, indices: NDArray[np.intp]) -> "LogTable":
        """A table of the rows at these indices, with all events."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        taken: dict[str, Any] = {
            name: v[indices] for name, v in values.items() if isinstance(v, np.ndarray)
        }
        return replace(self, **taken)


def flag_bit(flag: str) -> int:
    """The bit of a flag, one of `schema.FLAGS`, in `LogTable.flags`."""
    return _BITS[flag]


def read_log(path: Path) -> LogTable:
    """Reads a log, also one that is still being written or was cut off by a crash.

    Args:
        path: The path given to `SessionLog`.

    Raises:
        RecordingError: It cannot be read, is not a session log, or a library is missing; or no row
            can be read, and the message names the column that is the trouble in the first one.
    """
    labels: tuple[str, ...] = ()
    parts: list[_Part] = []
    events: list[LogEvent] = []
    damaged = 0
    trouble = ""
    for chunk in chunks(path):
        labels = tuple(dict.fromkeys((*labels, *label_names(chunk.names))))
        damaged += chunk.damaged
        try:
            parts.append(_Part(chunk, labels))
            events += parts[-1].events
        except _BAD_CELLS:
            for row in chunk.rows:
                try:
                    parts.append(_Part(Chunk(chunk.names, [row]), labels))
                    events += parts[-1].events
                except _BAD_CELLS as error:
                    damaged += 1
                    trouble = trouble or str(error)
    if trouble and not events and not any(part.labels for part in parts):
        raise RecordingError(
            f"No row of {path.name} can be read; the trouble is {trouble}.",
            "Save it again with plain numbers and times as 2026-05-04T12:00:00+02:00, or use the "
            "log as it was written.",
        )
    return _table(path, labels, parts, events, damaged)


@dataclass(frozen=True)
class LogOverview:
    """What can be told of a log quickly.

    Args:
        began: Wall time of its first row, with its offset from UTC.
        length_s: From the first row to the last, seconds.
        recordings: Videos that were recorded, by name or path, in order.
        sources: Videos that were the source, by name or path, in order.
    """

    began: datetime
    length_s: float
    recordings: tuple[str, ...]
    sources: tuple[str, ...]


def log_overview(path: Path) -> LogOverview | None:
    """Looks over a log without reading all of it; None for a file that is no log or is empty."""
    events: list[LogEvent] = []
    try:
        for chunk in chunks(path, events_only=True):
            for row in chunk.rows:
                with contextlib.suppress(*_BAD_CELLS):
                    events.append(_event(dict(zip(chunk.names, row, strict=True))))
    except RecordingError:
        return None
    if not events:
        return None

    def files(kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(e.file for e in events if e.kind == kind and e.file))

    length_s = max(event.time_s for event in events) - min(event.time_s for event in events)
    return LogOverview(events[0].wall_time, length_s, files(RECORDING), files(POSITION))


def video_position(table: LogTable, time_s: float) -> tuple[Path, float] | None:
    """The video and the time in it at a time of the session.

    Args:
        table: The log.
        time_s: Session time, as in the log's column, seconds.

    Returns:
        The file and the time in it, seconds; None if no video was recorded then.
    """
    running: LogEvent | None = None
    for event in table.events:
        if event.kind == RECORDING and event.time_s <= time_s:
            running = event
        elif event.kind == RECORDING_OFF and event.time_s < time_s:
            running = None
    if running is None or running.video_time_s is None:
        return None
    file = table.path.parent / running.file  # an absolute path replaces the parent
    return file, running.video_time_s + time_s - running.time_s


_BITS = {flag: 1 << place for place, flag in enumerate(FLAGS)}


class _Part:
    """The columns of some rows.

    Raises:
        ValueError, TypeError, AttributeError, OverflowError: A cell does not fit its column.
    """

    def __init__(self, chunk: Chunk, labels: Sequence[str]) -> None:
        columns = zip(*chunk.rows, strict=True) if chunk.rows else [()] * len(chunk.names)
        cells = dict(zip(chunk.names, columns, strict=True))
        kinds = cells["kind"]
        rows = [i for i, kind in enumerate(kinds) if kind in (FACE, FRAME)]
        own = {name: [column[i] for i in rows] for name, column in cells.items()}
        self.events = tuple(
            _event({name: column[i] for name, column in cells.items()})
            for i, kind in enumerate(kinds)
            if kind not in (FACE, FRAME)
        )

        def floats(name: str) -> NDArray[np.float64]:
            if name not in own:
                return np.full(len(rows), np.nan)
            return _converted(_floats, name, own[name])

        def ints(name: str, empty: int) -> NDArray[np.int64]:
            return _converted(lambda values: _ints(values, empty), name, own[name])

        # The last row of a face counts, also where its name was taken away.
        last = dict(zip(own["identity"], own.get("name", ()), strict=False))
        self.face_names = {
            int(identity): str(name or "")
            for identity, name in last.items()
            if identity not in ("", None)
        }
        self.labels = [str(label or "") for label in own["label"]]
        sides = ("left_px", "top_px", "width_px", "height_px")
        self.columns: dict[str, NDArray[Any]] = {
            "time_s": floats("time_s"),
            "wall_s": _converted(_posix_s, "wall_time", own["wall_time"]),
            "frame": ints("frame", -1),
            "identity": ints("identity", NO_FACE),
            "box_xywh": np.stack([floats(side) for side in sides], 1).astype(np.float32),
            "confidence": floats("confidence"),
            "score": floats("score"),
            "missed_s": floats("missed_s"),
            "flags": np.array([_flag_bits(text) for text in own["flags"]], np.int64),
        }
        if not (np.abs(self.columns["time_s"]) < LONGEST_S).all():
            raise _BadCellError("time_s", own["time_s"])
        for column, prefix in (("probabilities", SMOOTHED), ("raw_probabilities", RAW)):
            found = [floats(prefix + label) for label in labels]
            self.columns[column] = np.stack(found, 1) if found else np.zeros((len(rows), 0))


def _table(
    path: Path,
    labels: tuple[str, ...],
    parts: Sequence[_Part],
    events: Sequence[LogEvent],
    damaged: int,
) -> LogTable:
    shown = dict.fromkeys(label for part in parts for label in part.labels if label)
    names = tuple(dict.fromkeys((*labels, UNSURE, *shown)))
    place = {name: index for index, name in enumerate(names)} | {"": NO_LABEL}
    parts = parts or [_Part(Chunk(NEEDED, ()), labels)]
    for part in parts:
        for column in ("probabilities", "raw_probabilities"):
            # Classes that appear later in the log are empty in the earlier rows.
            missing = len(labels) - part.columns[column].shape[1]
            pad = ((0, 0), (0, missing))
            part.columns[column] = np.pad(part.columns[column], pad, constant_values=np.nan)
    columns: dict[str, Any] = {
        name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns
    }
    face_names = {i: name for part in parts for i, name in part.face_names.items()}
    label = np.array([place[text] for part in parts for text in part.labels], np.int64)
    ordered = tuple(sorted(events, key=lambda event: event.time_s))
    return LogTable(
        path=path,
        labels=labels,
        names=names,
        label=label,
        events=ordered,
        damaged=damaged,
        face_names={i: name for i, name in face_names.items() if name},
        **columns,
    )


def _event(cells: dict[str, Any]) -> LogEvent:
    def number(name: str) -> Any:
        return None if cells.get(name) in (None, "") else float(cells[name])

    def text(name: str) -> str:
        return str(cells.get(name) or "")

    (time_s,) = _converted(_floats, "time_s", [cells["time_s"]]).tolist()
    if not abs(time_s) < LONGEST_S:
        raise _BadCellError("time_s", [time_s])
    try:
        wall_time = _time(cells["wall_time"])
    except _BAD_CELLS as error:
        raise _BadCellError("wall_time", [cells["wall_time"]]) from error
    marker, count = number("marker"), number("count")
    return LogEvent(
        text("kind"),
        time_s,
        wall_time,
        text("source"),
        text("text"),
        None if marker is None else int(marker),
        text("file"),
        number("video_time_s"),
        None if count is None else int(count),
    )


def _converted(
    convert: Callable[[Sequence[Any]], NDArray[Any]], column: str, values: Sequence[Any]
) -> NDArray[Any]:
    """The column's values as an array. Raises _BadCellError if one does not fit."""
    try:
        return convert(values)
    except _BAD_CELLS as error:
        raise _BadCellError(column, values) from error


def _posix_s(values: Sequence[Any]) -> NDArray[np.float64]:
    return np.array([_time(value).timestamp() for value in values], np.float64)


def _time(value: Any) -> datetime:
    """A wall time: text, or what another program has made of it in a Parquet file."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _floats(values: Sequence[Any]) -> NDArray[np.float64]:
    nan = float("nan")
    return np.array([nan if v is None or v == "" else float(v) for v in values], np.float64)


def _ints(values: Sequence[Any], empty: int) -> NDArray[np.int64]:
    return np.array([empty if v is None or v == "" else int(v) for v in values], np.int64)


@lru_cache(maxsize=64)
def _flag_bits(text: str | None) -> int:
    return sum(_BITS.get(word, 0) for word in (text or "").split())


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
