"""The computer that runs the program: processor, cores, load."""

import os
import platform
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")


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
