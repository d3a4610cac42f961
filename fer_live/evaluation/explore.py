"""Exploration of a data set: counts, pixels, duplicates, class weights, FER+ agreement."""

import logging
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live import __version__
from fer_live.core.files import results_folder
from fer_live.core.records import report_json
from fer_live.evaluation.duplicates import FLAT, DuplicatePair, find_duplicates, group, has_copy
from fer_live.evaluation.explore_page import label_head, render
from fer_live.training.data.dataset import SPLITS, FaceData
from fer_live.training.data.open_dataset import load_data, warn
from fer_live.training.data.photographs import FaceFinder, Framing
from fer_live.training.recipe_files import load_recipe

_log = logging.getLogger(__name__)

NAME = "explore"
"""Name of the written files, without suffix."""

SIZE = 48
"""Side to which a folder's images are resized, pixels; that of FER2013."""

HISTOGRAM_BINS = 32
"""Bins of a histogram over the 256 levels of a pixel."""


_KINDS = ("exact", "near", "mirrored")


def explore(
    data: Path,
    votes: Path | None,
    out: Path,
    *,
    size: int = SIZE,
    color: Literal["gray", "rgb"] = "gray",
    cache_dir: Path | None = None,
    finder: FaceFinder | None = None,
) -> dict[str, Any]:
    """Explores a data set and writes ``explore.html`` and ``explore.json``.

    Args:
        data: FER2013's CSV or a folder per class.
        votes: FER+'s CSV, or None.
        out: Folder for both files; created.
        size: Side to which a folder's images are resized, pixels.
        color: Colour mode of a folder's images; statistics are those of their brightness.
        cache_dir: Folder for the parsed CSV; None parses it every time.
        finder: Finds the face in each picture of a folder or list, which is cut out with the crop
            margin of the recipe ``default``; None takes pictures whole.

    Returns:
        The contents of ``explore.json``.

    Raises:
        DataError: The data cannot be used, or the folder cannot be written.
    """
    framing = None if finder is None else Framing(finder, load_recipe("default").run.crop_margin)
    faces = load_data(data, votes, size=size, color=color, cache_dir=cache_dir, framing=framing)
    warn(faces.notes)
    _log.info("looking for duplicates among %d images", len(faces))
    duplicates = find_duplicates(faces.images)
    report = describe(faces, duplicates)
    with results_folder(out, "The pages"):
        (out / f"{NAME}.json").write_text(report_json(report), "utf-8")
        (out / f"{NAME}.html").write_text(render(report, faces, duplicates), "utf-8")
    return report


def describe(faces: FaceData, duplicates: Sequence[DuplicatePair]) -> dict[str, Any]:
    """The report, plain JSON types.

    Args:
        faces: The data set.
        duplicates: Its duplicates, by `find_duplicates`.
    """
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
        "copies": _duplicates(faces, classes, duplicates),
        "votes": _votes(faces) if "ferplus" in faces.truth else None,
        "fer_live": __version__,
    }


def brightness(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luma (N, S, S) uint8 of faces (N, S, S) grey or (N, S, S, 3) RGB uint8."""
    if images.ndim == 3:
        return images
    return np.stack([np.asarray(cv2.cvtColor(x, cv2.COLOR_RGB2GRAY), np.uint8) for x in images])


def _pixels(gray: NDArray[np.uint8]) -> dict[str, Any]:
    """Statistics of pixels on the 0-255 scale; the shares in the histogram sum to 1."""
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
    """Weights for the loss by inverse frequency, as in training; None for an empty class."""
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


def _duplicates(
    faces: FaceData, classes: NDArray[np.int64], duplicates: Sequence[DuplicatePair]
) -> dict[str, Any]:
    groups = group(duplicates, len(faces))
    sizes = np.bincount(groups)
    exact = group([d for d in duplicates if d.kind == "exact"], len(faces))
    return {
        "pairs": {kind: sum(d.kind == kind for d in duplicates) for kind in _KINDS},
        "pairs_with_different_labels": {
            kind: sum(
                d.kind == kind and bool(classes[d.first] != classes[d.second]) for d in duplicates
            )
            for kind in _KINDS
        },
        "groups": int((sizes > 1).sum()),
        "largest_group": int(sizes.max()),
        "faces_in_groups": int(sizes[sizes > 1].sum()),
        "superfluous_faces": int((sizes - 1).sum()),
        "leaks": {
            f"{b}_in_{a}": {
                "exact": int(has_copy(exact, faces, b, a).sum()),
                "all": int(has_copy(groups, faces, b, a).sum()),
                "of": int((faces.split == SPLITS.index(b)).sum()),
            }
            for a, b in combinations(SPLITS, 2)
        },
        "list": [
            {
                "kind": pair.kind,
                "correlation": pair.correlation,
                "names": [name_of(faces, row) for row in (pair.first, pair.second)],
                "splits": [split_of(faces, row) for row in (pair.first, pair.second)],
                "same_label": bool(classes[pair.first] == classes[pair.second]),
            }
            for pair in duplicates
        ],
    }


def name_of(faces: FaceData, row: int) -> str:
    """Origin of a face as readable text."""
    return str(faces.names[row]) if len(faces.names) else f"image {row}"


def split_of(faces: FaceData, row: int) -> str | None:
    """The split a face is in."""
    split = int(faces.split[row])
    return SPLITS[split] if split < len(SPLITS) else None


def _votes(faces: FaceData) -> dict[str, Any]:
    """Agreement of the labels with the majority of the FER+ votes."""
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
