"""JSON Lines (NDJSON): one line per message, to standard output or a file."""

import errno
import io
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fer_live.core.errors import OutputError
from fer_live.core.files import reserve_free_names, reserve_names, write_all, write_error
from fer_live.outputs.messages import EventMessage, FrameMessage, SessionMessage

STDOUT = "-"
"""Stands for standard output."""
STDOUT_FD = 1
SUFFIX = ".jsonl"


class ReaderLeftError(OutputError):
    """The program that read the lines has ended."""


class JsonLines:
    """Writes lines, each at once. A line is never torn, but for the last one before a crash.

    Args:
        target: A file, which must not exist, a folder, in which it is named by time, or a pipe;
            ``-`` is standard output.
        now: Source of the time in the name.
    """

    name = "JSON lines"
    capacity = 64
    pictures = False
    clients: int | None = None
    warning = ""

    def __init__(self, target: str, now: Callable[[], datetime] = datetime.now) -> None:
        self._target = target
        self._now = now
        self._file: io.FileIO | None = None

    @property
    def place(self) -> str:
        """The file."""
        return "standard output" if self._target == STDOUT else self._target

    def open(self) -> None:
        """Opens the file. Raises RecordingError or OutputError."""
        if self._target == STDOUT:
            # Past Python's own buffer: a reader that stalls must not hold its lock.
            self._file = io.FileIO(STDOUT_FD, "w", closefd=False)
            return
        path = Path(self._target)
        try:
            self._file = _pipe(path) if _is_special(path) else _new_file(path, self._now())
        except OSError as error:
            if error.errno == errno.ENXIO:
                raise OutputError(
                    f"No program reads from the pipe {path}.", "Start the reader first."
                ) from error
            raise write_error(path, error) from error
        self._target = str(self._file.name) if path.is_dir() else self._target

    def session(self, session: SessionMessage) -> None:
        """Writes a line."""
        self._write(session.json)

    def frame(self, frame: FrameMessage, dropped: int) -> bool:
        """Writes a line."""
        self._write(frame.json(dropped))
        return True

    def event(self, event: EventMessage) -> bool:
        """Writes a line."""
        self._write(event.json)
        return True

    def close(self) -> None:
        """Closes the file; standard output stays open."""
        if self._file is not None:
            self._file.close()

    def _write(self, line: str) -> None:
        assert self._file is not None
        try:
            write_all(self._file, f"{line}\n".encode())
        except BrokenPipeError as error:
            raise ReaderLeftError(
                f"The program that read from {self.place} has ended.", "Start both again."
            ) from error
        except OSError as error:
            raise OutputError(
                f"{self.place} cannot be written: {error.strerror or error}.",
                "What was written so far can be read.",
            ) from error


def _is_special(path: Path) -> bool:
    """True for a pipe or device, which is there already and is not made."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _pipe(path: Path) -> io.FileIO:
    # A pipe that nobody reads refuses at once, where it would otherwise wait for ever.
    handle = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    os.set_blocking(handle, True)
    return io.FileIO(handle, "w")


def _new_file(path: Path, now: datetime) -> io.FileIO:
    if path.is_dir():
        (path,) = reserve_free_names(path, f"faces-{now:%Y%m%d-%H%M%S}", [SUFFIX])
    else:
        reserve_names(path)
    return io.FileIO(path, "w")
