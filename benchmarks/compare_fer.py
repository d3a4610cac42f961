"""The live path beside the `fer` package in its default, on the same clips in the same run.

    python benchmarks/compare_fer.py [--seconds 10] [--cores 0,1] [--json FILE] [NAME ...]

`fer` gets an environment of its own (several gigabytes; --environment names a folder to keep it
in). Both read the same clip; they take turns, half a second of the clip at a time, and only the
time from a decoded picture to its labelled faces counts, once a picture of it has been analysed
uncounted: what is prepared at the first call is no cost of a frame. Needs the machine for itself:
threads that spin beside other work inflate CPU time.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean, median
from typing import Any

REQUIREMENTS = ("fer==25.10.3", "opencv-contrib-python<5", "setuptools<81")
"""`fer` searches with OpenCV 4's cascades and imports pkg_resources; it asks for neither."""

CHUNK_FRAMES = 15
WARM_UP_S = 3600.0
"""Time of the picture that warms up: after any clip's end, so that the clip starts again."""

REST_S = 0.05
"""Time in which the video decoder's threads finish what they have begun."""

ROOT = Path(__file__).resolve().parents[1]

Step = Callable[[Any, int, float], int]
"""One picture, its number and its time in seconds; gives how many faces were found."""


def fer_step() -> Step:
    """As its documentation shows it."""
    from fer.fer import FER

    detector = FER()
    return lambda image, number, at_s: len(detector.detect_emotions(image))


def own_step() -> Step:
    """The processor as a live run builds it; the clip's own time stands in for the clock."""
    sys.path.insert(0, str(ROOT))
    from fer_live.capture.demo import DemoSource
    from fer_live.core.process import share_cores
    from fer_live.core.settings import Settings
    from fer_live.core.types import Frame
    from fer_live.live.assembly import processor_for

    share_cores()  # as the command line and the window do
    processor = processor_for(Settings().with_values({"device": "cpu"}), DemoSource())

    def step(image: Any, number: int, at_s: float) -> int:
        return len(processor.process(Frame(image, number, at_s, at_s)).faces)

    return step


def warm_up(step: Step, clip: str) -> None:
    """Analyses a picture from the middle of a clip, where there are faces."""
    import cv2

    capture = cv2.VideoCapture(clip)
    capture.set(cv2.CAP_PROP_POS_FRAMES, capture.get(cv2.CAP_PROP_FRAME_COUNT) / 2)
    good, image = capture.read()
    capture.release()
    if good:
        step(image, 0, WARM_UP_S)


def work(step: Step) -> None:
    """Answers each clip that is named on standard input chunk by chunk, when asked to go on."""
    import cv2

    print(json.dumps({"loaded": True}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        capture = cv2.VideoCapture(order["clip"])
        fps, number = capture.get(cv2.CAP_PROP_FPS), 0
        warm_up(step, order["clip"])
        while True:
            images: list[Any] = []
            while len(images) < CHUNK_FRAMES and number + len(images) < order["frames"]:
                good, image = capture.read()
                if not good:
                    break
                images.append(image)
            time.sleep(REST_S)
            answer: dict[str, list[float]] = {"wall_ms": [], "cpu_ms": [], "faces": []}
            for image in images:
                wall_s, cpu_s = time.perf_counter(), time.process_time()
                answer["faces"].append(step(image, number, number / fps))
                answer["cpu_ms"].append((time.process_time() - cpu_s) * 1e3)
                answer["wall_ms"].append((time.perf_counter() - wall_s) * 1e3)
                number += 1
            print(json.dumps(answer), flush=True)
            if not images:
                break
            sys.stdin.readline()
        capture.release()


class Worker:
    """One package in a process of its own."""

    def __init__(self, python: Path, name: str, cores: set[int]) -> None:
        command = [str(python), __file__, "--worker", name]
        pin = (lambda: os.sched_setaffinity(0, cores)) if cores else None
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=pin,
        )
        self._next()

    def play(self, clip: Path, frames: int) -> Iterator[dict[str, list[float]]]:
        """What each chunk of a clip cost; the next one begins when it is asked for."""
        self._tell(json.dumps({"clip": str(clip), "frames": frames}))
        while (answer := self._next())["faces"]:
            yield answer
            self._tell("go on")

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _next(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):  # other lines are chatter of the libraries
                answer: dict[str, Any] = json.loads(line)
                return answer
        raise SystemExit(f"a worker ended early with {self._process.wait()}")


def compare(clip: Path, workers: dict[str, Worker], seconds: float) -> dict[str, Any]:
    """Plays one clip on all workers, in turns."""
    fps = json.loads(clip.with_suffix(".json").read_text(encoding="utf-8"))["fps"]
    playing = {name: w.play(clip, round(seconds * fps)) for name, w in workers.items()}
    costs: dict[str, dict[str, list[float]]] = {name: {} for name in workers}
    for chunks in zip(*playing.values(), strict=True):
        for name, chunk in zip(playing, chunks, strict=True):
            for key, values in chunk.items():
                costs[name].setdefault(key, []).extend(values)
    result: dict[str, Any] = {"clip": clip.stem, "frames": len(costs["fer_live"]["faces"])}
    for name, cost in costs.items():
        result[name] = {
            "cpu_ms_per_frame": round(mean(cost["cpu_ms"]), 2),
            "wall_ms_per_frame": round(mean(cost["wall_ms"]), 2),
            "wall_ms_p50": round(median(cost["wall_ms"]), 2),
            "faces_per_frame": round(mean(cost["faces"]), 3),
        }
    for key in ("cpu", "wall"):
        per_frame = f"{key}_ms_per_frame"
        ratio = result["fer"][per_frame] / result["fer_live"][per_frame]
        result[f"{key}_ratio"] = round(ratio, 1)
    return result


def environment(folder: Path) -> Path:
    """The Python of an environment with `fer` in it, made if need be."""
    python = folder / "bin" / "python"
    if not python.is_file():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *REQUIREMENTS], check=True)
    return python


def main() -> None:
    """Runs the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", default=[])
    parser.add_argument("--clips", type=Path, default=Path("/tmp/fer-live-clips"))
    parser.add_argument("--environment", type=Path, default=Path("/tmp/fer-environment"))
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--cores", default="", help="such as 0,1; left out, all of them")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--worker", choices=["fer", "fer_live"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        work(fer_step() if given.worker == "fer" else own_step())
        return
    cores = {int(core) for core in given.cores.split(",") if core}
    python = environment(given.environment)
    names = given.names or ["one", "four"]
    sys.path.insert(0, str(ROOT))
    for name in names:
        if not (given.clips / f"{name}.mp4").is_file():
            from benchmarks.clips import write

            write(name, given.clips)
    workers = {
        "fer_live": Worker(Path(sys.executable), "fer_live", cores),
        "fer": Worker(python, "fer", cores),
    }
    results = [compare(given.clips / f"{name}.mp4", workers, given.seconds) for name in names]
    for worker in workers.values():
        worker.close()
    text = json.dumps({"load": os.getloadavg()[0], "clips": results}, indent=2)
    print(text)
    if given.json:
        given.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
