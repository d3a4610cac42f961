"""Loads a data set of any supported kind: FER2013's CSV, a CSV of paths, a folder per class."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from fer_live.core.errors import DataError
from fer_live.core.paths import user_path
from fer_live.training.data.class_folders import (
    folders_to_look_in,
    load_folder,
    looks_like_folder_set,
)
from fer_live.training.data.dataset import FaceData
from fer_live.training.data.fer2013 import load_fer2013
from fer_live.training.data.found_images import MAX_NAMED
from fer_live.training.data.image_list import load_image_list, looks_like_image_list
from fer_live.training.data.photographs import Framing
from fer_live.training.data.splits import DEFAULT_SHARES

_log = logging.getLogger(__name__)

CSV_NAMES = ("fer2013.csv", "fer2013.csv.gz", "icml_face_data.csv", "train.csv")
"""Files that count before other CSV files of a folder without class folders."""


def load_data(
    path: Path,
    votes: Path | None = None,
    *,
    size: int,
    color: Literal["gray", "rgb"] = "gray",
    seed: int = 1,
    shares: Sequence[float] = DEFAULT_SHARES,
    cache_dir: Path | None = None,
    framing: Framing | None = None,
) -> FaceData:
    """Loads FER2013's CSV, with FER+ votes if given, or a folder of images per class.

    FER2013's faces keep their size and stay grey: each batch is resized and converted for the
    network, so that the whole data set needs less memory.

    Args:
        path: The CSV (plain or gzipped), a CSV that names images, a folder per class, or a folder
            that holds one of these, also a few folders deep.
        votes: FER+'s ``fer2013new.csv``; only with FER2013's CSV.
        size: Side to which a folder's images are resized, pixels.
        color: Colour mode of a folder's images.
        seed, shares: Seed and shares of the splits of a folder without splits.
        cache_dir: Folder for the parsed CSV; None stores nothing.
        framing: How the face is found in each picture of a folder or of a CSV that names images,
            and cut out; None takes the central square of each picture.

    Raises:
        DataError: There is no data, its kind is unknown, nothing in it is usable, or faces shall be
            found in FER2013's CSV.
    """
    path = user_path(path)
    if path.is_dir():
        path = _data_in(path)
    if path.is_dir():
        if votes is not None:
            raise DataError(
                f"FER+ votes belong to the rows of FER2013's CSV, and {path} is a folder.",
                "Leave --votes out, or name fer2013.csv with --data.",
            )
        return load_folder(path, size=size, color=color, seed=seed, shares=shares, framing=framing)
    if not path.exists():
        raise DataError(f"There is no data at {path}.", "Name a CSV file or a folder with --data.")
    if looks_like_image_list(path):
        return load_image_list(
            path, size=size, color=color, seed=seed, shares=shares, framing=framing
        )
    if framing is not None:
        raise DataError(
            f"The pictures in {path} are faces that are cut out already.",
            "Leave --find-faces out: it is for folders and lists of photographs.",
        )
    votes = user_path(votes) if votes else None
    return load_fer2013(path, votes, cache_dir, seed=seed, shares=shares)


def warn(notes: Sequence[str]) -> None:
    """Tells the notes about a data set, one sentence each."""
    for note in notes:
        _log.warning("%s", note)


def _data_in(root: Path) -> Path:
    """The folder of a class-folder set, or the CSV, that a folder holds; itself if there is none.

    Raises:
        DataError: Several of them could be meant.
    """
    folders = list(folders_to_look_in(root))
    sets = [folder for folder in folders if looks_like_folder_set(folder)]
    # A split folder of a set looks like a set itself.
    sets = [folder for folder in sets if not set(folder.parents) & set(sets)]
    if not sets:
        for folder in folders:
            named = [folder / name for name in CSV_NAMES if (folder / name).is_file()]
            if named:
                return named[0]
        sets = [path for folder in folders for path in sorted(folder.glob("*.csv*"))]
        sets = [path for path in sets if path.is_file()]
    if len(sets) > 1:
        listed = ", ".join(str(path.relative_to(root)) for path in sets[:MAX_NAMED])
        raise DataError(
            f"{root} holds several data sets: {listed}.", "Name one of them with --data."
        )
    return sets[0] if sets else root
