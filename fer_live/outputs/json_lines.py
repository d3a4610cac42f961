"""JSON Lines (NDJSON): one line per message, to standard output or a file."""

import errno
import io
import os
import stat
from pathlib import Path

from fer_live.core.errors import OutputError
from fer_live.outputs.messages import EventMessage, FrameMessage, SessionMessage

STDOUT = "-"
"""Stands for standard output."""
STDOUT_FD = 1


class ReaderLeftError(OutputError):
    """The program that read the lines has ended."""


class JsonLines:
    """Writes lines, each at once. A line is never torn, but for the last one before a crash.

    Args:
        target: A file, which must not exist, or a pipe; ``-`` is standard output.
    """

    name = "JSON lines"
    capacity = 64
    pictures = False
    clients: int | None = None
    warning = ""

    def __init__(self, target: str) -> None:
        self._target = target
        self._file: io.FileIO | None = None

    @property
    def place(self) -> str:
        """The file."""
        return "standard output" if self._target == STDOUT else self._target

    def open(self) -> None:
        """Opens the file. Raises OutputError."""
        try:
            self._file = self._opened()
        except (OSError, ValueError) as error:
            if isinstance(error, FileExistsError) and Path(self._target).is_file():
                raise OutputError(
                    f"{self._target} exists already.", "Choose another name."
                ) from error
            if isinstance(error, OSError) and error.errno == errno.ENXIO:
                raise OutputError(
                    f"No program reads from the pipe {self._target}.", "Start the reader first."
                ) from error
            why = (error.strerror if isinstance(error, OSError) else None) or error
            raise OutputError(
                f"{self._target} cannot be written: {why}.",
                "Choose a file in a folder you can write to, or - for standard output.",
            ) from error

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

    def _opened(self) -> io.FileIO:
        if self._target == STDOUT:
            # Past Python's own buffer: a reader that stalls must not hold its lock.
            return io.FileIO(STDOUT_FD, "w", closefd=False)
        path = Path(self._target)
        if path.exists() and not path.is_file():
            # A pipe that nobody reads refuses at once, where it would otherwise wait for ever.
            handle = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
            if stat.S_ISFIFO(os.fstat(handle).st_mode):
                os.set_blocking(handle, True)
            return io.FileIO(handle, "w")
        path.parent.mkdir(parents=True, exist_ok=True)
        return io.FileIO(path, "x")

    def _write(self, line: str) -> None:
        assert self._file is not None
        left = memoryview(f"{line}\n".encode())
        try:
            while left:
                left = left[self._file.write(left) or 0 :]
        except BrokenPipeError as error:
            raise ReaderLeftError(
                f"The program that read from {self.place} has ended.", "Start both again."
            ) from error
        except OSError as error:
            raise OutputError(
                f"{self.place} cannot be written: {error.strerror or error}.",
                "What was written so far can be read.",
            ) from error
