"""A CSV that names an image file and its class in each row, as that of AffectNet."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from fer_live.core.errors import DataError
from fer_live.core.labels import canonical, with_suggestions
from fer_live.training.data.class_folders import SPLIT_FOLDERS
from fer_live.training.data.dataset import FaceData
from fer_live.training.data.fer2013 import EMOTION, USAGE
from fer_live.training.data.found_images import MAX_NAMED, FoundImages, read_found
from fer_live.training.data.photographs import Framing
from fer_live.training.data.splits import DEFAULT_SHARES
from fer_live.training.data.tables import column_names, find_column, read_table

AFFECTNET_PATH = "subdirectory_filepath"
"""AffectNet's own column of paths, in lower case; its column ``expression`` holds numbers."""

PATHS = (AFFECTNET_PATH, "path", "pth", "filepath", "file_path", "image_path", "filename",
         "file_name", "file", "image", "img")  # fmt: skip
"""Names that the column of paths may have, in lower case."""

AFFECTNET = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", "contempt")
"""Classes of AffectNet's numbers 0 to 7 (Mollahosseini et al., 2017); 8 to 10 are no expression."""

_BOX = ("face_x", "face_y", "face_width", "face_height")
_HINT = "Name a CSV with a column of paths and a column of emotion names with --data."


def looks_like_image_list(csv: Path) -> bool:
    """True if a table has a column of paths."""
    return bool(set(column_names(csv)) & set(PATHS))


def load_image_list(
    csv: Path,
    *,
    size: int,
    color: Literal["gray", "rgb"] = "gray",
    seed: int = 1,
    shares: Sequence[float] = DEFAULT_SHARES,
    framing: Framing | None = None,
) -> FaceData:
    """Loads the images that a CSV names; paths are relative to its folder.

    Of AffectNet's own files the face's box is used, also with `framing`, and its numbers; other
    numbers are not guessed. The other arguments are as for `load_folder`.

    Raises:
        DataError: A column is missing, or no row can be used.
    """
    table = read_table(csv)
    paths = find_column(table, PATHS, csv, _HINT).fillna("").astype(str)
    emotions = find_column(table, ("expression", *EMOTION), csv, _HINT)
    affectnet = AFFECTNET_PATH in (str(name).lower() for name in table.columns)
    usages = [name for name in table.columns if str(name).lower() in USAGE]
    words = table[usages[0]].fillna("").astype(str) if usages else None
    boxes = _boxes(table)
    found = FoundImages()
    unknown: Counter[str] = Counter()
    no_split = 0
    for row, text in enumerate(paths):
        label = _label(emotions.iloc[row], affectnet)
        split = SPLIT_FOLDERS.get(words.iloc[row].strip().lower()) if words is not None else None
        if label is None:
            unknown[str(emotions.iloc[row])] += 1
        elif words is not None and split is None:
            no_split += 1
        else:
            path = csv.parent / text.strip().replace("\\", "/")
            found.paths.append(path)
            found.names.append(label)
            found.split.append(split)
            if boxes is not None:
                found.boxes_xyxy[path] = boxes[row]
    notes = []
    if unknown:
        named = with_suggestions(list(unknown)[:MAX_NAMED])
        notes.append(f"{unknown.total()} rows left out, no known expression: {named}")
    if no_split:
        notes.append(f"{no_split} rows left out, {usages[0]} is none of train, val, test")
    if not found.paths:
        raise DataError(f"No usable row in {csv} ({'; '.join(notes) or 'it is empty'}).", _HINT)
    return read_found(
        found, csv.parent, notes, size=size, color=color, seed=seed, shares=shares, framing=framing
    )


def _label(value: Any, affectnet: bool) -> str | None:
    if affectnet:
        number = pd.to_numeric(value, errors="coerce")
        if pd.notna(number):
            return AFFECTNET[int(number)] if 0 <= number < len(AFFECTNET) else None
    return canonical(str(value))


def _boxes(table: pd.DataFrame) -> list[tuple[int, int, int, int]] | None:
    there = {str(name).lower(): name for name in table.columns}
    if not set(_BOX) <= there.keys():
        return None
    sides = [pd.to_numeric(table[there[n]], errors="coerce").fillna(0).astype(int) for n in _BOX]
    return [(x, y, x + w, y + h) for x, y, w, h in zip(*sides, strict=True)]
