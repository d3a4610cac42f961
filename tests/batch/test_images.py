import csv

import cv2
import numpy as np
import pytest
from skimage import data

from fer_live.batch.images import (
    CSV_FIELDS,
    ImageOptions,
    csv_rows,
    find_faces,
    predict_image,
    predict_paths,
    still_detector,
)
from fer_live.capture.demo import render_demo
from fer_live.core.errors import ModelError, RecordingError
from fer_live.core.labels import FER2013
from tests.live.fakes import FakeClassifier, FakeDetector, boxes

PICTURE = np.full((60, 100, 3), 90, np.uint8)


class Seeing(FakeClassifier):
    """Keeps the crops that it receives."""

    def classify(self, crops):
        self.crops = crops
        return super().classify(crops)


@pytest.fixture
def folder(tmp_path):
    """An image of two people, one of nobody, and a file that is not an image."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "1_two.png"), render_demo(2.0, (640, 360), 2))
    cv2.imwrite(str(folder / "2_none.png"), PICTURE)
    (folder / "3_bad.jpg").write_bytes(b"not a picture")
    return folder


def test_no_face_gives_an_empty_list():
    assert predict_image(PICTURE, FakeDetector(boxes()), FakeClassifier()) == []


def test_faces_come_from_left_to_right_in_one_batch():
    classifier = FakeClassifier()
    detector = FakeDetector(boxes((50, 10, 80, 40), (5, 8, 35, 38)))
    faces = predict_image(PICTURE, detector, classifier)
    assert classifier.batches == [2]
    assert faces[0] == {
        "box_xywh": [5.0, 8.0, 30.0, 30.0],
        "label": "happy",
        "confidence": 0.75,
        "probabilities": {"happy": 0.75, "sad": 0.25},
    }
    assert faces[1]["box_xywh"][0] == 50.0


def test_a_square_image_that_is_one_face_is_taken_as_it_is():
    classifier = Seeing()
    picture = np.random.default_rng(0).integers(0, 255, (16, 16, 3), np.uint8)
    faces = predict_image(picture, None, classifier)
    np.testing.assert_array_equal(classifier.crops[0], cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
    assert faces[0]["box_xywh"] == [0.0, 0.0, 16.0, 16.0]


@pytest.mark.parametrize("shape", [(40, 80), (80, 40)])
def test_one_face_that_is_not_square_is_not_distorted(shape):
    height, width = shape
    picture = np.full((height, width, 3), 10, np.uint8)
    cv2.circle(picture, (width // 2, height // 2), 15, (250, 250, 250), -1)
    classifier = Seeing()
    faces = predict_image(picture, None, classifier)
    assert faces[0]["box_xywh"] == [0.0, 0.0, float(width), float(height)]
    bright = classifier.crops[0] > 128
    assert abs(int(bright.any(0).sum()) - int(bright.any(1).sum())) <= 1


def test_every_image_has_an_answer(folder, checkpoint, tmp_path):
    paths = [folder, tmp_path / "missing.png"]
    two, none, bad, missing = predict_paths(
        paths, ImageOptions(model=str(checkpoint), device="cpu")
    )
    assert (two["width"], two["height"], two["error"]) == (640, 360, None)
    assert len(two["faces"]) == 2
    assert tuple(two["faces"][0]["probabilities"]) == FER2013.labels
    assert (none["faces"], none["error"]) == ([], None)
    assert bad["error"].startswith("This is not a picture, or its beginning is damaged. Choose a")
    assert bad["path"].endswith("3_bad.jpg")
    assert missing["error"] == f"There is no file {paths[1]}. Check its name and folder."
    for answer in (two, none, bad, missing):
        assert list(answer) == ["path", "width", "height", "faces", "error"]


def test_an_empty_folder_is_reported(checkpoint, tmp_path):
    (answer,) = predict_paths([tmp_path], ImageOptions(model=str(checkpoint), device="cpu"))
    assert "no image" in answer["error"]


def test_without_detection_every_image_is_one_face(folder, checkpoint):
    answers = list(
        predict_paths([folder], ImageOptions(model=str(checkpoint), device="cpu", detect=False))
    )
    assert [len(answer["faces"]) for answer in answers] == [1, 1, 0]


def test_annotated_images_are_written_and_never_overwritten(folder, checkpoint, tmp_path):
    out = tmp_path / "out"
    for _ in range(2):
        list(
            predict_paths(
                [folder], ImageOptions(model=str(checkpoint), device="cpu", annotate_dir=out)
            )
        )
    names = {path.name for path in out.iterdir()}
    assert names == {"1_two.png", "1_two-2.png", "2_none.png", "2_none-2.png"}
    assert cv2.imread(str(out / "1_two.png")).shape == (360, 640, 3)


def test_a_place_that_cannot_be_written_is_reported(folder, checkpoint, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", "utf-8")
    with pytest.raises(RecordingError, match="cannot be written"):
        list(
            predict_paths(
                [folder], ImageOptions(model=str(checkpoint), device="cpu", annotate_dir=blocked)
            )
        )


def test_a_missing_model_is_reported_at_once(tmp_path):
    with pytest.raises(ModelError):
        next(predict_paths([tmp_path], ImageOptions(model="no-such-model")))


def test_csv_has_a_row_per_face_and_one_for_none(folder, checkpoint):
    answers = predict_paths([folder], ImageOptions(model=str(checkpoint), device="cpu"))
    rows = [row for answer in answers for row in csv.DictReader(csv_rows(answer), CSV_FIELDS)]
    assert [bool(row["label"]) for row in rows] == [True, True, False, False]
    assert [bool(row["error"]) for row in rows] == [False, False, False, True]
    assert float(rows[0]["box_width"]) > 20


def test_a_portrait_has_one_face_and_no_false_alarms():
    portrait = np.ascontiguousarray(data.astronaut()[..., ::-1])
    faces = find_faces(portrait, still_detector(), FakeClassifier())
    assert len(faces) == 1
    left, top, right, bottom = faces[0].box_xyxy
    assert left < 225 < right
    assert top < 120 < bottom
