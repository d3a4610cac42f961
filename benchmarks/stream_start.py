"""The start of a network stream, beside an earlier version of the program.

    python benchmarks/stream_start.py [--beside CHECKOUT] [--turns 5] [--openings 12]

A server in a process of its own sends MJPEG of 1280x720, 30 a second. In turns, each version opens
it in a new process: CPU and wall time of the first opening, which loads what it needs, and of
further ones, until the first picture is there. Then the whole program runs on the stream for
one second without a window: CPU time of the process from its start to its end. Prints JSON with
the medians. `--beside` is a folder with the other version's `fer_live`, such as a git worktree.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.loopback import served

ROOT = Path(__file__).resolve().parents[1]
FPS, FACES = 30.0, 2

OPENINGS = """
import json, sys, time
try:
    from fer_live.capture.network_stream import UrlSource
except ImportError:  # version 0.1.0
    from fer_live.capture.stream import UrlSource
rows = []
for _ in range(int(sys.argv[2])):
    source = UrlSource(sys.argv[1])
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    source.open()
    source.read()
    rows.append(((time.process_time() - cpu_s) * 1e3, (time.perf_counter() - wall_s) * 1e3))
    source.close()
print(json.dumps(rows))
"""
"""What each version runs: openings of a stream, and what each took, milliseconds."""


def openings(version: Path, url: str, count: int, config: str) -> dict[str, list[float]]:
    """What the first and the further openings take in a new process."""
    command = [sys.executable, "-c", OPENINGS, url, str(count)]
    rows = json.loads(subprocess.check_output(command, env=environment(version, config)))
    return {
        "first_cpu_ms": [rows[0][0]],
        "first_wall_ms": [rows[0][1]],
        "next_cpu_ms": [cpu for cpu, _ in rows[1:]],
        "next_wall_ms": [wall for _, wall in rows[1:]],
    }


def program_cpu_s(version: Path, url: str, config: str) -> float:
    """CPU time of a run of one second, from the start of the process."""
    options = ["--source", url, "--headless", "--duration", "1", "--device", "cpu"]
    command = [sys.executable, "-m", "fer_live", "run", *options]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment(version, config), check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def environment(version: Path, config: str) -> dict[str, str]:
    """That of this process with another version's package, and no settings."""
    return {**os.environ, "PYTHONPATH": str(version), "FER_LIVE_CONFIG_DIR": config}


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beside", type=Path, help="a folder with another version's package")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--openings", type=int, default=12)
    given = parser.parse_args()
    versions = {"this": ROOT} | ({"beside": given.beside.resolve()} if given.beside else {})
    seen: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in versions}
    with served(FPS, FACES) as url, tempfile.TemporaryDirectory() as config:
        for _ in range(given.turns):
            for name, version in versions.items():
                for key, values in openings(version, url, given.openings, config).items():
                    seen[name][key] += values
                seen[name]["program_cpu_s"].append(program_cpu_s(version, url, config))
    figures: dict[str, Any] = {"load": round(os.getloadavg()[0], 1)}
    for name, rows in seen.items():
        figures[name] = {key: round(statistics.median(values), 2) for key, values in rows.items()}
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
