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

from fer_live.capture.image_folder import load_image
from fer_live.core.errors import DataError, SourceError
from fer_live.core.formats import ANIMATION_SUFFIX, is_hidden, is_image
from fer_live.core.labels import (
    FER2013,
    FERPLUS,
    RAFDB_FOLDERS,
    SIX_WITH_PAIN,
    LabelSet,
    canonical,
    with_suggestions,
)
from fer_live.training.data.dataset import SPLITS, FaceData, HeadTargets, Split
from fer_live.training.data.splits import DEFAULT_SHARES, stratified

SPLIT_FOLDERS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "trainset": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "publictest": "val",
    "test": "test",
    "testing": "test",
    "privatetest": "test",
}
"""Names of a data set's splits, in lower case; PublicTest and PrivateTest are FER2013's."""

HELD_OUT_SHARE = 0.1
"""Share of each class's training images used for validation if a data set has no such split."""

MAX_NAMED = 5
"""Names listed in one note; the others are counted, so that a note stays readable."""

_WRAPPINGS = 3
"""Folders inside each other that are looked through for the class folders."""

_NOT_DATA = frozenset({"__macosx"})
"""Folders that archives contain besides the data, in lower case."""

_ORDER = (*FERPLUS.labels, "pain")


@dataclass
class FoundImages:
    """Images by class and split, and what was ignored.

    Args:
        paths: The images, N.
        names: (N) class of each.
        split: (N) split of each, None in a set without splits.
        boxes_xyxy: Part of the image that is the face, by path; the whole image for a path not
            named here.
        unknown, empty, beside: Folders that are named after no class, hold no image, or lie
            beside the split folders.
        other: Number of files that are not images, by suffix.
    """

    paths: list[Path] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    split: list[Split | None] = field(default_factory=list)
    boxes_xyxy: dict[Path, tuple[int, int, int, int]] = field(default_factory=dict)
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
    return read_found(found, root, notes, size=size, color=color, seed=seed, shares=shares)


def read_found(
    found: FoundImages,
    root: Path,
    notes: Sequence[str],
    *,
    size: int,
    color: Literal["gray", "rgb"],
    seed: int,
    shares: Sequence[float],
) -> FaceData:
    """Reads images whose classes and splits are known; the other arguments as for `load_folder`.

    Args:
        found: The images, at least one.
        root: Where the data is, for the notes.
        notes: What was left out so far.

    Raises:
        DataError: No image can be read, or all are of one class.
    """
    notes = list(notes)
    images, reasons = _read_all(found, size, color)
    for reason in dict.fromkeys(reasons.values()):
        left = [path for path, why in reasons.items() if why == reason]
        what = f"images could not be read and are left out ({reason.rstrip('.')})"
        notes.append(_listed(what, left, root))
    keep = np.array([path not in reasons for path in found.paths])
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
    trained = set(classes[split == SPLITS.index("train")].tolist())
    untrained = [name for place, name in enumerate(labels.labels) if place not in trained]
    if untrained and trained:
        split_notes.append(
            f"no training image shows {', '.join(untrained)}: a model cannot learn what is only in "
            "the other splits"
        )
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


def folders_to_look_in(root: Path) -> Iterator[Path]:
    """A folder and those inside it, level by level: archives wrap a data set in `_WRAPPINGS`."""
    level = [root]
    for _ in range(_WRAPPINGS):
        yield from level
        inside = [folder for parent in level for folder in _folders(parent)]
        level = [folder for folder in inside if folder.name.lower() not in _NOT_DATA]


def _scan(root: Path) -> FoundImages:
    found = FoundImages()
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
                if is_image(path) or path.suffix.lower() == ANIMATION_SUFFIX:
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
    splits = [p for p in _folders(root) if p.name.lower().replace("_", "") in SPLIT_FOLDERS]
    for path in splits:
        yield path, SPLIT_FOLDERS[path.name.lower().replace("_", "")]
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
    found: FoundImages, size: int, color: Literal["gray", "rgb"]
) -> tuple[NDArray[np.uint8], dict[Path, str]]:
    """The images, and why those that could not be read could not."""
    paths = found.paths
    shape = (len(paths), size, size) if color == "gray" else (len(paths), size, size, 3)
    images = np.zeros(shape, np.uint8)

    def read(row: int) -> str | None:
        try:
            images[row] = read_image(paths[row], size, color, found.boxes_xyxy.get(paths[row]))
        except SourceError as error:
            return error.message.replace(str(paths[row]), "it").replace(paths[row].name, "it")
        return None

    with ThreadPoolExecutor() as pool:
        reasons = list(pool.map(read, range(len(paths))))
    return images, {p: why for p, why in zip(paths, reasons, strict=True) if why is not None}


def read_image(
    path: Path,
    size: int,
    color: Literal["gray", "rgb"],
    box_xyxy: tuple[int, int, int, int] | None = None,
) -> NDArray[np.uint8]:
    """The central square of an image, or of a part of it.

    Args:
        path: The file.
        size: Side of the result, pixels.
        color: Grey, or red, green, blue.
        box_xyxy: The part, pixels; None is the whole image.

    Returns:
        (size, size) grey or (size, size, 3) RGB, uint8.

    Raises:
        SourceError: It cannot be read, or the part is outside the image.
    """
    bgr = load_image(path)
    if box_xyxy is not None:
        left, top, right, bottom = (max(0, side) for side in box_xyxy)
        bgr = bgr[top:bottom, left:right]
        if not bgr.size:
            raise SourceError("The face's box is outside the picture.", "Check the CSV.")
    image = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY if color == "gray" else cv2.COLOR_BGR2RGB)
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = image[top : top + side, left : left + side]
    if side != size:
        how = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
        square = cv2.resize(square, (size, size), interpolation=how)
    return np.asarray(square, np.uint8)


def _scan_notes(found: FoundImages) -> list[str]:
    notes = []
    if found.unknown:
        named = with_suggestions(found.unknown[:MAX_NAMED])
        more = len(found.unknown) - MAX_NAMED
        notes.append(
            f"{len(found.unknown)} folders are named after no known expression: {named}"
            + (f" and {more} more" if more > 0 else "")
        )
    if found.beside:
        notes.append(_listed("folders beside the split folders are not used", found.beside))
    if found.empty:
        notes.append(_listed("class folders hold no image", found.empty))
    if found.other:
        kinds = ", ".join(f"{kind}: {number}" for kind, number in sorted(found.other.items()))
        notes.append(f"{found.other.total()} files are not images and are left out ({kinds})")
    return notes


def _listed(what: str, items: Sequence[str | Path], root: Path | None = None) -> str:
    names = [str(Path(item).relative_to(root) if root else item) for item in items]
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return f"{len(names)} {what}: {', '.join(names[:MAX_NAMED])}{more}"
