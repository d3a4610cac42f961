"""Training of a recipe by name on a data set by path."""

import logging
from collections.abc import Sequence
from pathlib import Path

from lightning.pytorch.utilities import rank_zero_only

from fer_live.core.errors import ConfigError
from fer_live.training.data.open_dataset import load_data, warn
from fer_live.training.data.photographs import FaceFinder, Framing
from fer_live.training.fit import LAST, FitResult, fit
from fer_live.training.recipe_files import check_earlier_runs, load_recipe, parse_overrides

CACHE_FOLDER = "cache"
"""Folder beside the run for the parsed FER2013 CSV."""


def train(
    recipe: str,
    data: Path,
    votes: Path | None,
    out: Path,
    *,
    resume: bool = False,
    overrides: Sequence[str] = (),
    accelerator: str = "auto",
    devices: int | str = 1,
    num_nodes: int = 1,
    workers: int | None = None,
    progress: bool = True,
    finder: FaceFinder | None = None,
) -> FitResult:
    """Trains a recipe, by name or file, on a data set.

    Args:
        recipe: Name of a recipe that comes with the package, or a ``.toml`` file.
        data: FER2013's CSV or a folder per class; see `load_data`.
        votes: FER+'s CSV, or None.
        out: Folder of the run.
        resume: Continue from the last checkpoint in `out`, or start if there is none.
        overrides: Settings that replace the recipe's; see `parse_overrides`.
        accelerator, devices, num_nodes: As in Lightning's Trainer.
        workers: Processes that degrade faces ahead of the network; see `fit`.
        progress: Show a progress bar.
        finder: Finds the face in each picture of a folder or list; None takes pictures whole.

    Raises:
        ConfigError: The recipe or a setting cannot be used, `out` already holds a run, or
            `out` cannot be written.
        DataError: The data cannot be used.
        DeviceError: The accelerator is not available, its memory is too small, or a worker process
            failed.
    """
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)  # its hints do not concern users
    settings = load_recipe(recipe, parse_overrides(overrides))
    if not resume and (out / f"{LAST}.ckpt").exists():
        raise ConfigError(
            f"{out} already holds a run.",
            "Continue it with --resume, or choose another folder with --out.",
        )
    if not resume:
        check_earlier_runs(settings)
    faces = load_data(
        data,
        votes,
        # The finished network enlarges crops of this size itself: it never sees finer ones.
        size=settings.model.crop_size or settings.model.size,
        color=settings.model.color,
        seed=settings.run.seed,
        shares=settings.run.split,
        cache_dir=out.parent / CACHE_FOLDER,
        framing=None if finder is None else Framing(finder, settings.run.crop_margin),
    )
    rank_zero_only(warn)(faces.notes)
    return fit(
        settings,
        faces,
        out,
        resume=resume,
        accelerator=accelerator,
        devices=devices,
        num_nodes=num_nodes,
        workers=workers,
        progress=progress,
    )
