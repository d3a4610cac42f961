"""Faces are found in photographs and cut out as `predict` does; else photographs are noticed."""

import sys

import cv2
import numpy as np
import pytest

from fer_live.capture.image_folder import load_image
from fer_live.core.errors import DataError, DetectorError
from fer_live.detection.crop import crop_faces
from fer_live.detection.still_detector import StillDetector, still_detector
from fer_live.training.data.open_dataset import load_data
from fer_live.training.data.photographs import SMALL_SHARE, FaceFinder, Framing
from tests.detection import composites
from tests.photographs import ASTRONAUT, EMPTY, photograph_folders, two_faces

CSV = f"emotion,pixels,Usage\n3,{' '.join(['7'] * 2304)},Training\n"
PHOTOGRAPHS = "look like photographs"


@pytest.fixture(scope="module")
def finder():
    return FaceFinder()


def crop_of(image_bgr, size, color, margin):
    """What `predict` gives the model of the largest face."""
    boxes = still_detector("auto").detect(image_bgr).boxes_xyxy
    largest = (boxes[:, 2:] - boxes[:, :2]).prod(1).argmax()
    return crop_faces(image_bgr, boxes[[largest]], size, color, margin)[0]


@pytest.mark.parametrize(("color", "margin"), [("gray", 1.0), ("rgb", 1.4)])
def test_the_crop_is_that_of_predict(tmp_path, finder, color, margin):
    root = photograph_folders(tmp_path)
    cv2.imwrite(str(root / "sad" / "two.png"), two_faces())
    data = load_data(root, size=40, color=color, framing=Framing(finder, margin))
    assert len(data) == 9
    assert data.crop_margin == margin
    for name, image in zip(data.names, data.images, strict=True):
        wanted = crop_of(load_image(root / str(name)), 40, color, margin)
        assert np.array_equal(image, wanted), name
    notes = "\n".join(data.notes)
    assert f"faces were found in 9 of 9 images and cut out with crop margin {margin:g}" in notes
    assert "1 images show several faces, of which the largest is used: sad/two.png" in notes
    assert PHOTOGRAPHS not in notes


def test_a_picture_without_a_face_is_left_out_and_named(tmp_path, finder):
    root = photograph_folders(tmp_path)
    cv2.imwrite(str(root / "happy" / "cup.png"), EMPTY)
    (root / "sad" / "broken.jpg").write_bytes(b"not an image")
    data = load_data(root, size=16, framing=Framing(finder, 1.0))
    assert len(data) == 8
    assert not any("cup" in str(name) for name in data.names)
    notes = "\n".join(data.notes)
    assert "faces were found in 8 of 9 images" in notes
    assert "1 images show no face that is found and are left out: happy/cup.png" in notes
    assert "sad/broken.jpg" in notes


def test_a_class_without_faces_is_no_class(tmp_path, finder):
    root = photograph_folders(tmp_path)
    (root / "fear").mkdir()
    cv2.imwrite(str(root / "fear" / "cup.png"), EMPTY)
    (labels,) = (
        t.labels for t in load_data(root, size=16, framing=Framing(finder, 1)).targets.values()
    )
    assert set(labels.labels) == {"happy", "sad"}
    for path in (root / "sad").iterdir():
        cv2.imwrite(str(path), EMPTY)
    with pytest.raises(DataError, match="1 expressions; two are needed") as raised:
        load_data(root, size=16, framing=Framing(FaceFinder(), 1.0))
    assert "5 images show no face" in raised.value.hint


def test_the_splits_are_those_of_the_whole_pictures(tmp_path, finder):
    """A model that was trained without the option is not measured on its training pictures."""
    root = photograph_folders(tmp_path, per_class=10)
    for number in range(5):
        cv2.imwrite(str(root / "happy" / f"{number}-cup.png"), EMPTY)
    whole, found = (load_data(root, size=16, framing=f) for f in (None, Framing(finder, 1.0)))
    assert (len(whole), len(found)) == (25, 20)
    given = dict(zip(whole.names.tolist(), whole.split.tolist(), strict=True))
    for name, split in zip(found.names.tolist(), found.split.tolist(), strict=True):
        assert given[name] == split


def test_nothing_is_searched_twice(tmp_path, monkeypatch):
    root, finder = photograph_folders(tmp_path), FaceFinder()
    first = load_data(root, size=16, framing=Framing(finder, 1.0))

    def detect(self, image_bgr):
        pytest.fail("searched again")

    monkeypatch.setattr(StillDetector, "detect", detect)
    second = load_data(root, size=32, framing=Framing(finder, 1.2))
    assert np.array_equal(first.names, second.names)
    assert second.images.shape == (8, 32, 32)


def test_an_image_that_the_detector_fails_on_is_left_out_with_the_reason(tmp_path, monkeypatch):
    root = photograph_folders(tmp_path)
    detect = StillDetector.detect

    def failing(self, image_bgr):
        if image_bgr.shape == EMPTY.shape:
            raise DetectorError("It failed.", "Try again.")
        return detect(self, image_bgr)

    monkeypatch.setattr(StillDetector, "detect", failing)
    cv2.imwrite(str(root / "happy" / "cup.png"), EMPTY)
    data = load_data(root, size=16, framing=Framing(FaceFinder(), 1.0))
    assert len(data) == 8
    assert any("(It failed): happy/cup.png" in note for note in data.notes)


def test_faces_are_not_looked_for_in_fer2013_s_csv(tmp_path, finder):
    (tmp_path / "fer2013.csv").write_text(CSV, "utf-8")
    with pytest.raises(DataError, match="cut out already") as raised:
        load_data(tmp_path / "fer2013.csv", size=48, framing=Framing(finder, 1.0))
    assert "--find-faces" in raised.value.hint


def test_boxes_of_a_list_stay_in_use(tmp_path, finder):
    (tmp_path / "1").mkdir()
    cv2.imwrite(str(tmp_path / "1" / "a.png"), ASTRONAUT)
    cv2.imwrite(str(tmp_path / "1" / "b.png"), ASTRONAUT)
    head = "subDirectory_filePath,face_x,face_y,face_width,face_height,expression"
    rows = ["1/a.png,300,300,80,80,1", "1/b.png,300,300,80,80,2"]
    (tmp_path / "list.csv").write_text("\n".join([head, *rows]), "utf-8")
    without, data = (
        load_data(tmp_path / "list.csv", size=16, framing=f) for f in (None, Framing(finder, 1.5))
    )
    assert np.array_equal(data.images, without.images)
    assert data.crop_margin is None
    assert "the list gives the faces' boxes" in "\n".join(data.notes)
    assert PHOTOGRAPHS not in "\n".join(without.notes)


def test_a_list_without_boxes_is_searched(tmp_path, finder):
    root = photograph_folders(tmp_path)
    rows = [f"{name}/{n:02}.png,{name}" for name in ("happy", "sad") for n in range(4)]
    (root / "list.csv").write_text("\n".join(["path,label", *rows]), "utf-8")
    data = load_data(root / "list.csv", size=24, framing=Framing(finder, 1.0))
    image = load_image(root / str(data.names[0]))
    assert np.array_equal(data.images[0], crop_of(image, 24, "gray", 1.0))


def test_photographs_are_noticed_without_the_option(tmp_path):
    root = photograph_folders(tmp_path)
    (note,) = [n for n in load_data(root, size=16).notes if PHOTOGRAPHS in n]
    assert "in 8 of 8 sample images with a face it is small, 2" in note
    assert "--find-faces" in note


@pytest.mark.parametrize("side", [48, 224])
def test_faces_that_are_cut_out_are_not_taken_for_photographs(tmp_path, side):
    faces = composites.fer2013_faces(composites.PUBLIC_TEST, 120, seed=6)
    for name in ("happy", "sad"):
        (tmp_path / name).mkdir()
    for number, face in enumerate(faces):
        path = tmp_path / ("happy", "sad")[number % 2] / f"{number:03}.png"
        cv2.imwrite(str(path), cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC))
    assert not any(PHOTOGRAPHS in note for note in load_data(tmp_path, size=48).notes)


def test_cut_out_photographs_are_not_taken_for_photographs(tmp_path, finder):
    """What `predict` gives a model, with a margin that still shows little else."""
    root = photograph_folders(tmp_path / "whole")
    data = load_data(root, size=96, framing=Framing(finder, 0.9 / SMALL_SHARE))
    for name, image in zip(data.names.tolist(), data.images, strict=True):
        path = tmp_path / "cut" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), image)
    assert not any(PHOTOGRAPHS in note for note in load_data(tmp_path / "cut", size=48).notes)


def test_pictures_without_faces_say_nothing(tmp_path):
    for name in ("happy", "sad"):
        (tmp_path / name).mkdir()
        for number in range(4):
            cv2.imwrite(str(tmp_path / name / f"{number}.png"), EMPTY)
    assert not any(PHOTOGRAPHS in note for note in load_data(tmp_path, size=16).notes)


def test_training_does_without_the_detector_but_the_option_does_not(tmp_path, monkeypatch):
    root = photograph_folders(tmp_path)
    for name in ("fer_live.detection.still_detector", "fer_live.detection.yunet"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    for name in ("close_looks", "combined", "picture_search"):
        monkeypatch.delitem(sys.modules, f"fer_live.detection.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    data = load_data(root, size=16)
    assert len(data) == 8
    assert not any(PHOTOGRAPHS in note for note in data.notes)
    with pytest.raises(DetectorError, match="Finding faces needs onnxruntime"):
        FaceFinder()
