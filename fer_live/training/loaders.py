"""The batches of a training run, distributed among its processes and their workers."""

from typing import Any

import lightning as L

from fer_live.core.errors import DeviceError
from fer_live.core.machine import usable_cores
from fer_live.training.data.batches import (
    SeededBatchSampler,
    StepSampler,
    TrainingDataset,
    balanced_weights,
    batches,
    training_batches,
)
from fer_live.training.data.dataset import FaceData
from fer_live.training.recipe import Recipe

EVAL_BATCH = 256
"""Faces per validation batch; only memory depends on it."""

MAX_WORKERS = 8
"""More worker processes are started only on request: one alone degrades more faces a second than
`default` learns from on a large GPU (`benchmarks/README.md`)."""


def worker_count(wanted: int | None, *, on_cpu: bool, degrades: bool, processes: int = 1) -> int:
    """Number of worker processes of one process of a run.

    Args:
        wanted: A number that the user gives, or None to choose: none on the CPU, because the
            network needs the cores, and none if there is nothing to degrade; beside a GPU one less
            than the process's share of the cores, at most `MAX_WORKERS`.
        on_cpu: The network computes on the CPU.
        degrades: The recipe degrades faces.
        processes: Processes of the run on this machine.
    """
    if wanted is not None:
        return wanted
    if on_cpu or not degrades:
        return 0
    return max(0, min(MAX_WORKERS, usable_cores() // processes - 1))


class FaceLoaders(L.LightningDataModule):
    """Training and validation batches, distributed among the processes of a run.

    Args:
        data: Faces with splits.
        recipe: The run's settings.
        head: The head whose rarer classes are drawn more often, if the recipe says so.
        workers: Worker processes; None chooses, see `worker_count`.
    """

    def __init__(
        self, data: FaceData, recipe: Recipe, head: str, workers: int | None = None
    ) -> None:
        super().__init__()
        self._train, self._val = data.part("train"), data.part("val")
        self._recipe = recipe
        self._head = head
        self._workers = workers

    def train_dataloader(self) -> Any:
        trainer, recipe = self.trainer, self._recipe
        assert trainer is not None
        power = recipe.loss.oversample
        rows = SeededBatchSampler(
            len(self._train),
            recipe.run.batch_size,
            recipe.run.seed,
            trainer.global_rank,
            trainer.world_size,
            balanced_weights(self._train, self._head, power) if power else None,
        )
        device = trainer.strategy.root_device.type
        return training_batches(
            TrainingDataset(self._train, recipe.degrade, keep=recipe.loss.teacher_views),
            StepSampler(rows, lambda: trainer.global_step),
            workers=worker_count(
                self._workers,
                on_cpu=device == "cpu",
                degrades=recipe.degrade.share > 0,
                processes=trainer.num_devices,
            ),
            pin_memory=device == "cuda",
        )

    def val_dataloader(self) -> Any:
        trainer = self.trainer
        assert trainer is not None
        return batches(self._val, EVAL_BATCH, None, trainer.global_rank, trainer.world_size)


def check_worker_failure(error: RuntimeError) -> None:
    """Raises DeviceError if PyTorch's error says that worker processes could not go on."""
    if "shared memory" in str(error):
        raise DeviceError(
            "The shared memory of this machine is too small for the faces and their workers.",
            "Use --workers 0, or give a container more of it (docker run --shm-size=2g).",
        ) from error
    if "DataLoader worker (pid" in str(error):
        raise DeviceError(
            "A worker process that degrades faces ended unexpectedly.",
            "The memory may be too small: go on with --resume and fewer --workers.",
        ) from error
