"""Damaged pictures: whether reading them crashes, hangs or fills the memory.

    python benchmarks/damaged_pictures.py [--count 1000] [--seed 7]

Writes one picture for each format and mode, damages copies of them at random and reads them in
child processes. Prints a JSON line: pictures that were read, files refused with a clear message,
crashes, other errors and slow files, and the largest memory of a child, MiB. Exit status: 1 after a
crash, another error or a slow file. The same arguments give the same files.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from damaged import READ, check, child, copies

from fer_live.capture.decode import decode_image
from fer_live.capture.demo import render_demo

SIZE = (640, 480)
KINDS = (
    *(("jpg", mode) for mode in ("RGB", "L", "CMYK")),
    *(("png", mode) for mode in ("RGB", "RGBA", "P", "I;16", "1")),
    *(("webp", mode) for mode in ("RGB", "RGBA")),
    *(("tif", mode) for mode in ("RGB", "CMYK", "F")),
    *((suffix, "RGB") for suffix in ("gif", "bmp", "avif", "jp2", "ppm")),
)
"""Suffix, which names the format, and mode as Pillow names it."""


def write_pictures(folder: Path) -> list[Path]:
    """The demo in each of `KINDS`."""
    rgb = Image.fromarray(cv2.cvtColor(render_demo(0.0, SIZE), cv2.COLOR_BGR2RGB))
    files = []
    for number, (suffix, mode) in enumerate(KINDS):
        path = folder / f"whole{number}.{suffix}"
        (rgb.convert("I").convert(mode) if mode == "I;16" else rgb.convert(mode)).save(path)
        files.append(path)
    return files


def read(path: Path) -> str:
    """Decodes a picture."""
    decode_image(path.read_bytes())
    return "pictures"


def main() -> int:
    """Makes the files, reads them and prints the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(READ, nargs="+", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.read:
        child(chosen.read, read)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        rng = np.random.default_rng(chosen.seed)
        files = copies(write_pictures(Path(folder)), chosen.count, Path(folder), rng)
        return check(files, __file__, "pictures")


if __name__ == "__main__":
    sys.exit(main())
