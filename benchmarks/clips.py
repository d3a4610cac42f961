"""Clips for the benchmarks: real faces that move, change size, come and go, with sensor noise.

    python benchmarks/clips.py [--out /tmp/fer-live-clips] [NAME ...]

Writes NAME.mp4 (1280x720, H.264) and NAME.json, which says for every frame where whose face is.
The faces are the demo's portrait and, where FER2013 lies beside the checkout, some of its
pictures; nothing is downloaded. The same arguments give the same clips.
"""

import argparse
import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fer_live.capture.demo import DEFAULT_SIZE, render_demo
from fer_live.detection.haar import HaarDetector
from tests.detection import composites

WIDTH, HEIGHT = DEFAULT_SIZE
DURATION_S = 20.0
NOISE = 2.0
"""Spread of the sensor's noise, grey levels: an ordinary webcam indoors."""

FACES: dict[str, tuple[int, float, float]] = {
    # name: faces, frames per second, shake of the camera in pixels
    "one": (1, 30.0, 0.0),
    "four": (4, 30.0, 0.0),
    "ten": (10, 30.0, 0.0),
    "one-60": (1, 60.0, 0.0),
    "one-shaken": (1, 30.0, 4.0),
}

CUT_MARGIN = 1.6
"""Side of a face's cut-out divided by the side of its box."""


@dataclass(frozen=True)
class Look:
    """A face to paint: (S, S, 3) picture, and where in it the detector's box lies, 0-1."""

    picture: np.ndarray
    centre: tuple[float, float]
    side: float


@dataclass(frozen=True)
class Walk:
    """Where one face goes: its home, share of the picture, and its size, share of the height."""

    x: float
    y: float
    side: float
    reach: float
    phase: float
    absences: tuple[tuple[float, float, bool], ...]
    """From when to when it is away, seconds, and whether it slides out and in."""


def looks(count: int, seed: int = 5) -> list[Look]:
    """So many different faces that the detector finds on a plain ground."""
    portrait = render_demo(0.0, DEFAULT_SIZE, 1)
    found = HaarDetector().detect(portrait)
    left, top, right, bottom = found.boxes_xyxy[0]
    side, x, y = (right - left) * CUT_MARGIN, (left + right) / 2, (top + bottom) / 2
    x0, y0 = round(x - side / 2), round(y - side / 2)
    cut = portrait[y0 : y0 + round(side), x0 : x0 + round(side)]
    faces = [Look(cut, (0.5, 0.5), 1 / CUT_MARGIN)]
    if composites.PACKED.is_dir():
        for small in composites.fer2013_faces(composites.PRIVATE_TEST, 12 * count, seed):
            look = _look_of(small)
            if look is not None:
                faces.append(look)
    elif count > 1:
        told = "the clip has the demo's portrait, mirrored and in other light, for every face"
        print(f"FER2013 is not at {composites.PACKED}: {told}.", file=sys.stderr)
    while len(faces) < count:
        gain = 0.75 + 0.1 * (len(faces) % 6)
        picture = cut[:, ::-1] if len(faces) % 2 else cut
        variant = cv2.convertScaleAbs(picture, alpha=gain)
        faces.append(Look(np.asarray(variant, np.uint8), (0.5, 0.5), 1 / CUT_MARGIN))
    return faces[:count]


def _look_of(small: np.ndarray) -> Look | None:
    # Only faces that are found surely: the clips ask how they are followed.
    large = cv2.resize(small, (192, 192), interpolation=cv2.INTER_CUBIC)
    bordered = cv2.copyMakeBorder(large, 40, 40, 40, 40, cv2.BORDER_REPLICATE)
    picture = np.asarray(cv2.cvtColor(bordered, cv2.COLOR_GRAY2BGR), np.uint8)
    found = HaarDetector().detect(picture)
    if len(found) != 1 or found.scores[0] < 15:
        return None
    left, top, right, bottom = (found.boxes_xyxy[0] / picture.shape[0]).tolist()
    return Look(picture, ((left + right) / 2, (top + bottom) / 2), right - left)


def walks(count: int) -> list[Walk]:
    """A place for everyone; the first walks widely, and each goes away and comes back."""
    columns = count if count < 5 else math.ceil(count / 2)
    rows = math.ceil(count / columns)
    made = []
    for n in range(count):
        begin = 4.0 + 1.1 * n
        absences = [(begin, begin + 1.7, n % 2 == 0)]
        if n == 0:
            absences += [(0.0, 0.5, False), (13.0, 14.5, False)]
        made.append(
            Walk(
                x=(n % columns + 0.5) / columns,
                y=(n // columns + 0.5) / rows,
                side={1: 0.30, 4: 0.24}.get(count, 0.18),
                reach=0.22 / columns,
                phase=1.7 * n,
                absences=tuple(absences),
            )
        )
    return made


def place(walk: Walk, t_s: float) -> tuple[float, float, float] | None:
    """Centre and side of a face's box at one time, pixels; None when it is away."""
    side = walk.side * HEIGHT * (1 + 0.2 * math.sin(2 * math.pi * t_s / 5 + walk.phase))
    x = (walk.x + walk.reach * math.sin(2 * math.pi * t_s / 3.5 + walk.phase)) * WIDTH
    y = walk.y * HEIGHT + 0.25 * side * math.sin(2 * math.pi * t_s / 2.7 + walk.phase)
    for begin_s, end_s, slides in walk.absences:
        # Sliding takes 0.6 s on each side of the absence, through the lower edge.
        slide_s = 0.6 if slides else 0.0
        if begin_s <= t_s < end_s:
            return None
        near_s = min(abs(t_s - begin_s), abs(t_s - end_s))
        if near_s < slide_s:
            y += (1 - near_s / slide_s) * (HEIGHT + side - y)
    return x, y, side


def frames(
    count: int, fps: float, shake_px: float
) -> Iterator[tuple[np.ndarray, list[dict[str, Any]]]]:
    """Every picture of a clip, (720, 1280, 3) uint8, and the faces that are in it.

    Args:
        count: Faces.
        fps: Frames per second.
        shake_px: Reach of the camera's shaking, pixels.
    """
    rng = np.random.default_rng(11)
    margin = math.ceil(2 * shake_px)
    ground = cv2.addWeighted(composites.textured(rng), 0.5, np.full((720, 1280, 3), 60, "u1"), 1, 0)
    edges = margin, margin, margin, margin
    ground = cv2.copyMakeBorder(ground, *edges, cv2.BORDER_REFLECT)
    noise = rng.normal(0, NOISE, (HEIGHT + 64, WIDTH + 64, 3)).round().astype(np.int16)
    faces, paths = looks(count), walks(count)
    for number in range(round(DURATION_S * fps)):
        t_s = number / fps
        dx = margin + round(shake_px * math.sin(9 * t_s) + shake_px * math.sin(23 * t_s) / 2)
        dy = margin + round(shake_px * math.cos(11 * t_s))
        image = ground[dy : dy + HEIGHT, dx : dx + WIDTH].copy() if margin else ground.copy()
        truth = []
        for who, (look, walk) in enumerate(zip(faces, paths, strict=True)):
            where = place(walk, t_s)
            if where is None:
                continue
            x, y, side = where[0] + dx - margin, where[1] + dy - margin, where[2]
            _paint(image, look, (x, y), side)
            half = side / 2
            box = [round(v, 1) for v in (x - half, y - half, x + half, y + half)]
            whole = min(box) >= 0 and box[2] <= WIDTH and box[3] <= HEIGHT
            truth.append({"who": who, "box_xyxy": box, "whole": whole})
        at_y, at_x = rng.integers(0, 64, 2)
        grain = noise[at_y : at_y + HEIGHT, at_x : at_x + WIDTH]
        yield np.clip(image + grain, 0, 255).astype(np.uint8), truth


def _paint(image: np.ndarray, look: Look, centre: tuple[float, float], side: float) -> None:
    scale = side / (look.side * look.picture.shape[0])
    size = max(2, round(look.picture.shape[0] * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    face = cv2.resize(look.picture, (size, size), interpolation=how)
    x0 = round(centre[0] - look.centre[0] * size)
    y0 = round(centre[1] - look.centre[1] * size)
    left, top = max(x0, 0), max(y0, 0)
    right, bottom = min(x0 + size, WIDTH), min(y0 + size, HEIGHT)
    if left >= right or top >= bottom:
        return
    mask = _oval(size)[top - y0 : bottom - y0, left - x0 : right - x0, None]
    area = image[top:bottom, left:right]
    over = face[top - y0 : bottom - y0, left - x0 : right - x0]
    area[:] = (area * (1 - mask) + over * mask).astype(np.uint8)


def _oval(size: int) -> np.ndarray:
    # Opaque around the face, soft at the rim: no hard square gives it away.
    axis = np.linspace(-1, 1, size, dtype=np.float32)
    distance = np.sqrt(axis[:, None] ** 2 + axis[None] ** 2)
    return np.asarray(np.clip((1.05 - distance) / 0.15, 0, 1), np.float32)


def write(name: str, folder: Path) -> Path:
    """Writes one clip and its truth; returns the video's path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.mp4"
    fps = Fraction(FACES[name][1]).limit_denominator(1000)
    truth = []
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"crf": "14", "preset": "veryfast", "threads": "1"}
        for image, faces in frames(*FACES[name]):
            truth.append(faces)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())
    described = {"fps": float(fps), "frames": truth}
    path.with_suffix(".json").write_text(json.dumps(described), encoding="utf-8")
    return path


def main() -> None:
    """Writes the clips."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(FACES))
    parser.add_argument("--out", type=Path, default=Path("/tmp/fer-live-clips"))
    given = parser.parse_args()
    for name in given.names or FACES:
        print(write(name, given.out))


if __name__ == "__main__":
    main()
