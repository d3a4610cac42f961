"""Writes an annotated copy of every image in a folder: python annotate_folder.py IN OUT"""

import sys
from pathlib import Path

from PIL import Image

import fer_live


def main(folder: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with fer_live.Analyzer() as analyzer:
        for result in analyzer.predict_many(folder):
            if result.error:
                print(f"{result.path}: {result.error}", file=sys.stderr)
                continue
            drawn = analyzer.annotate(result.path, result, color="rgb", show_bars=True)
            Image.fromarray(drawn).save(out / f"{result.path.stem}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
