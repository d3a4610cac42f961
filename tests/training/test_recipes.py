"""Every recipe that comes along, from its one command to a face in a image."""

import io
import json
import tomllib
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data as samples
from typer.testing import CliRunner

from fer_live.classification.description import read_meta
from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.classification.runtime.ensemble import load_models
from fer_live.cli.main import app
from fer_live.core.labels import FER2013, SIX_WITH_PAIN, UNSURE
from fer_live.core.types import Frame
from fer_live.live.assembly import build_processor
from fer_live.training.recipe_files import load_recipe, recipe_names
from fer_live.web.app import create_app
from fer_live.web.prediction_service import PredictionService
from tests.training.support import THIRD_PARTY

pytestmark = [pytest.mark.filterwarnings(THIRD_PARTY)]

SHRUNK = ("model.widths=[8,8,8,8]", "model.size=32", "model.pretrained=none", "run.batch_size=8")
"""Narrow networks on small faces, and no download; the rest of each recipe stays as it is."""

UNTAUGHT = ("loss.teachers=[]", "loss.teacher_share={}", "loss.teacher_views=false")

ALSO = {
    "default": (
        *("model.size=80", "model.crop_size=32", "schedule.resolutions=[]"),
        *UNTAUGHT,
    ),
    "resnet18": UNTAUGHT,
}
"""What else is changed: dlib's network needs larger inputs, and their teachers are other runs."""

RECIPES = sorted(name for name in recipe_names() if not name.startswith("default-"))

PER_CLASS = 10


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """A folder per class in colour, without splits: FER2013's classes, and six with pain."""
    rng = np.random.default_rng(3)
    made = {}
    for labels in (FER2013, SIX_WITH_PAIN):
        root = made[labels.name] = tmp_path_factory.mktemp(labels.name)
        for level, name in enumerate(labels.labels):
            (root / name).mkdir()
            for number in range(PER_CLASS):
                image = rng.integers(0, 30, (40, 40, 3)) + np.array([level * 30, 90, 200 - level])
                cv2.imwrite(str(root / name / f"{number}.png"), image.astype(np.uint8))
    return made


@pytest.fixture(scope="module")
def portrait(tmp_path_factory):
    path = tmp_path_factory.mktemp("portrait") / "astronaut.png"
    cv2.imwrite(str(path), samples.astronaut()[:, :, ::-1])
    return path


def command(*arguments):
    done = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_trains_resumes_evaluates_and_names_a_face(name, sets, portrait, tmp_path):
    labels = SIX_WITH_PAIN if name == "six-resnet50" else FER2013
    run = ["train", "--recipe", name, "--data", sets[labels.name], "--out", tmp_path / "run"]
    run += ["--accelerator", "cpu"]
    for setting in (*SHRUNK, *ALSO.get(name, ())):
        run += ["--set", setting]
    command(*run, "--set", "schedule.epochs=1")
    if load_recipe(name).degrade.share:
        run += ["--workers", 1]
    trained = json.loads(command(*run, "--resume", "--set", "schedule.epochs=2").splitlines()[-1])
    assert trained["epochs"] == 2

    path = Path(trained["model"])
    meta = read_meta(path)
    recipe = load_recipe(name)
    assert meta.labels == labels
    assert (meta.input.size, meta.input.color) == (32, recipe.model.color)
    assert meta.input.crop_margin == recipe.run.crop_margin
    assert meta.provenance["recipe"]["optimizer"]["lr"] == recipe.optimizer.lr

    crops = np.random.default_rng(4).integers(0, 256, (5, 32, 32, 3), np.uint8)
    crops = crops if meta.input.color == "rgb" else np.ascontiguousarray(crops[..., 0])
    live, reference = load_models(trained["model"], "cpu"), TorchClassifier.load(path, "cpu")
    assert live.classify(crops) == pytest.approx(reference.classify(crops), abs=1e-3)

    split = "test" if len(recipe.run.split) == 3 else "val"
    share = recipe.run.split[("train", "val", "test").index(split)]
    arguments = ["--data", sets[labels.name], "--model", trained["model"], "--split", split]
    report = json.loads(command("evaluate", *arguments, "--out", tmp_path / "report"))
    assert report["n"] == round(PER_CLASS * share) * len(labels)

    answer = json.loads(command("predict", portrait, "--model", trained["model"]))
    with PredictionService.load(trained["model"], "cpu") as service:
        client = create_app(service).test_client()
        content = io.BytesIO(portrait.read_bytes())
        sent = client.post("/predict", data={"file": (content, "a.png")})
        assert tuple(client.get("/healthz").json["labels"]) == labels.labels
    for faces in (answer["faces"], sent.json["pictures"][0]["faces"]):
        (face,) = faces
        assert tuple(face["probabilities"]) == labels.labels
        assert sum(face["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    # The engine of the window, on a source of its own.
    log = tmp_path / "log.jsonl"
    run = ["run", "--headless", "--source", portrait, "--model", trained["model"], "--log", log]
    report = json.loads(command(*run))
    assert report["frames_analysed"] == 1
    assert report["model"] == name
    rows = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert any(row.get("label") in (*labels.labels, UNSURE) for row in rows)


def test_the_reports_baselines_can_be_compared(sets, tmp_path):
    models = []
    for name in ("simple-cnn", "vgg11_bn", "efficientnet_b0"):
        trained = command(
            *("train", "--recipe", "fer2013-cnn", "--set", f"name={name}"),
            *("--set", f"model.architecture={name}", "--set", "model.flatten=false"),
            *("--set", "model.size=32", "--set", "schedule.epochs=1", "--accelerator", "cpu"),
            *("--data", sets[FER2013.name], "--out", tmp_path / name),
        )
        models += ["--model", json.loads(trained.splitlines()[-1])["model"]]
    compared = json.loads(
        command(
            "compare", *models, "--data", sets[FER2013.name], "--out", tmp_path, "--split", "val"
        )
    )
    assert [m["name"] for m in compared["models"]] == ["simple-cnn", "vgg11_bn", "efficientnet_b0"]
    assert compared["n"] == 2 * len(FER2013)


@pytest.mark.parametrize("name", ["six-resnet50", "rafdb-resnet50", "resemotenet-se"])
def test_in_its_full_size_a_recipe_reads_the_live_crop(name, sets, tmp_path):
    labels = SIX_WITH_PAIN if name == "six-resnet50" else FER2013
    command(
        *("train", "--recipe", name, "--data", sets[labels.name], "--out", tmp_path),
        *("--accelerator", "cpu", "--set", "schedule.epochs=1", "--set", "model.pretrained=none"),
        *("--set", "run.batch_size=28", "--set", "model.widths=[16,16,16,16]"),
    )
    processor = build_processor(tmp_path / f"{name}.safetensors", "cpu")
    image = np.ascontiguousarray(samples.astronaut()[:, :, ::-1])
    for number in range(3):
        result = processor.process(Frame(image, number, number / 30))
    (face,) = result.faces
    assert result.labels == labels.labels
    assert face.probabilities.sum() == pytest.approx(1, abs=1e-4)
    assert read_meta(tmp_path / f"{name}.safetensors").input.size in (64, 224)


def test_recipes_are_listed_with_their_descriptions():
    listed = dict(line.split("\t") for line in command("train", "--list-recipes").splitlines())
    assert listed == {name: load_recipe(name).description for name in recipe_names()}
    assert set(RECIPES) == {
        "default",
        "resnet18",
        "six-resnet50",
        "rafdb-resnet50",
        "fer2013-resnet50",
        "fer2013-cnn",
        "fer2013-gray-resnet",
        "resemotenet-se",
    }


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_says_what_its_file_says(name):
    folder = resources.files("fer_live.training") / "recipes"
    written = tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
    plain = json.loads(json.dumps(load_recipe(name).to_dict()))
    for section, table in written.items():
        for key, value in table.items() if isinstance(table, dict) else ():
            assert plain[section][key] == value
