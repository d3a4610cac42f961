"""Tiny data and recipes, so that a whole training run takes about a second."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from fer_live.core.labels import FER2013, FERPLUS
from fer_live.training.data.batches import SeededBatchSampler, TrainingDataset, balanced_weights
from fer_live.training.data.dataset import FaceData, HeadTargets
from fer_live.training.data.degradation import degrade
from fer_live.training.recipe import Recipe
from fer_live.training.recipe_files import load_recipe

# Lightning calls a torch function that torch 2.15 deprecates.
THIRD_PARTY = r"ignore:.isinstance\(treespec, LeafSpec\). is deprecated"


class Telling(TrainingDataset):
    """Adds the number of OpenCV's and PyTorch's threads where the batch is made.

    It stands here because worker processes import its module, and so nothing large.
    """

    def __getitem__(self, step: tuple[list[int], int]) -> tuple[Any, ...]:
        threads = torch.tensor([cv2.getNumThreads(), torch.get_num_threads()])
        return (*super().__getitem__(step), threads)


class Killed(BaseException):
    """Stands for a process that is gone: nothing may catch it and tidy up."""


def break_off(monkeypatch: pytest.MonkeyPatch, epoch: int, run: Callable[[], object]) -> None:
    """Starts a run and breaks it off when an epoch begins, counted from 0."""
    from fer_live.training.module import FaceModule  # large: see `Telling`

    real_step = FaceModule.training_step

    def step(self: FaceModule, batch: Any, batch_idx: int) -> torch.Tensor:
        if self.current_epoch == epoch:
            raise Killed
        return real_step(self, batch, batch_idx)

    with monkeypatch.context() as patched:
        patched.setattr(FaceModule, "training_step", step)
        with pytest.raises(Killed):
            run()


def states(out: Path) -> dict[str, torch.Tensor]:
    """All weights in a run's last checkpoint, plain and averaged."""
    stored = torch.load(out / "last.ckpt", weights_only=True)
    return {
        f"{part}.{key}": value
        for part in ("state_dict", "current_model_state")
        for key, value in stored[part].items()
    }


def tiny_data(train: int = 64, val: int = 21, test: int = 11, side: int = 16) -> FaceData:
    """Faces whose class shows as brightness, so that a few steps learn something."""
    rng = np.random.default_rng(5)
    n = train + val + test
    classes = np.arange(n) % 7
    noise = rng.integers(0, 20, (n, side, side))
    images = (noise + classes[:, None, None] * 33).astype(np.uint8)
    votes = np.zeros((n, 8), np.float32)
    in_ferplus = np.array([FERPLUS.index(x) for x in FER2013.labels])
    votes[np.arange(n), in_ferplus[classes]] = 0.8
    votes[:, 0] += 0.2
    votes[::9] = 0
    targets = {
        "ferplus": HeadTargets(FERPLUS, votes),
        "fer2013": HeadTargets(FER2013, np.eye(7, dtype=np.float32)[classes]),
    }
    split = np.repeat(np.arange(3, dtype=np.uint8), (train, val, test))
    return FaceData(images, targets, split, Path("tiny.csv"))


def tiny_recipe(**overrides: Any) -> Recipe:
    """The default recipe's kind of run, shrunk; overrides use __ for the dot."""
    settings: dict[str, Any] = {
        "model.widths": [8, 8, 8, 8],
        "model.stem": "small",
        "model.size": 16,
        "schedule.resolutions": [],
        "schedule.epochs": 3,
        "schedule.decay_epochs": 1,
        "schedule.warmup_epochs": 1,
        "run.batch_size": 16,
        "run.precision": "32-true",
        "run.average_decay": 0.9,
    }
    settings |= {key.replace("__", "."): value for key, value in overrides.items()}
    return load_recipe("default-start", settings)


def documented_steps(
    data: FaceData,
    recipe: Recipe,
    epochs: Iterable[int],
    first_step: int = 0,
    rank: int = 0,
    world_size: int = 1,
) -> list[np.ndarray]:
    """(N, S, S) or (N, S, S, 3) faces of each step of these epochs, from the documented seeds.

    A step's seed is the run's times 1,000,003, plus the number of steps before it of all processes.
    """
    train, run = data.part("train"), recipe.run
    power = recipe.loss.oversample
    weights = balanced_weights(train, "ferplus", power) if power else None
    sampler = SeededBatchSampler(len(train), run.batch_size, run.seed, rank, world_size, weights)
    steps: list[np.ndarray] = []
    for epoch in epochs:
        sampler.set_epoch(epoch)
        for rows in sampler:
            seed = run.seed * 1_000_003 + (first_step + len(steps)) * world_size + rank
            faces = train.images[rows]
            steps.append(degrade(faces, recipe.degrade, np.random.default_rng(seed)))
    return steps
