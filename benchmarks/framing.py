"""How FER2013's pictures are framed against the detector's boxes, on validation faces.

Run: python benchmarks/framing.py --data DIR [--faces 600]

Every picture is enlarged, set into a larger one made of its own repeated and blurred border, and
searched. Prints one JSON object: the share found, and quartiles of picture side / box side and of
the offset of the centres in box sides (positive: the picture's centre is right of, below the
box's). The median ratio is the crop margin to train and to run with.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.detection.haar import HaarDetector

VALIDATION = 1
SIDE_RANGE_PX = (120, 241)
CONTEXT = 0.75
"""Border added on every side, share of the picture's side."""


def load_faces(data: Path, usage: int, count: int, seed: int) -> list[NDArray[np.uint8]]:
    """A random choice of the packed pictures of one split, (48, 48) uint8 each."""
    packed = [np.load(path) for path in sorted(data.glob("packed/fer2013-*.npz"))]
    if not packed:
        raise SystemExit(f"no packed/fer2013-*.npz in {data}")
    coded = []
    for part in packed:
        webp, offset = part["webp"], part["offset"]
        rows = np.flatnonzero(part["usage"] == usage)
        coded += [webp[offset[row] : offset[row + 1]] for row in rows]
    chosen = np.random.default_rng(seed).permutation(len(coded))[:count]
    return [
        np.asarray(cv2.imdecode(coded[index], cv2.IMREAD_GRAYSCALE), np.uint8) for index in chosen
    ]


def in_context(face: NDArray[np.uint8], side: int) -> tuple[NDArray[np.uint8], int]:
    """The face at `side` pixels inside a larger BGR picture, and its left and top edge there."""
    border = round(side * CONTEXT)
    large = cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC)
    sides = (border, border, border, border)
    outer = cv2.copyMakeBorder(large, *sides, cv2.BORDER_REPLICATE)
    outer = cv2.GaussianBlur(outer, (0, 0), side / 12)
    outer[border : border + side, border : border + side] = large
    return np.asarray(cv2.cvtColor(outer, cv2.COLOR_GRAY2BGR), np.uint8), border


def quartiles(values: list[float]) -> dict[str, float]:
    """Lower quartile, median and upper quartile."""
    low, middle, high = np.percentile(values, (25, 50, 75))
    return {"q25": round(low, 4), "median": round(middle, 4), "q75": round(high, 4)}


def measure(faces: list[NDArray[np.uint8]], seed: int) -> dict[str, object]:
    """Ratio and offsets over all faces whose box overlaps the picture's middle."""
    detector = HaarDetector()
    rng = np.random.default_rng(seed)
    ratio: list[float] = []
    right: list[float] = []
    down: list[float] = []
    for face in faces:
        side = int(rng.integers(*SIDE_RANGE_PX))
        image, border = in_context(face, side)
        detections = detector.detect(image)
        if not len(detections):
            continue
        left, top, far, bottom = detections.boxes_xyxy[int(detections.scores.argmax())].tolist()
        box = (far - left + bottom - top) / 2
        dx = border + side / 2 - (left + far) / 2
        dy = border + side / 2 - (top + bottom) / 2
        if max(abs(dx), abs(dy)) > side / 3:
            continue  # a false alarm beside the face
        ratio.append(side / box)
        right.append(dx / box)
        down.append(dy / box)
    return {
        "faces": len(faces),
        "found_share": round(len(ratio) / len(faces), 4),
        "picture_side_per_box_side": quartiles(ratio),
        "offset_x_box_sides": quartiles(right),
        "offset_y_box_sides": quartiles(down),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with packed/*.npz")
    parser.add_argument("--faces", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    faces = load_faces(arguments.data, VALIDATION, arguments.faces, arguments.seed)
    print(json.dumps(measure(faces, arguments.seed), indent=2))


if __name__ == "__main__":
    main()
