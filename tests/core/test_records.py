"""Faces as JSON values."""

import json

import numpy as np
import pytest

from fer_live.core.records import face_record
from fer_live.core.types import Face

LABELS = ("happy", "sad")
BOX = (10.04, 20.0, 30.55, 60.0)


def test_a_record_is_plain_json_with_rounded_numbers():
    scores = np.array([0.123456, 0.876544], np.float32)
    record = face_record(Face(7, BOX, 0.5, "sad", 0.876544, scores, scores), LABELS)
    assert json.loads(json.dumps(record)) == record == {
        "id": 7,
        "box_xywh": [10.0, 20.0, 20.5, 40.0],
        "label": "sad",
        "confidence": 0.8765,
        "probabilities": {"happy": 0.1235, "sad": 0.8765},
    }  # fmt: skip


def test_a_face_not_yet_classified_has_no_probabilities():
    record = face_record(Face(1, BOX), LABELS)
    assert (record["label"], record["confidence"], record["probabilities"]) == (None, 0, None)


def test_a_face_of_a_single_image_has_no_identity():
    assert "id" not in face_record(Face(1, BOX), LABELS, tracked=False)


def test_probabilities_of_other_classes_are_an_error():
    with pytest.raises(ValueError, match="zip"):
        face_record(Face(1, BOX, probabilities=np.zeros(3, np.float32)), LABELS)
