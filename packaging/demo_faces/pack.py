"""Packs what `render.py` made into the pictures that the demo shows: one WebP file for each person.

Run it with fer_live's own environment. A file holds the cut-out of the person at rest at the top,
and under it a row for each expression: the part of the cut-out that the face's movement changes, in
the steps of the movement. `people.json` says where everything lies.
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from people import PEOPLE

from fer_live.core.paths import find_cascade

PATCH = (140, 84, 176, 250)
"""Where patches lie in the cut-out: `PATCH` less `WHOLE` of `render.py`, which Blender imports."""

OPAQUE = 250  # opacity from which on nothing shines through
SLEEVE_PX, SHADED_PX = 50, 16  # rows above the armpit that give the sleeve; those too dark for it
FEATHER_PX = 6  # over which a patch passes into the cut-out
QUALITY = 92  # of WebP
FOLDER = Path(__file__).resolve().parents[2] / "fer_live" / "capture" / "demo" / "data"


def read(path: Path) -> NDArray[np.uint8]:
    """A rendered picture, (H, W, 4)."""
    picture = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.shape[2:] != (4,):
        raise SystemExit(f"{path} is not a rendered picture.")
    return picture.astype(np.uint8)


def patched(rest: NDArray[np.uint8], patch: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A patch whose edges are the cut-out's, so that no seam shows; opacity is the cut-out's."""
    left, top, width, height = PATCH
    under = rest[top : top + height, left : left + width]
    inside = np.zeros((height, width), np.uint8)
    inside[1:-1, 1:-1] = 1
    distance = cv2.distanceTransform(inside, cv2.DIST_L1, 3)
    share = np.clip(distance / FEATHER_PX, 0, 1)[..., None]
    # Where the face has grown over what was transparent, the patch is as opaque as it was rendered.
    mixed: NDArray[np.uint8] = np.rint(patch * share + under * (1 - share)).astype(np.uint8)
    hair = (under[..., 3] > 0) & (under[..., 3] < 255)
    mixed[hair, 3] = under[hair, 3]
    return mixed


def with_hanging_arms(rest: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The cut-out with arms that hang down; MakeHuman's stand off, and end where the picture does.

    Below the armpit the sleeve has the colours of the part above it, with its yarn, and is darker
    towards the body.
    """
    drawn = rest.copy()
    colours = rest[..., :3].astype(np.float32)
    yarn = colours - cv2.blur(colours, (9, 9))
    middle = rest.shape[1] // 2
    for side, outwards in ((slice(None, middle), -1), (slice(middle, None), 1)):
        clear = rest[:, side, 3][:, ::outwards] < OPAQUE
        shoulder = int(np.flatnonzero(~clear.any(axis=1))[0])
        armpit = shoulder + int(np.flatnonzero(clear[shoulder:].any(axis=1))[0])
        above = slice(max(armpit - SLEEVE_PX, shoulder), armpit - SHADED_PX)
        sleeve = colours[above, side][:, ::outwards].mean(0)
        for y in range(armpit, len(rest)):
            body = int(np.argmax(clear[y])) - 1
            shade = (1 - 0.4 * np.exp(-np.arange(middle - body) / 12))[:, None]
            deep = (y - armpit) % (above.stop - above.start)
            painted = sleeve[body:] * shade + yarn[above.start + deep, side][::outwards][body:]
            row = drawn[y, side][::outwards]
            row[body:, :3] = np.clip(np.rint(painted), 0, 255)
            row[body:, 3] = 255
    return drawn


def face_box(rest: NDArray[np.uint8]) -> tuple[float, float, float]:
    """Centre and side of the face's surest box by the frontal cascade, pixels of the cut-out."""
    head = rest[: PATCH[1] + PATCH[3]]
    opacity = head[..., 3:] / 255
    gray = cv2.cvtColor(
        (head[..., :3] * opacity + 128 * (1 - opacity)).astype(np.uint8), cv2.COLOR_BGR2GRAY
    )
    cascade = cv2.CascadeClassifier(str(find_cascade()))
    boxes, _, weights = cascade.detectMultiScale3(
        gray, 1.05, 6, minSize=(90, 90), outputRejectLevels=True
    )
    if len(boxes) == 0:
        raise SystemExit("The cascade finds no face.")
    x, y, width, height = (float(v) for v in boxes[np.argmax(weights)])
    return x + width / 2, y + height / 2, width


def pack(folder: Path, shows: tuple[str, ...]) -> NDArray[np.uint8]:
    """The picture with everything of one person, (H, W, 4)."""
    rest = with_hanging_arms(read(folder / "rest.png"))
    rows = []
    for expression in shows:
        steps = sorted(folder.glob(f"{expression}_*.png"))
        rows.append(np.hstack([patched(rest, read(step)) for step in steps]))
    width = max(part.shape[1] for part in (rest, *rows))
    parts = [np.pad(p, ((0, 0), (0, width - p.shape[1]), (0, 0))) for p in (rest, *rows)]
    sheet: NDArray[np.uint8] = np.vstack(parts)
    return sheet


def main() -> None:
    """Packs the folder that is named."""
    made = Path(sys.argv[1])
    people = []
    for name, person in PEOPLE.items():
        sheet = pack(made / name, person.shows)
        rest = read(made / name / "rest.png")
        x, y, side = face_box(rest)
        cv2.imwrite(str(FOLDER / f"{name}.webp"), sheet, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
        height, width = rest.shape[:2]
        people.append(
            {
                "file": f"{name}.webp",
                "size": [width, height],
                "face": [x, y, side],
                "patch": list(PATCH),
                "steps": len(list((made / name).glob(f"{person.shows[0]}_*.png"))),
                "expressions": list(person.shows),
            }
        )
    (FOLDER / "people.json").write_text(json.dumps(people, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
