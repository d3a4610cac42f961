"""Pictures that occur more than once in a data set: the same, nearly the same, or mirrored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Kind = Literal["exact", "near", "mirrored"]

HASH_SIDE = 8
"""The perceptual hash is of so many low frequencies each way: 64 bits."""

MAX_BITS = 10
"""Hashes that differ in more bits are of different pictures (Zauner, 2010, has 8 to 12 of 64)."""

MIN_CORRELATION = 0.92
"""Faces look alike: a pair of like hashes is a copy only if its pixels correlate so well. Of
FER2013's pairs from 0.92 to 0.925, 14 of 14 that were looked at are copies; from 0.90, 12 of 14."""

FLAT = 2.0
"""Standard deviation of the pixels below which a picture shows nothing that could be compared."""

_SIDE = 32  # pixels that the hash is computed from, as is usual for pHash
_CHUNK = 512  # rows compared at once: 512 x 36,000 distances are 18 MB


@dataclass(frozen=True)
class Copy:
    """Two pictures of one picture.

    Args:
        first, second: Their numbers; the first is the smaller.
        kind: ``exact`` is pixel by pixel; ``near`` survives scaling, compression and light;
            ``mirrored`` is near after a flip.
        correlation: Of the pixels, after the flip where there was one.
    """

    first: int
    second: int
    kind: Kind
    correlation: float


def find_copies(images: NDArray[np.uint8]) -> list[Copy]:
    """Every picture that repeats another.

    Of pictures that are exactly the same, each is paired with the first of them, and only this
    one is compared with the rest; flat pictures are compared exactly only.

    Args:
        images: (N, S, S) or (N, S, S, 3) uint8.

    Returns:
        Pairs, the exact ones first, then by falling correlation.
    """
    first_of = _first_of_same(images)
    exact = [
        Copy(int(first), row, "exact", 1.0) for row, first in enumerate(first_of) if first != row
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
    found: dict[tuple[int, int], Copy] = {}
    options: tuple[tuple[Kind, NDArray[np.uint64], NDArray[np.float32]], ...] = (
        ("near", straight, gray),
        ("mirrored", turned, flipped),
    )
    for kind, hashes, others in options:
        for a, b in _like(straight, hashes):
            correlation = _correlation(gray[a], others[b])
            good = np.flatnonzero(correlation >= MIN_CORRELATION)
            for place in good.tolist():
                pair = int(rows[a[place]]), int(rows[b[place]])
                copy = Copy(*pair, kind, round(float(correlation[place]), 4))
                if pair not in found or found[pair].correlation < copy.correlation:
                    found[pair] = copy
    return exact + sorted(found.values(), key=lambda c: (-c.correlation, c.first, c.second))


def group(copies: Sequence[Copy], count: int) -> NDArray[np.int64]:
    """(count,) number of the group of copies that each picture is in; alone is a group too."""
    a, b = np.array([(c.first, c.second) for c in copies], np.int64).reshape(-1, 2).T
    links = coo_array((np.ones(len(copies)), (a, b)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def perceptual_hashes(images: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Signs of the low frequencies against their median (pHash; Zauner, 2010).

    Args:
        images: (N, 32, 32) float32 grey.

    Returns:
        (N,) 64 bits each.
    """
    low = dctn(images, axes=(1, 2))[:, :HASH_SIDE, :HASH_SIDE].reshape(len(images), -1)
    # The first is the mean brightness, which says nothing of what is seen.
    bits = low > np.median(low[:, 1:], axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(np.uint64)[:, 0]


def _first_of_same(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(N,) number of the first picture with the same pixels."""
    seen: dict[bytes, int] = {}
    return np.array([seen.setdefault(im.tobytes(), i) for i, im in enumerate(images)], np.int64)


def _small(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    how = cv2.INTER_AREA if len(gray) > _SIDE else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(gray, (_SIDE, _SIDE), interpolation=how), np.float32)


def _like(
    hashes: NDArray[np.uint64], others: NDArray[np.uint64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Numbers of pairs, the first below the second, whose hashes differ in few bits."""
    for start in range(0, len(hashes), _CHUNK):
        block = hashes[start : start + _CHUNK, None]
        # Both sides begin at the block, so each pair is met once.
        bits = np.bitwise_count(block ^ others[None, start:])
        a, b = np.nonzero(bits <= MAX_BITS)
        above = b > a
        yield a[above] + start, b[above] + start


def _correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """(M,) Pearson's coefficient of each pair of pictures (M, S, S)."""
    a, b = (x - x.mean((1, 2), keepdims=True) for x in (a, b))
    lengths = np.sqrt((a * a).sum((1, 2)) * (b * b).sum((1, 2)))
    return np.asarray((a * b).sum((1, 2)) / np.maximum(lengths, 1e-9), np.float64)
