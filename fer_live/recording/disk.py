"""The disk under a recording: a file that keeps what was written, and a watch on free space."""

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

_log = logging.getLogger(__name__)

FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""Errors of a disk, or of a user's share of it, that has no space left."""
SYNC_S = 1.0
"""What is written reaches the disk itself this often: what a power cut can cost."""
SYNC_JOIN_S = 5.0
"""Longest wait for a disk that is just being synchronised."""
LOOK_S = 1.0
"""How often free space is asked for."""
RATE_S = 20.0
"""The rate of writing is measured over so long."""
LOW_S = 120.0
"""A warning comes when the disk will be full within so long: time enough to make room."""
ROOM_S = 2 * LOW_S
"""With so much left there is room again, and the next warning is a new one."""


class DiskFullError(RecordingError):
    """A recording that was ended because no space is left."""


@dataclass(frozen=True)
class DiskSpace:
    """What is left for a recording.

    Args:
        free_bytes: On its disk, the reserve included.
        left_s: Until the reserve is reached at the present rate, seconds; None while unknown.
    """

    free_bytes: int
    left_s: float | None


def free_bytes(folder: Path) -> int | None:
    """Free space for this user; None where it cannot be found out."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


class DiskWatch:
    """Looks at the free space now and then. Used by one thread; `space` may be read by any.

    Args:
        folder: On the disk in question.
        reserve_bytes: As good as full.
        on_low: Told once, and again after there was room in between, that space runs out soon.
        clock: Monotonic seconds.
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
        """Looks, if it is time to; the first look is always in time.

        Args:
            written_bytes: Written in all so far.

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
    """What a user reads when there is no space left in `folder`, or too little."""
    left = f": only {left_bytes / 1e6:.0f} MB are left" if left_bytes >= 1e6 else ""
    return DiskFullError(
        f"The disk with {folder} is full{left}.",
        "Free some space or choose another folder; what was recorded so far can be played.",
    )


class SafeFile:
    """A file that fails for good at its first failed write, and reaches the disk every `SYNC_S`.

    It has what PyAV asks of a file. Once a write has failed, all later ones fail alike: so the
    file's beginning, which says where its index is, is never changed for an index that is lost.

    Args:
        path: Ours already; what it holds is written over.

    Raises:
        OSError: It cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._raw = io.FileIO(path, "w+")
        self._end = 0
        self.error: OSError | None = None
        self._dirty = threading.Event()
        self._finished = threading.Event()
        self._syncer = threading.Thread(target=self._sync, name="video-sync", daemon=True)
        self._syncer.start()

    @property
    def size_bytes(self) -> int:
        """Written so far."""
        return self._end

    def writable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Reads from the present place."""
        return self._raw.read(size)

    def write(self, data: bytes) -> int:
        """Writes all of it.

        Raises:
            OSError: Part of it may have been written.
        """
        if self.error is not None:
            raise self.error
        view = memoryview(data)
        try:
            while view:
                written = self._raw.write(view)
                view = view[written or 0 :]
        except OSError as error:
            self.error = error
            raise
        finally:
            self._end = max(self._end, self._raw.tell())
        self._dirty.set()
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Goes to a place; its offset from the beginning."""
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        """The present place."""
        return self._raw.tell()

    def close(self) -> None:
        """Nothing yet: a library that closes its file does not end it; see `finish`."""

    def truncate(self, size: int) -> None:
        """Cuts off what lies behind.

        Raises:
            OSError: It cannot be.
        """
        self._raw.truncate(size)
        self._end = size

    def finish(self) -> None:
        """Brings all to the disk and closes for good."""
        self._finished.set()
        self._dirty.set()
        self._syncer.join(SYNC_JOIN_S)
        self._raw.close()

    def _sync(self) -> None:
        sync = getattr(os, "fdatasync", os.fsync)
        last = False
        while not last:
            self._dirty.wait()
            # In this order: an end that comes in between wakes it once more.
            self._dirty.clear()
            last = self._finished.is_set()
            try:
                sync(self._raw.fileno())
            except (OSError, ValueError) as error:
                # Some network disks cannot; what was surely lost must be told.
                _log.debug("not synchronised: %s", error)
                if isinstance(error, OSError) and error.errno in FULL | {errno.EIO}:
                    self.error = self.error or error
            self._finished.wait(SYNC_S)
