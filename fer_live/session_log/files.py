"""Log files on disk: CSV, JSON Lines and Parquet, each written safely against a crash."""

import importlib
import json
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from fer_live.core.errors import RecordingError
from fer_live.core.files import reserve_free_names, reserve_names, sync, write_all
from fer_live.core.formats import LOG_SUFFIXES
from fer_live.core.naming import expand
from fer_live.core.records import csv_line
from fer_live.core.settings import LogLayout
from fer_live.session_log import openface
from fer_live.session_log.schema import Column, Row

CSV, JSON_LINES, PARQUET = LOG_SUFFIXES
GROUP_ROWS = 16_384
"""Rows of a Parquet row group: some minutes of one face, a few MB of memory."""


class LogFile(Protocol):
    """A log on disk. Methods raise OSError; rows flushed before stay readable."""

    def append(self, rows: Sequence[Row]) -> None:
        """Adds rows, which may stay in memory until `flush`."""
        ...

    def flush(self) -> None:
        """Writes all rows so far to the disk."""
        ...

    def close(self) -> None:
        """Flushes and finishes the file."""
        ...

    def abandon(self) -> None:
        """Closes the file in its state at the last flush, after a failed write."""
        ...


def journal_of(path: Path) -> Path:
    """The file with the rows of an unfinished Parquet log: JSON Lines beside it."""
    return path.with_name(f"{path.name}.journal{JSON_LINES}")


def reserve_log(path: Path) -> None:
    """Reserves the names of a log and of its journal; the files are empty.

    Raises:
        RecordingError: The format is unknown or its library is missing, the name is taken, or the
            folder cannot be written.
    """
    _prepare(path)
    reserve_names(*_files_of(path))


def reserve_log_in(folder: Path, suffix: str, now: Callable[[], datetime]) -> Path:
    """Reserves a new name in a folder: ``session-YYYYMMDD-HHMMSS-mmm`` and the suffix.

    Args:
        folder: Created if it is missing.
        suffix: One of `formats.LOG_SUFFIXES`.
        now: Returns the wall time.

    Raises:
        RecordingError: As for `reserve_log`.
    """
    stem = expand("session-{date}-{time}-{ms}", now())
    _prepare(Path(stem + suffix))
    endings = [path.name.removeprefix(stem) for path in _files_of(Path(stem + suffix))]
    return reserve_free_names(folder, stem, endings)[0]


def check_layout(layout: LogLayout, suffix: str) -> None:
    """Raises RecordingError if a layout does not fit the format of a file."""
    if layout != "fer_live" and suffix.lower() != CSV:
        raise RecordingError(
            f"The layout {layout} is for CSV logs, not for {suffix} files.",
            f"Choose a name ending in {CSV}, or the layout fer_live.",
        )


def open_log(path: Path, columns: Sequence[Column], layout: LogLayout = "fer_live") -> LogFile:
    """Opens a reserved file for writing.

    Raises:
        OSError: It cannot be written.
    """
    if path.suffix.lower() == PARQUET:
        return _ParquetFile(path, columns)
    return _OpenFaceFile(path, columns) if layout == "openface" else _LineFile(path, columns)


def remove_log(path: Path) -> None:
    """Deletes a log and its journal."""
    for file in _files_of(path):
        file.unlink(missing_ok=True)


def parquet_library(module: str = "pyarrow.parquet") -> Any:
    """Imports the optional library. Raises RecordingError that says how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise RecordingError(
            "Parquet logs need the library pyarrow.",
            "Install it with: pip install 'fer-live[parquet]', or choose a name ending in .csv.",
        ) from error


def parquet_schema(columns: Sequence[Column]) -> Any:
    """The schema of a Parquet file with these columns. Raises RecordingError without pyarrow."""
    arrow = parquet_library("pyarrow")
    types = {"text": "string", "int": "int64", "float": "float64"}
    return arrow.schema(
        [arrow.field(c.name, types[c.kind], metadata={"meaning": c.meaning}) for c in columns]
    )


def parquet_table(rows: Sequence[Row], schema: Any) -> Any:
    """The rows, at least one, as a table of pyarrow."""
    arrow = parquet_library("pyarrow")
    cells = [
        arrow.array(values, type=field.type)
        for values, field in zip(zip(*rows, strict=True), schema, strict=True)
    ]
    return arrow.Table.from_arrays(cells, schema=schema)


def _prepare(path: Path) -> None:
    if path.suffix.lower() not in LOG_SUFFIXES:
        raise RecordingError(
            f"{path.name} has no suffix of a log.",
            f"Choose a name ending in {', '.join(LOG_SUFFIXES)}.",
        )
    if path.suffix.lower() == PARQUET:
        parquet_library()
        # The first array searches for pandas, which is slow: do it now, before rows are waiting.
        parquet_library("pyarrow").array([""])


def _files_of(path: Path) -> tuple[Path, ...]:
    return (path, journal_of(path)) if path.suffix.lower() == PARQUET else (path,)


class _LineFile:
    """One line per row. After a failed write `abandon` restores the state at the last flush."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._names = [column.name for column in columns]
        self._csv = path.suffix.lower() == CSV
        self._file = path.open("r+b", buffering=0)
        self._lines: list[str] = [csv_line(self._header()) + "\n"] if self._csv else []
        self._good_bytes = 0

    def append(self, rows: Sequence[Row]) -> None:
        line = self._csv_row if self._csv else self._json_line
        self._lines += map(line, rows)

    def flush(self) -> None:
        if not self._lines:
            return
        data = "".join(self._lines).encode()
        write_all(self._file, data)
        os.fsync(self._file.fileno())
        self._good_bytes += len(data)
        self._lines.clear()

    def close(self) -> None:
        self.flush()
        self._file.close()

    def abandon(self) -> None:
        with self._file:
            self._file.truncate(self._good_bytes)

    def _header(self) -> Sequence[str]:
        return self._names

    def _csv_row(self, row: Row) -> str:
        return csv_line(row) + "\n"

    def _json_line(self, row: Row) -> str:
        cells = zip(self._names, row, strict=True)
        filled = {name: value for name, value in cells if value is not None}
        return json.dumps(filled, ensure_ascii=False, separators=(",", ":")) + "\n"


class _OpenFaceFile(_LineFile):
    """CSV with the columns of OpenFace, then our own."""

    def _header(self) -> Sequence[str]:
        return openface.header(self._names)

    def _csv_row(self, row: Row) -> str:
        return csv_line(openface.cells(self._names, row)) + "\n"


class _ParquetFile:
    """A Parquet file is readable only when it is finished; until then a journal holds its rows."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._path = path
        self._journal = _LineFile(journal_of(path), columns)
        self._rows: list[Row] = []
        self._schema = parquet_schema(columns)
        self._writer = parquet_library().ParquetWriter(path, self._schema, compression="zstd")

    def append(self, rows: Sequence[Row]) -> None:
        self._journal.append(rows)
        self._rows += rows

    def flush(self) -> None:
        self._journal.flush()
        if len(self._rows) >= GROUP_ROWS:
            self._write_group()

    def close(self) -> None:
        self._journal.flush()
        if self._rows:
            self._write_group()
        self._writer.close()
        sync(self._path)
        self._journal.close()
        journal_of(self._path).unlink()

    def abandon(self) -> None:
        # The unfinished Parquet file cannot be read; the journal can.
        self._journal.abandon()
        self._rows.clear()
        self._path.unlink(missing_ok=True)

    def _write_group(self) -> None:
        self._writer.write_table(parquet_table(self._rows, self._schema))
        self._rows.clear()
