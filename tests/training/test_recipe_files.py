import pytest

from fer_live.core.errors import ConfigError
from fer_live.training.recipe_files import (
    check_earlier_runs,
    load_recipe,
    parse_overrides,
    recipe_names,
)


def test_every_recipe_that_comes_along_loads():
    assert "default" in recipe_names()
    for name in recipe_names():
        recipe = load_recipe(name)
        assert recipe.name == name
        assert recipe.description


def test_file_then_flags(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[schedule]\nepochs = 7\nname = "cosine"\n', "utf-8")
    recipe = load_recipe(str(path), {"schedule.epochs": 9})
    assert (recipe.name, recipe.schedule.epochs, recipe.schedule.name) == ("mine", 9, "cosine")


def test_a_recipe_survives_its_own_dictionary():
    recipe = load_recipe("default")
    plain = recipe.to_dict()
    flat = {
        f"{section}.{key}": value
        for section, table in plain.items()
        if isinstance(table, dict)
        for key, value in table.items()
    }
    assert load_recipe("default", flat) == recipe


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("schedule.epoch", 3, "Unknown setting schedule.'epoch'"),
        ("schedule.epochs", "three", "schedule.epochs does not fit"),
        ("schedule.epochs", 2.5, "schedule.epochs does not fit"),
        ("schedule.epochs", True, "schedule.epochs does not fit"),
        ("schedule.epochs", 0, "schedule.epochs is out of range"),
        ("schedule.name", "spiral", "schedule.name cannot be 'spiral'"),
        ("schedule.resolutions", [[0]], "does not fit"),
        ("schedule.resolutions", [[0, 4]], "schedule.resolutions is out of range"),
        ("run.batch_size", 0, "run.batch_size is out of range"),
        ("run.seed", -1, "run.seed is out of range"),
        ("run.validate_every", 0, "run.validate_every is out of range"),
        ("model.widths", [8, 8], "model.widths is out of range"),
        ("model.dropout", 1.5, "model.dropout is out of range"),
        ("loss.label_smoothing", {"ferplus": 2.0}, "label_smoothing.ferplus is out of range"),
        ("run", 5, "run does not fit"),
        ("run.split", [0.8, 0.3], "run.split is out of range"),
        ("run.split", [1.0], "run.split is out of range"),
        ("augment.crop", 0.0, "augment.crop is out of range"),
        ("loss.dense_l2", -1.0, "loss.dense_l2 is out of range"),
        ("model.flatten", True, "schedule.resolutions is out of range"),
        ("augment.zoom", 1.0, "augment.zoom is out of range"),
        ("optimizer.weight_decay", -1.0, "optimizer.weight_decay is out of range"),
        ("optimizer.momentum", 0.0, "optimizer.momentum is out of range"),
        ("schedule.factor", 1.0, "schedule.factor is out of range"),
        ("schedule.patience", -1, "schedule.patience is out of range"),
        ("run.precision", "64-true", "run.precision cannot be '64-true'"),
        ("model.normalization", "caffe", "model.normalization cannot be 'caffe'"),
        ("name.x", 5, "no section 'name'"),
    ],
)
def test_what_does_not_fit_is_named(setting, value, message):
    with pytest.raises(ConfigError, match=message):
        load_recipe("default-start", {setting: value})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"schedule.name": "plateau"}, 'It must be 1 with schedule.name = "plateau"'),
        ({"run.early_stopping": 3}, "a multiple of run.validate_every"),
    ],
)
def test_settings_that_need_more_validations_are_refused(settings, message):
    with pytest.raises(ConfigError) as caught:
        load_recipe("default-start", {"run.validate_every": 2, **settings})
    assert message in caught.value.hint
    assert load_recipe("default-start", {**settings, "run.validate_every": 1})
    assert load_recipe("default-start", {"run.validate_every": 2, "run.early_stopping": 4})


@pytest.mark.parametrize(
    "name", ["../default", "a/b", "/tmp/a", "..", "", "a\\b", "c:a", "nul", "a\n", "a\0", "x" * 300]
)
def test_a_recipe_that_names_a_place_outside_the_runs_folder_is_refused(name):
    with pytest.raises(ConfigError, match="cannot be used"):
        load_recipe("default-start", {"name": name})


def test_files_that_are_no_recipe(tmp_path):
    with pytest.raises(ConfigError, match="no recipe called 'nope'") as caught:
        load_recipe("nope")
    assert "default" in caught.value.hint
    with pytest.raises(ConfigError, match="cannot be read"):
        load_recipe(str(tmp_path / "absent.toml"))
    bad = tmp_path / "bad.toml"
    bad.write_text("[schedule\n", "utf-8")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load_recipe(str(bad))


def test_overrides_are_toml_or_text():
    pairs = ["schedule.epochs=3", "run.precision=32-true", "loss.head_weights={a=1.5}", "x = true"]
    assert parse_overrides(pairs) == {
        "schedule.epochs": 3,
        "run.precision": "32-true",
        "loss.head_weights": {"a": 1.5},
        "x": True,
    }
    with pytest.raises(ConfigError, match="is not a setting"):
        parse_overrides(["epochs"])


def test_a_recipe_that_goes_on_from_runs_says_which_one_to_begin_with(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    default = load_recipe("default")
    alone = [name for name in recipe_names() if not load_recipe(name).loss.teachers]
    assert "fer2013-cnn" in alone
    trained: list[str] = []
    while (error := refusal(default)) is not None:  # train what the message says
        assert "fer2013-cnn" in error.hint
        begin = error.hint.partition("--recipe ")[2].partition(",")[0]
        assert begin not in trained
        assert refusal(load_recipe(begin)) is None
        trained.append(begin)
        (tmp_path / "runs" / begin).mkdir(parents=True)
        (tmp_path / "runs" / begin / f"{begin}.safetensors").touch()
    assert set(trained) <= set(recipe_names())


def refusal(recipe):
    try:
        check_earlier_runs(recipe)
    except ConfigError as error:
        return error
    return None


def test_a_recipe_with_a_missing_model_of_its_own_is_told_so(tmp_path):
    recipe = load_recipe("default-start", {"model.pretrained": str(tmp_path / "mine.safetensors")})
    with pytest.raises(ConfigError, match=r"goes on from .*mine\.safetensors, which is not there"):
        check_earlier_runs(recipe)


DEEP = "[" * 20_000 + "]" * 20_000


def test_values_that_are_nested_too_deeply_are_refused(tmp_path):
    path = tmp_path / "deep.toml"
    for text in (f"a = {DEEP}", "x = {" + "a = {" * 3000 + "}" * 3001):
        path.write_text(text, "utf-8")
        with pytest.raises(ConfigError, match=r"deep\.toml is nested too deeply"):
            load_recipe(str(path))
    with pytest.raises(ConfigError, match=r"schedule\.epochs is nested too deeply"):
        parse_overrides([f"schedule.epochs={DEEP}"])
