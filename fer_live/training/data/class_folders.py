"""A folder of images per class, with the usual names, numbers and splits."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.capture.decode import decode_image
from fer_live.core.errors import DataError, SourceError
from fer_live.core.formats import is_hidden, is_image
from fer_live.core.labels import (
    FER2013,
    FERPLUS,
    RAFDB_FOLDERS,
    SIX_WITH_PAIN,
    LabelSet,
    canonical,
)
from fer_live.training.data.dataset import SPLITS, FaceData, HeadTargets, Split
from fer_live.training.data.splits import DEFAULT_SHARES, stratified

SPLIT_FOLDERS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
"""Folder names of a data set's splits, in lower case."""

HELD_OUT_SHARE = 0.1
"""Share of each class's training images used for validation if a data set has no such split."""

MAX_NAMED = 5
"""Names listed in one note; the others are counted, so that a note stays readable."""

_ORDER = (*FERPLUS.labels, "pain")


@dataclass
class _Found:
    """Images by class and split, and what was ignored."""

    paths: list[Path] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    split: list[Split | None] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    other: Counter[str] = field(default_factory=Counter)


def load_folder(
    root: Path,
    *,
    size: int,
    color: Literal["gray", "rgb"] = "gray",
    seed: int = 1,
    shares: Sequence[float] = DEFAULT_SHARES,
) -> FaceData:
    """Loads a folder per class, with or without split folders above the class folders.

    Class folders may use any name `labels.canonical` knows, in any case, or RAF-DB's numbers
    1-7. Split folders are train, val (valid, validation) and test; if the set has train and test
    only, validation is taken from train; if it has no splits, each class is split by `shares`,
    with a shuffle that depends on `seed` only. Images are rotated by their EXIF orientation; of
    an image that is not square, the central square is used.

    Args:
        root: The folder.
        size: Side to which the images are resized, pixels.
        color: Grey, or red, green, blue.
        seed: Seed of the splits.
        shares: Shares of training, validation and, optionally, test; see
            `are_split_shares`.

    Returns:
        Faces with one head, named after its label set; `notes` lists what was left out.

    Raises:
        DataError: There is no such folder, no class folder in it, no readable image, or only one
            class.
    """
    if not root.is_dir():
        raise DataError(f"There is no folder {root}.", "Check the path.")
    found = _scan(root)
    notes = _scan_notes(found)
    if not found.paths:
        why = f" ({notes[0]})" if notes else ""
        raise DataError(
            f"No image in {root} is in a folder named after an expression{why}.",
            "Put the images in one folder per class: angry, disgust, fear, happy, sad …",
        )
    images, unreadable = _read_all(found.paths, size, color)
    if unreadable:
        notes.append(_listed("images could not be read and are left out", unreadable, root))
    bad = set(unreadable)
    keep = np.array([path not in bad for path in found.paths])
    names = [name for name, kept in zip(found.names, keep, strict=True) if kept]
    if len(set(names)) < 2:
        raise DataError(
            f"{root} has readable images of {len(set(names))} expressions; two are needed.",
            "; ".join(notes) or "Add folders for more classes.",
        )
    labels = _label_set(names)
    classes = np.array([labels.index(name) for name in names])
    given = [s for s, kept in zip(found.split, keep, strict=True) if kept]
    split, split_notes = _splits(given, classes, seed, shares)
    return FaceData(
        images[keep],
        {labels.name: HeadTargets(labels, np.eye(len(labels), dtype=np.float32)[classes])},
        split,
        root,
        (*notes, *split_notes),
        names=np.array([str(p.relative_to(root)) for p in found.paths])[keep],
    )


def looks_like_folder_set(root: Path) -> bool:
    """True if a folder in `root`, or in one of its split folders, is named after an expression."""
    return any(True for parent, _ in _parents(root) for _ in _class_folders(parent)[0])


def _scan(root: Path) -> _Found:
    found = _Found()
    parents = list(_parents(root))
    if parents[0][1] is not None:
        given = {parent for parent, _ in parents}
        found.beside = [path.name for path in _folders(root) if path not in given]
    for parent, split in parents:
        known, unknown = _class_folders(parent)
        found.unknown += [str(path.relative_to(root)) for path in unknown]
        for folder, name in known:
            paths = []
            for path in sorted(folder.rglob("*")):
                if is_hidden(path) or path.is_dir():
                    continue
                if is_image(path):
                    paths.append(path)
                else:
                    found.other[path.suffix.lower() or path.name] += 1
            if not paths:
                found.empty.append(str(folder.relative_to(root)))
            found.paths += paths
            found.names += [name] * len(paths)
            found.split += [split] * len(paths)
    return found


def _parents(root: Path) -> Iterator[tuple[Path, Split | None]]:
    splits = [p for p in _folders(root) if p.name.lower() in SPLIT_FOLDERS]
    for path in splits:
        yield path, SPLIT_FOLDERS[path.name.lower()]
    if not splits:
        yield root, None


def _folders(parent: Path) -> list[Path]:
    try:
        return sorted(p for p in parent.iterdir() if p.is_dir() and not is_hidden(p))
    except OSError as error:
        raise DataError(
            f"The folder {parent} cannot be read ({error}).", "Check its permissions."
        ) from error


def _class_folders(parent: Path) -> tuple[list[tuple[Path, str]], list[Path]]:
    folders = _folders(parent)
    numbers = {p.name for p in folders if p.name.isdigit()}
    # Numbers outside 1-7 are another data set's numbering: a guess would mislabel every image.
    numbered = numbers <= set(RAFDB_FOLDERS)
    known: list[tuple[Path, str]] = []
    unknown: list[Path] = []
    for folder in folders:
        name = RAFDB_FOLDERS.get(folder.name) if numbered else None
        name = name or canonical(folder.name)
        if name is None:
            unknown.append(folder)
        else:
            known.append((folder, name))
    return known, unknown


def _label_set(names: Sequence[str]) -> LabelSet:
    present = set(names)
    for known in (FER2013, FERPLUS, SIX_WITH_PAIN):
        if present == set(known.labels):
            return known
    return LabelSet("folder", tuple(label for label in _ORDER if label in present))


def _splits(
    given: Sequence[Split | None],
    classes: NDArray[np.int64],
    seed: int,
    shares: Sequence[float],
) -> tuple[NDArray[np.uint8], list[str]]:
    val, test = SPLITS.index("val"), SPLITS.index("test")
    if given[0] is None:
        part = stratified(classes, shares, seed)
        named = "/".join(f"{100 * share:g}" for share in shares)
        return part, [f"the set has no splits: split {named} by class with seed {seed}"]
    split = np.array([SPLITS.index(s) for s in given if s is not None], np.uint8)
    notes = []
    train = np.flatnonzero(split == SPLITS.index("train"))
    if len(train) and not (split == val).any():
        taken = stratified(classes[train], (1 - HELD_OUT_SHARE, HELD_OUT_SHARE), seed) == 1
        split[train[taken]] = val
        notes.append(
            f"the set has no validation split: {int(taken.sum())} training images are used, "
            f"a tenth of each class, with seed {seed}"
        )
    if not (split == test).any():
        notes.append("the set has no test split")
    return split, notes


def _read_all(
    paths: Sequence[Path], size: int, color: Literal["gray", "rgb"]
) -> tuple[NDArray[np.uint8], list[Path]]:
    shape = (len(paths), size, size) if color == "gray" else (len(paths), size, size, 3)
    images = np.zeros(shape, np.uint8)

    def read(row: int) -> bool:
        image = read_image(paths[row], size, color)
        if image is not None:
            images[row] = image
        return image is not None

    with ThreadPoolExecutor() as pool:
        readable = list(pool.map(read, range(len(paths))))
    return images, [path for path, ok in zip(paths, readable, strict=True) if not ok]


def read_image(path: Path, size: int, color: Literal["gray", "rgb"]) -> NDArray[np.uint8] | None:
    """The central square of an image; None if it cannot be read.

    Returns:
        (size, size) grey or (size, size, 3) RGB, uint8.
    """
    try:
        bgr = decode_image(path.read_bytes()).image_bgr
    except (OSError, SourceError):
        return None
    image = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY if color == "gray" else cv2.COLOR_BGR2RGB)
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = image[top : top + side, left : left + side]
    if side != size:
        how = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
        square = cv2.resize(square, (size, size), interpolation=how)
    return np.asarray(square, np.uint8)


def _scan_notes(found: _Found) -> list[str]:
    notes = []
    if found.unknown:
        notes.append(_listed("folders are named after no known expression", found.unknown))
    if found.beside:
        notes.append(_listed("folders beside the split folders are not used", found.beside))
    if found.empty:
        notes.append(_listed("class folders hold no image", found.empty))
    if found.other:
        kinds = ", ".join(sorted(found.other))
        notes.append(f"{found.other.total()} files are not images and are ignored ({kinds})")
    return notes


def _listed(what: str, items: Sequence[str | Path], root: Path | None = None) -> str:
    names = [str(Path(item).relative_to(root) if root else item) for item in items]
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return f"{len(names)} {what}: {', '.join(names[:MAX_NAMED])}{more}"
