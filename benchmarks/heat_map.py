"""What live heat maps cost: with the classification, and on the picture.

    python benchmarks/heat_map.py [--model NAME] [--side 300] [--passes 200]

Prints JSON: median and least milliseconds. `classify` and `with_maps` are one batch of so many
faces; `blend` is one face of `--side` pixels in a 1280x720 picture.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from fer_live.classification.runtime.loading import load_explainer
from fer_live.core.paths import find_model
from fer_live.core.types import HeatMap
from fer_live.overlay.heat_map import blend_heat

BATCHES = (1, 2, 8)
WARM_UPS = 5


def timed(*works: Callable[[], object], passes: int) -> list[dict[str, float]]:
    """Times several works in turns, so that a busy moment is shared by all."""
    times_ms: list[list[float]] = [[] for _ in works]
    for number in range(WARM_UPS + passes):
        for work, own_ms in zip(works, times_ms, strict=True):
            start_s = time.perf_counter()
            work()
            if number >= WARM_UPS:
                own_ms.append((time.perf_counter() - start_s) * 1e3)
    return [
        {"median_ms": round(statistics.median(own), 3), "least_ms": round(min(own), 3)}
        for own in times_ms
    ]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    parser.add_argument("--side", type=int, default=300)
    parser.add_argument("--passes", type=int, default=200)
    wanted = parser.parse_args()
    classifier = load_explainer(find_model(wanted.model), "cpu")
    rng = np.random.default_rng(0)
    answer: dict[str, object] = {"model": classifier.model_name, "engine": classifier.engine_name}
    for batch in BATCHES:
        crops = rng.integers(0, 256, classifier.input.blank(batch).shape, np.uint8)
        plain, with_maps = timed(
            partial(classifier.classify, crops),
            partial(classifier.classify_with_maps, crops),
            passes=wanted.passes,
        )
        answer[f"faces_{batch}"] = {"classify": plain, "with_maps": with_maps}
    picture = rng.integers(0, 256, (720, 1280, 3), np.uint8)
    side = float(wanted.side)
    box = (400.0, 200.0, 400 + side, 200 + side)
    heat = HeatMap(rng.random((3, 3), np.float32), "happy", 1.0)
    (answer["blend"],) = timed(lambda: blend_heat(picture, box, heat), passes=wanted.passes)
    print(json.dumps(answer, indent=2))


if __name__ == "__main__":
    main()
