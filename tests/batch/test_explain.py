"""Heat maps of real faces with the released model."""

import json

import cv2
import numpy as np
import pytest
import skimage.data
from typer.testing import CliRunner

from fer_live.api import predict
from fer_live.batch.explain import explain_paths
from fer_live.cli.main import app
from fer_live.core.errors import ConfigError, ModelError
from fer_live.evaluation.faithfulness import cover
from tests.evaluation.support import tiny_checkpoint


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("picture") / "astronaut.png"
    cv2.imwrite(str(path), skimage.data.astronaut()[:300, 100:400, ::-1])
    return path


def test_a_smile_is_explained_by_what_lies_below_the_brow(picture, tmp_path):
    (answer,) = explain_paths([picture], tmp_path / "new")
    (face,) = answer["faces"]
    assert (face["label"], face["map_label"]) == ("happy", "happy")
    heat = np.array(face["map"])
    assert heat.max() == 1
    assert heat.min() >= 0
    rows = heat.sum(1)
    assert rows.argmin() == 0
    # What is drawn; each of the map's places sees most of the face.
    seen = (heat - heat.min()).sum(1)
    assert seen[1:].mean() > 1.5 * seen[0]
    drawn, before = cv2.imread(answer["picture"]), cv2.imread(str(picture))
    assert drawn.shape == before.shape
    x, y, width, height = (round(v) for v in face["box_xywh"])
    change = np.abs(drawn.astype(int) - before)[y + 5 : y + height - 5, x + 5 : x + width - 5]
    bands = [part.mean() for part in np.array_split(change, len(rows))]
    assert np.corrcoef(bands, rows)[0, 1] > 0.9, "drawn where the map is"


def test_the_smile_is_in_the_half_of_the_face_that_the_map_marks_most(picture, tmp_path):
    (answer,) = explain_paths([picture], tmp_path)
    (face,) = answer["faces"]
    x, y, width, height = (round(v) for v in face["box_xywh"])
    crop = cv2.imread(str(picture))[y : y + height, x : x + width]
    heat = np.array(face["map"])
    half = (heat > np.median(heat)).astype(np.uint8)
    marked = cv2.resize(half, (width, height), interpolation=cv2.INTER_NEAREST) == 1
    evidence = {}
    masks = {"nothing": np.zeros_like(marked), "marked": marked, "other": ~marked}
    for name, mask in masks.items():
        (part,) = cover(crop[None], mask[None])
        cv2.imwrite(str(tmp_path / "part.png"), part)
        (shown,) = predict(tmp_path / "part.png", detect=False)
        happy = shown.probabilities[shown.labels.index("happy")]
        evidence[name] = np.log(happy / (1 - happy))
    assert evidence["nothing"] - evidence["marked"] > 5
    assert evidence["nothing"] - evidence["other"] < 1


def test_another_label_has_another_map(picture, tmp_path):
    (own,) = explain_paths([picture], tmp_path)
    (sad,) = explain_paths([picture], tmp_path, label="sad", head="fer2013")
    assert sad["faces"][0]["map_label"] == "sad"
    assert sad["faces"][0]["map"] != own["faces"][0]["map"]
    assert "contempt" not in sad["faces"][0]["probabilities"]
    assert sad["picture"] != own["picture"], "no picture is written over"
    with pytest.raises(ConfigError, match="has no label 'pain'"):
        next(explain_paths([picture], tmp_path, label="pain"))
    with pytest.raises(ModelError, match="no model"):
        next(explain_paths([picture], tmp_path, model="none"))


def test_a_whole_image_as_one_face_is_covered_wholly(picture, tmp_path):
    wide = tmp_path / "wide.png"
    cv2.imwrite(str(wide), np.full((60, 120, 3), 200, np.uint8))
    (answer,) = explain_paths([wide], tmp_path / "out", detect=False)
    assert answer["faces"][0]["box_xywh"] == [0, 0, 120, 60]
    assert len(answer["faces"][0]["map"]) >= 2


@pytest.mark.parametrize("whole", [False, True])
def test_several_models_are_explained_as_one(picture, tmp_path, whole):
    other = tiny_checkpoint(tmp_path / "other.safetensors", "rgb", 24, name="other")
    arguments = ["explain", str(picture), "--out", str(tmp_path / "out"), "--head", "fer2013"]
    arguments += ["--model", "default", "--model", str(other), *["--no-detect"] * whole]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    (face,) = json.loads(done.stdout)["faces"]
    predicted = json.loads(
        CliRunner().invoke(app, ["predict", *arguments[1:2], *arguments[6:]]).stdout
    )["faces"][0]
    assert face["map_label"] == face["label"]
    assert np.array(face["map"]).max() == 1
    # `predict` uses the models' first common heads; here it is another one.
    assert set(predicted["probabilities"]) - set(face["probabilities"]) == {"contempt"}


def test_the_detector_can_be_chosen(picture, tmp_path):
    """A face that is tilted by -40 degrees: the cascade does not see it."""
    tilted = tmp_path / "tilted.png"
    image = cv2.imread(str(picture))
    centre = image.shape[1] / 2, image.shape[0] / 2
    turn = cv2.getRotationMatrix2D(centre, -40, 1.0)
    size = image.shape[1::-1]
    cv2.imwrite(str(tilted), cv2.warpAffine(image, turn, size, borderMode=cv2.BORDER_REPLICATE))
    found = {}
    for name in ("haar", "auto"):
        arguments = ["explain", str(tilted), "--out", str(tmp_path / name), "--detector", name]
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
        found[name] = len(json.loads(done.stdout)["faces"])
    assert found == {"haar": 0, "auto": 1}


def test_images_without_faces_and_files_that_are_none(tmp_path):
    blank, text = tmp_path / "blank.png", tmp_path / "text.jpg"
    cv2.imwrite(str(blank), np.full((200, 200, 3), 120, np.uint8))
    text.write_text("no picture")
    out = tmp_path / "out"
    arguments = ["explain", str(blank), str(text), "--out", str(out)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 1
    empty, broken = (json.loads(line) for line in done.stdout.splitlines())
    assert (empty["faces"], empty["error"]) == ([], None)
    assert [path.name for path in out.iterdir()] == ["blank.png"]
    assert broken["picture"] is None
    assert broken["error"].startswith("This is not a picture")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--out", "x"],
        ["a.png"],
        ["a.png", "--out", "x", "--check", "--data", "d"],
        ["--check", "--out", "x"],
        ["a.png", "--out", "x", "--data", "d"],
        ["a.png", "--out", "x", "--no-detect", "--detector", "haar"],
    ],
)
def test_wrong_usage(arguments):
    assert CliRunner().invoke(app, ["explain", *arguments]).exit_code == 2
