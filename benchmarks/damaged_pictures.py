"""Damaged pictures: whether reading them crashes, hangs or fills the memory.

    python benchmarks/damaged_pictures.py [--count 1000] [--seed 7]

Writes one picture for each format and mode, damages copies of them at random and reads them in
child processes. Prints a JSON line: pictures that were read, files refused with a clear message,
crashes, other errors and slow files, and the largest memory of a child, MiB. Exit status: 1 after a
crash, another error or a slow file. The same arguments give the same files.
"""

import sys
from pathlib import Path

import cv2
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.damaged import run
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


if __name__ == "__main__":
    sys.exit(run(__file__, __doc__, 1000, write_pictures, read, "pictures"))
