"""The demo source: real faces on a drawn background, built in, no camera and no network."""

import functools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.capture.source import SourceBase, SourceInfo, interrupted_error, not_open_error
from fer_live.core.errors import ConfigError, SourceError
from fer_live.core.types import Frame, ImageBgr

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

MAX_SIDE_PX = 7680
"""Longest side of a picture that is drawn: 8K."""

SECOND_FACE_S = (7.0, 19.0)
"""Between these times of the cycle a second face is in the picture, seconds."""

_SCENE_S = 8.0  # how long a scene lasts
_ENTRY_S = 2.0  # how long the second face takes to come in, and to leave
_FOLDER = Path(__file__).with_name("demo_data")
_LEAST_REGION_PX = 2
_GROUP_SIDES = (0.30, 0.26, 0.19, 0.16)  # face side for 1 to 4 faces, share of the height
_TURN = 2 * math.pi


@dataclass(frozen=True)
class _Portrait:
    file: str
    centre: tuple[float, float]  # of the frontal cascade's box in the cut-out, pixels
    side: float  # of the same box


_COLLINS = _Portrait("collins.webp", (224.5, 113.5), 95.0)
_HOPPER = _Portrait("hopper.webp", (266.0, 217.0), 228.0)


@dataclass(frozen=True)
class _Person:
    x: float  # centre of the face, share of the width
    y: float  # centre of the face, share of the height
    side: float  # face side, share of the height (of the width times 9/16 when that is less)
    tilt_deg: float
    gain: float  # brightness
    mirrored: bool
    portrait: _Portrait = _COLLINS


def render_demo(
    t_s: float, size: tuple[int, int] = DEFAULT_SIZE, faces: int | None = None
) -> ImageBgr:
    """The demo's image at one time; the same arguments always give the same image.

    Args:
        t_s: Time since the start, seconds; repeats after `STORY_S`, or `CYCLE_S`.
        size: Width and height, pixels.
        faces: How many faces there are, 0 to `MAX_FACES`; None for a story of one minute: a face
            that a second person joins between `SECOND_FACE_S`, then the scenes of `SCENES_S`.

    Returns:
        (H, W, 3) uint8, blue, green, red; a new, writable array.
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
        mirrored=False,
    )
    begin, end = SECOND_FACE_S
    if not begin < t_s < end:
        return [first]
    inside = _smooth_step(min(t_s - begin, end - t_s) / _ENTRY_S)
    second = _Person(
        x=1.25 - 0.50 * inside + 0.02 * math.sin(_TURN * t_s / 6),
        y=0.42 + 0.03 * math.cos(_TURN * t_s / 6),
        side=0.24,
        tilt_deg=3 * math.sin(_TURN * t_s / 4),
        gain=0.85 + 0.1 * math.sin(_TURN * t_s / 6),
        mirrored=False,
        portrait=_HOPPER,
    )
    return [second, first]


def _gathering(t_s: float) -> list[_Person]:
    """Three more people come in from the right, and leave again."""
    inside = _smooth_step(min(t_s - SCENES_S["group"], STORY_S - t_s) / _ENTRY_S)
    people = []
    for n, person in enumerate(_group(t_s, MAX_FACES)):
        portrait = _HOPPER if n in (1, 3) else _COLLINS
        people.append(replace(person, x=person.x + (1 - inside) * (n + 1) / 2, portrait=portrait))
    alone = _Person(x=0.34, y=0.37, side=0.27, tilt_deg=0.0, gain=1.0, mirrored=False)
    placed = replace(people[0], x=0.125)

    def between(start: float, end: float) -> float:
        return start + inside * (end - start)

    people[0] = _Person(
        x=between(alone.x, placed.x),
        y=between(alone.y, placed.y),
        side=between(alone.side, placed.side),
        tilt_deg=between(alone.tilt_deg, placed.tilt_deg),
        gain=between(alone.gain, placed.gain),
        mirrored=False,
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
        people.append(
            _Person(
                x=(n + 0.5) / faces + 0.04 / faces * math.sin(phase),
                y=0.40 + height + 0.02 * math.cos(phase),
                side=_GROUP_SIDES[faces - 1] * (1 + 0.08 * math.sin(_TURN * t_s / CYCLE_S + n)),
                tilt_deg=3 * math.sin(phase),
                gain=(1.0, 0.85, 1.12)[n % 3] + 0.06 * math.sin(phase),
                mirrored=bool(n % 2),
            )
        )
    return people


def _smooth_step(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)


def _paint(image: ImageBgr, person: _Person) -> None:
    # Touches only the part of the frame that the person covers. Colours are premultiplied by
    # opacity, so that over = person + behind * (1 - opacity), all in bytes.
    height, width = image.shape[:2]
    portrait = person.portrait
    cutout = _cutout(portrait.file, person.mirrored)
    bottom, right = cutout.shape[:2]
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
    over = cv2.warpAffine(cutout, place, (int(x1 - x0), int(y1 - y0)))
    through = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(over, 3)), cv2.COLOR_GRAY2BGR)
    lit = cv2.convertScaleAbs(cv2.cvtColor(over, cv2.COLOR_BGRA2BGR), alpha=person.gain)
    region[:] = cv2.add(lit, cv2.multiply(region, through, scale=1 / 255))


@functools.lru_cache(maxsize=4)
def _cutout(file: str, mirrored: bool) -> NDArray[np.uint8]:
    # (H, W, 4): blue, green, red, each premultiplied by opacity, and opacity.
    try:
        picture = cv2.imdecode(np.fromfile(_FOLDER / file, np.uint8), cv2.IMREAD_UNCHANGED)
    except (OSError, cv2.error):
        picture = None
    if picture is None or picture.ndim != 3 or picture.shape[2] != 4:
        raise SourceError(
            "The demo's picture is missing or damaged.",
            "The installation is incomplete: install fer-live again.",
        )
    if mirrored:
        picture = picture[:, ::-1]
    opacity = picture[..., 3:].astype(np.float32) / 255
    cutout: NDArray[np.uint8] = np.empty(picture.shape, np.uint8)
    cutout[..., :3] = np.rint(picture[..., :3] * opacity)
    cutout[..., 3] = picture[..., 3]
    return cutout


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


class DemoSource(SourceBase):
    """Plays `render_demo` at a steady rate, like a camera: a slow reader misses frames.

    Args:
        width: Pixels.
        height: Pixels.
        fps: Frames per second.
        faces: As for `render_demo`.
        clock: Monotonic seconds.

    Raises:
        ConfigError: If a value is out of range.
    """

    live = True

    def __init__(
        self,
        width: int = DEFAULT_SIZE[0],
        height: int = DEFAULT_SIZE[1],
        fps: float = DEFAULT_FPS,
        faces: int | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__()
        if not (16 <= width <= MAX_SIDE_PX and 16 <= height <= MAX_SIDE_PX and 0 < fps <= 1000):
            raise ConfigError(
                f"The demo cannot be {width}x{height} at {fps:g} fps.",
                f"Choose 16 to {MAX_SIDE_PX} pixels and at most 1000 fps.",
            )
        if faces is not None and not 0 <= faces <= MAX_FACES:
            raise ConfigError(
                f"The demo cannot show {faces} faces.", f"Choose 0 to {MAX_FACES} faces."
            )
        self._size = (width, height)
        self._fps = fps
        self._faces = faces
        self._clock = clock
        self._start_s: float | None = None
        self._tick = 0

    def open(self) -> SourceInfo:
        """Prepares the images and starts the clock.

        Raises:
            SourceError: If it was interrupted or the installation is incomplete.
        """
        if self._interrupted.is_set():
            raise interrupted_error("the demo")
        render_demo(0.0, self._size, self._faces)
        self._start_s = self._clock()
        self._tick = 0
        details = "drawn from portraits of Eileen Collins and Grace Hopper (public domain)"
        return SourceInfo("demo", "Demo", *self._size, self._fps, self.live, details)

    def read(self) -> Frame | None:
        """The picture of the next tick, waiting for it; ticks that have passed are skipped."""
        if self._start_s is None:
            raise not_open_error("The demo")
        now_s = self._clock()
        self._tick = max(self._tick, math.floor((now_s - self._start_s) * self._fps))
        wait_s = self._start_s + self._tick / self._fps - now_s
        if self._interrupted.wait(max(wait_s, 0.0)):
            return None
        image = render_demo(self._tick / self._fps, self._size, self._faces)
        self._tick += 1
        return self._frame(image, self._clock())

    def close(self) -> None:
        """Stops the clock."""
        self._start_s = None
        self._interrupted.clear()
