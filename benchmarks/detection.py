"""The face detectors side by side, on faces under controlled conditions.

    python benchmarks/detection.py [--faces 100] [--json FILE] [--fer PYTHON] [CONDITION ...]

One picture (640x480, textured) per face and condition: the face's size, tilt, light, blur, noise or
occlusion, or several faces at once. The faces are FER2013's pictures, which end at the brows and
the chin and are pasted with their edges; in the conditions of a person they are the demo's two
people, head and shoulders, each at many places and mirrored. The detectors are those for single
images (`haar`, and `yunet`, which `auto` uses for stills), the live detector `auto` after four
frames of the same picture, and OpenCV's plain `detectMultiScale`. --fer names the Python of an
environment with the `fer` package, such as the one that compare_fer.py makes, to run its detector
on the same pictures.

Prints one JSON object per condition. For each detector: `recall`, the share of faces with a box on
them (see `composites.on_face`); `false`, boxes per picture that are on none; `iou`, the median
overlap with the FER2013 picture's square, or the cascade's box of a person's face; `cpu_ms` per
picture (for `auto` per frame).
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fer_live.core.paths import find_cascade
from fer_live.detection.boxes import iou
from fer_live.detection.live_detector import live_detector
from fer_live.detection.still_detector import still_detector
from tests.detection import composites
from tests.live import identities

WIDTH, HEIGHT = 640, 480
SIDE_PX = 120
LIVE_FRAMES = 4
LIVE_STEP_S = 0.1

CONDITIONS: dict[str, dict[str, float]] = {
    **{f"size {px}": {"side": px} for px in (20, 28, 40, 60, 100, 200, 300)},
    **{f"tilt {angle}": {"tilt": angle} for angle in (-60, -30, 0, 30, 60)},
    **{f"light {gain}": {"light": gain} for gain in (0.06, 0.12, 0.25, 0.5)},
    **{f"blur {px}": {"blur": px} for px in (2, 4)},
    **{f"noise {spread}": {"noise": spread} for spread in (10, 25)},
    **{f"hidden {share}": {"hidden": share} for share in (0.25, 0.4)},
    "person 28": {"person": 1, "side": 28},
    "person tilt -30": {"person": 1, "tilt": -30},
    "person tilt 30": {"person": 1, "tilt": 30},
    "person light 0.12": {"person": 1, "light": 0.12},
    "six faces": {"count": 6},
    "no face": {"count": 0},
}

Finder = Callable[[np.ndarray], np.ndarray]
"""A picture to (N, 4) boxes."""


def patch_of(face: np.ndarray, side: int, tilt: float) -> tuple[np.ndarray, np.ndarray]:
    """The FER2013 picture enlarged and turned, (S, S, 3), and where it is, (S, S, 1) 0 or 1.

    It is pasted with its hard edges: blurred surroundings look like a larger head.
    """
    how = cv2.INTER_AREA if side < face.shape[0] else cv2.INTER_CUBIC
    inner = cv2.cvtColor(cv2.resize(face, (side, side), interpolation=how), cv2.COLOR_GRAY2BGR)
    if not tilt:
        return np.asarray(inner), np.ones((side, side, 1), np.float32)
    size = math.ceil(side * math.sqrt(2))
    turn = np.asarray(cv2.getRotationMatrix2D((side / 2, side / 2), tilt, 1.0), np.float64)
    turn[:, 2] += (size - side) / 2
    mask = cv2.warpAffine(np.ones((side, side), np.float32), turn, (size, size))
    return np.asarray(cv2.warpAffine(inner, turn, (size, size))), np.asarray(mask)[..., None]


def with_person(
    image: np.ndarray, rng: np.random.Generator, side: int, tilt: float
) -> tuple[np.ndarray, tuple[float, float, float, float]]:
    """The picture with one of the demo's people near its middle, and the square of the face."""
    x, y = WIDTH / 2 + rng.uniform(-40, 40), HEIGHT / 2 + rng.uniform(-40, 40)
    square = x - side / 2, y - side / 2, x + side / 2, y + side / 2
    who = identities.people()[int(rng.integers(2))]
    if rng.integers(2):
        centre = who.picture.shape[1] - who.centre[0], who.centre[1]
        mirrored = np.ascontiguousarray(who.picture[:, ::-1])
        who = identities.Portrait(mirrored, centre, who.side)
    drawn = image.copy()
    identities.draw_person(drawn, who, square, tilt_deg=tilt)
    return drawn, square


def picture(
    faces: list[np.ndarray], rng: np.random.Generator, condition: dict[str, float]
) -> tuple[np.ndarray, np.ndarray]:
    """A picture (480, 640, 3) and the squares (N, 4) of its faces."""
    image = composites.textured(rng)[:HEIGHT, :WIDTH].astype(np.float32)
    side, count = round(condition.get("side", SIDE_PX)), int(condition.get("count", 1))
    squares = []
    if condition.get("person"):
        image[:], square = with_person(image, rng, side, condition.get("tilt", 0.0))
        squares.append(square)
        count = 0
    for place, face in enumerate(faces[:count]):
        shown = face.copy()
        if "hidden" in condition:
            shown[round(48 * (1 - condition["hidden"])) :] = 40
        patch, mask = patch_of(shown, side, condition.get("tilt", 0.0))
        size = patch.shape[0]
        cell = WIDTH / 3 if count > 1 else WIDTH
        x = round(cell * (place % 3 + 0.5)) if count > 1 else WIDTH // 2
        y = round(HEIGHT * (0.25 + 0.5 * (place // 3))) if count > 1 else HEIGHT // 2
        left, top = x - size // 2, y - size // 2
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + size, WIDTH), min(top + size, HEIGHT)
        inside = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
        area = image[y0:y1, x0:x1]
        area[:] = area * (1 - mask[inside]) + patch[inside] * mask[inside]
        squares.append((x - side / 2, y - side / 2, x + side / 2, y + side / 2))
    if "blur" in condition:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), condition["blur"]), np.float32)
    lit = image * condition.get("light", 1.0)
    seen = lit + rng.normal(0, condition.get("noise", 2.0), image.shape)
    boxes = np.array(squares, np.float32).reshape(-1, 4)
    return np.clip(seen, 0, 255).astype(np.uint8), boxes


def auto_live(image: np.ndarray) -> np.ndarray:
    """Boxes of the live detector after a few frames of one picture."""
    clock = iter(LIVE_STEP_S * n for n in range(LIVE_FRAMES))
    _LIVE.reset()
    global _now_s
    for now_s in clock:
        _now_s = now_s
        found = _LIVE.detect(image)
    return found.boxes_xyxy


_now_s = 0.0
_LIVE = live_detector("auto", lambda: _now_s)


def finders() -> dict[str, Finder]:
    """Every detector under its name."""
    haar, yunet = still_detector("haar"), still_detector("yunet")
    cascade = cv2.CascadeClassifier(str(find_cascade()))

    def plain(image: np.ndarray) -> np.ndarray:
        found = cascade.detectMultiScale(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
        boxes = np.asarray(found, np.float32).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        return boxes

    return {
        "haar": lambda image: haar.detect(image).boxes_xyxy,
        "auto": auto_live,
        "yunet": lambda image: yunet.detect(image).boxes_xyxy,
        "plain Haar": plain,
    }


_FER_PROGRAM = """
import json, sys, time, cv2
from fer.fer import FER
detector = FER()
detector.find_faces(cv2.imread(sys.argv[1]))
for path in sys.argv[1:]:
    image = cv2.imread(path)
    begun = time.process_time()
    boxes = detector.find_faces(image)
    cpu_ms = (time.process_time() - begun) * 1e3
    rows = [[int(x), int(y), int(x + w), int(y + h)] for x, y, w, h in boxes]
    print(json.dumps({"boxes": rows, "cpu_ms": cpu_ms}))
"""


def by_fer(python: Path, images: list[np.ndarray]) -> Iterator[tuple[np.ndarray, float]]:
    """Boxes and CPU time of the `fer` package's detector, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / f"{n}.png") for n in range(len(images))]
        for path, image in zip(paths, images, strict=True):
            cv2.imwrite(path, image)
        command = [str(python), "-c", _FER_PROGRAM, *paths]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for line in told.splitlines():
        if line.startswith("{"):
            answer = json.loads(line)
            yield np.array(answer["boxes"], np.float32).reshape(-1, 4), answer["cpu_ms"]


def score(
    pictures: list[tuple[np.ndarray, np.ndarray]], found: list[tuple[np.ndarray, float]]
) -> dict[str, Any]:
    """Recall, false boxes, fit and cost over all pictures of a condition."""
    faces = hits = false = 0
    fits: list[float] = []
    for (_, squares), (boxes, _) in zip(pictures, found, strict=True):
        on_it = composites.on_face(squares, boxes)
        faces += len(squares)
        hits += int(on_it.any(1).sum())
        false += int((~on_it.any(0)).sum()) if len(squares) else len(boxes)
        overlap = iou(squares, boxes)
        fits += [float(row.max()) for row in overlap[on_it.any(1)]]
    return {
        "recall": round(hits / faces, 3) if faces else None,
        "false": round(false / len(pictures), 3),
        "iou": round(median(fits), 3) if fits else None,
        "cpu_ms": round(median(cpu_ms for _, cpu_ms in found), 2),
    }


def timed(finder: Finder, image: np.ndarray, frames: int) -> tuple[np.ndarray, float]:
    """Boxes, and CPU time per frame in milliseconds."""
    begun_s = time.process_time()
    boxes = finder(image)
    return boxes, (time.process_time() - begun_s) * 1e3 / frames


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="CONDITION", help=", ".join(CONDITIONS))
    parser.add_argument("--faces", type=int, default=100, help="pictures per condition")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--fer", type=Path, help="Python of an environment with the fer package")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if unknown := set(given.names) - CONDITIONS.keys():
        parser.error(f"no such condition: {', '.join(sorted(unknown))}")
    if not composites.PACKED.is_dir():
        parser.error(f"FER2013 is needed, and it is not at {composites.PACKED}")
    cv2.setNumThreads(1)
    every = finders()
    results = {}
    for name in given.names or CONDITIONS:
        condition = CONDITIONS[name]
        rng = np.random.default_rng(given.seed)
        per_picture = max(1, int(condition.get("count", 1)))
        faces = composites.fer2013_faces(
            composites.PRIVATE_TEST, given.faces * per_picture, given.seed
        )
        pictures = [
            picture(faces[n : n + per_picture], rng, condition)
            for n in range(0, len(faces), per_picture)
        ]
        result = {}
        for which, finder in every.items():
            frames = LIVE_FRAMES if which == "auto" else 1
            result[which] = score(pictures, [timed(finder, im, frames) for im, _ in pictures])
        if given.fer:
            result["fer"] = score(pictures, list(by_fer(given.fer, [im for im, _ in pictures])))
        results[name] = result
        print(json.dumps({name: result}), flush=True)
    if given.json:
        given.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
