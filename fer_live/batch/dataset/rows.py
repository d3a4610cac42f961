"""Rows of a dataset, alike for videos and pictures: those of the log without the events."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from fer_live.session_log.schema import COLUMNS, Column, Row, columns

EVENT_COLUMNS = ("marker", "text", "file", "video_time_s", "count")
"""Columns of the log that only rows of events fill."""

SIZE_COLUMNS = (
    Column("image_width_px", "int", "width of the frame or picture that the box lies in"),
    Column("image_height_px", "int", "height of the frame or picture that the box lies in"),
)

_KEPT = [place for place, column in enumerate(COLUMNS) if column.name not in EVENT_COLUMNS]


def dataset_columns(labels: Sequence[str]) -> tuple[Column, ...]:
    """All columns of a dataset, for the classes of its model."""
    return (*(c for c in columns(labels) if c.name not in EVENT_COLUMNS), *SIZE_COLUMNS)


def dataset_row(row: Row, size: tuple[int, int]) -> Row:
    """A row of the log as one of the dataset.

    Args:
        row: In the order of `schema.columns`, without derived figures.
        size: Width and height of the image, pixels.
    """
    return (*itemgetter(*_KEPT)(row), *row[len(COLUMNS) :], *size)


def meanings(schema: Any) -> dict[str, str]:
    """The meaning of each column of a Parquet schema that this program made, by its name."""
    return {field.name: (field.metadata or {}).get(b"meaning", b"").decode() for field in schema}
