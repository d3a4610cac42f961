"""A clip in which two people cross, turn away, are covered by a hand and cross again.

The people are photographs; a head that turns is drawn narrower, as far as to half of its width.
Nothing is random: the same call gives the same pictures.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from fer_live.capture.demo.people import COLLINS as PHOTOGRAPH
from fer_live.capture.demo.people import FOLDER

WIDTH, HEIGHT = 640, 360
DURATION_S = 14.0
HERE = Path(__file__).resolve().parent
COLLINS = FOLDER / PHOTOGRAPH.file
HOPPER = HERE / "portraits" / "hopper.webp"

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Portrait:
    """A cut-out with its opacity, (H, W, 4), and where in it the face's box is."""

    picture: np.ndarray
    centre: tuple[float, float]
    side: float


def people() -> tuple[Portrait, Portrait]:
    """Two people, from photographs."""
    files = (COLLINS, (224.5, 113.5), 95.0), (HOPPER, (266.0, 217.0), 228.0)
    read = [cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path, _, _ in files]
    first, second = [
        Portrait(picture, centre, side)
        for picture, (_, centre, side) in zip(read, files, strict=True)
    ]
    return first, second


def _ease(t_s: float, begin_s: float, end_s: float) -> float:
    """0 before, 1 after, smooth in between."""
    share = min(max((t_s - begin_s) / (end_s - begin_s), 0.0), 1.0)
    return (1 - math.cos(math.pi * share)) / 2


def draw_person(
    image: np.ndarray, who: Portrait, box: Box, width: float = 1.0, tilt_deg: float = 0.0
) -> None:
    """Draws a person so that the face fills a box.

    Args:
        image: (H, W, 3) float32, drawn on.
        who: The person.
        box: The face's, square, pixels.
        width: The person is narrowed to this share of the width.
        tilt_deg: And turned about the face's centre, anticlockwise as it is seen.
    """
    scale = (box[2] - box[0]) / who.side
    picture = who.picture
    centre = np.array(who.centre)
    while scale < 0.5:
        picture = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        centre, scale = centre / 2, scale * 2
    middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    place = cv2.getRotationMatrix2D((0.0, 0.0), tilt_deg, scale)
    place[:, 0] *= width
    place[:, 2] = middle - place[:, :2] @ centre
    drawn = cv2.warpAffine(picture, place, image.shape[1::-1]).astype(np.float32)
    opacity = drawn[..., 3:] / 255
    image[:] = image * (1 - opacity) + drawn[..., :3] * opacity


def _draw_hand(image: np.ndarray, x: float, y: float, size: float) -> None:
    """A flat hand with four fingers, its palm at a point."""
    skin = (105, 140, 190)
    centre = round(x), round(y)
    cv2.ellipse(image, centre, (round(0.5 * size), round(0.6 * size)), 0, 0, 360, skin, -1)
    for finger in range(4):
        root = x + (finger - 1.5) * 0.26 * size
        ends = (round(root), round(y)), (round(root), round(y - 1.2 * size))
        cv2.line(image, *ends, skin, max(2, round(0.2 * size)), cv2.LINE_AA)


def frames(fps: float) -> Iterator[tuple[float, np.ndarray, dict[int, Box]]]:
    """Time in seconds, (360, 640, 3) picture, and the box of each face that is in sight."""
    first, second = people()
    down = np.linspace(70, 120, HEIGHT, dtype=np.float32)[:, None, None]
    ground = np.broadcast_to(down * np.array([1.0, 0.95, 0.85], np.float32), (HEIGHT, WIDTH, 3))
    for number in range(round(DURATION_S * fps)):
        t_s = number / fps
        crossing = _ease(t_s, 1.0, 4.0) - _ease(t_s, 10.0, 13.0)
        boxes = []
        for who, (begin, end, side) in enumerate([(170, 470, 84), (470, 170, 92)]):
            x = begin + (end - begin) * crossing
            y = 150 + 5 * math.sin(2 * math.pi * t_s / 3 + who)
            boxes.append((x - side / 2, y - side / 2, x + side / 2, y + side / 2))
        turned = _ease(t_s, 4.8, 5.6) - _ease(t_s, 6.2, 7.0)
        widths = [1 - 0.5 * turned, 1.0]
        image = ground.astype(np.float32).copy()
        # The first passes before the second, and on the way back behind.
        order = (1, 0) if t_s < 7.0 else (0, 1)
        for who in order:
            draw_person(image, (first, second)[who], boxes[who], widths[who])
        raised = _ease(t_s, 7.4, 8.0) - _ease(t_s, 8.8, 9.4)
        x, y = (boxes[1][0] + boxes[1][2]) / 2, (boxes[1][1] + boxes[1][3]) / 2
        _draw_hand(image, x, y + 25 + (1 - raised) * 320, 78)
        in_sight = dict(enumerate(boxes))
        apart = abs(boxes[0][0] - boxes[1][0])
        if apart < 60:
            del in_sight[order[0]]
        if turned > 0.5:
            in_sight.pop(0, None)
        if raised > 0.4:
            in_sight.pop(1, None)
        yield t_s, np.clip(image, 0, 255).astype(np.uint8), in_sight


def switches(told: list[tuple[dict[int, Box], list[tuple[int, Box]]]]) -> tuple[int, float]:
    """Identity switches, and the share of faces in sight that have a box.

    Args:
        told: For each frame the true boxes by person, and the shown (identity, box).
    """
    last: dict[int, int] = {}
    count = seen = asked = 0
    for truth, shown in told:
        for who, box in truth.items():
            asked += 1
            at, side = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), box[2] - box[0]
            near = [
                (math.dist(at, ((b[0] + b[2]) / 2, (b[1] + b[3]) / 2)), identity)
                for identity, b in shown
            ]
            distance, identity = min(near, default=(math.inf, 0))
            if distance > side / 3:
                continue
            seen += 1
            count += last.setdefault(who, identity) != identity
            last[who] = identity
    return count, seen / asked
