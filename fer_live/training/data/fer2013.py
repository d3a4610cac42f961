"""FER2013's CSV and its FER+ votes, joined by row."""

import hashlib
import logging
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_live.core.errors import DataError
from fer_live.core.files import atomic_write
from fer_live.core.labels import FER2013, FERPLUS, canonical, with_suggestions
from fer_live.training.data.class_folders import SPLIT_FOLDERS
from fer_live.training.data.dataset import SPLITS, FaceData, HeadTargets
from fer_live.training.data.found_images import MAX_NAMED
from fer_live.training.data.splits import DEFAULT_SHARES, stratified
from fer_live.training.data.tables import find_column, read_table

_log = logging.getLogger(__name__)

SIDE = 48
"""Side of a FER2013 image, pixels."""

PIXELS, EMOTION, USAGE = (
    ("pixels", "pixel", "image_pixels"),
    ("emotion", "label", "expression", "class"),
    ("usage", "split", "set"),
)
"""Names that the three columns may have, in lower case."""

_VOTE_COLUMNS = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)
_NOT_GIVEN = len(SPLITS) + 1
"""Split of a row in a file without splits; one more than that of a row of an unknown split."""

_CACHE_VERSION = 2
"""Changes when the parsed values change."""

PLURALITY = "ferplus:plurality"
"""Key of the classes by `plurality` in `FaceData.truth`."""

MIN_VOTES = 2
"""Fewer votes than this for a class are dropped as outliers, as the FER+ authors do."""


def load_fer2013(
    csv: Path,
    votes_csv: Path | None = None,
    cache_dir: Path | None = None,
    *,
    seed: int = 1,
    shares: Sequence[float] = DEFAULT_SHARES,
) -> FaceData:
    """Loads FER2013; FER+ votes, if given, become the targets of a second head.

    Unusable rows are left out and counted in the notes; the rows after them keep their votes. The
    columns may be named in any case and order, separated by commas, semicolons or tabs; emotions
    may be numbers or names; pixels may be separated by spaces or commas; the usage may be
    FER2013's words or train, val and test.

    Args:
        csv: ``fer2013.csv``, plain or gzipped: columns emotion, pixels, Usage.
        votes_csv: ``fer2013new.csv`` of FER+, one row per row of `csv`.
        cache_dir: Folder for the parsed pixels; None stores nothing.
        seed, shares: Seed and shares of the splits of a file without the column Usage, such as
            the challenge's ``train.csv``.

    Raises:
        DataError: A file is missing, has other columns, or has no usable row.
    """
    images, emotion, split, notes = _faces(csv, cache_dir)
    one_hot = np.zeros((len(emotion), len(FER2013)), np.float32)
    labelled = emotion >= 0
    one_hot[np.flatnonzero(labelled), emotion[labelled]] = 1.0
    targets = {"fer2013": HeadTargets(FER2013, one_hot)}
    if (split == _NOT_GIVEN).all() and labelled.any():
        split = split.copy()
        split[labelled] = stratified(emotion[labelled], shares, seed)
        named = "/".join(f"{100 * share:g}" for share in shares)
        notes.append(f"the file has no column Usage: split {named} by class with seed {seed}")
    keep = labelled & (split < len(SPLITS))
    truth = {}
    if votes_csv is not None:
        votes = read_votes(votes_csv, len(images))
        truth = {"ferplus": majority(votes)[keep], PLURALITY: plurality(votes)[keep]}
        voted, is_face = vote_shares(votes)
        targets = {"ferplus": HeadTargets(FERPLUS, voted), **targets}
        dropped = int((keep & ~is_face).sum())
        notes.append(f"{dropped} images are not a face by most FER+ votes: no FER+ target")
        if unread := int((keep & ~votes.any(1)).sum()):
            notes.append(f"{unread} images have no readable FER+ votes: no FER+ target")
    if not keep.any():
        raise DataError(f"No usable row in {csv}.", "Check that it is FER2013's CSV.")
    return FaceData(
        images[keep],
        {k: HeadTargets(t.labels, t.probabilities[keep]) for k, t in targets.items()},
        split[keep],
        csv,
        tuple(notes),
        truth,
        np.array([f"row {row}" for row in np.flatnonzero(keep)]),
    )


def read_votes(path: Path, rows: int) -> NDArray[np.int64]:
    """FER+ votes, (rows, 10) int64, in the order of the file's columns; an unreadable row is zeros.

    Raises:
        DataError: The file is missing, has other columns or another number of rows.
    """
    table = read_table(path)
    missing = [c for c in _VOTE_COLUMNS if c not in table.columns]
    if missing:
        raise DataError(
            f"{path} has no column {missing[0]!r}.", "Name FER+'s fer2013new.csv with --votes."
        )
    if len(table) != rows:
        raise DataError(
            f"{path} has {len(table)} rows of votes for {rows} images.",
            "Votes are joined row by row: use the CSV in its original order.",
        )
    numbers = table[list(_VOTE_COLUMNS)].apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    whole = np.isfinite(numbers) & (numbers >= 0) & (numbers == np.floor(numbers))
    readable = whole.all(1)
    return np.where(readable[:, None], numbers, 0).astype(np.int64)


def vote_shares(votes: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Vote shares over the eight emotions, and which rows are a face.

    Single votes are dropped. A row whose top vote is not-a-face, or without a remaining emotion
    vote, becomes zeros.

    Args:
        votes: (N, 10) votes in FER+'s order.

    Returns:
        (N, 8) float32 shares, and (N,) bool, False where the top vote is "not a face".
    """
    kept = np.where(votes >= MIN_VOTES, votes, 0).astype(np.float32)
    is_face = votes.argmax(axis=1) != _VOTE_COLUMNS.index("NF")
    emotions = kept[:, : len(FERPLUS)] * is_face[:, None]
    total = emotions.sum(axis=1, keepdims=True)
    return np.divide(emotions, total, out=np.zeros_like(emotions), where=total > 0), is_face


def majority(votes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Index of the emotion with the majority of the votes, -1 where there is none.

    The protocol of the FER+ authors (Barsoum et al., 2016, and their published code): single
    votes are dropped, unknown and not-a-face count as classes, and the winner needs more than
    half of the remaining votes; a row without such a winner, or whose winner is unknown or
    not-a-face, has no class. 25060, 3199 and 3153 faces of the three splits have one.

    Args:
        votes: (N, 10) votes in FER+'s order.
    """
    kept = np.where(votes >= MIN_VOTES, votes, 0)
    winner = kept.argmax(axis=1)
    clear = 2 * kept.max(axis=1) > kept.sum(axis=1)
    return np.where(clear & (winner < len(FERPLUS)), winner, -1).astype(np.int64)


def plurality(votes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Index of the emotion with the most votes, -1 where there is none.

    Covers more rows than `majority`: the class with the most votes wins without a lower limit.
    There is none if the winner is unknown or not-a-face, or if two classes are tied.

    Args:
        votes: (N, 10) votes in FER+'s order.
    """
    winner = votes.argmax(axis=1)
    tied = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) > 1
    return np.where(tied | (winner >= len(FERPLUS)), -1, winner).astype(np.int64)


def _faces(
    csv: Path, cache_dir: Path | None
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.uint8], list[str]]:
    cache = None
    if cache_dir is not None and csv.is_file():
        stat = csv.stat()
        key = f"{_CACHE_VERSION}|{csv.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
        cache = cache_dir / f"fer2013-{hashlib.sha256(key.encode()).hexdigest()[:16]}.npz"
        if cache.is_file():
            try:
                with cache.open("rb") as handle, np.load(handle) as stored:
                    images, emotion, split = (stored[k] for k in ("images", "emotion", "split"))
                    return images, emotion, split, list(stored["notes"])
            except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
                pass  # a damaged cache file: the CSV is parsed again
    images, emotion, split, notes = _parse(csv)
    if cache is not None:
        save_arrays(cache, images=images, emotion=emotion, split=split, notes=np.array(notes, str))
    return images, emotion, split, notes


def _parse(csv: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.uint8], list[str]]:
    table = read_table(csv)
    emotions, pixels = (
        find_column(table, names, csv, "Name FER2013's CSV with --data.")
        for names in (EMOTION, PIXELS)
    )
    images = np.zeros((len(table), SIDE, SIDE), np.uint8)
    bad_pixels: list[int] = []
    for row, text in enumerate(pixels.fillna("").astype(str)):
        try:
            values = np.array(text.strip("[] ").replace(",", " ").split(), np.int64)
            if values.size != SIDE * SIDE or values.min() < 0 or values.max() > 255:
                raise ValueError
            images[row] = values.reshape(SIDE, SIDE)
        except (ValueError, OverflowError):
            bad_pixels.append(row)
    emotion, names = _emotions(emotions)
    unknown = np.flatnonzero(emotion < 0)
    split = _usage(table)
    no_split = np.flatnonzero(split == len(SPLITS))
    emotion[bad_pixels] = -1
    not_known = "emotion is not 0-6 and no name of these seven classes"
    notes = [
        f"{len(rows)} rows left out, {what} (first: row {rows[0]})"
        for rows, what in (
            (bad_pixels, "pixels are not 2304 values in 0-255"),
            (unknown, f"{not_known}: {names}" if names else not_known),
            (no_split, "Usage is none of Training, PublicTest, PrivateTest, train, val, test"),
        )
        if len(rows)
    ]
    return images, emotion, split, notes


def _emotions(column: "pd.Series[Any]") -> tuple[NDArray[np.int64], str]:
    """Class of each row, -1 for none, and the unknown names among them with suggestions."""
    given = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    emotion = np.where(np.isin(given, np.arange(len(FER2013))), given, -1).astype(np.int64)
    unknown: dict[str, None] = {}
    for row in np.flatnonzero(np.isnan(given) & column.notna().to_numpy()):
        name = str(column.iloc[row]).strip()
        label = canonical(name)
        if label in FER2013.labels:
            emotion[row] = FER2013.index(label)
        elif name.replace(" ", "").isalpha() and len(unknown) < MAX_NAMED:
            unknown[name] = None
    return emotion, with_suggestions(unknown)


def _usage(table: pd.DataFrame) -> NDArray[np.uint8]:
    """Index into `SPLITS` of each row, one more for an unknown word, `_NOT_GIVEN` without any."""
    names = [name for name in table.columns if str(name).lower() in USAGE]
    if not names:
        return np.full(len(table), _NOT_GIVEN, np.uint8)
    words = table[names[0]].fillna("").astype(str).str.strip().str.lower()
    places = {word: SPLITS.index(split) for word, split in SPLIT_FOLDERS.items()}
    return np.array([places.get(word, len(SPLITS)) for word in words], np.uint8)


def save_arrays(cache: Path, **arrays: NDArray[Any]) -> None:
    """Writes a cache file; a folder that cannot be written is a warning."""
    try:
        with atomic_write(cache) as part, part.open("wb") as handle:
            np.savez(handle, allow_pickle=False, **arrays)
    except OSError as error:
        _log.warning("Nothing can be stored in %s (%s)", cache.parent, error)
