"""The window itself on a live stream: its start, what reaches the screen, and its CPU time.

    python benchmarks/window.py [--seconds 60] [--fps 30] [--faces 1]

The program runs in a process of its own, as the command starts it, on the present screen (where
there is none, put `xvfb-run` before it); the stream comes from another one. Prints JSON: seconds
from the command to the window's first painting and to the first labelled picture, with the CPU time
until then, and then, over the asked time: pictures painted per second, latency from capture to
painting, CPU time of the program in cores, peak memory.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

LONGEST_START_S = 60.0
"""A program that has shown no label by then shows none at all."""

SETTLE_S = 3.0
"""After the first label, before the measured time begins."""


def watched(begun_s: float, seconds: float, url: str) -> None:
    """The program's own command, with an ear on its window's signals."""
    from fer_live.gui.display import restore_environment

    restore_environment(os.environ)
    from fer_live.gui import launch
    from fer_live.gui.main_window import MainWindow

    seen: dict[str, Any] = {"latencies_ms": []}

    class Watched(MainWindow):
        """Notes when something reaches the screen."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.view.on_screen.connect(self._on_screen)
            self.view.painted.connect(self._painted)

        def _on_screen(self) -> None:
            seen["window_s"] = time.time() - begun_s
            seen["window_cpu_s"] = time.process_time()

        def _painted(self, latency_ms: float) -> None:
            now_s = time.time() - begun_s
            result = self.view.result
            if "label_s" not in seen:
                if result is not None and any(face.label for face in result.faces):
                    seen["label_s"] = now_s
                    seen["label_cpu_s"] = time.process_time()
            elif "from_s" not in seen:
                if now_s > seen["label_s"] + SETTLE_S:
                    seen["from_s"], seen["from_cpu_s"] = now_s, time.process_time()
            elif "cores" not in seen:
                seen["latencies_ms"].append(latency_ms)
                spent_s = now_s - seen["from_s"]
                if spent_s >= seconds:
                    seen["cores"] = (time.process_time() - seen["from_cpu_s"]) / spent_s
                    seen["painted_fps"] = len(seen["latencies_ms"]) / spent_s
                    self.close()

    setattr(launch, "MainWindow", Watched)  # noqa: B010
    from fer_live.cli.main import main as command
    from fer_live.core.machine import peak_mb

    sys.argv = ["fer-live", "run", "--source", url]
    with suppress(SystemExit):
        command()
    latencies = sorted(seen.pop("latencies_ms"))
    keys = ("window_s", "window_cpu_s", "label_s", "label_cpu_s", "painted_fps", "cores")
    report = {key: round(seen[key], 3) for key in keys}
    report["latency_p50_ms"] = round(latencies[len(latencies) // 2], 1)
    report["latency_p95_ms"] = round(latencies[int(len(latencies) * 0.95)], 1)
    report["peak_mb"] = round(peak_mb() or 0)
    print(json.dumps(report, indent=2))


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--faces", type=int, default=1)
    parser.add_argument("--watch", nargs=2, metavar=("BEGUN", "URL"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.watch:
        watched(float(given.watch[0]), given.seconds, given.watch[1])
        return
    from benchmarks.loopback import served

    with served(given.fps, given.faces) as url, tempfile.TemporaryDirectory() as home:
        # The settings of a first start.
        environment = {**os.environ, "FER_LIVE_CONFIG_DIR": home}
        command = [sys.executable, __file__, "--seconds", str(given.seconds)]
        command += ["--watch", str(time.time()), url]
        longest_s = given.seconds + LONGEST_START_S
        subprocess.run(command, env=environment, check=True, timeout=longest_s)


if __name__ == "__main__":
    main()
