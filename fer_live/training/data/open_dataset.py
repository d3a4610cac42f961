"""Loads a data set of any supported kind: FER2013's CSV, or a folder of images per class."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from fer_live.core.errors import DataError
from fer_live.core.paths import user_path
from fer_live.training.data.class_folders import load_folder, looks_like_folder_set
from fer_live.training.data.dataset import FaceData
from fer_live.training.data.fer2013 import load_fer2013
from fer_live.training.data.splits import DEFAULT_SHARES

CSV_NAMES = ("fer2013.csv", "fer2013.csv.gz")
"""Files looked for in a folder that has no class folders."""


def load_data(
    path: Path,
    votes: Path | None = None,
    *,
    size: int,
    color: Literal["gray", "rgb"] = "gray",
    seed: int = 1,
    shares: Sequence[float] = DEFAULT_SHARES,
    cache_dir: Path | None = None,
) -> FaceData:
    """Loads FER2013's CSV, with FER+ votes if given, or a folder of images per class.

    FER2013's faces keep their size and stay grey: each batch is resized and converted for the
    network, so that the whole data set needs less memory.

    Args:
        path: The CSV (plain or gzipped), a folder with that CSV in it, or a folder per class.
        votes: FER+'s ``fer2013new.csv``; only with FER2013's CSV.
        size: Side to which a folder's images are resized, pixels.
        color: Colour mode of a folder's images.
        seed, shares: Seed and shares of the splits of a folder without splits.
        cache_dir: Folder for the parsed CSV; None stores nothing.

    Raises:
        DataError: There is no data, its kind is unknown, or nothing in it is usable.
    """
    path = user_path(path)
    if path.is_dir() and not looks_like_folder_set(path):
        inside = [path / name for name in CSV_NAMES if (path / name).is_file()]
        path = inside[0] if inside else path
    if path.is_dir():
        if votes is not None:
            raise DataError(
                f"FER+ votes belong to the rows of FER2013's CSV, and {path} is a folder.",
                "Leave --votes out, or name fer2013.csv with --data.",
            )
        return load_folder(path, size=size, color=color, seed=seed, shares=shares)
    if not path.exists():
        raise DataError(f"There is no data at {path}.", "Name a CSV file or a folder with --data.")
    return load_fer2013(path, user_path(votes) if votes else None, cache_dir)
