"""Run by torchrun: a tiny training whose validation does not divide evenly among processes.

Arguments: folder of the run, and a model to learn from. Each process has a
worker that degrades its faces.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fer_live.training import fit as fit_module
from fer_live.training import loaders as loaders_module
from fer_live.training import setup as setup_module
from fer_live.training.data.dataset import FaceData
from fer_live.training.module import FaceModule
from tests.training.support import tiny_data, tiny_recipe

EVAL_BATCH = 4
"""With 17 rows for two processes: 9 rows in three batches, and 8 rows that would fill two."""

RECIPE = tiny_recipe(schedule__epochs=2, degrade__share=0.6)

SHARE = {"ferplus": 0.5}
"""Of the teacher in the targets."""


def uneven_data() -> FaceData:
    """Only rows with even numbers, so only the first process, know FER2013's label."""
    data = tiny_data(train=64, val=17)
    data.targets["fer2013"].probabilities[64:81][np.arange(17) % 2 == 1] = 0
    return data


class RecordingLoaders(loaders_module.FaceLoaders):
    """Writes down what each process is given to learn."""

    def train_dataloader(self) -> Any:
        loader = super().train_dataloader()
        targets = loader.dataset.faces.targets["ferplus"].numpy()
        np.save(Path(sys.argv[1]) / f"targets-{self.trainer.global_rank}.npy", targets)
        return loader


class RecordingModule(FaceModule):
    """Writes down the faces of each of its steps."""

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        name = f"step-{self.global_rank}-{self.global_step}.npy"
        np.save(Path(sys.argv[1]) / name, batch[0][:, 0].numpy())
        return super().training_step(batch, batch_idx)


if __name__ == "__main__":
    loaders_module.EVAL_BATCH = EVAL_BATCH
    fit_module.FaceLoaders = RecordingLoaders
    setup_module.FaceModule = RecordingModule
    taught = replace(RECIPE.loss, teachers=(sys.argv[2],), teacher_share=SHARE)
    recipe = replace(RECIPE, loss=taught)
    out = Path(sys.argv[1])
    fit_module.fit(recipe, uneven_data(), out, accelerator="cpu", workers=1, progress=False)
