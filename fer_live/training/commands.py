"""What the command line calls to train."""

import logging
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lightning.pytorch.utilities import rank_zero_only

from fer_live.core.errors import ConfigError
from fer_live.training.data.open_dataset import load_data
from fer_live.training.fit import LAST, FitResult, fit
from fer_live.training.recipe_files import load_recipe

_log = logging.getLogger(__name__)

CACHE_FOLDER = "cache"
"""Folder beside the run where the parsed FER2013 CSV is kept."""


def parse_overrides(pairs: Sequence[str]) -> dict[str, Any]:
    """Settings from the command line as a dictionary for `load_recipe`.

    Args:
        pairs: ``section.name=value``; the value is read as TOML, and as text where it is none
            (``run.precision=32-true``).

    Raises:
        ConfigError: A pair without a name or an equals sign.
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.strip():
            raise ConfigError(f"{pair!r} is no setting.", "Write it as schedule.epochs=10.")
        try:
            values[name.strip()] = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            values[name.strip()] = text.strip()
    return values


def _tell(notes: Sequence[str]) -> None:
    for note in notes:
        _log.warning("%s", note)


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
    progress: bool = True,
) -> FitResult:
    """Trains a recipe, by name or file, on a data set.

    Args:
        recipe: Name of a recipe that comes with the package, or a ``.toml`` file.
        data: FER2013's CSV or a folder per class; see `load_data`.
        votes: FER+'s CSV, or None.
        out: Folder of the run.
        resume: Go on from the last checkpoint in `out`, or start if there is none.
        overrides: Settings that win over the recipe; see `parse_overrides`.
        accelerator, devices, num_nodes: As in Lightning's Trainer.
        progress: Show a progress bar.

    Raises:
        ConfigError: Recipe or setting that cannot be used, or a run in `out` already, or a folder
            that cannot be written.
        DataError: Data that cannot be used.
        DeviceError: The accelerator is not there or is too small.
    """
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)  # its hints are not for our users
    settings = load_recipe(recipe, parse_overrides(overrides))
    if not resume and (out / f"{LAST}.ckpt").exists():
        raise ConfigError(
            f"There is a run in {out} already.",
            "Go on with --resume, or choose another folder with --out.",
        )
    faces = load_data(
        data,
        votes,
        size=settings.model.size,
        color=settings.model.color,
        seed=settings.run.seed,
        shares=settings.run.split,
        cache_dir=out.parent / CACHE_FOLDER,
    )
    rank_zero_only(_tell)(faces.notes)
    return fit(
        settings,
        faces,
        out,
        resume=resume,
        accelerator=accelerator,
        devices=devices,
        num_nodes=num_nodes,
        progress=progress,
    )
