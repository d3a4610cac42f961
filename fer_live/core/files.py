"""Files: readable ones, ones written whole or not at all, names that overwrite nothing."""

import contextlib
import hashlib
import io
import os
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from fer_live.core.errors import DataError, RecordingError, SourceError, SourceNotFoundError

MAX_SAME_NAME = 10_000
"""Tries before giving up on a free name: far more than the files made in one millisecond."""


MAX_NAME_BYTES = 255
"""Longest name of a file on the file systems of Linux, macOS and Windows, bytes."""


def shortened(name: str, room: int) -> str:
    """A name to which `room` more bytes can be added; itself if it is short enough.

    A longer one is cut, and a digest of all of it keeps it apart from others that begin alike.
    """
    data = os.fsencode(name)
    most = MAX_NAME_BYTES - room
    if len(data) <= most:
        return name
    digest = f"~{hashlib.sha256(data).hexdigest()[:8]}"
    return data[: most - len(digest)].decode("utf-8", "ignore") + digest


@contextlib.contextmanager
def atomic_write(path: Path, *, private: bool = False) -> Iterator[Path]:
    """Gives the path of a new file that replaces `path` when the block ends without an error.

    The new file stands beside `path` and is named after it and the process, so that two processes
    never write into the same one. It is on the disk before it is renamed. If the block raises,
    the new file is removed and `path` stays as it was.

    Args:
        path: The target; its folder is created if it is missing.
        private: Only the user may read the file.

    Yields:
        The file to write, closed again by the end of the block; it is empty at first.

    Raises:
        OSError: The file cannot be written or renamed.

    Example:
        >>> with atomic_write(folder / "report.json") as part:
        ...     part.write_text(text, "utf-8")
    """
    part = _part_of(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600 if private else 0o666)
        yield part
        sync(part)
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Finds out whether `atomic_write` could write a file, before the work that fills it.

    Raises:
        OSError: The path is a folder, or nothing can be written beside it.
        ValueError: The path has no file name.
    """
    probe = _part_of(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder")
    probe.touch()
    probe.unlink()


def check_readable(path: Path) -> None:
    """Raises if the file system knows why a file cannot be read.

    Raises:
        SourceNotFoundError: There is no such file.
        SourceError: It is no plain file, empty, or may not be read.
    """
    try:
        if not path.exists():
            raise SourceNotFoundError(f"There is no file {path}.", "Check its name and folder.")
        if not path.is_file():
            raise SourceError(f"{path} is not a file.", "Choose a video or picture file.")
        empty = path.stat().st_size == 0
        with path.open("rb"):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(
            f"{path} cannot be read: {reason}.", "Check the permissions of file and folder."
        ) from error
    if empty:
        raise SourceError(f"{path.name} is empty.", "Choose another file.")


@contextlib.contextmanager
def results_folder(folder: Path, what: str) -> Iterator[None]:
    """Creates a folder, around the writing of results into it.

    Args:
        folder: Created if it is missing.
        what: Begins the message of a failure: ``The report``.

    Raises:
        DataError: The folder cannot be created, or the block raised an OSError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise DataError(
            f"{what} cannot be written to {folder} ({error}).", "Choose a folder you can write to."
        ) from error


def _part_of(path: Path) -> Path:
    ending = f".{os.getpid()}.part"
    return path.with_name(shortened(path.name, len(ending)) + ending)


def write_all(file: io.FileIO, data: bytes) -> None:
    """Writes all bytes into a file without a buffer, which may take fewer at a time.

    Raises:
        OSError: A part of them may have been written.
    """
    left = memoryview(data)
    while left:
        left = left[file.write(left) or 0 :]


def sync(path: Path) -> None:
    """Waits until the content of a closed file is on the disk. Raises OSError."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def reserve_names(*paths: Path) -> None:
    """Creates empty files of these names, and the folder of the first; all of them, or none.

    Raises:
        RecordingError: One exists already, or cannot be created.
    """
    _make_folder(paths[0].parent)
    try:
        _create_all(paths)
    except FileExistsError as error:
        raise RecordingError(
            f"{error.filename or paths[0]} exists already.",
            "Choose another name: nothing is overwritten.",
        ) from error
    except OSError as error:
        raise write_error(paths[0], error) from error


def reserve_free_names(folder: Path, stem: str, suffixes: Sequence[str]) -> tuple[Path, ...]:
    """Creates empty files that share a name no file has yet and differ in their endings.

    No other program can take these names then.

    Args:
        folder: Created if it is missing.
        stem: The name; a number is added if one of the files exists.
        suffixes: The endings, each with its dot.

    Raises:
        RecordingError: The folder or a file cannot be created; says why.
    """
    _make_folder(folder)
    for number in range(MAX_SAME_NAME):
        paths = [folder / f"{stem}{f'-{number + 1}' if number else ''}{end}" for end in suffixes]
        try:
            _create_all(paths)
        except FileExistsError:
            continue
        except OSError as error:
            raise write_error(folder, error) from error
        return tuple(paths)
    raise RecordingError(f"There is no free name for {stem} in {folder}.", "Empty the folder.")


def spare_name(path: Path) -> Path:
    """The first free name for keeping a file that cannot be used: ``NAME.bad``, ``NAME.bad-2``."""
    names = (f"{path.name}.bad{f'-{number}' if number > 1 else ''}" for number in count(1))
    return next(spare for name in names if not (spare := path.with_name(name)).exists())


@contextlib.contextmanager
def fill_reserved(*paths: Path) -> Iterator[None]:
    """Around the writing of reserved files: removes them all if it fails.

    Raises:
        RecordingError: The block raised an OSError.
    """
    try:
        yield
    except BaseException as error:
        for path in paths:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise write_error(paths[0], error) from error
        raise


def write_error(target: Path, error: OSError) -> RecordingError:
    """The error for a file or folder that cannot be written."""
    return RecordingError(
        f"{target} cannot be written: {error.strerror or error}.",
        "Choose another folder, or free some space.",
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error


def _create_all(paths: Sequence[Path]) -> None:
    made: list[Path] = []
    try:
        for path in paths:
            path.open("xb").close()
            made.append(path)
    except OSError:
        for path in made:
            path.unlink(missing_ok=True)
        raise
