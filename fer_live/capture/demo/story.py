"""What the demo shows: people before a wall, their expressions, light, places and number."""

import functools
import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from fer_live.capture.demo.people import COLLINS, Portrait, cutout, rendered_people
from fer_live.core.types import ImageBgr

DEFAULT_SIZE = (1280, 720)
"""Width and height, pixels: what most webcams give."""

DEFAULT_FPS = 30.0
"""Frames per second: what most webcams give."""

STORY_S = 60.0
"""After this time the demo repeats, seconds."""

CYCLE_S = 24.0
"""The same for a chosen number of faces."""

SCENES_S = {"dark": 26.0, "far": 34.0, "tilted": 42.0, "group": 50.0}
"""When each scene begins that follows the two people, seconds: bad light, a face that is too small,
a tilted head, and four people."""

MAX_FACES = 4
"""As many as stand side by side at a size that a detector finds surely."""

SECOND_FACE_S = (7.0, 19.0)
"""Between these times of the cycle a second face is in the picture, seconds."""

_SCENE_S = 8.0  # how long a scene lasts
_ENTRY_S = 2.0  # how long the second face takes to come in, and to leave
_SLOT_S = 4.4  # about as long as each expression takes, with the rest before it
_REST_S = 0.8  # the face at rest between two expressions
_MOVE_S = 0.4  # how long an expression takes to come, and to go
_LEAST_REGION_PX = 2
_GROUP_SIDES = (0.30, 0.26, 0.19, 0.16)  # face side for 1 to 4 faces, share of the height
_TURN = 2 * math.pi


@dataclass(frozen=True)
class _Person:
    x: float  # centre of the face, share of the width
    y: float  # centre of the face, share of the height
    side: float  # face side, share of the height (of the width times 9/16 when that is less)
    tilt_deg: float
    gain: float  # brightness
    portrait: Portrait = COLLINS
    mirrored: bool = False
    expression: str = ""  # of a rendered person
    strength: float = 0.0  # of the expression, 0-1


def render_demo(
    t_s: float, size: tuple[int, int] = DEFAULT_SIZE, faces: int | None = None
) -> ImageBgr:
    """The demo's image at one time; the same arguments always give the same image.

    Args:
        t_s: Time since the start, seconds; repeats after `STORY_S`, or `CYCLE_S`.
        size: Width and height, pixels.
        faces: How many faces there are, 0 to `MAX_FACES`. `MAX_FACES` are the people whose
            expressions move; fewer are one photograph, whose expression stays, for measurements.
            None for a story of one minute: a face that a second person joins between
            `SECOND_FACE_S`, then the scenes of `SCENES_S`, with expressions that move.

    Returns:
        (H, W, 3) uint8, blue, green, red; a new, writable array.

    Raises:
        SourceError: If the installation is incomplete.
    """
    image = _background(*size).copy()
    people = _story(t_s % STORY_S) if faces is None else _group(t_s % CYCLE_S, faces)
    for person in people:
        _paint(image, person)
    return image


def _story(t_s: float) -> list[_Person]:
    """Who is in the picture; each scene begins and ends where the one person before it stands."""
    if t_s >= SCENES_S["group"]:
        return _gathering(t_s)
    dark, far, tilted = (_within(t_s, SCENES_S[name]) for name in ("dark", "far", "tilted"))
    # All periods divide 50 s, so that the person stands in the middle of each movement when the
    # group begins.
    first = _Person(
        x=0.34 + 0.10 * math.sin(_TURN * t_s / 12.5),
        y=0.37 + 0.05 * math.sin(_TURN * t_s / 10),
        side=(0.27 + 0.07 * math.sin(_TURN * t_s / 25)) * (1 - 0.82 * far),
        tilt_deg=4 * math.sin(_TURN * t_s / 6.25) + 26 * tilted,
        gain=(1 + 0.2 * math.sin(_TURN * t_s / 10)) * (1 - 0.8 * dark),
    )
    first = _as_rendered(first, 0, t_s, STORY_S)
    begin, end = SECOND_FACE_S
    if not begin < t_s < end:
        return [first]
    inside = _smooth_step(min(t_s - begin, end - t_s) / _ENTRY_S)
    second = _Person(
        x=1.25 - 0.50 * inside + 0.02 * math.sin(_TURN * t_s / 6),
        y=0.42 + 0.03 * math.cos(_TURN * t_s / 6),
        side=0.24,
        tilt_deg=3 * math.sin(_TURN * t_s / 4),
        gain=0.95 + 0.1 * math.sin(_TURN * t_s / 6),
    )
    return [_as_rendered(second, 1, t_s, STORY_S), first]


def _gathering(t_s: float) -> list[_Person]:
    """Three more people come in from the right, and leave again."""
    inside = _smooth_step(min(t_s - SCENES_S["group"], STORY_S - t_s) / _ENTRY_S)
    people = []
    for n, person in enumerate(_group(t_s, MAX_FACES)):
        moved = replace(person, x=person.x + (1 - inside) * (n + 1) / 2)
        people.append(_as_rendered(moved, n, t_s, STORY_S))
    placed = replace(people[0], x=0.125)

    def between(start: float, end: float) -> float:
        return start + inside * (end - start)

    people[0] = replace(
        placed,
        x=between(0.34, placed.x),
        y=between(0.37, placed.y),
        side=between(0.27, placed.side),
        tilt_deg=between(0.0, placed.tilt_deg),
        gain=between(1.0, placed.gain),
    )
    return people


def _within(t_s: float, begin_s: float) -> float:
    """0 outside a scene, 1 in its middle."""
    return _smooth_step(min(t_s - begin_s, begin_s + _SCENE_S - t_s) / _ENTRY_S)


def _group(t_s: float, faces: int) -> list[_Person]:
    people = []
    for n in range(faces):
        phase = _TURN * (t_s / 8 + n / faces)
        height = 0.0 if faces == 1 else (-0.05, 0.03)[n % 2]
        person = _Person(
            x=(n + 0.5) / faces + 0.04 / faces * math.sin(phase),
            y=0.40 + height + 0.02 * math.cos(phase),
            side=_GROUP_SIDES[faces - 1] * (1 + 0.08 * math.sin(_TURN * t_s / CYCLE_S + n)),
            tilt_deg=3 * math.sin(phase),
            gain=(1.0, 0.85, 1.12)[n % 3] + 0.06 * math.sin(phase),
            mirrored=bool(n % 2),
        )
        people.append(_as_rendered(person, n, t_s, CYCLE_S) if faces == MAX_FACES else person)
    return people


def _as_rendered(person: _Person, number: int, t_s: float, cycle_s: float) -> _Person:
    """The same place, taken by a rendered person, whose expressions repeat after `cycle_s`."""
    portrait = rendered_people()[number]
    count = len(portrait.expressions)
    slot_s = cycle_s / count / max(round(cycle_s / count / _SLOT_S), 1)
    slot, within_s = divmod(t_s, slot_s)
    moved_s = min(within_s - _REST_S, slot_s - within_s)
    # Each person begins with another expression.
    expression = portrait.expressions[(int(slot) + number) % count]
    strength = _smooth_step(moved_s / _MOVE_S)
    return replace(person, portrait=portrait, expression=expression, strength=strength)


def _smooth_step(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)


def _paint(image: ImageBgr, person: _Person) -> None:
    # Touches only the part of the frame that the person covers. Colours are premultiplied by
    # opacity, so that over = person + behind * (1 - opacity), all in bytes.
    height, width = image.shape[:2]
    portrait = person.portrait
    picture = cutout(portrait, person.expression, person.strength, person.mirrored)
    bottom, right = picture.shape[:2]
    centre_x, centre_y = portrait.centre
    if person.mirrored:
        centre_x = right - centre_x
    scale = person.side * min(height, width * 9 / 16) / portrait.side
    place = cv2.getRotationMatrix2D((centre_x, centre_y), person.tilt_deg, scale)
    place[:, 2] += (person.x * width - centre_x, person.y * height - centre_y)
    corners = place @ np.array([[0, right, 0, right], [0, 0, bottom, bottom], [1, 1, 1, 1]])
    # The lower edge of the cut-out stays below the image, so that no person floats.
    lower_px = max(height - corners[1, 2:].min(), 0.0)
    place[1, 2] += lower_px
    corners[1] += lower_px
    x0, y0 = np.maximum(np.floor(corners.min(axis=1)).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(corners.max(axis=1)).astype(int), (width, height))
    if x1 - x0 < _LEAST_REGION_PX or y1 - y0 < _LEAST_REGION_PX:
        return
    place[:, 2] -= (x0, y0)
    region = image[y0:y1, x0:x1]
    over = cv2.warpAffine(picture, place, (int(x1 - x0), int(y1 - y0)))
    through = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(over, 3)), cv2.COLOR_GRAY2BGR)
    lit = cv2.convertScaleAbs(cv2.cvtColor(over, cv2.COLOR_BGRA2BGR), alpha=person.gain)
    region[:] = cv2.add(lit, cv2.multiply(region, through, scale=1 / 255))


@functools.lru_cache(maxsize=4)
def _background(width: int, height: int) -> ImageBgr:
    # A wall: a soft gradient with blotches and fine grain, so that it is not perfectly flat.
    rng = np.random.default_rng(7)
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    light = 150 - 45 * y - 30 * x**2
    blotches = rng.normal(0, 9, (9, 16)).astype(np.float32)
    light = light + cv2.resize(blotches, (width, height), interpolation=cv2.INTER_CUBIC)
    light = light + rng.normal(0, 2.5, (height, width)).astype(np.float32)
    tint = np.array([1.06, 1.0, 0.92], np.float32)
    image: ImageBgr = np.clip(light[..., None] * tint, 0, 255).astype(np.uint8)
    image.setflags(write=False)
    return image
