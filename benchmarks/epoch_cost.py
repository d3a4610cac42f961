"""What one training epoch costs beside the network's own forward and backward passes.

Both sides run the same steps of the same network on two threads: once with the loader, the
augmentation and the optimizer's batch cut from memory, as `fer-live train` does, and once on
batches that are ready. Rounds alternate, so that a busy machine slows both alike, and the ratio
is taken of the medians. Faces are random: the cost does not depend on what they show.

    python benchmarks/epoch_cost.py [--batches N] [--rounds R] [--sizes S ...] [--out FILE.json]
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from fer_live.classification.networks.architectures import parameter_count
from fer_live.core.labels import FER2013, FERPLUS
from fer_live.training.data.augmentation import augment, mix
from fer_live.training.data.batches import batches
from fer_live.training.data.dataset import FaceData, HeadTargets
from fer_live.training.module import Batch, FaceModule
from fer_live.training.recipe import Recipe
from fer_live.training.recipe_files import load_recipe
from fer_live.training.setup import make_module

TRAIN_ROWS = 28709
"""Training faces of FER2013."""

ACCEPTED_RATIO = 1.15

THREADS = 2


def random_faces(rows: int) -> FaceData:
    """As many random faces, with one validation face, which the module asks for."""
    rng = np.random.default_rng(1)
    n = rows + 1
    votes = rng.dirichlet(np.ones(len(FERPLUS)), n).astype(np.float32)
    labels = np.eye(len(FER2013), dtype=np.float32)[rng.integers(0, len(FER2013), n)]
    split = np.zeros(n, np.uint8)
    split[-1] = 1
    return FaceData(
        rng.integers(0, 256, (n, 48, 48), np.uint8),
        {"ferplus": HeadTargets(FERPLUS, votes), "fer2013": HeadTargets(FER2013, labels)},
        split,
        Path("random"),
    )


def passes(module: FaceModule, x: Tensor, targets: dict[str, Tensor]) -> None:
    """One forward and backward pass, in the recipe's precision."""
    bf16 = module.recipe.run.precision.startswith("bf16")
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        loss = module._loss(module(x), targets)
    module.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]


def with_loader(module: FaceModule, loaded: Iterator[Batch], steps: int, size: int) -> float:
    """Seconds for `steps` steps fed by the loader and the augmentation."""
    start = time.perf_counter()
    for _ in range(steps):
        images, targets = next(loaded)
        targets = {name: target.clone() for name, target in targets.items()}
        x = augment(images.float() / 255, module.recipe.augment, size)
        passes(module, mix(x, targets, module.recipe.augment), targets)
    return time.perf_counter() - start


def bare(module: FaceModule, ready: list[Batch], steps: int) -> float:
    """Seconds for `steps` steps on batches that are ready."""
    start = time.perf_counter()
    for step in range(steps):
        passes(module, *ready[step % len(ready)])
    return time.perf_counter() - start


def endless(data: FaceData, recipe: Recipe) -> Iterator[Batch]:
    """Training batches, epoch after epoch."""
    while True:
        yield from batches(data, recipe.run.batch_size, recipe.run.seed)


def main() -> None:
    """Measures, prints JSON and writes it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipe", default="default")
    parser.add_argument("--batches", type=int, default=0, help="per round; 0: one epoch in all")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--sizes", type=int, nargs="+", help="input sides; all of the recipe's")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(THREADS)
    recipe = load_recipe(arguments.recipe)
    data = random_faces(TRAIN_ROWS)
    module = make_module(recipe, data, pretrained=False)
    train = data.part("train")
    per_epoch = TRAIN_ROWS // recipe.run.batch_size
    steps = arguments.batches or -(-per_epoch // arguments.rounds)
    # The smallest side is where augmentation weighs most; the last one is the network's own.
    recipe_sizes = {side for _, side in recipe.schedule.resolutions} | {recipe.model.size}
    sizes = arguments.sizes or sorted(recipe_sizes)
    results = []
    for size in sizes:
        loaded = endless(train, recipe)
        ready = []
        for _ in range(2):
            images, targets = next(loaded)
            ready.append((augment(images.float() / 255, recipe.augment, size), targets))
        with_loader(module, loaded, 2, size)
        bare(module, ready, 2)
        times = [
            (with_loader(module, loaded, steps, size), bare(module, ready, steps))
            for _ in range(arguments.rounds)
        ]
        full, plain = (statistics.median(column) / steps for column in zip(*times, strict=True))
        results.append(
            {
                "size": size,
                "epoch_s": round(full * per_epoch, 2),
                "bare_epoch_s": round(plain * per_epoch, 2),
                "ratio": round(full / plain, 4),
                "ratios": [round(a / b, 4) for a, b in times],
            }
        )
    report = {
        "recipe": recipe.name,
        "parameters": parameter_count(module.network),
        "batch_size": recipe.run.batch_size,
        "precision": recipe.run.precision,
        "threads": THREADS,
        "steps": steps,
        "rounds": arguments.rounds,
        "load_average": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "sizes": results,
        "accepted_ratio": ACCEPTED_RATIO,
        "accepted": all(result["ratio"] <= ACCEPTED_RATIO for result in results),
    }
    text = json.dumps(report, indent=2)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
