import json
from dataclasses import replace

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from fer_live.classification.description import read_meta
from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.core.errors import ConfigError, DataError, DeviceError, ModelError
from fer_live.core.labels import FER2013
from fer_live.training.curves import draw_curves, read_history
from fer_live.training.data.dataset import HeadTargets
from fer_live.training.fit import fit
from fer_live.training.module import FaceModule
from fer_live.training.recipe_files import load_recipe
from fer_live.training.setup import make_module, pixel_statistics
from fer_live.training.train import train
from tests.training.support import THIRD_PARTY, Killed, break_off, states, tiny_data, tiny_recipe

pytestmark = [
    pytest.mark.filterwarnings(THIRD_PARTY),
]


def run(recipe, data, out, **kwargs):
    return fit(recipe, data, out, accelerator="cpu", progress=False, **kwargs)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    out = tmp_path_factory.mktemp("unbroken")
    return out, run(tiny_recipe(), tiny_data(), out)


def test_a_run_leaves_a_model_the_app_can_use(unbroken):
    out, result = unbroken
    classifier = TorchClassifier.load(result.checkpoint, "cpu")
    data = tiny_data().part("test")
    probabilities = classifier.classify(data.images)
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
    assert classifier.labels.name == "ferplus"
    provenance = classifier.meta.provenance
    assert provenance["rows"] == {"train": 64, "val": 21, "test": 11}
    assert provenance["recipe"]["run"]["batch_size"] == 16
    assert result.epochs == 3
    settings = json.loads((out / "settings.json").read_text("utf-8"))
    assert settings["recipe"]["run"]["seed"] == 1
    assert "torch" in settings["versions"]


def test_a_run_leaves_curves_and_a_table(unbroken):
    out, result = unbroken
    for name in ("loss", "accuracy", "macro_f1"):
        image = cv2.imread(str(out / f"{name}.png"))
        assert image is not None
        assert image.std() > 0
    table = pd.read_csv(out / "history.csv")
    assert table["epoch"].tolist() == [0, 1, 2]
    assert table["val_acc_ferplus"].max() == pytest.approx(result.best)
    assert np.isfinite(table[["train_loss", "val_loss"]].to_numpy()).all()


def test_the_best_epoch_can_be_the_one_with_the_least_loss(tmp_path):
    result = run(tiny_recipe(run__best_by="loss"), tiny_data(), tmp_path)
    table = pd.read_csv(tmp_path / "history.csv")
    assert table["val_loss"].min() == pytest.approx(result.best)
    best = read_meta(result.checkpoint).provenance["best_epoch"]
    assert table["val_loss"].idxmin() == best


def test_every_third_and_the_last_epoch_are_validated(tmp_path, monkeypatch):
    recipe = tiny_recipe(run__validate_every=3, schedule__epochs=5, optimizer__lr=0.01)
    result = run(recipe, tiny_data(), tmp_path / "unbroken")
    table = pd.read_csv(tmp_path / "unbroken" / "history.csv").set_index("epoch")
    assert table["train_loss"].notna().all()
    for column in ("val_loss", "val_acc_ferplus", "val_macro_f1_fer2013"):
        assert table.index[table[column].notna()].tolist() == [2, 4]
    for name in ("loss", "accuracy", "macro_f1"):
        assert cv2.imread(str(tmp_path / "unbroken" / f"{name}.png")).std() > 0
    figures = table["val_acc_ferplus"].dropna()
    assert result.best == pytest.approx(figures.max())
    assert read_meta(result.checkpoint).provenance["best_epoch"] == figures.idxmax()

    break_off(monkeypatch, 2, lambda: run(recipe, tiny_data(), tmp_path / "broken"))
    assert run(recipe, tiny_data(), tmp_path / "broken", resume=True).best == result.best
    history = read_history(tmp_path / "broken")
    assert (
        history["train_loss"].tolist() == read_history(tmp_path / "unbroken")["train_loss"].tolist()
    )
    expected, got = states(tmp_path / "unbroken"), states(tmp_path / "broken")
    assert all(torch.equal(expected[key], got[key]) for key in expected)


def test_the_last_epoch_is_released_although_few_are_validated(tmp_path):
    recipe = tiny_recipe(run__validate_every=2, run__best_by="last")
    result = run(recipe, tiny_data(), tmp_path)
    table = pd.read_csv(tmp_path / "history.csv")
    assert table["val_acc_ferplus"].notna().tolist() == [False, True, True]
    assert read_meta(result.checkpoint).provenance["best_epoch"] == 2
    assert result.best == pytest.approx(table["val_acc_ferplus"].iloc[-1])


def test_early_stopping_counts_epochs_also_where_few_are_validated(tmp_path):
    recipe = tiny_recipe(
        schedule__epochs=12,
        optimizer__lr=1e-12,
        run__average_decay=0.0,
        run__validate_every=2,
        run__early_stopping=4,
        run__best_by="accuracy",
    )
    data = tiny_data()
    constant = replace(data, images=np.full_like(data.images, 90))
    result = run(recipe, constant, tmp_path)
    assert result.epochs == 6  # validated first after the second
    assert read_meta(result.checkpoint).provenance["best_epoch"] == 1


def test_a_run_begun_before_the_best_epoch_had_a_class_of_its_own_resumes(tmp_path):
    recipe = tiny_recipe(schedule__epochs=2, optimizer__lr=0.01)
    first = run(recipe, tiny_data(), tmp_path)
    stored = torch.load(tmp_path / "last.ckpt", weights_only=True)
    names = [name for name in stored["callbacks"] if "Checkpoint" in name]
    assert len(names) == 2
    assert all(name.startswith("ModelCheckpoint{") for name in names)
    # Its best figure is known again: a worse epoch does not replace the file of the best.
    blank = tiny_data()
    blank.images[64:85] = 0
    longer = tiny_recipe(schedule__epochs=3, optimizer__lr=0.01)
    assert run(longer, blank, tmp_path, resume=True).best == first.best


def test_a_recipe_that_goes_on_from_another_run_needs_it(tmp_path):
    with pytest.raises(ModelError, match="There is no model 'runs/default-teacher-resnet18"):
        run(load_recipe("resnet18"), tiny_data(), tmp_path)


@pytest.mark.parametrize("moment", ["in an epoch", "after an epoch"])
def test_killed_and_resumed_ends_with_the_same_weights(unbroken, tmp_path, monkeypatch, moment):
    real_step, real_end = FaceModule.training_step, FaceModule.on_validation_epoch_end

    def step(self, batch, batch_idx):
        if moment == "in an epoch" and self.current_epoch == 1 and batch_idx == 2:
            raise Killed
        return real_step(self, batch, batch_idx)

    def end(self):
        if moment == "after an epoch" and self.current_epoch == 1:
            raise Killed
        real_end(self)

    with monkeypatch.context() as patched:
        patched.setattr(FaceModule, "training_step", step)
        patched.setattr(FaceModule, "on_validation_epoch_end", end)
        with pytest.raises(Killed):
            run(tiny_recipe(), tiny_data(), tmp_path)
    torch.manual_seed(999)  # a new process would not have the old one's generator either
    resumed = run(tiny_recipe(), tiny_data(), tmp_path, resume=True)
    out, result = unbroken
    expected, got = states(out), states(tmp_path)
    assert expected.keys() == got.keys()
    assert all(torch.equal(expected[key], got[key]) for key in expected)
    assert resumed.best == result.best
    history = read_history(tmp_path)
    assert history["epoch"].tolist() == [0, 1, 2]
    assert history["val_loss"].tolist() == read_history(out)["val_loss"].tolist()


def test_resume_without_a_run_starts_one(tmp_path):
    recipe = tiny_recipe(schedule__epochs=1, run__average_decay=0.0)
    assert run(recipe, tiny_data(), tmp_path / "new", resume=True).epochs == 1


def test_resume_refuses_what_does_not_fit(unbroken, tmp_path):
    out, _ = unbroken
    (tmp_path / "last.ckpt").write_bytes((out / "last.ckpt").read_bytes())
    with pytest.raises(ConfigError, match="a different network"):
        run(tiny_recipe(model__widths=[8, 8, 8, 16]), tiny_data(), tmp_path, resume=True)
    (tmp_path / "last.ckpt").write_bytes((out / "last.ckpt").read_bytes()[:5000])
    with pytest.raises(ConfigError, match="damaged"):
        run(tiny_recipe(), tiny_data(), tmp_path, resume=True)


@pytest.mark.parametrize(
    ("first", "then", "named"),
    [
        ({}, {"optimizer__name": "adam"}, "optimizer.name"),
        ({}, {"optimizer__lr": 0.2}, "optimizer.lr"),
        ({}, {"schedule__name": "cosine"}, "schedule.name"),
        ({}, {"model__frozen_layers": 2}, "model.frozen_layers"),
        ({"schedule__name": "one-cycle"}, {"schedule__epochs": 2}, "schedule.epochs"),
        ({"schedule__name": "plateau"}, {"schedule__factor": 0.5}, "schedule.factor"),
    ],
)
def test_resume_refuses_what_the_checkpoint_has_settled(unbroken, tmp_path, first, then, named):
    out, _ = unbroken
    (tmp_path / "last.ckpt").write_bytes((out / "last.ckpt").read_bytes())
    settings = {"recipe": tiny_recipe(**first).to_dict()}
    (tmp_path / "settings.json").write_text(json.dumps(settings), "utf-8")
    with pytest.raises(ConfigError, match=f"cannot change {named}"):
        run(tiny_recipe(**{**first, **then}), tiny_data(), tmp_path, resume=True)


def test_a_run_can_be_made_longer_and_lost_figures_end_it(tmp_path):
    def go(epochs, **kwargs):
        recipe = tiny_recipe(schedule__epochs=epochs, optimizer__lr=0.01)
        return run(recipe, tiny_data(), tmp_path, **kwargs)

    assert go(1).epochs == 1
    assert go(2, resume=True).epochs == 2
    wild = tiny_recipe(optimizer__lr=1e9, schedule__warmup_epochs=0, run__average_decay=0.0)
    with pytest.raises(ConfigError, match="not a finite number after epoch 1") as caught:
        run(wild, tiny_data(), tmp_path / "wild")
    assert "optimizer.lr" in caught.value.hint


def test_folders_and_devices_that_cannot_be_used(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="run cannot be written to"):
        run(tiny_recipe(), tiny_data(), tmp_path / "file")
    with pytest.raises(DeviceError, match="devices 3x"):
        run(tiny_recipe(), tiny_data(), tmp_path / "run", devices="3x")


def test_progress_goes_to_standard_error(tmp_path, capfd):
    recipe = tiny_recipe(schedule__epochs=1)
    fit(recipe, tiny_data(), tmp_path, accelerator="cpu", progress=True)
    said = capfd.readouterr()
    assert said.out == ""
    assert "val_acc" in said.err
    assert "v_num" not in said.err


def test_a_run_is_not_overwritten_by_accident(unbroken, tmp_path):
    out, _ = unbroken
    with pytest.raises(ConfigError, match="already holds a run"):
        train("default-start", tmp_path / "data", None, out)


def test_data_that_cannot_be_trained_on(tmp_path):
    with pytest.raises(DataError, match="none for validation"):
        make_module(tiny_recipe(), tiny_data(val=0))
    data = tiny_data()
    blank = HeadTargets(data.targets["ferplus"].labels, data.targets["ferplus"].probabilities * 0)
    with pytest.raises(DataError, match="target for 'ferplus'"):
        make_module(tiny_recipe(), replace(data, targets={**data.targets, "ferplus": blank}))


def test_a_device_that_is_not_there(tmp_path):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(DeviceError, match="accelerator 'cuda'"):
        fit(tiny_recipe(), tiny_data(), tmp_path, accelerator="cuda", progress=False)


def test_every_other_choice_of_a_recipe_trains(tmp_path):
    recipe = tiny_recipe(
        model__color="rgb",
        model__size=20,
        model__squeeze_excitation=True,
        model__hidden=[12],
        loss__class_weights=True,
        loss__oversample=1.0,
        augment__mixup=0.2,
        augment__cutmix=1.0,
        optimizer__name="adamw",
        optimizer__lr=1e-3,
        schedule__name="plateau",
        schedule__epochs=2,
        run__early_stopping=1,
        run__average_decay=0.0,
        run__default_head="",
    )
    data = tiny_data()
    only = replace(data, targets={"fer2013": data.targets["fer2013"]})
    result = run(recipe, only, tmp_path)
    classifier = TorchClassifier.load(result.checkpoint, "cpu")
    assert classifier.labels == FER2013
    assert (classifier.input.size, classifier.input.color) == (20, "rgb")


def test_a_folder_trains_from_the_command_function(tmp_path, caplog):
    rng = np.random.default_rng(0)
    for level, name in enumerate(("happy", "sad", "pain")):
        (tmp_path / "set" / name).mkdir(parents=True)
        for number in range(12):
            image = rng.integers(0, 40, (16, 16), np.uint8) + np.uint8(level * 80)
            cv2.imwrite(str(tmp_path / "set" / name / f"{number}.png"), image)
    overrides = ["model.widths=[8,8,8,8]", "model.size=16", "schedule.resolutions=[]"]
    overrides += ["schedule.epochs=1", "run.batch_size=8", "run.precision=32-true"]
    result = train(
        "default-start",
        tmp_path / "set",
        None,
        tmp_path / "run",
        overrides=overrides,
        accelerator="cpu",
        progress=False,
    )
    assert TorchClassifier.load(result.checkpoint, "cpu").labels.labels == ("happy", "sad", "pain")
    assert "the set has no splits: split 80/10/10 by class" in caplog.text


def test_pixel_statistics_match_the_plain_formula():
    images = np.random.default_rng(1).integers(0, 256, (5, 8, 8, 3), np.uint8)
    mean, std = pixel_statistics(images, 3)
    np.testing.assert_allclose(mean, images.reshape(-1, 3).mean(0) / 255, atol=1e-4)
    np.testing.assert_allclose(std, images.reshape(-1, 3).std(0) / 255, atol=1e-4)
    assert len(set(pixel_statistics(images[..., 0], 3)[0])) == 1


@pytest.mark.parametrize(
    ("color", "kind", "mean", "std"),
    [
        ("rgb", "imagenet", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ("gray", "imagenet", (0.449,), (0.226,)),
        ("rgb", "unit", (0.0,) * 3, (1.0,) * 3),
    ],
)
def test_normalisation_goes_into_the_checkpoint(color, kind, mean, std):
    recipe = tiny_recipe(model__color=color, model__normalization=kind)
    spec = make_module(recipe, tiny_data()).input_spec
    assert (spec.mean, spec.std) == (mean, std)


def test_dense_l2_is_the_sum_of_the_hidden_layers_squares():
    recipe = tiny_recipe(model__hidden=[6, 5], loss__dense_l2=0.01)
    module = make_module(recipe, tiny_data())
    hidden = [
        layer.weight.detach()
        for head in module.network.heads.values()
        for layer in head
        if isinstance(layer, torch.nn.Linear) and layer.out_features in (5, 6)
    ]
    assert len(hidden) == 4
    expected = 0.01 * sum(float(weight.square().sum()) for weight in hidden)
    module.log = lambda *_, **__: None
    # No face has a target: the penalty is all that is left of the loss.
    targets = {"fer2013": torch.zeros(2, 7), "ferplus": torch.zeros(2, 8)}
    loss = module.training_step((torch.zeros(2, 1, 16, 16, dtype=torch.uint8), targets), 0)
    assert float(loss.detach()) == pytest.approx(expected, rel=1e-5)


def test_history_of_nothing_is_empty(tmp_path):
    assert read_history(tmp_path).empty
    assert draw_curves(tmp_path) == []


def test_a_folder_is_read_at_the_size_that_the_finished_model_gets(tmp_path):
    """The pattern of single pixels is uniform grey at half the size, and so are the statistics."""
    pattern = np.indices((32, 32)).sum(0) % 2 * 255
    for name in ("happy", "sad"):
        (tmp_path / "set" / name).mkdir(parents=True)
        for number in range(10):
            cv2.imwrite(str(tmp_path / "set" / name / f"{number}.png"), pattern.astype(np.uint8))
    settings = ["model.size=32", "model.crop_size=16", "model.widths=[8,8,8,8]",
                "model.pretrained=none", "model.normalization=data", "run.precision=32-true",
                "schedule.epochs=1"]  # fmt: skip
    result = train(
        *("fer2013-gray-resnet", tmp_path / "set", None, tmp_path / "run"),
        overrides=settings,
        accelerator="cpu",
        progress=False,
    )
    spec = read_meta(result.checkpoint).input
    assert spec.size == 16
    assert spec.std[0] < 0.1
