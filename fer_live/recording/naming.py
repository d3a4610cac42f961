"""File names by time that never take the place of another file."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fer_live.errors import RecordingError

MAX_SAME_NAME = 10_000
"""Tries before giving up on a free name: far more than files made in one millisecond."""


def reserve(
    folder: Path, prefix: str, suffix: str, now: Callable[[], datetime] = datetime.now
) -> Path:
    """Creates an empty file with a new name, so that nobody else can take it.

    The name is ``PREFIX-YYYYMMDD-HHMMSS-mmm[-N]SUFFIX`` in local time.

    Args:
        folder: Created if it is missing.
        prefix: Start of the name.
        suffix: End of the name, with its dot.
        now: Source of the time.

    Raises:
        RecordingError: The folder or file cannot be created; says why.
    """
    stamp = now()
    stem = f"{prefix}-{stamp:%Y%m%d-%H%M%S}-{stamp.microsecond // 1000:03d}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(MAX_SAME_NAME):
            path = folder / f"{stem}{f'-{number + 1}' if number else ''}{suffix}"
            try:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            except FileExistsError:
                continue
            return path
    except OSError as error:
        raise write_error(folder, error) from error
    raise RecordingError(f"There is no free name for {stem} in {folder}.", "Empty the folder.")


def claim(path: Path) -> None:
    """Creates an empty file of this name, and its folder.

    Raises:
        RecordingError: It exists already, or cannot be created.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("xb").close()
    except FileExistsError as error:
        raise RecordingError(
            f"{path} exists already.", "Choose another name: nothing is overwritten."
        ) from error
    except OSError as error:
        raise write_error(path, error) from error


def write_error(target: Path, error: OSError) -> RecordingError:
    """The sentence a user reads when `target` cannot be written."""
    return RecordingError(
        f"{target} cannot be written: {error.strerror or error}.",
        "Choose another folder, or free some space.",
    )
