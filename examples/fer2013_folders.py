"""FER2013's faces as a folder per class: a small set to try a recipe on.

python examples/fer2013_folders.py fer2013.csv.gz faces/ [--per-class 20] [--numbered]
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

NAMES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
RAF_DB = (6, 3, 2, 4, 5, 1, 7)
"""RAF-DB's folder of each of those classes."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("csv", type=Path, help="fer2013.csv, plain or compressed")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--per-class", type=int, default=20)
    parser.add_argument("--numbered", action="store_true", help="train and test, 1 to 7, as RAF-DB")
    args = parser.parse_args()
    table = pd.read_csv(args.csv)
    for emotion, rows in table[table["Usage"] == "Training"].groupby("emotion"):
        for number, (row, pixels) in enumerate(rows["pixels"].head(args.per_class).items()):
            folder = args.folder / NAMES[emotion]
            if args.numbered:
                split = "test" if number % 5 == 0 else "train"
                folder = args.folder / split / str(RAF_DB[emotion])
            folder.mkdir(parents=True, exist_ok=True)
            face = np.array(pixels.split(), np.uint8).reshape(48, 48)
            Image.fromarray(face).save(folder / f"{row}.png")


if __name__ == "__main__":
    main()
