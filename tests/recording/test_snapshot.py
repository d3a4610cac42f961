"""Snapshots on disk."""

import json
from dataclasses import replace
from datetime import datetime

import cv2
import numpy as np
import pytest

from fer_live.core.errors import RecordingError
from fer_live.core.types import Frame
from fer_live.overlay.draw import draw_overlay
from fer_live.recording.snapshot import save_snapshot
from tests.recording.test_recorder import LABELS, result


def test_image_clean_copy_and_sidecar(tmp_path):
    shown = result(3, 0.5)
    files = save_snapshot(shown, tmp_path / "new", clean=True, model="m")
    annotated = cv2.imread(str(files.picture))
    expected = draw_overlay(shown.frame.image_bgr, shown.faces, LABELS)
    assert np.array_equal(annotated, expected)
    assert np.array_equal(cv2.imread(str(files.clean)), shown.frame.image_bgr)
    side = json.loads(files.sidecar.read_text())
    assert side["frame"] == 3
    assert side["model"] == "m"
    assert side["faces"][0]["box_xywh"] == [40.0, 40.0, 80.0, 80.0]
    assert side["faces"][0]["probabilities"] == pytest.approx({"happy": 0.9, "sad": 0.1})


def test_faces_are_hidden_in_both_images_and_the_label_stays(tmp_path):
    plain = save_snapshot(result(3, 0.5), tmp_path, clean=True)
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (240, 320, 3), np.uint8)
    shown = replace(result(3, 0.5), frame=Frame(image, 3, 0.5))
    hidden = save_snapshot(shown, tmp_path, clean=True, privacy="pixelate")
    for path in (hidden.picture, hidden.clean):
        face = cv2.imread(str(path))[60:100, 60:100]
        assert len(np.unique(face.reshape(-1, 3), axis=0)) <= 16
    label = cv2.imread(str(hidden.picture))[24:38, 45:95]
    assert np.array_equal(label, cv2.imread(str(plain.picture))[24:38, 45:95])
    assert json.loads(hidden.sidecar.read_text())["privacy"] == "pixelate"
    assert json.loads(hidden.sidecar.read_text())["faces"][0]["label"] == "happy"


def test_two_in_the_same_millisecond_are_both_kept(tmp_path):
    def moment() -> datetime:
        return datetime(2026, 1, 2, 3, 4, 5, 6000)

    first = save_snapshot(result(0, 0), tmp_path, now=moment)
    second = save_snapshot(result(1, 0), tmp_path, now=moment)
    assert first.picture.name == "snapshot-20260102-030405-006.png"
    assert first.picture != second.picture
    assert json.loads(first.sidecar.read_text())["frame"] == 0
    assert json.loads(second.sidecar.read_text())["frame"] == 1


def test_failure_says_why_and_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(RecordingError, match="Choose another folder"):
        save_snapshot(result(0, 0), tmp_path / "file")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_an_image_that_cannot_be_encoded_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(cv2, "imencode", lambda *_: (False, None))
    with pytest.raises(RecordingError, match="could not be encoded"):
        save_snapshot(result(0, 0), tmp_path)
    assert list(tmp_path.iterdir()) == []
