"""`--find-faces` of every command: models see what `predict` shows them, and it is told."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from fer_live.batch.images import find_faces
from fer_live.capture.image_folder import load_image
from fer_live.classification.description import read_meta
from fer_live.classification.runtime.ensemble import load_models
from fer_live.cli.main import app
from fer_live.core.errors import ConfigError, DataError
from fer_live.detection.still_detector import still_detector
from fer_live.evaluation.breakdowns.degradations import measure_degradations
from fer_live.evaluation.data import load_for_models
from fer_live.training.data.photographs import FaceFinder
from fer_live.training.inference import predict
from tests.evaluation.support import gray_and_rgb
from tests.photographs import EMPTY, photograph_folders
from tests.training.support import THIRD_PARTY

FOUND = "faces were found in 12 of 13 images and cut out with crop margin"
LEFT_OUT = "1 images show no face that is found and are left out: sad/cup.png"
PHOTOGRAPHS = "look like photographs"


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    root = photograph_folders(tmp_path_factory.mktemp("photographs") / "set", per_class=6)
    cv2.imwrite(str(root / "sad" / "cup.png"), EMPTY)
    return root


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Of other sizes, colours and crop margins."""
    return gray_and_rgb(tmp_path_factory.mktemp("models"), rgb_margin=1.5)


def command(*arguments):
    done = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


@pytest.mark.parametrize("which", [(0,), (1,), (0, 1)])
def test_probabilities_are_those_of_predict(photographs, models, which):
    chosen = [models[i] for i in which]
    data = load_for_models(
        [read_meta(path) for path in chosen], photographs, None, finder=FaceFinder()
    )
    classifier, detector = load_models(chosen, "cpu"), still_detector("auto")
    measured = predict(classifier, data)
    assert len(measured) == 12
    for name, row in zip(data.names.tolist(), measured, strict=True):
        (face,) = find_faces(load_image(photographs / name), detector, classifier)
        assert row == pytest.approx(face.probabilities, abs=1e-5)
    # The degraded copies are framed alike: undegraded, they get the same answers.
    rows = measure_degradations(classifier, data, measured.argmax(1).astype(np.int64))["rows"]
    assert rows["clean"]["accuracy"]["value"] == 1


def test_evaluate_tells_what_it_found(photographs, models, tmp_path, caplog):
    arguments = ["evaluate", "--model", models[1], "--data", photographs, "--split", "all"]
    command(*arguments, "--find-faces", "--degrade", "--out", tmp_path / "found")
    report = json.loads((tmp_path / "found" / "report.json").read_text("utf-8"))
    assert report["n"] == report["degradations"]["n"] == 12
    assert f"{FOUND} 1.5" in report["notes"]
    assert LEFT_OUT in report["notes"]
    assert FOUND in caplog.text
    assert LEFT_OUT in caplog.text
    caplog.clear()
    command(*arguments, "--out", tmp_path / "whole")
    whole = json.loads((tmp_path / "whole" / "report.json").read_text("utf-8"))
    assert whole["n"] == 13
    assert PHOTOGRAPHS in caplog.text
    assert any(PHOTOGRAPHS in note for note in whole["notes"])


def test_compare_cuts_faces_for_each_model(photographs, models, tmp_path, caplog):
    a, b = models
    both = f"{a} + {b}"
    arguments = ["--data", photographs, "--find-faces", "--device", "cpu"]
    command("compare", "--model", a, "--model", b, "--model", both, *arguments, "--out", tmp_path)
    compared = json.loads((tmp_path / "compare.json").read_text("utf-8"))
    assert any(LEFT_OUT in note for note in compared["notes"])
    assert LEFT_OUT in caplog.text
    for entry, group in zip(compared["models"], ([a], [b], [a, b]), strict=True):
        named = [word for path in group for word in ("--model", path)]
        out = tmp_path / entry["name"]
        command("evaluate", *named, *arguments, "--out", out)
        alone = json.loads((out / "report.json").read_text("utf-8"))
        assert (entry["accuracy"], entry["nll"]) == (alone["accuracy"], alone["nll"])


def test_explore_and_explain_tell_it_too(photographs, models, tmp_path, caplog):
    command("explore", "--data", photographs, "--find-faces", "--out", tmp_path / "explored")
    explored = json.loads((tmp_path / "explored" / "explore.json").read_text("utf-8"))
    assert explored["faces"] == 12
    assert f"{FOUND} 1" in explored["notes"]
    for chosen in (models[:1], models):
        named = [word for path in chosen for word in ("--model", path)]
        arguments = ["explain", "--check", "--data", photographs, "--split", "all", *named]
        caplog.clear()
        done = command(*arguments, "--find-faces", "--out", tmp_path / "checked")
        report = json.loads(done.stdout)
        assert report["n"] == 12
        assert any(FOUND in note for note in report["notes"])
        assert LEFT_OUT in caplog.text


@pytest.mark.filterwarnings(THIRD_PARTY)
def test_train_release_and_export_find_faces(photographs, tmp_path, caplog):
    arguments = ["train", "--recipe", "fer2013-gray-resnet", "--data", photographs]
    for setting in ("model.pretrained=none", "model.widths=[8,8,8,8]", "run.crop_margin=1.25",
                    "run.precision=32-true", "run.batch_size=8", "schedule.epochs=1"):  # fmt: skip
        arguments += ["--set", setting]
    arguments += ["--accelerator", "cpu", "--out", tmp_path / "run"]
    done = command(*arguments, "--find-faces")
    trained = Path(json.loads(done.stdout.splitlines()[-1])["model"])
    notes = read_meta(trained).provenance["notes"]
    assert f"{FOUND} 1.25" in notes
    assert LEFT_OUT in notes
    assert LEFT_OUT in caplog.text
    with pytest.raises(ConfigError, match="how its faces are cut out"):
        command(*arguments, "--resume")
    command(*arguments, "--resume", "--find-faces", "--set", "schedule.epochs=2")
    caplog.clear()
    out = tmp_path / "ranged.safetensors"
    command(
        "release", trained, "--ranges-only", "--data", photographs, "--find-faces", "--out", out
    )
    assert f"{FOUND} 1.25" in caplog.text
    caplog.clear()
    out = tmp_path / "model.onnx"
    command(
        *("export", "--model", trained, "--int8", "--data", photographs, "--find-faces"),
        *("--split", "all", "--out", out),
    )
    assert f"{FOUND} 1.25" in caplog.text
    caplog.clear()
    # Calibration needs 20 faces; what training has told already is not told again.
    with pytest.raises(DataError, match="validation"):
        command("release", trained, "--data", photographs, "--out", tmp_path / "r.safetensors")
    assert PHOTOGRAPHS in caplog.text


@pytest.mark.parametrize(
    "words",
    [
        ["export", "--find-faces", "--out", "a.onnx"],
        ["explain", "face.png", "--find-faces", "--out", "out"],
    ],
)
def test_without_data_the_option_is_wrong_usage(words):
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "--find-faces" in done.stderr


@pytest.mark.parametrize("name", ["evaluate", "explore"])
def test_a_csv_of_faces_is_refused(name, models, tmp_path):
    pixels = " ".join(["7"] * 2304)
    rows = [f"{emotion},{pixels},PrivateTest" for emotion in (3, 4)]
    (tmp_path / "fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *rows]), "utf-8")
    named = ["--model", str(models[0])] if name == "evaluate" else []
    arguments = ["--data", str(tmp_path / "fer2013.csv"), "--out", str(tmp_path / "out"), *named]
    done = CliRunner().invoke(app, [name, *arguments, "--find-faces"])
    assert isinstance(done.exception, DataError)
    assert "cut out already" in done.exception.message
    assert not (tmp_path / "out").exists()
