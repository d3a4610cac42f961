"""Reads the rows of a log file in any of its formats, some thousands at a time."""

import csv
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_live.core.errors import RecordingError
from fer_live.core.formats import LOG_SUFFIXES
from fer_live.session_log.files import CSV, PARQUET, journal_of, parquet_library
from fer_live.session_log.openface import KIND, own_columns
from fer_live.session_log.schema import COLUMNS, FACE, FRAME, RAW, SMOOTHED

CHUNK_ROWS = 16_384
"""Rows read at a time: limits the memory of text not yet converted to numbers."""

PLAIN_CHARS = 100_000
"""A shorter line has no cell that csv refuses for its length."""

NEEDED = (
    "kind", "time_s", "wall_time", "frame", "identity", "left_px", "top_px", "width_px",
    "height_px", "label", "confidence", "score", "missed_s", "flags",
)  # fmt: skip
"""Columns without which a log cannot be read."""

SEPARATORS = (",", ";", "\t")
"""Characters between the cells of a CSV: ours, and those of spreadsheets in other languages."""

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""How a text file of a spreadsheet may begin."""


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


def chunks(path: Path, *, events_only: bool = False) -> Iterator[Chunk]:
    """Reads a log, also one cut off by a crash: an unfinished last line is left out.

    Args:
        path: The log.
        events_only: Skip rows of faces and frames, except a last one, where that is quicker.

    Raises:
        RecordingError: It cannot be opened or is not a session log.
    """
    suffix = path.suffix.lower()
    if suffix not in LOG_SUFFIXES:
        raise RecordingError(
            f"{path.name} is not a session log.", f"A log's name ends in {', '.join(LOG_SUFFIXES)}."
        )
    try:
        if suffix == PARQUET:
            journal = journal_of(path)
            # While a journal exists it holds every row, and the Parquet file may lack some.
            whole = not journal.exists()
            yield from _parquet_chunks(path) if whole else _json_chunks(journal, events_only)
        else:
            read = _csv_chunks if suffix == CSV else _json_chunks
            yield from read(path, events_only)
    except OSError as error:
        raise RecordingError(
            f"The log {path} cannot be read: {error.strerror or error}.", "Check its name."
        ) from error


def label_names(names: Sequence[str]) -> tuple[str, ...]:
    """The classes that a log has columns for."""
    return tuple(n.removeprefix(SMOOTHED) for n in names if n.startswith(SMOOTHED))


def _whole_lines(path: Path) -> Iterator[str]:
    with path.open("rb") as start:
        encoding = "utf-16" if start.read(2) in _UTF_16 else "utf-8-sig"
    with path.open(encoding=encoding, errors="replace", newline="\n") as file:
        yield from (line for line in file if line.endswith("\n"))


def _few(lines: Iterator[str], skipped: tuple[str, ...]) -> Iterator[str]:
    """The lines that do not begin so, and the last line in any case."""
    last = None
    for line in lines:
        last = line if line.startswith(skipped) else None
        if last is None:
            yield line
    if last is not None:
        yield last


def _csv_chunks(path: Path, events_only: bool = False) -> Iterator[Chunk]:
    lines = _whole_lines(path)
    if (first := next(lines, None)) is None:
        return
    separator = max(SEPARATORS, key=first.count)
    header = tuple(_cells(first, separator))
    picked = own_columns(header) or dict(enumerate(header))
    names = tuple(picked.values())
    _check(path, names, names)
    if events_only and separator == "," and header[0] == KIND:
        lines = _few(lines, tuple(f"{kind}," for kind in (FACE, FRAME)))
    numbers = _numbers(names, decimals=separator != ",")
    while texts := list(itertools.islice(lines, CHUNK_ROWS)):
        split = [_cells(text, separator) for text in texts]
        whole = [row for row in split if len(row) == len(header)]
        if len(picked) < len(header):
            whole = [[row[n] for n in picked] for row in whole]
        for row in whole:
            for place, plain in numbers.items():
                cell = row[place]
                if cell and not cell.isdecimal():
                    row[place] = plain(cell)
        yield Chunk(names, whole, len(texts) - len(whole))


def _cells(line: str, separator: str) -> list[str]:
    """The cells of one line of CSV; none if it is damaged.

    A row never spans two lines, so an unclosed quote damages only its own row.
    """
    if len(line) < PLAIN_CHARS and '"' not in line and "\r" not in line:
        return line.rstrip("\n").split(separator)  # several times quicker, and the same
    try:
        return next(csv.reader((line,), delimiter=separator), [])
    except csv.Error:
        return []


def _numbers(names: Sequence[str], *, decimals: bool) -> dict[int, Callable[[str], str]]:
    """What makes numbers of other programs ours, by the column's place.

    pandas writes 1.0 for 1 in a column with empty cells; a spreadsheet whose separator is no comma
    may write 0,25.
    """
    kinds = {column.name: column.kind for column in COLUMNS}
    repairs: dict[int, Callable[[str], str]] = {}
    for place, name in enumerate(names):
        kind = "float" if name.startswith((SMOOTHED, RAW)) else kinds.get(name, "text")
        if kind == "int":
            repairs[place] = _without_fraction
        elif kind == "float" and decimals:
            repairs[place] = _with_point
    return repairs


def _without_fraction(cell: str) -> str:
    whole, _, fraction = cell.replace(",", ".").partition(".")
    return whole if fraction and not fraction.strip("0") else cell


def _with_point(cell: str) -> str:
    return cell.replace(",", ".")


def _json_chunks(path: Path, events_only: bool = False) -> Iterator[Chunk]:
    lines = _whole_lines(path)
    if events_only:
        lines = _few(lines, tuple(f'{{"kind":"{kind}"' for kind in (FACE, FRAME)))
    names = tuple(column.name for column in COLUMNS)
    while texts := list(itertools.islice(lines, CHUNK_ROWS)):
        found = [record for text in texts if (record := _record(text)) is not None]
        if found:
            extra = dict.fromkeys(name for record in found for name in record)
            names = tuple(dict.fromkeys((*names, *extra)))
            _check(path, tuple(found[0]), names)  # a line leaves out empty cells
        rows = [tuple(map(record.get, names)) for record in found]
        yield Chunk(names, rows, len(texts) - len(found))


def _record(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _parquet_chunks(path: Path) -> Iterator[Chunk]:
    arrow, parquet = parquet_library("pyarrow"), parquet_library()
    with path.open("rb"):  # raises the plain OSError if the file is missing
        pass
    try:
        with parquet.ParquetFile(path) as file:
            names = tuple(file.schema_arrow.names)
            _check(path, names, names)
            for batch in file.iter_batches(CHUNK_ROWS):
                yield Chunk(
                    names, list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
                )
    except (arrow.ArrowException, ValueError) as error:  # ValueError: bytes that are not UTF-8
        raise RecordingError(f"{path.name} is damaged: {error}.") from error


def _check(path: Path, first: Sequence[str], names: Sequence[str]) -> None:
    """Raises RecordingError unless the columns are those of a session log.

    Args:
        path: The log.
        first: Columns of the first row.
        names: All columns.
    """
    if not {"kind", "time_s"} <= set(first):
        raise RecordingError(
            f"{path.name} is not a session log.", "Write one with: fer-live run --log FILE."
        )
    if missing := [name for name in NEEDED if name not in names]:
        raise RecordingError(
            f"The log {path.name} lacks the columns {', '.join(missing)}.",
            "Use the unchanged log.",
        )
