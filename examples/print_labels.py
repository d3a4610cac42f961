"""Prints the label of every face in images: python print_labels.py photo.jpg holiday/"""

import sys

import fer_live


def main(paths: list[str]) -> None:
    with fer_live.Analyzer() as analyzer:
        for result in analyzer.predict_many(paths):
            if result.error:
                print(f"{result.path}: {result.error}", file=sys.stderr)
            for face in result.faces:
                print(f"{result.path}: {face.label} {face.confidence:.0%} at {face.box_xyxy}")


if __name__ == "__main__":
    main(sys.argv[1:])
