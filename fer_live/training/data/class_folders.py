"""A folder of images per class, with the usual names, numbers and splits."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from fer_live.core.errors import DataError
from fer_live.core.formats import ANIMATION_SUFFIX, is_hidden, is_image
from fer_live.core.labels import RAFDB_FOLDERS, canonical, with_suggestions
from fer_live.training.data.dataset import FaceData, Split
from fer_live.training.data.found_images import MAX_NAMED, FoundImages, listed, read_found
from fer_live.training.data.photographs import Framing
from fer_live.training.data.splits import DEFAULT_SHARES

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

_WRAPPINGS = 3
"""Folders inside each other that are looked through for the class folders."""

_NOT_DATA = frozenset({"__macosx"})
"""Folders that archives contain besides the data, in lower case."""


def load_folder(
    root: Path,
    *,
    size: int,
    color: Literal["gray", "rgb"] = "gray",
    seed: int = 1,
    shares: Sequence[float] = DEFAULT_SHARES,
    framing: Framing | None = None,
) -> FaceData:
    """Loads a folder per class, with or without split folders above the class folders.

    Class folders may use any name `labels.canonical` knows, in any case, or RAF-DB's numbers
    1-7. Split folders are train, val (valid, validation) and test; if the set has train and test
    only, validation is taken from train; if it has no splits, each class is split by `shares`,
    with a shuffle that depends on `seed` only. Images are rotated by their EXIF orientation; of
    an image that is not square, the central square is used unless faces are to be found.

    Args:
        root: The folder.
        size: Side to which the images are resized, pixels.
        color: Grey, or red, green, blue.
        seed: Seed of the splits.
        shares: Shares of training, validation and, optionally, test; see
            `are_split_shares`.
        framing: How the face is found in each image and cut out; None takes the central square.

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
    return read_found(
        found, root, notes, size=size, color=color, seed=seed, shares=shares, framing=framing
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
        notes.append(listed("folders beside the split folders are not used", found.beside))
    if found.empty:
        notes.append(listed("class folders hold no image", found.empty))
    if found.other:
        kinds = ", ".join(f"{kind}: {number}" for kind, number in sorted(found.other.items()))
        notes.append(f"{found.other.total()} files are not images and are left out ({kinds})")
    return notes
