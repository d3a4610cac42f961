"""What each optimisation of the live path gives: the same clip with one of them taken back.

    python benchmarks/ablation.py [--seconds 10] [--clips FOLDER] [NAME ...]

The variants take turns, half a second of the clip at a time, on one core. Prints one JSON object
per clip: CPU time per frame of each variant, from a decoded picture to its labelled faces. Needs
the machine for itself.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.clips import write
from fer_live.capture.demo import DemoSource
from fer_live.classification.checkpoint import load_checkpoint
from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.classification.runtime.device import choose_device
from fer_live.core.paths import find_model
from fer_live.core.process import share_cores
from fer_live.core.settings import Settings
from fer_live.core.types import Frame
from fer_live.detection import incremental_scan as scanning
from fer_live.detection import scheduler as scheduled
from fer_live.live import assembly as build
from fer_live.live.processor import FrameProcessor, ProcessorOptions

CHUNK_FRAMES = 15

Patch = tuple[Any, str, Any]
"""An object, the name of one of its attributes, and the value that it has in a variant."""


def changed(**options: Any) -> FrameProcessor:
    """The live processor with other values of some `BuildOptions`."""
    live = build._options_for(Settings(), DemoSource())
    return build.build_processor(device="cpu", options=replace(live, **options))


def live() -> FrameProcessor:
    """As a live run builds it."""
    return build.processor_for(Settings().with_values({"device": "cpu"}), DemoSource())


def pytorch() -> FrameProcessor:
    """The reference engine."""
    network, meta = load_checkpoint(find_model("default"))
    classifier = TorchClassifier(network, meta, choose_device("cpu"))
    return build.processor_for(Settings(), DemoSource(), classifier)


VARIANTS: dict[str, tuple[Callable[[], FrameProcessor], list[Patch]]] = {
    "as released": (live, []),
    "full search in every frame": (lambda: changed(full_scan_interval_s=0.0), []),
    "one whole search per interval, not slices": (
        live,
        [(build, "IncrementalScan", scanning.WholeScan)],
    ),
    "close look in every frame, beside following": (live, [(scheduled, "LOOK_INTERVAL_S", 1e-3)]),
    "close look at 8 Hz, not 6": (live, [(scheduled, "LOOK_INTERVAL_S", 0.125)]),
    "classified in every frame": (lambda: changed(processing=ProcessorOptions()), []),
    "PyTorch, not ONNX Runtime": (pytorch, []),
}


@contextmanager
def patched(patches: list[Patch]) -> Iterator[None]:
    """The attributes with the variant's values."""
    before = [(thing, name, getattr(thing, name)) for thing, name, _ in patches]
    for thing, name, value in patches:
        setattr(thing, name, value)
    try:
        yield
    finally:
        for thing, name, value in before:
            setattr(thing, name, value)


def measure(path: Path, seconds: float) -> dict[str, float]:
    """CPU milliseconds per frame of each variant."""
    running = {}
    for name, (make, patches) in VARIANTS.items():
        with patched(patches):
            running[name] = make()
    spent = dict.fromkeys(running, 0.0)
    capture = cv2.VideoCapture(str(path))
    fps, number = capture.get(cv2.CAP_PROP_FPS), 0
    while number < seconds * fps:
        read = [capture.read() for _ in range(CHUNK_FRAMES)]
        images = [np.asarray(image, np.uint8) for good, image in read if good]
        if not images:
            break
        time.sleep(0.05)  # the video decoder's threads finish what they have begun
        for name, processor in running.items():
            with patched(VARIANTS[name][1]):
                begun_s = time.process_time()
                for offset, image in enumerate(images):
                    at_s = (number + offset) / fps
                    processor.process(Frame(image, number + offset, at_s, at_s))
                spent[name] += time.process_time() - begun_s
        number += len(images)
    return {name: round(cpu_s / number * 1e3, 2) for name, cpu_s in spent.items()}


def main() -> None:
    """Runs the benchmark."""
    share_cores()  # as the command line and the window do
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", default=[])
    parser.add_argument("--clips", type=Path, default=Path("/tmp/fer-live-clips"))
    parser.add_argument("--seconds", type=float, default=10.0)
    given = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for name in given.names or ["one", "four"]:
        if not (given.clips / f"{name}.mp4").is_file():
            write(name, given.clips)
        costs = measure(given.clips / f"{name}.mp4", given.seconds)
        print(json.dumps({"clip": name, "cpu_ms_per_frame": costs}, indent=2), flush=True)


if __name__ == "__main__":
    main()
