"""What is in a data set: counts, pixels, copies, class weights, agreement with FER+ votes."""

import json
import logging
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live import __version__
from fer_live.core.errors import DataError
from fer_live.evaluation.duplicates import FLAT, Copy, find_copies, group
from fer_live.evaluation.explore_page import label_head, render
from fer_live.training.data.dataset import SPLITS, FaceData
from fer_live.training.data.open_dataset import load_data

_log = logging.getLogger(__name__)

NAME = "explore"
"""Name of the written files."""

SIZE = 48
"""Side that the pictures of a folder are brought to, pixels: FER2013's own."""

HISTOGRAM_BINS = 32
"""Of the 256 levels of a pixel, so many at a time."""

_SPLITS: tuple[str, ...] = SPLITS

_KINDS = ("exact", "near", "mirrored")


def explore(
    data: Path,
    votes: Path | None,
    out: Path,
    *,
    size: int = SIZE,
    color: Literal["gray", "rgb"] = "gray",
    cache_dir: Path | None = None,
) -> dict[str, Any]:
    """Looks through a data set and writes ``explore.html`` and ``explore.json``.

    Args:
        data: FER2013's CSV or a folder per class.
        votes: FER+'s CSV, or None.
        out: Folder for both files; created.
        size: Side that the pictures of a folder are brought to, pixels.
        color: Colour of the pictures of a folder; their figures are those of their brightness.
        cache_dir: Where the parsed CSV is kept; None parses it every time.

    Returns:
        What was written into ``explore.json``.

    Raises:
        DataError: Data that cannot be used, or a folder that cannot be written.
    """
    faces = load_data(data, votes, size=size, color=color, cache_dir=cache_dir)
    _log.info("looking for copies among %d pictures", len(faces))
    copies = find_copies(faces.images)
    report = describe(faces, copies)
    try:
        out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        (out / f"{NAME}.json").write_text(text, "utf-8")
        (out / f"{NAME}.html").write_text(render(report, faces, copies), "utf-8")
    except OSError as error:
        raise DataError(
            f"The pages cannot be written to {out} ({error}).", "Choose a folder you can write to."
        ) from error
    return report


def describe(faces: FaceData, copies: Sequence[Copy]) -> dict[str, Any]:
    """All figures, plain JSON types."""
    head = label_head(faces)
    labels, classes = faces.targets[head].labels.labels, faces.classes(head)
    gray = brightness(faces.images)
    return {
        "data": str(faces.source),
        "faces": len(faces),
        "pixels_per_side": int(faces.images.shape[1]),
        "color": "gray" if faces.images.ndim == 3 else "rgb",
        "labels": list(labels),
        "notes": list(faces.notes),
        "counts": {
            split: {
                label: int(((faces.split == i) & (classes == k)).sum())
                for k, label in enumerate(labels)
            }
            for i, split in enumerate(SPLITS)
        },
        "class_weights": _class_weights(faces, classes, labels),
        "pixels": {
            "overall": _pixels(gray),
            "by_class": {
                label: _pixels(gray[classes == k])
                for k, label in enumerate(labels)
                if (classes == k).any()
            },
            "by_split": {
                split: _pixels(gray[faces.split == i])
                for i, split in enumerate(SPLITS)
                if (faces.split == i).any()
            },
        },
        "flat_pictures": int((gray.std((1, 2)) < FLAT).sum()),
        "copies": _copies(faces, classes, copies),
        "votes": _votes(faces) if "ferplus" in faces.truth else None,
        "fer_live": __version__,
    }


def brightness(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(N, S, S) uint8 luma of faces of any colour."""
    if images.ndim == 3:
        return images
    return np.stack([np.asarray(cv2.cvtColor(x, cv2.COLOR_RGB2GRAY), np.uint8) for x in images])


def _pixels(gray: NDArray[np.uint8]) -> dict[str, Any]:
    """Statistics of pixels, on the 0-255 scale; shares of the histogram sum to 1."""
    counts = np.bincount(gray.ravel(), minlength=256)
    share = counts / counts.sum()
    levels = np.arange(256)
    mean = float(share @ levels)
    at = np.cumsum(share)
    deviation = float(np.sqrt(share @ (levels - mean) ** 2))
    of_faces = gray.mean((1, 2))
    return {
        "faces": len(gray),
        "mean": round(mean, 3),
        "std": round(deviation, 3),
        **{f"p{p}": int(np.searchsorted(at, p / 100)) for p in (1, 25, 50, 75, 99)},
        "std_of_face_means": round(float(of_faces.std()), 3),
        "mean_of_face_stds": round(float(gray.std((1, 2)).mean()), 3),
        "black_share": round(float(share[0]), 6),
        "white_share": round(float(share[255]), 6),
        "histogram": [round(float(v), 6) for v in share.reshape(HISTOGRAM_BINS, -1).sum(1)],
    }


def _class_weights(
    faces: FaceData, classes: NDArray[np.int64], labels: Sequence[str]
) -> dict[str, Any]:
    """Weights for the loss by inverse frequency, as training has them; None for an empty class."""
    of = "train" if (faces.split == SPLITS.index("train")).any() else "all"
    rows = faces.split == SPLITS.index("train") if of == "train" else np.ones(len(faces), bool)
    counts = np.array([int(((classes == k) & rows).sum()) for k in range(len(labels))])
    weights = counts.sum() / (len(labels) * np.maximum(counts, 1))
    present = counts[counts > 0]
    return {
        "split": of,
        "weights": {
            label: round(float(weight), 4) if count else None
            for label, weight, count in zip(labels, weights, counts, strict=True)
        },
        "largest_to_smallest": round(float(present.max() / present.min()), 2),
    }


def _copies(faces: FaceData, classes: NDArray[np.int64], copies: Sequence[Copy]) -> dict[str, Any]:
    groups = group(copies, len(faces))
    sizes = np.bincount(groups)
    exact = group([c for c in copies if c.kind == "exact"], len(faces))
    return {
        "pairs": {kind: sum(c.kind == kind for c in copies) for kind in _KINDS},
        "pairs_with_different_labels": {
            kind: sum(
                c.kind == kind and bool(classes[c.first] != classes[c.second]) for c in copies
            )
            for kind in _KINDS
        },
        "groups": int((sizes > 1).sum()),
        "largest_group": int(sizes.max()),
        "faces_in_groups": int(sizes[sizes > 1].sum()),
        "superfluous_faces": int((sizes - 1).sum()),
        "leaks": {
            f"{b}_in_{a}": {
                "exact": _leaked(exact, faces, a, b),
                "all": _leaked(groups, faces, a, b),
                "of": int((faces.split == SPLITS.index(b)).sum()),
            }
            for a, b in combinations(SPLITS, 2)
        },
        "list": [
            {
                "kind": copy.kind,
                "correlation": copy.correlation,
                "names": [name_of(faces, row) for row in (copy.first, copy.second)],
                "splits": [split_of(faces, row) for row in (copy.first, copy.second)],
                "same_label": bool(classes[copy.first] == classes[copy.second]),
            }
            for copy in copies
        ],
    }


def _leaked(groups: NDArray[np.int64], faces: FaceData, known: str, other: str) -> int:
    """How many faces of the second split have a copy in the first."""
    inside = np.unique(groups[faces.split == _SPLITS.index(known)])
    return int(np.isin(groups[faces.split == _SPLITS.index(other)], inside).sum())


def name_of(faces: FaceData, row: int) -> str:
    """Where a face came from."""
    return str(faces.names[row]) if len(faces.names) else f"picture {row}"


def split_of(faces: FaceData, row: int) -> str | None:
    """The split a face is in."""
    split = int(faces.split[row])
    return SPLITS[split] if split < len(SPLITS) else None


def _votes(faces: FaceData) -> dict[str, Any]:
    """How the labels agree with the majority of the FER+ votes."""
    head = label_head(faces)
    own, voted = faces.targets[head].labels.labels, faces.targets["ferplus"].labels.labels
    classes, majority = faces.classes(head), faces.truth["ferplus"]
    shares = faces.targets["ferplus"].probabilities
    counts = np.zeros((len(own), len(voted)), np.int64)
    clear = (classes >= 0) & (majority >= 0)
    np.add.at(counts, (classes[clear], majority[clear]), 1)
    same = np.array([[a == b for b in voted] for a in own])
    return {
        "labels": list(voted),
        "faces_with_majority": int(clear.sum()),
        "faces_without_majority": int((majority < 0).sum()),
        "faces_without_any_vote_for_an_emotion": int((shares.sum(1) == 0).sum()),
        "agreement": round(float(counts[same].sum() / max(counts.sum(), 1)), 4),
        "agreement_by_class": {
            label: round(float(counts[k][same[k]].sum() / counts[k].sum()), 4)
            if counts[k].sum()
            else None
            for k, label in enumerate(own)
        },
        "mean_share_of_top_vote": round(float(shares.max(1)[shares.sum(1) > 0].mean()), 4)
        if (shares.sum(1) > 0).any()
        else None,
        "counts": counts.tolist(),
    }
