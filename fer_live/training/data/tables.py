"""Tables of data sets: CSV files as people and spreadsheets write them."""

import gzip
from collections.abc import Sequence
from csv import QUOTE_NONE
from pathlib import Path
from typing import Any

import pandas as pd

from fer_live.core.errors import DataError

SEPARATORS = (",", ";", "\t")
"""Characters that may stand between the columns."""

_GZIP = b"\x1f\x8b"


def read_table(path: Path) -> pd.DataFrame:
    """A CSV file, plain or gzipped; what separates its columns is read from its first line.

    A row with too many fields or an unclosed quote becomes an empty row, because other tables may
    be joined by row. Spaces and quotes around the columns' names are removed.

    Raises:
        DataError: The file is missing or damaged.
    """
    try:
        separator = _separator(path)
        try:
            table = pd.read_csv(path, sep=separator, encoding_errors="replace")
        except pd.errors.ParserError:
            table = pd.read_csv(
                path,
                sep=separator,
                encoding_errors="replace",
                engine="python",
                dtype=str,
                quoting=QUOTE_NONE,
                on_bad_lines=lambda _: [""],
            ).apply(lambda column: column.str.strip('"'))
    except FileNotFoundError as error:
        raise DataError(f"There is no file {path}.", "Check the path.") from error
    except (OSError, ValueError, EOFError) as error:
        why = str(error).strip().rstrip(".")
        raise DataError(f"{path} cannot be read as CSV ({why}).", "Check the file.") from error
    # pandas takes surplus first fields for an index.
    if not table.index.equals(pd.RangeIndex(len(table))):
        raise DataError(
            f"The rows of {path} have more fields than its first line names columns.",
            "Put fields that contain the separator into quotes.",
        )
    return table.rename(columns=lambda name: str(name).strip(' "\ufeff'))


def column_names(path: Path) -> tuple[str, ...]:
    """The names of a table's columns in lower case; none if it cannot be read."""
    try:
        line = _first_line(path)
    except (OSError, EOFError):
        return ()
    return tuple(name.strip(' "\ufeff\r\n').lower() for name in line.split(_separator_of(line)))


def find_column(
    table: pd.DataFrame, names: Sequence[str], path: Path, hint: str
) -> "pd.Series[Any]":
    """The column that has one of these names, in any case; the first name that is there counts.

    Raises:
        DataError: There is none; the message lists the columns there are.
    """
    there = {str(column).lower(): column for column in table.columns}
    for name in names:
        if name in there:
            return table[there[name]]
    columns = ", ".join(str(column) for column in table.columns[:12])
    raise DataError(
        f"{path} has no column {names[0]!r}; its columns are {columns}.",
        hint,
    )


def _first_line(path: Path) -> str:
    with path.open("rb") as file:
        packed = file.read(len(_GZIP)) == _GZIP
    with gzip.open(path) if packed else path.open("rb") as text:
        return text.readline(1 << 16).decode("utf-8", "replace")


def _separator(path: Path) -> str:
    """Raises DataError for a file that is no text in UTF-8."""
    line = _first_line(path)
    # Pictures and videos have NUL bytes at their beginning, as text in UTF-16 has.
    if "\0" in line:
        raise DataError(
            f"{path} is not a CSV file in UTF-8.",
            "Name a CSV file; a spreadsheet writes one as CSV UTF-8.",
        )
    return _separator_of(line)


def _separator_of(line: str) -> str:
    return max(SEPARATORS, key=line.count)
