"""Duplicate images in a data set: identical, nearly identical, or mirrored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from fer_live.training.data.dataset import SPLITS, FaceData

Kind = Literal["exact", "near", "mirrored"]

HASH_SIDE = 8
"""Low frequencies per direction in the perceptual hash, which has 64 bits."""

MAX_BITS = 10
"""Hashes that differ in more bits belong to different images (Zauner, 2010: 8 to 12 of 64)."""

MIN_CORRELATION = 0.92
"""Least correlation of the pixels of a duplicate, because different faces can have similar hashes.
Of FER2013's pairs from 0.92 to 0.925, all 14 inspected are duplicates; from 0.90, 12 of 14."""

FLAT = 2.0
"""Standard deviation of the pixels below which an image has no content to compare."""

_SIDE = 32  # side of the image that the hash is computed from, pixels, as usual for pHash
_CHUNK = 512  # rows compared at once: 512 x 36,000 distances are 18 MB


@dataclass(frozen=True)
class DuplicatePair:
    """A pair of duplicate images.

    Args:
        first, second: Their indices; the first is the smaller.
        kind: ``exact``: equal pixels; ``near``: equal up to scaling, compression and lighting;
            ``mirrored``: near after a flip.
        correlation: Of the pixels, after the flip of a mirrored pair.
    """

    first: int
    second: int
    kind: Kind
    correlation: float


def find_duplicates(images: NDArray[np.uint8]) -> list[DuplicatePair]:
    """Every image that repeats another.

    Identical images are each paired with the first of them, and only the first is compared with
    the others; flat images are only compared for equality.

    Args:
        images: (N, S, S) or (N, S, S, 3) uint8.

    Returns:
        Pairs, exact ones first, then by decreasing correlation.
    """
    first_of = _first_of_same(images)
    exact = [
        DuplicatePair(int(first), row, "exact", 1.0)
        for row, first in enumerate(first_of)
        if first != row
    ]
    gray = np.zeros((len(images), _SIDE, _SIDE), np.float32)
    for row, image in enumerate(images):
        gray[row] = _small(image)
    rows = np.flatnonzero((first_of == np.arange(len(images))) & (gray.std((1, 2)) >= FLAT))
    if not len(rows):
        return exact
    gray = gray[rows]
    flipped = np.ascontiguousarray(gray[:, :, ::-1])
    straight, turned = perceptual_hashes(gray), perceptual_hashes(flipped)
    found: dict[tuple[int, int], DuplicatePair] = {}
    options: tuple[tuple[Kind, NDArray[np.uint64], NDArray[np.float32]], ...] = (
        ("near", straight, gray),
        ("mirrored", turned, flipped),
    )
    for kind, hashes, others in options:
        for a, b in _similar(straight, hashes):
            correlation = _correlation(gray[a], others[b])
            good = np.flatnonzero(correlation >= MIN_CORRELATION)
            for index in good.tolist():
                pair = int(rows[a[index]]), int(rows[b[index]])
                duplicate = DuplicatePair(*pair, kind, round(float(correlation[index]), 4))
                if pair not in found or found[pair].correlation < duplicate.correlation:
                    found[pair] = duplicate
    return exact + sorted(found.values(), key=lambda d: (-d.correlation, d.first, d.second))


def group(duplicates: Sequence[DuplicatePair], count: int) -> NDArray[np.int64]:
    """(count,) index of each image's group of duplicates; an image without any is a group."""
    a, b = np.array([(d.first, d.second) for d in duplicates], np.int64).reshape(-1, 2).T
    links = coo_array((np.ones(len(duplicates)), (a, b)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def has_copy(
    groups: NDArray[np.int64], data: FaceData, split: str, other: str
) -> NDArray[np.bool_]:
    """(M,) whether each face of one split shares its group with one of the other split."""
    known = groups[data.split == SPLITS.index(other)]
    return np.isin(groups[data.split == SPLITS.index(split)], known)


def perceptual_hashes(images: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Signs of the low frequencies against their median (pHash; Zauner, 2010).

    Args:
        images: (N, 32, 32) float32 grey.

    Returns:
        (N,) 64 bits each.
    """
    low = dctn(images, axes=(1, 2))[:, :HASH_SIDE, :HASH_SIDE].reshape(len(images), -1)
    # The first is the mean brightness, which does not depend on the content.
    bits = low > np.median(low[:, 1:], axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(np.uint64)[:, 0]


def _first_of_same(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(N,) index of the first image with the same pixels."""
    seen: dict[bytes, int] = {}
    return np.array([seen.setdefault(im.tobytes(), i) for i, im in enumerate(images)], np.int64)


def _small(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    how = cv2.INTER_AREA if len(gray) > _SIDE else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(gray, (_SIDE, _SIDE), interpolation=how), np.float32)


def _similar(
    hashes: NDArray[np.uint64], others: NDArray[np.uint64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Indices of pairs, the first below the second, whose hashes differ by at most `MAX_BITS`."""
    for start in range(0, len(hashes), _CHUNK):
        block = hashes[start : start + _CHUNK, None]
        # Both sides start at the block, so that each pair occurs once.
        bits = np.bitwise_count(block ^ others[None, start:])
        a, b = np.nonzero(bits <= MAX_BITS)
        above = b > a
        yield a[above] + start, b[above] + start


def _correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """(M,) Pearson's coefficient of each pair of images (M, S, S)."""
    a, b = (x - x.mean((1, 2), keepdims=True) for x in (a, b))
    lengths = np.sqrt((a * a).sum((1, 2)) * (b * b).sum((1, 2)))
    return np.asarray((a * b).sum((1, 2)) / np.maximum(lengths, 1e-9), np.float64)
