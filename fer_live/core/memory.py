"""How much memory this process holds."""

import sys
from pathlib import Path

_STATM = Path("/proc/self/statm")
_MIB = 2**20


def rss_mb() -> float | None:
    """Resident memory in MiB.

    On Linux the present value; on other Unix systems the largest so far, all they tell without
    a helper; None on Windows.
    """
    system: str = sys.platform
    if system == "win32":
        return None
    if system != "linux":
        return peak_mb()
    import resource

    try:
        pages = int(_STATM.read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return round(pages * resource.getpagesize() / _MIB, 1)


def peak_mb() -> float | None:
    """Most resident memory so far, MiB; None on Windows."""
    system: str = sys.platform
    if system == "win32":
        return None
    import resource

    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Bytes on macOS, KiB elsewhere.
    return round(largest / (_MIB if system == "darwin" else 1024), 1)
