"""A file whose content is safe on the disk every second, and a monitor of free disk space."""

import errno
import io
import logging
import os
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fer_live.core.errors import RecordingError
from fer_live.core.files import write_all

_log = logging.getLogger(__name__)

FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""Error numbers of a full disk or of a user's full quota."""
SYNC_S = 1.0
"""Time between two synchronisations with the disk: what a power cut can lose, seconds."""
SYNC_JOIN_S = 5.0
"""Longest wait at the end for a running synchronisation, seconds."""
LOOK_S = 1.0
"""Time between two checks of the free space, seconds."""
RATE_S = 20.0
"""Time over which the rate of writing is measured, seconds."""
LOW_S = 120.0
"""A warning comes when the disk will be full within this time, seconds: enough to make room."""
ROOM_S = 2 * LOW_S
"""With this much time left the warning may come again, seconds."""


class DiskFullError(RecordingError):
    """A recording ended because the disk is full."""


class FileLostError(RecordingError):
    """A file was deleted, replaced or cut off by another program while it was written."""


@dataclass(frozen=True)
class DiskSpace:
    """Disk space left for a recording.

    Args:
        free_bytes: Free on the disk, including the reserve.
        left_s: Time until only the reserve is left at the present rate, seconds; None if unknown.
    """

    free_bytes: int
    left_s: float | None


def free_bytes(folder: Path) -> int | None:
    """Free bytes for this user; None where the system does not report them."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


class DiskWatch:
    """Checks the free space. Used by the writer thread; any thread may read `space`.

    Args:
        folder: A folder on the disk.
        reserve_bytes: The disk counts as full when only this much is left.
        on_low: Called when space will run out soon, and again if that recurs after a recovery.
        clock: Returns monotonic seconds.
    """

    def __init__(
        self,
        folder: Path,
        reserve_bytes: int,
        on_low: Callable[[DiskSpace], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._reserve = reserve_bytes
        self._on_low = on_low
        self._clock = clock
        self._looked_s: float | None = None
        self._written: deque[tuple[float, int]] = deque()
        self._warned = False
        self.space: DiskSpace | None = None

    def look(self, written_bytes: int) -> None:
        """Checks if the last check is `LOOK_S` old, and at the first call.

        Args:
            written_bytes: Written in total so far.

        Raises:
            DiskFullError: Only the reserve is left.
        """
        now_s = self._clock()
        if self._looked_s is not None and now_s - self._looked_s < LOOK_S:
            return
        self._looked_s = now_s
        free = free_bytes(self._folder)
        if free is None:
            self.space = None
            return
        self._written.append((now_s, written_bytes))
        while now_s - self._written[0][0] > RATE_S:
            self._written.popleft()
        self.space = DiskSpace(free, self._left_s(free, now_s, written_bytes))
        if free <= self._reserve:
            raise disk_full(self._folder, free)
        left_s = self.space.left_s
        if left_s is not None and left_s < LOW_S and not self._warned:
            self._warned = True
            if self._on_low is not None:
                self._on_low(self.space)
        elif left_s is not None and left_s > ROOM_S:
            self._warned = False

    def _left_s(self, free: int, now_s: float, written_bytes: int) -> float | None:
        first_s, first_bytes = self._written[0]
        rate = (written_bytes - first_bytes) / (now_s - first_s) if now_s > first_s else 0.0
        return max(free - self._reserve, 0) / rate if rate > 0 else None


def disk_full(folder: Path, left_bytes: int = 0) -> DiskFullError:
    """The error for a folder whose disk is full, or has only the given reserve left."""
    left = f": only {left_bytes / 1e6:.0f} MB are left" if left_bytes >= 1e6 else ""
    return DiskFullError(
        f"The disk with {folder} is full{left}.",
        "Free some space or choose another folder; what was recorded so far can be played.",
    )


class SafeFile:
    """A file that is synchronised with the disk every `SYNC_S` and rejects writes after a failure.

    It has the methods that PyAV needs. After a failed write every later write raises the same
    error, so that the file's header is never changed to refer to an index that was not written.

    Args:
        path: An existing file; its content is overwritten.

    Raises:
        OSError: It cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._raw = io.FileIO(path, "w+")
        # Some network disks give a file a new number at each look: there only its absence is seen.
        self._numbered = os.path.samestat(path.stat(), os.fstat(self._raw.fileno()))
        self._end = 0
        self._cut_off = False
        self.error: OSError | None = None
        self._dirty = threading.Event()
        self._finished = threading.Event()
        self._syncer = threading.Thread(target=self._sync, name="fer-live-disk", daemon=True)
        self._syncer.start()

    @property
    def size_bytes(self) -> int:
        """Bytes written so far."""
        return self._end

    @property
    def lost(self) -> bool:
        """True if the path no longer leads to this file, or some of its content is gone."""
        if self._raw.closed:
            return self._cut_off
        opened = os.fstat(self._raw.fileno())
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return True
        except OSError:  # a disk that does not answer is an error of the next write
            return False
        cut_off = self._cut_off or opened.st_size < self._end
        return cut_off or (self._numbered and not os.path.samestat(there, opened))

    def writable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Reads at the present position."""
        return self._raw.read(size)

    def write(self, data: bytes) -> int:
        """Writes all bytes.

        Raises:
            OSError: A part of them may have been written.
        """
        if self.error is not None:
            raise self.error
        try:
            # Looked at before each write, which would fill what is gone with zeros.
            self._cut_off = os.fstat(self._raw.fileno()).st_size < self._end
            if self._cut_off:
                raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
            write_all(self._raw, data)
        except OSError as error:
            self.error = error
            raise
        finally:
            self._end = max(self._end, self._raw.tell())
        self._dirty.set()
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Moves to a position; returns its offset from the beginning."""
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        """The present position."""
        return self._raw.tell()

    def close(self) -> None:
        """Does nothing, because a library calls it before the file is complete; see `finish`."""

    def truncate(self, size: int) -> None:
        """Cuts the file off at this size.

        Raises:
            OSError: The file cannot be changed.
        """
        self._raw.truncate(size)
        self._end = size

    def finish(self) -> None:
        """Synchronises with the disk and closes the file."""
        self._finished.set()
        self._dirty.set()
        self._syncer.join(SYNC_JOIN_S)
        self._raw.close()

    def _sync(self) -> None:
        sync = getattr(os, "fdatasync", os.fsync)
        last = False
        while not last:
            self._dirty.wait()
            # Cleared before the check: a `finish` in between sets it again.
            self._dirty.clear()
            last = self._finished.is_set()
            try:
                sync(self._raw.fileno())
            except (OSError, ValueError) as error:
                # Some network disks cannot synchronise; only a certain loss is an error.
                _log.debug("not synchronised: %s", error)
                if isinstance(error, OSError) and error.errno in FULL | {errno.EIO}:
                    self.error = self.error or error
            self._finished.wait(SYNC_S)
