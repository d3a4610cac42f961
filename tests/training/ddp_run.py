"""Run by torchrun: a tiny training whose validation does not divide evenly among processes."""

import sys
from pathlib import Path

import numpy as np

from fer_live.training import fit as fit_module
from fer_live.training.data import FaceData
from tests.training.support import tiny_data, tiny_recipe

EVAL_BATCH = 4
"""With 17 rows for two processes: 9 rows in three batches, and 8 rows that would fill two."""

RECIPE = tiny_recipe(schedule__epochs=2)


def uneven_data() -> FaceData:
    """Only rows with even numbers, so only the first process, know FER2013's label."""
    data = tiny_data(train=64, val=17)
    data.targets["fer2013"].probabilities[64:81][np.arange(17) % 2 == 1] = 0
    return data


if __name__ == "__main__":
    fit_module.EVAL_BATCH = EVAL_BATCH
    fit_module.fit(RECIPE, uneven_data(), Path(sys.argv[1]), accelerator="cpu", progress=False)
