"""The computer that runs the program: processor, cores, load, and the memory of this process."""

import os
import platform
import sys
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")
_CGROUP_FILES = ("memory.max", "memory.current")
_STATM = Path("/proc/self/statm")
_MIB = 2**20


def system_name() -> str:
    """Operating system and processor architecture."""
    return f"{platform.system()} {platform.machine()}"


def processor_name() -> str:
    """Name of the processor's model; the architecture if the system does not give a name."""
    try:
        lines = _CPUINFO.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Model") and value.strip():
            return value.strip()
    return platform.processor() or platform.machine()


def usable_cores() -> int:
    """Number of cores that this process may use."""
    # os.process_cpu_count exists from Python 3.13 on; macOS and Windows have no affinity.
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def load_average() -> float | None:
    """Mean number of runnable processes in the last minute; None if the system does not say."""
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):
        return None


def available_memory_mb() -> float | None:
    """Memory that programs may still take, MiB; None where the system does not say (not Linux)."""
    try:
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
        fields = dict(line.split(":", 1) for line in lines)
        free_mb = int(fields["MemAvailable"].split()[0]) / 1024
    except (OSError, ValueError, KeyError, IndexError):
        return None
    try:
        # The limit of a container or of a cluster's job.
        limit, used = (int((_CGROUP / name).read_text()) for name in _CGROUP_FILES)
    except (OSError, ValueError):
        return free_mb
    return max(0.0, min(free_mb, (limit - used) / _MIB))


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
