"""Batches cut from arrays in memory: one index look-up per batch, no worker processes."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from fer_live.core.errors import DataError
from fer_live.training.data.dataset import FaceData


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
