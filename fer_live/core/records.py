"""Records as every file and answer has them: a face or a report as JSON, a row as CSV."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from fer_live.core.types import Face

PROBABILITY_DIGITS = 4
"""Decimals of probabilities: finer than any model's calibration."""
PIXEL_DIGITS = 1
"""Decimals of box edges, pixels."""


def face_record(face: Face, labels: Sequence[str], *, tracked: bool = True) -> dict[str, Any]:
    """A face as JSON values.

    Args:
        face: The face.
        labels: Class names in the order of its probabilities.
        tracked: False leaves out the identity, which has no meaning in a single image.

    Returns:
        ``id``; ``name``, if the user has named the face; ``box_xywh``: left, top, width and height
        in pixels; ``label``; ``confidence`` in 0-1; ``probabilities``: by class name, None before
        the first classification.
    """
    probabilities = face.probabilities
    record: dict[str, Any] = {"id": face.track_id} if tracked else {}
    if face.name:
        record["name"] = face.name
    return record | {
        "box_xywh": [round(v, PIXEL_DIGITS) for v in face.box_xywh],
        "label": face.label,
        "confidence": round(face.confidence, PROBABILITY_DIGITS),
        "probabilities": None
        if probabilities is None
        else {
            name: round(float(p), PROBABILITY_DIGITS)
            for name, p in zip(labels, probabilities, strict=True)
        },
    }


def report_json(report: Mapping[str, Any]) -> str:
    """A report as the text of a JSON file. Raises ValueError for a figure that is no number."""
    return json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def csv_line(values: Sequence[Any]) -> str:
    """The values as one line of CSV, without a line end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue()
