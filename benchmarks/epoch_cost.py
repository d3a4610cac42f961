"""What one training epoch costs beside the network's own forward and backward passes.

All sides run the same steps of the same network on two threads: with the loader, the degradation
and the augmentation, as `fer-live train` does, for each number of worker processes, and on batches
that are ready. Rounds alternate, so that a busy machine slows all alike, and the ratio is taken of
the medians. Each round begins a pass of its own: no batch is ready before it. Faces are random: the
cost does not depend on what they show. Teachers are not asked.

With `--loading` there is no network: how many batches the loader gives in a second.

    python benchmarks/epoch_cost.py [--workers N ...] [--batches N] [--rounds R] [--sizes S ...]
    python benchmarks/epoch_cost.py --loading [--workers N ...] [--batches N] [--rounds R]
"""

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fer_live.classification.networks.architectures import parameter_count
from fer_live.core.labels import FER2013, FERPLUS
from fer_live.core.machine import load_average
from fer_live.training.data.augmentation import augment, mix
from fer_live.training.data.batches import (
    SeededBatchSampler,
    StepSampler,
    TrainingDataset,
    TrainingLoader,
    training_batches,
)
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


def loader_of(train: FaceData, recipe: Recipe, workers: int) -> TrainingLoader:
    """The loader of `fer-live train`."""
    rows = SeededBatchSampler(len(train), recipe.run.batch_size, recipe.run.seed)
    dataset = TrainingDataset(train, recipe.degrade, keep=recipe.loss.teacher_views)
    return training_batches(dataset, StepSampler(rows, lambda: 0), workers=workers)


def loading(loader: TrainingLoader, steps: int) -> float:
    """Seconds for `steps` batches of a new pass that nothing is done with."""
    start = time.perf_counter()
    loaded = iter(loader)
    for _ in range(steps):
        next(loaded)
    return time.perf_counter() - start


def with_loader(module: FaceModule, loader: TrainingLoader, steps: int, size: int) -> float:
    """Seconds for `steps` steps fed by a new pass of the loader and the augmentation."""
    start = time.perf_counter()
    loaded = iter(loader)
    for _ in range(steps):
        images, targets, *_ = next(loaded)
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


def steps_cost(
    module: FaceModule, loaders: dict[int, TrainingLoader], size: int, steps: int, rounds: int
) -> list[dict[str, Any]]:
    """Cost of an epoch at one input side, for each number of workers, beside the bare passes."""
    recipe = module.recipe
    ready = []
    loaded = iter(loaders[min(loaders)])
    for _ in range(2):
        images, targets, *_ = next(loaded)
        ready.append((augment(images.float() / 255, recipe.augment, size), targets))
    bare(module, ready, 2)
    for loader in loaders.values():
        with_loader(module, loader, 1, size)
    plain: list[float] = []
    full: dict[int, list[float]] = {workers: [] for workers in loaders}
    for _ in range(rounds):
        plain.append(bare(module, ready, steps))
        for workers, loader in loaders.items():
            full[workers].append(with_loader(module, loader, steps, size))
    scale = TRAIN_ROWS // recipe.run.batch_size / steps
    middle = statistics.median(plain)
    return [
        {
            "size": size,
            "workers": workers,
            "epoch_s": round(statistics.median(times) * scale, 2),
            "bare_epoch_s": round(middle * scale, 2),
            "ratio": round(statistics.median(times) / middle, 4),
            "ratios": [round(a / b, 4) for a, b in zip(times, plain, strict=True)],
        }
        for workers, times in full.items()
    ]


def loading_cost(
    loaders: dict[int, TrainingLoader], steps: int, rounds: int
) -> list[dict[str, Any]]:
    """Batches a second for each number of workers, without a network."""
    times: dict[int, list[float]] = {workers: [] for workers in loaders}
    for loader in loaders.values():
        loading(loader, 1)
    for _ in range(rounds):
        for workers, loader in loaders.items():
            times[workers].append(loading(loader, steps))
    return [
        {
            "workers": workers,
            "batches_per_s": round(steps / statistics.median(taken), 1),
            "rounds": [round(steps / seconds, 1) for seconds in taken],
        }
        for workers, taken in times.items()
    ]


def main() -> None:
    """Measures, prints JSON and writes it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipe", default="default")
    parser.add_argument("--workers", type=int, nargs="+", default=[0])
    parser.add_argument("--loading", action="store_true", help="without a network")
    parser.add_argument("--batches", type=int, default=0, help="per round; 0: one epoch in all")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--sizes", type=int, nargs="+", help="input sides; all of the recipe's")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(THREADS)
    recipe = load_recipe(arguments.recipe)
    data = random_faces(TRAIN_ROWS)
    train = data.part("train")
    loaders = {workers: loader_of(train, recipe, workers) for workers in arguments.workers}
    per_epoch = TRAIN_ROWS // recipe.run.batch_size
    steps = arguments.batches or -(-per_epoch // arguments.rounds)
    report: dict[str, Any] = {
        "recipe": recipe.name,
        "batch_size": recipe.run.batch_size,
        "steps": steps,
        "rounds": arguments.rounds,
        "load_average": load_average(),
    }
    if arguments.loading:
        report["loading"] = loading_cost(loaders, steps, arguments.rounds)
    else:
        module = make_module(recipe, data, pretrained=False)
        # The smallest side is where augmentation weighs most; the last one is the network's own.
        recipe_sizes = {side for _, side in recipe.schedule.resolutions} | {recipe.model.size}
        results = [
            row
            for size in arguments.sizes or sorted(recipe_sizes)
            for row in steps_cost(module, loaders, size, steps, arguments.rounds)
        ]
        report |= {
            "parameters": parameter_count(module.network),
            "precision": recipe.run.precision,
            "threads": THREADS,
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
