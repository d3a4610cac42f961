"""What the scripts about damaged files share: damage at random, and reading in child processes."""

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fer_live.core.errors import FerLiveError
from fer_live.core.machine import peak_mb

SLOW_S = 20.0
"""Longest time for one file; whole ones take less than a second."""
BATCH = 30
"""Files read by one child process."""

READ = "--read"
"""Option of a script under which it reads the files that follow, as a child."""


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """A copy with wrong bytes, a wrong header, a hole, a repetition, zeros or no end."""
    data = bytearray(content)
    begin, end = sorted(int(at) for at in rng.integers(0, len(data), 2))
    kind = int(rng.integers(6))
    if kind < 2:
        within = len(data) if kind == 0 else min(2000, len(data))
        for at in rng.integers(0, within, int(rng.choice([5, 50, 500]))):
            data[at] = int(rng.integers(256))
    elif kind == 2:
        del data[begin:end]
    elif kind == 3:
        data[end:end] = data[begin:end]
    elif kind == 4:
        data[begin:end] = bytes(end - begin)
    else:
        del data[end + 1 :]
    return bytes(data)


def copies(
    originals: Sequence[Path], count: int, folder: Path, rng: np.random.Generator
) -> list[Path]:
    """Damaged copies of the originals, in turns."""
    files = []
    for number in range(count):
        original = originals[number % len(originals)]
        files.append(folder / f"{number}{original.suffix}")
        files[-1].write_bytes(damaged(original.read_bytes(), rng))
    return files


def child(paths: Sequence[Path], read: Callable[[Path], str]) -> None:
    """Reads files in this process; prints a JSON line for each.

    Args:
        paths: The files.
        read: Reads one to its end; returns what happened, or raises.
    """
    logging.disable()
    for path in paths:
        begun_s = time.perf_counter()
        try:
            outcome = read(path)
        except FerLiveError:
            outcome = "refused"
        except Exception as error:
            outcome = f"{type(error).__name__}: {error}"
        if time.perf_counter() - begun_s > SLOW_S:
            outcome = "slow"
        print(json.dumps([path.name, outcome, peak_mb()]), flush=True)


def check(files: Sequence[Path], script: str, good: str) -> int:
    """Reads files in child processes and prints the counts as JSON.

    Args:
        files: The files.
        script: The script that reads them when it is called with `READ`.
        good: What happened to a file that gave something.

    Returns:
        The exit status: 1 after a crash, a hang, another error or a slow file.
    """
    counts = {good: 0, "refused": 0}
    wrong: list[str] = []
    peak = 0.0
    for first in range(0, len(files), BATCH):
        batch = files[first : first + BATCH]
        command = [sys.executable, script, READ, *map(str, batch)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=BATCH * SLOW_S)
        except subprocess.TimeoutExpired:
            wrong.append(f"files from {first} on: hang")
            continue
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        for name, outcome, peak_here in rows:
            peak = max(peak, peak_here or 0.0)
            if outcome in counts:
                counts[outcome] += 1
            else:
                wrong.append(f"{name}: {outcome}")
        if done.returncode:
            wrong.append(f"{batch[len(rows)].name}: exit status {done.returncode}")
    print(json.dumps({**counts, "wrong": wrong, "peak_mib": round(peak)}))
    return 1 if wrong else 0


def run(
    script: str,
    about: str,
    count: int,
    originals: Callable[[Path], Sequence[Path]],
    read: Callable[[Path], str],
    good: str,
) -> int:
    """What such a script does: makes the files, reads them in children and prints the counts.

    Args:
        script: The script's own file.
        about: Its docstring.
        count: How many damaged files, unless `--count` says another number.
        originals: Writes whole files into a folder.
        read: Reads a file; gives what it had, see `child`.
        good: What `read` gives for a whole file.

    Returns:
        Exit status: 0 if nothing crashed, hung or failed in another way.
    """
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(READ, nargs="+", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.read:
        child(chosen.read, read)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        rng = np.random.default_rng(chosen.seed)
        files = copies(originals(Path(folder)), chosen.count, Path(folder), rng)
        return check(files, script, good)
