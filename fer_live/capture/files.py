"""Looking at paths a user typed, whatever they are; what is wrong is told on opening."""

import os
from pathlib import Path


def user_path(path: str | os.PathLike[str]) -> Path:
    """The path, with ``~`` for the home folder; a name that merely begins with ``~`` stays."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def may_exist(path: Path) -> bool:
    """False if there is surely nothing; True also where only permission to look is missing."""
    try:
        path.stat()
    except PermissionError:
        return True
    except (OSError, ValueError):  # none, a name too long, or with a NUL
        return False
    return True


def is_folder(path: Path) -> bool:
    """True for a folder that can be seen."""
    try:
        return path.is_dir()
    except OSError:
        return False
