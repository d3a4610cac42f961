"""The lines of a log file in any of its formats, a few thousand at a time."""

import csv
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_live.errors import RecordingError
from fer_live.recording.log_files import CSV, PARQUET, SUFFIXES, journal_of, parquet_library
from fer_live.recording.log_rows import COLUMNS, SMOOTHED

CHUNK_ROWS = 16_384
"""Rows taken at a time: bounds the memory of text not yet turned into numbers."""

Cells = Sequence[Any]
"""One column's cells: text or numbers; '' and None are empty."""


@dataclass(frozen=True)
class Chunk:
    """Some rows of a log, by column.

    Args:
        names: Column names.
        rows: Rows, each in the order of the names.
        damaged: Lines before or among them that could not be read.
    """

    names: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    damaged: int = 0


def chunks(path: Path) -> Iterator[Chunk]:
    """Reads a log, also one that a crash cut off: an unfinished last line is left out.

    Raises:
        RecordingError: It cannot be opened, or is no session log.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise RecordingError(
            f"{path.name} is no session log.", f"A log's name ends in {', '.join(SUFFIXES)}."
        )
    try:
        if suffix == PARQUET:
            journal = journal_of(path)
            # As long as there is a journal, it holds every row and the Parquet file may not.
            yield from _json_chunks(journal) if journal.exists() else _parquet_chunks(path)
        else:
            yield from _csv_chunks(path) if suffix == CSV else _json_chunks(path)
    except OSError as error:
        raise RecordingError(
            f"The log {path} cannot be read: {error.strerror or error}.", "Check its name."
        ) from error


def label_names(names: Sequence[str]) -> tuple[str, ...]:
    """The classes that a log has columns for."""
    return tuple(n.removeprefix(SMOOTHED) for n in names if n.startswith(SMOOTHED))


def _whole_lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="\n") as file:
        yield from (line for line in file if line.endswith("\n"))


def _csv_chunks(path: Path) -> Iterator[Chunk]:
    lines = csv.reader(_whole_lines(path))
    names = tuple(next(lines, ()))
    if not names:
        return
    _check(path, names)
    while rows := list(itertools.islice(lines, CHUNK_ROWS)):
        whole = [row for row in rows if len(row) == len(names)]
        yield Chunk(names, whole, len(rows) - len(whole))


def _json_chunks(path: Path) -> Iterator[Chunk]:
    lines = _whole_lines(path)
    names: tuple[str, ...] = ()
    while texts := list(itertools.islice(lines, CHUNK_ROWS)):
        found = [record for text in texts if (record := _record(text)) is not None]
        if found:
            extra = dict.fromkeys(name for record in found for name in record)
            names = tuple(dict.fromkeys((*names, *(c.name for c in COLUMNS), *extra)))
            _check(path, tuple(found[0]))
        rows = [tuple(map(record.get, names)) for record in found]
        yield Chunk(names, rows, len(texts) - len(found))


def _record(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _parquet_chunks(path: Path) -> Iterator[Chunk]:
    arrow, parquet = parquet_library("pyarrow"), parquet_library()
    with path.open("rb"):  # for the plain error of a file that is not there
        pass
    try:
        with parquet.ParquetFile(path) as file:
            names = tuple(file.schema_arrow.names)
            _check(path, names)
            for batch in file.iter_batches(CHUNK_ROWS):
                yield Chunk(
                    names, list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
                )
    except arrow.ArrowException as error:
        raise RecordingError(f"{path.name} is damaged: {error}.") from error


def _check(path: Path, names: Sequence[str]) -> None:
    if not {"kind", "time_s"} <= set(names):
        raise RecordingError(
            f"{path.name} is no session log.", "A log is written by: fer-live run --log FILE."
        )
