"""Files that one process holds, until it ends or dies."""

import os
import sys
from pathlib import Path
from typing import BinaryIO

_LOCK_AT = 1 << 30
"""Windows locks bytes: one that lies far behind the summary, which others may then read."""


def lock(file: BinaryIO) -> bool:
    """Locks without waiting; False if another process holds it. True where locks are unknown."""
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


def is_at(file: BinaryIO, path: Path) -> bool:
    """False if the name was given away while we waited: another process has just finished."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False
