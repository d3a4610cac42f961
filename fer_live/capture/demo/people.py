"""The people that the demo draws: a photograph, and rendered people whose expression moves.

``data/CREDITS.txt`` states where they come from; ``packaging/demo_faces`` makes the rendered
ones.
"""

import functools
import json
import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.core.errors import SourceError

FOLDER = Path(__file__).with_name("data")

Cutout = NDArray[np.uint8]
"""(H, W, 4): blue, green, red, each premultiplied by opacity, and opacity."""

_LEVELS = 24  # steps of an expression's strength: finer steps look the same and cost a drawing each


@dataclass(frozen=True)
class Portrait:
    """A person in front of a transparent ground.

    Attributes:
        file: Name in `FOLDER`.
        centre: Of the frontal cascade's box in the cut-out, pixels.
        side: Of the same box, pixels.
        size: Width and height of the cut-out, at the top left of the file, pixels; None for the
            whole file.
        patch: Left, top, width and height of what the face's movement changes, pixels.
        steps: Pictures of a movement, the last one with the whole expression.
        expressions: Those that the face can take; each is a row of patches under the cut-out.
    """

    file: str
    centre: tuple[float, float]
    side: float
    size: tuple[int, int] | None = None
    patch: tuple[int, int, int, int] = (0, 0, 0, 0)
    steps: int = 0
    expressions: tuple[str, ...] = ()


COLLINS = Portrait("collins.webp", (224.5, 113.5), 95.0)


@functools.cache
def rendered_people() -> tuple[Portrait, ...]:
    """The four people whose expression moves.

    Raises:
        SourceError: If the installation is incomplete.
    """
    try:
        entries = json.loads((FOLDER / "people.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise _incomplete() from None
    return tuple(
        Portrait(
            entry["file"],
            (entry["face"][0], entry["face"][1]),
            entry["face"][2],
            (entry["size"][0], entry["size"][1]),
            (entry["patch"][0], entry["patch"][1], entry["patch"][2], entry["patch"][3]),
            entry["steps"],
            tuple(entry["expressions"]),
        )
        for entry in entries
    )


def cutout(
    portrait: Portrait, expression: str = "", strength: float = 0.0, mirrored: bool = False
) -> Cutout:
    """The picture of a person; do not write to it.

    Args:
        portrait: Whose.
        expression: One of the portrait's.
        strength: 0 for the face at rest, 1 for the whole expression.
        mirrored: Left and right exchanged.

    Raises:
        SourceError: If the installation is incomplete.
    """
    level = round(strength * _LEVELS) if expression else 0
    return _drawn(portrait, expression if level else "", level, mirrored)


@functools.lru_cache(maxsize=8)
def _drawn(portrait: Portrait, expression: str, level: int, mirrored: bool) -> Cutout:
    sheet = _sheet(portrait.file)
    width, height = portrait.size or sheet.shape[1::-1]
    picture = sheet[:height, :width]
    if expression:
        picture = picture.copy()
        left, top, across, down = portrait.patch
        place = picture[top : top + down, left : left + across]
        row = height + down * portrait.expressions.index(expression)

        def patch(step: int) -> Cutout:
            # Step 0 is the face at rest, which the cut-out itself shows.
            if step == 0:
                return place.copy()
            return sheet[row : row + down, (step - 1) * across : step * across]

        at = level / _LEVELS * portrait.steps
        before = min(math.floor(at), portrait.steps - 1)
        share = at - before
        place[:] = cv2.addWeighted(patch(before), 1 - share, patch(before + 1), share, 0)
    return np.ascontiguousarray(picture[:, ::-1] if mirrored else picture)


@functools.lru_cache(maxsize=6)
def _sheet(file: str) -> Cutout:
    """A whole file."""
    try:
        picture = cv2.imdecode(np.fromfile(FOLDER / file, np.uint8), cv2.IMREAD_UNCHANGED)
    except (OSError, cv2.error):
        picture = None
    if picture is None or picture.ndim != 3 or picture.shape[2] != 4:
        raise _incomplete()
    opacity = picture[..., 3:].astype(np.float32) / 255
    sheet: Cutout = np.empty(picture.shape, np.uint8)
    sheet[..., :3] = np.rint(picture[..., :3] * opacity)
    sheet[..., 3] = picture[..., 3]
    return sheet


def _incomplete() -> SourceError:
    return SourceError(
        "The demo's picture is missing or damaged.",
        "The installation is incomplete: install fer-live again.",
    )
