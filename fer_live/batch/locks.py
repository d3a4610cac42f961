"""File locks that the operating system releases when their process ends or is killed."""

import os
import sys
from pathlib import Path
from typing import BinaryIO

_LOCK_AT = 1 << 30
"""Byte that is locked on Windows: far behind the content, which others can still read."""


def try_lock(file: BinaryIO) -> bool:
    """Locks without waiting. False if another process holds the lock.

    True also on a file system without locks.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_LOCK_AT)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True


def is_still_at(file: BinaryIO, path: Path) -> bool:
    """False if the path now names another file, because another process has just finished."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False
