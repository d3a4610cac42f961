"""Batches cut from arrays in memory: one index look-up per batch.

Training faces are degraded on the way, in worker processes where that pays. What is random in a
batch depends on its number alone, so that any number of workers gives the same batches.
"""

import signal
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from fer_live.core.errors import DataError
from fer_live.training.data.dataset import FaceData
from fer_live.training.data.degradation import Degradation, degrade

STEP_SEED_STRIDE = 1_000_003
"""A prime far above any number of steps, so that neighbouring run seeds share no step seed."""

PREFETCHED = 2
"""Batches that each worker prepares ahead: the network waits for none, and memory stays bounded."""


def step_seed(seed: int, step: int, rank: int = 0, world_size: int = 1) -> int:
    """Seed of all that is random in a training step of one process, the same in a resumed run.

    Args:
        seed: Seed of the run.
        step: Number of steps before it since the run began.
        rank: Index of the process.
        world_size: Number of processes.
    """
    return seed * STEP_SEED_STRIDE + step * world_size + rank


class BatchDataset(Dataset[tuple[Tensor, dict[str, Tensor]]]):
    """Faces indexed by a whole batch of row numbers at once.

    Items are (N, C, S, S) uint8 faces and per head (N, K) float32 targets.
    """

    def __init__(self, data: FaceData) -> None:
        images = torch.from_numpy(data.images)
        self.images = images[:, None] if images.ndim == 3 else images.permute(0, 3, 1, 2)
        self.targets = {k: torch.from_numpy(t.probabilities) for k, t in data.targets.items()}

    def __getitem__(self, rows: list[int]) -> tuple[Tensor, dict[str, Tensor]]:
        index = torch.as_tensor(rows)
        return self.images[index], {k: t[index] for k, t in self.targets.items()}

    def __len__(self) -> int:
        return len(self.images)


class SeededBatchSampler(Sampler[list[int]]):
    """Row numbers of each batch, shuffled by (seed, epoch) only and split among processes.

    The same epoch gives the same batches in a resumed run. With several processes each takes
    every `world_size`-th row; a training epoch drops rows that do not fill a batch in every
    process.

    Without a seed every process yields the same number of batches, none of them empty, because
    collective operations need all processes.

    Args:
        rows: Number of rows in the data set.
        batch_size: Rows per batch and process.
        seed: Seed of the shuffle; None keeps the order and drops nothing.
        rank: Index of this process.
        world_size: Number of processes.
        weights: (rows,) relative probability of each row to be drawn, with replacement; None takes
            each row once.

    Raises:
        DataError: There are fewer rows than processes.
    """

    def __init__(
        self,
        rows: int,
        batch_size: int,
        seed: int | None,
        rank: int = 0,
        world_size: int = 1,
        weights: NDArray[np.float64] | None = None,
    ) -> None:
        if rows < world_size:
            raise DataError(
                f"{rows} images are too few for {world_size} processes.",
                "Use fewer processes or more images.",
            )
        self.weights = None if weights is None else weights / weights.sum()
        self.rows, self.batch_size, self.seed = rows, batch_size, seed
        self.rank, self.world_size = rank, world_size
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Chooses the shuffle of the next pass. Lightning calls this."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[list[int]]:
        if self.seed is None:
            order = np.arange(self.rows)[self.rank :: self.world_size]
            if len(order) <= (len(self) - 1) * self.batch_size:
                # Another process has one more row, and so one more batch.
                yield from (part.tolist() for part in np.array_split(order, len(self)))
                return
        else:
            rng = np.random.default_rng((self.seed, self.epoch))
            if self.weights is None:
                order = rng.permutation(self.rows)
            else:
                order = rng.choice(self.rows, self.rows, p=self.weights)
            order = order[self.rank :: self.world_size][: len(self) * self.batch_size]
        for start in range(0, len(order), self.batch_size):
            yield order[start : start + self.batch_size].tolist()

    def __len__(self) -> int:
        if self.seed is None:
            most = -(-self.rows // self.world_size)
            return -(-most // self.batch_size)
        return max(self.rows // (self.batch_size * self.world_size), 1)


class StepSampler(Sampler[tuple[list[int], int]]):
    """Row numbers and seed of each training step of an epoch.

    Args:
        batches: Row numbers of each batch; has a seed.
        steps_before: Tells, when an epoch begins, the number of steps since the run began.
    """

    def __init__(self, batches: SeededBatchSampler, steps_before: Callable[[], int]) -> None:
        self._batches, self._steps_before = batches, steps_before

    def set_epoch(self, epoch: int) -> None:
        """Chooses the epoch of the next pass. Lightning calls this."""
        self._batches.set_epoch(epoch)

    def __iter__(self) -> Iterator[tuple[list[int], int]]:
        drawn = self._batches
        assert drawn.seed is not None
        for step, rows in enumerate(drawn, self._steps_before()):
            yield rows, step_seed(drawn.seed, step, drawn.rank, drawn.world_size)

    def __len__(self) -> int:
        return len(self._batches)


class TrainingDataset(Dataset[tuple[Any, ...]]):
    """Training faces indexed by the rows and the seed of a whole step.

    Items are (N, C, S, S) uint8 faces, some of them degraded, and per head (N, K) float32 targets;
    with `keep` also the (N, C, S, S) faces as they were.

    Args:
        data: The training faces.
        how: How they are degraded; the seed draws it.
        keep: Give the faces as they were, too.
    """

    def __init__(self, data: FaceData, how: Degradation, keep: bool = False) -> None:
        self.faces = BatchDataset(data)
        self._how, self._keep = how, keep

    def __getitem__(self, step: tuple[list[int], int]) -> tuple[Any, ...]:
        rows, seed = step
        images, targets = self.faces[rows]
        seen = images
        if self._how.share:
            gray = images.shape[1] == 1
            faces = (images[:, 0] if gray else images.permute(0, 2, 3, 1)).numpy()
            degraded = torch.from_numpy(degrade(faces, self._how, np.random.default_rng(seed)))
            seen = degraded[:, None] if gray else degraded.permute(0, 3, 1, 2)
        return (seen, targets, images) if self._keep else (seen, targets)

    def __len__(self) -> int:
        return len(self.faces)


class TrainingLoader(DataLoader[tuple[Any, ...]]):
    """A loader whose workers begin an epoch when its first batch is asked for.

    PyTorch's begin with the pass, which Lightning starts before it has restored the epoch and the
    step of a resumed run.
    """

    def __iter__(self) -> Iterator[tuple[Any, ...]]:  # type: ignore[override]
        yield from super().__iter__()


def training_batches(
    dataset: TrainingDataset,
    sampler: StepSampler,
    *,
    workers: int = 0,
    pin_memory: bool = False,
) -> TrainingLoader:
    """A loader of training steps.

    Workers start as processes of their own (spawn), because a fork copies neither the threads nor
    the locks of OpenCV and CUDA in a usable state. They live until the loader is shut down, and
    read the faces from memory that all of them share.

    Args:
        dataset: The faces.
        sampler: The steps.
        workers: Processes that prepare batches ahead; 0 prepares each when it is asked for.
        pin_memory: Put batches into memory from which a CUDA device copies while it computes.
    """
    parallel: dict[str, Any] = {}
    if workers:
        parallel = {
            "num_workers": workers,
            "persistent_workers": True,
            "prefetch_factor": PREFETCHED,
            "multiprocessing_context": "spawn",
            "worker_init_fn": prepare_worker,
        }
    return TrainingLoader(
        dataset, sampler=sampler, batch_size=None, pin_memory=pin_memory, **parallel
    )


def prepare_worker(number: int) -> None:
    """Set-up of a worker process: one OpenCV thread, as PyTorch itself gives it one of its own.

    Ctrl+C reaches every process of a terminal; the parent decides what it means.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)


def batches(
    data: FaceData,
    batch_size: int,
    seed: int | None,
    rank: int = 0,
    world_size: int = 1,
    weights: NDArray[np.float64] | None = None,
) -> DataLoader[tuple[Tensor, dict[str, Tensor]]]:
    """A loader over `data`; shuffled if there is a seed, in order if there is none.

    With `weights`, (N,), rows are drawn with these probabilities.
    """
    sampler = SeededBatchSampler(len(data), batch_size, seed, rank, world_size, weights)
    return DataLoader(BatchDataset(data), sampler=sampler, batch_size=None)


def balanced_weights(data: FaceData, head: str, power: float = 1.0) -> NDArray[np.float64]:
    """Weights (N,) of the rows under which rarer classes of a head are drawn more often.

    Args:
        data: N faces.
        head: The head whose top classes count.
        power: 1 draws every class equally often and no row that this head does not know; a
            smaller power weighs rows by their class's count to the power of minus this, and rows
            that are not known by 1 on the average.
    """
    targets = data.targets[head].probabilities
    top = targets.argmax(1)
    known = targets.sum(1) > 0
    counts = np.bincount(top[known], minlength=targets.shape[1])
    weights = np.where(known, np.maximum(counts[top], 1) ** -float(power), 0.0)
    if power < 1 and known.any():
        weights[~known] = weights[known].mean()
    return weights
