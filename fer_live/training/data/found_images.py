"""Images whose classes are known, read as faces: whole, in given boxes, or where one is found."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.capture.image_folder import load_image
from fer_live.core.errors import DataError, DetectorError, SourceError
from fer_live.core.labels import FER2013, FERPLUS, SIX_WITH_PAIN, LabelSet
from fer_live.core.types import ImageBgr
from fer_live.detection.crop import crop_faces
from fer_live.training.data.dataset import SPLITS, FaceData, HeadTargets, Split
from fer_live.training.data.photographs import FaceSizes, Framing
from fer_live.training.data.splits import stratified

HELD_OUT_SHARE = 0.1
"""Share of each class's training images used for validation if a data set has no such split."""

MAX_NAMED = 5
"""Names listed in one note; the others are counted, so that a note stays readable."""

_ORDER = (*FERPLUS.labels, "pain")


@dataclass
class FoundImages:
    """Images by class and split, and what was ignored.

    Args:
        paths: The images, N.
        names: (N) class of each.
        split: (N) split of each, None in a set without splits.
        boxes_xyxy: Part of each image that is the face, by path; empty if none is given.
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


@dataclass(frozen=True)
class _Reading:
    """What came of N images.

    Args:
        images: (N, S, S) or (N, S, S, 3) uint8.
        reasons: (N) why an image could not be read, None for the others.
        faces: (N,) number of faces found; 1 where none is looked for.
        notes: What the sizes of the faces say about the data set.
    """

    images: NDArray[np.uint8]
    reasons: list[str | None]
    faces: NDArray[np.int64]
    notes: list[str]


def read_found(
    found: FoundImages,
    root: Path,
    notes: Sequence[str],
    *,
    size: int,
    color: Literal["gray", "rgb"],
    seed: int,
    shares: Sequence[float],
    framing: Framing | None,
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
    if framing is not None and found.boxes_xyxy:
        notes.append("the list gives the faces' boxes: these are used, no face is looked for")
        framing = None
    reading = _read_all(found, size, color, framing)
    readable = np.array([reason is None for reason in reading.reasons])
    shown = readable & (reading.faces > 0)
    notes += _reading_notes(found.paths, root, reading, framing)
    kept = set(np.array(found.names)[shown].tolist())
    if len(kept) < 2:
        raise DataError(
            f"{root} has readable images of {len(kept)} expressions; two are needed.",
            "; ".join(notes) or "Add folders for more classes.",
        )
    # Images without a face take part in the splits: these are the same as without `framing`.
    split, split_notes = _splits(found, readable, seed, shares)
    split = split[shown[readable]]
    names = [name for name, used in zip(found.names, shown, strict=True) if used]
    labels = _label_set(names)
    classes = np.array([labels.index(name) for name in names])
    trained = set(classes[split == SPLITS.index("train")].tolist())
    untrained = [name for place, name in enumerate(labels.labels) if place not in trained]
    if untrained and trained:
        split_notes.append(
            f"no training image shows {', '.join(untrained)}: a model cannot learn what is only in "
            "the other splits"
        )
    return FaceData(
        reading.images[shown],
        {labels.name: HeadTargets(labels, np.eye(len(labels), dtype=np.float32)[classes])},
        split,
        root,
        (*notes, *split_notes),
        names=np.array([str(p.relative_to(root)) for p in found.paths])[shown],
        crop_margin=None if framing is None else framing.crop_margin,
    )


def _read_all(
    found: FoundImages, size: int, color: Literal["gray", "rgb"], framing: Framing | None
) -> _Reading:
    paths = found.paths
    shape = (len(paths), size, size) if color == "gray" else (len(paths), size, size, 3)
    images = np.zeros(shape, np.uint8)
    faces = np.ones(len(paths), np.int64)
    sizes = _sizes(len(paths)) if framing is None and not found.boxes_xyxy else None

    def read(row: int) -> str | None:
        path = paths[row]
        try:
            image_bgr = load_image(path)
            if framing is not None:
                face = framing.finder.find(path, image_bgr)
                faces[row] = face.count
                for crop in crop_faces(image_bgr, face.box_xyxy, size, color, framing.crop_margin):
                    images[row] = crop
                return None
            images[row] = central_square(image_bgr, size, color, found.boxes_xyxy.get(path))
        except (SourceError, DetectorError) as error:
            return error.message.replace(str(path), "it").replace(path.name, "it")
        if sizes is not None:
            sizes.look_at(row, image_bgr)
        return None

    with ThreadPoolExecutor() as pool:
        reasons = list(pool.map(read, range(len(paths))))
    return _Reading(images, reasons, faces, sizes.notes() if sizes is not None else [])


def _reading_notes(
    paths: Sequence[Path], root: Path, reading: _Reading, framing: Framing | None
) -> list[str]:
    notes = []
    for reason in dict.fromkeys(reading.reasons):
        if reason is not None:
            left = [p for p, why in zip(paths, reading.reasons, strict=True) if why == reason]
            what = f"images could not be read and are left out ({reason.rstrip('.')})"
            notes.append(listed(what, left, root))
    counts = [
        (path, int(count))
        for path, count, why in zip(paths, reading.faces, reading.reasons, strict=True)
        if why is None
    ]
    faceless = [path for path, count in counts if count == 0]
    several = [path for path, count in counts if count > 1]
    if framing is not None:
        notes.append(
            f"faces were found in {len(counts) - len(faceless)} of {len(counts)} images and cut "
            f"out with crop margin {framing.crop_margin:g}"
        )
    if faceless:
        notes.append(listed("images show no face that is found and are left out", faceless, root))
    if several:
        what = "images show several faces, of which the largest is used"
        notes.append(listed(what, several, root))
    return [*notes, *reading.notes]


def _sizes(pictures: int) -> FaceSizes | None:
    """None without a detector: training does without it, and nobody asked for faces."""
    try:
        return FaceSizes(pictures)
    except DetectorError:
        return None


def central_square(
    image_bgr: ImageBgr,
    size: int,
    color: Literal["gray", "rgb"],
    box_xyxy: tuple[int, int, int, int] | None = None,
) -> NDArray[np.uint8]:
    """The central square of an image, or of a part of it.

    Args:
        image_bgr: (H, W, 3) uint8.
        size: Side of the result, pixels.
        color: Grey, or red, green, blue.
        box_xyxy: The part, pixels; None is the whole image.

    Returns:
        (size, size) grey or (size, size, 3) RGB, uint8.

    Raises:
        SourceError: The part is outside the image.
    """
    if box_xyxy is not None:
        left, top, right, bottom = (max(0, side) for side in box_xyxy)
        image_bgr = image_bgr[top:bottom, left:right]
        if not image_bgr.size:
            raise SourceError("The face's box is outside the picture.", "Check the CSV.")
    image = cv2.cvtColor(image_bgr, cv2.COLOR_BGR2GRAY if color == "gray" else cv2.COLOR_BGR2RGB)
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = image[top : top + side, left : left + side]
    if side != size:
        how = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
        square = cv2.resize(square, (size, size), interpolation=how)
    return np.asarray(square, np.uint8)


def listed(what: str, items: Sequence[str | Path], root: Path | None = None) -> str:
    """A note: how many, what they are, and the first names; below `root` as relative paths."""
    names = [str(Path(item).relative_to(root) if root else item) for item in items]
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return f"{len(names)} {what}: {', '.join(names[:MAX_NAMED])}{more}"


def _label_set(names: Sequence[str]) -> LabelSet:
    present = set(names)
    for known in (FER2013, FERPLUS, SIX_WITH_PAIN):
        if present == set(known.labels):
            return known
    return LabelSet("folder", tuple(label for label in _ORDER if label in present))


def _splits(
    found: FoundImages, rows: NDArray[np.bool_], seed: int, shares: Sequence[float]
) -> tuple[NDArray[np.uint8], list[str]]:
    """The splits of the chosen images, and what there is to say about them."""
    val, test = SPLITS.index("val"), SPLITS.index("test")
    names = [name for name, chosen in zip(found.names, rows, strict=True) if chosen]
    given = [split for split, chosen in zip(found.split, rows, strict=True) if chosen]
    labels = _label_set(names)
    classes = np.array([labels.index(name) for name in names])
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
