"""Opens a data set of any kind that training and evaluation know."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from fer_live.core.errors import DataError
from fer_live.training.data.class_folders import load_folder, looks_like_folder_set
from fer_live.training.data.dataset import FaceData
from fer_live.training.data.fer2013 import load_fer2013
from fer_live.training.data.splits import DEFAULT_SHARES

CSV_NAMES = ("fer2013.csv", "fer2013.csv.gz")
"""Names looked for when a folder is given that has no class folders."""


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
    """Loads FER2013's CSV, with FER+ votes where given, or a folder of pictures per class.

    FER2013's faces keep their own size and stay grey: they are brought to the network's size and
    channels batch by batch, never as a whole in memory.

    Args:
        path: The CSV (plain or gzipped), a folder with that CSV in it, or a folder per class.
        votes: FER+'s ``fer2013new.csv``; only with FER2013's CSV.
        size: Side pictures of a folder are brought to, pixels.
        color: Colour of pictures of a folder.
        seed, shares: Seed and shares of the division of a folder without splits.
        cache_dir: Where the parsed CSV is kept; None keeps nothing.

    Raises:
        DataError: Nothing there, not a known kind, or nothing usable in it.
    """
    path = path.expanduser()
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
    return load_fer2013(path, votes.expanduser() if votes else None, cache_dir)
