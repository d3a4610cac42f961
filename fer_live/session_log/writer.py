"""Writes entries as rows into a log file, on the writer thread of a session log."""

import logging
from datetime import datetime
from pathlib import Path

from fer_live.core.errors import FerLiveError, RecordingError
from fer_live.core.files import write_error
from fer_live.core.settings import LogLayout
from fer_live.session_log import schema
from fer_live.session_log.files import LogFile, open_log, remove_log
from fer_live.session_log.rows import event_row, frame_rows
from fer_live.session_log.schema import EventEntry, FrameEntry, Moment

_log = logging.getLogger(__name__)


class LogWriter:
    """Writes a reserved log; its columns are those of the first frame's classes. One thread.

    Args:
        path: The file, as reserved by `files.reserve_log`.
        began: Wall time of the log's begin, with its offset from UTC.
        layout: Columns of a CSV file.
        derived: Write derived figures.
    """

    def __init__(
        self,
        path: Path,
        began: datetime,
        *,
        layout: LogLayout = "fer_live",
        derived: bool = False,
    ) -> None:
        self._path = path
        self._began = began
        self._layout: LogLayout = layout
        self._derived = derived
        self._file: LogFile | None = None
        self._labels: tuple[str, ...] = ()
        self._early: list[EventEntry] = []
        self._safe = (0, 0, 0)
        self.rows = 0
        self.frames = 0
        self.markers = 0

    def take(self, entry: FrameEntry | EventEntry) -> None:
        """Writes an entry; events wait for the first frame, which determines the columns.

        Raises:
            RecordingError: The frame has classes without a column.
            OSError: The file cannot be written.
        """
        if isinstance(entry, EventEntry):
            self.markers += entry.kind == schema.MARKER
            if self._file is None:
                self._early.append(entry)
            else:
                self._append([self._event_row(entry)])
            return
        if self._file is None:
            self._open(entry.labels)
        elif not set(entry.labels) <= set(self._labels):
            raise RecordingError(
                "The new model has other expressions, for which the log has no columns.",
                "What was written so far can be read; start a new log.",
            )
        self._append(frame_rows(entry, self._began, self._labels, derived=self._derived))
        self.frames += 1

    def flush(self) -> None:
        """Writes all rows so far to the disk. Raises OSError."""
        if self._file is not None:
            self._file.flush()
            self._safe = (self.rows, self.frames, self.markers)

    def finish(self, moment: Moment) -> None:
        """Writes the last row and closes the file; removes a file without entries.

        Raises:
            OSError: The file cannot be written.
        """
        if self._file is None:
            if not self._early:
                remove_log(self._path)
                return
            self._open(())
        self.take(EventEntry(moment, schema.END, count=self.frames))
        assert self._file is not None
        self._file.close()

    def abandon(self) -> None:
        """Restores file and counts to the last flush, after an error. Raises nothing."""
        self.rows, self.frames, self.markers = self._safe
        try:
            if self._file is not None:
                self._file.abandon()
            if not self.rows:
                remove_log(self._path)
        except Exception as error:
            _log.debug("the log could not be closed either: %s", error)

    def _open(self, labels: tuple[str, ...]) -> None:
        self._labels = labels
        columns = schema.columns(labels, derived=self._derived)
        self._file = open_log(self._path, columns, self._layout)
        self._append([self._event_row(early) for early in self._early])
        self.flush()

    def _event_row(self, entry: EventEntry) -> schema.Row:
        return event_row(entry, self._began, self._labels, derived=self._derived)

    def _append(self, lines: list[schema.Row]) -> None:
        assert self._file is not None
        self._file.append(lines)
        self.rows += len(lines)


def explained(path: Path, error: Exception) -> FerLiveError:
    """The error for the user that ended a log early."""
    if isinstance(error, FerLiveError):
        return error
    if isinstance(error, OSError):
        return write_error(path, error)
    return RecordingError(
        f"The log {path.name} ended early: {error}.",
        "What was written so far can be read; start a new log.",
    )
