"""Pictures with known faces, made at test time."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fer_live.detection.boxes import iou

PACKED = Path(__file__).resolve().parents[3] / "shared" / "data" / "fer2013" / "packed"
PUBLIC_TEST, PRIVATE_TEST = 1, 2
WIDTH, HEIGHT = 1280, 720
COLUMNS, ROWS = 4, 3

Scene = tuple[NDArray[np.uint8], NDArray[np.float32]]


def fer2013_faces(usage: int, count: int, seed: int) -> list[NDArray[np.uint8]]:
    """A random choice of one split's pictures, (48, 48) uint8; skips the test without the data."""
    return fer2013_faces_and_votes(usage, count, seed)[0]


def fer2013_faces_and_votes(
    usage: int, count: int, seed: int
) -> tuple[list[NDArray[np.uint8]], NDArray[np.int64]]:
    """As `fer2013_faces`, with the (count, 10) FER+ votes."""
    if not PACKED.is_dir():
        pytest.skip(f"FER2013 is not at {PACKED}")
    coded, votes = [], []
    for path in sorted(PACKED.glob("fer2013-*.npz")):
        with np.load(path) as part:
            webp, offset = part["webp"], part["offset"]
            rows = np.flatnonzero(part["usage"] == usage)
            votes.append(part["votes"][rows])
        coded += [webp[offset[row] : offset[row + 1]] for row in rows]
    chosen = np.random.default_rng(seed).permutation(len(coded))[:count]
    faces = [cv2.imdecode(coded[i], cv2.IMREAD_GRAYSCALE) for i in chosen]
    return faces, np.concatenate(votes)[chosen].astype(np.int64)


def textured(rng: np.random.Generator) -> NDArray[np.uint8]:
    """(720, 1280, 3) noise at scales from blotches to grain, tinted."""
    total = np.full((HEIGHT, WIDTH), 120, np.float32)
    for cell, strength in ((160, 40), (64, 30), (24, 20), (8, 14), (3, 8), (1, 4)):
        noise = rng.standard_normal((HEIGHT // cell + 2, WIDTH // cell + 2)).astype(np.float32)
        total += strength * cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.clip(total[..., None] * rng.uniform(0.8, 1.0, 3), 0, 255).astype(np.uint8)


def scenes(faces: list[NDArray[np.uint8]], seed: int) -> list[Scene]:
    """Up to twelve faces of 120-240 pixels on each textured picture, with their squares (N, 4)."""
    rng = np.random.default_rng(seed)
    made = []
    per_scene = COLUMNS * ROWS
    for first in range(0, len(faces), per_scene):
        image = textured(rng)
        squares = []
        for place, face in enumerate(faces[first : first + per_scene]):
            side = int(rng.integers(120, 241))
            cell_w, cell_h = WIDTH // COLUMNS, HEIGHT // ROWS
            x = int(rng.integers(0, cell_w - side + 1)) + place % COLUMNS * cell_w
            y = int(rng.integers(0, cell_h - side + 1)) + place // COLUMNS * cell_h
            large = cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC)
            image[y : y + side, x : x + side] = large[..., None]
            squares.append((x, y, x + side, y + side))
        made.append((image, np.array(squares, np.float32)))
    return made


def on_face(squares: NDArray[np.float32], boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(N, M) whether a box lies on a pasted picture's face.

    A picture may show more than the face: a box is on it if its centre is in the middle half of the
    picture, at least half of it is inside, and its side is at least a third of the picture's.
    """
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    middles = (squares[:, :2] + squares[:, 2:]) / 2
    sides = squares[:, 2] - squares[:, 0]
    near = np.abs(middles[:, None] - centres[None]).max(2) <= sides[:, None] / 4
    low = np.maximum(squares[:, None, :2], boxes[None, :, :2])
    high = np.minimum(squares[:, None, 2:], boxes[None, :, 2:])
    common = np.clip(high - low, 0, None).prod(2)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    large = (boxes[:, 2] - boxes[:, 0])[None] >= sides[:, None] / 3
    return np.asarray(near & large & (common >= areas[None] / 2), np.bool_)


def found(squares: NDArray[np.float32], boxes: NDArray[np.float32]) -> int:
    """How many squares are overlapped by half by some box."""
    if not len(boxes):
        return 0
    return int((iou(squares, boxes).max(1) >= 0.5).sum())
