"""Writes a camera's faces to a CSV file: python webcam_to_csv.py faces.csv --seconds 60

`fer-live run --headless --log faces.csv` writes more columns and survives a crash; this shows how
to choose your own.
"""

import argparse
import csv
from pathlib import Path

import fer_live


def main(out: Path, source: str, seconds: float | None) -> None:
    with (
        fer_live.Analyzer() as analyzer,
        out.open("w", newline="", encoding="utf-8") as file,
        analyzer.stream(source, duration=seconds) as results,
    ):
        rows = csv.writer(file)
        rows.writerow(["time_s", "face", "label", "confidence", *analyzer.labels])
        start_s = None
        for result in results:
            start_s = result.frame.time_s if start_s is None else start_s
            time_s = round(result.frame.time_s - start_s, 3)
            for face in result.faces:
                if face.label is None:  # found, but not yet classified
                    continue
                probabilities = face.probability_by_label.values()
                rows.writerow([time_s, face.track_id, face.label, face.confidence, *probabilities])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Writes a camera's faces to a CSV file.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--source", default="0")
    parser.add_argument("--seconds", type=float)
    options = parser.parse_args()
    main(options.out, options.source, options.seconds)
