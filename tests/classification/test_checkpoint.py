"""Checkpoints on disk, whole and broken."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from fer_live.classification.checkpoint import load_checkpoint, save_checkpoint
from fer_live.classification.description import CheckpointMeta, HeadSpec, InputSpec, read_meta
from fer_live.classification.runtime.onnx import OnnxClassifier
from fer_live.core.errors import ModelError
from fer_live.core.labels import FER2013, FERPLUS
from fer_live.core.paths import find_model, model_names

from .conftest import TINY, make_meta


@pytest.mark.parametrize("half", [False, True])
def test_a_saved_network_answers_as_before(tmp_path, network, half):
    heads = {
        "ferplus": HeadSpec(FERPLUS, 1.5, tuple(range(8))),
        "fer2013": HeadSpec(FER2013, 0.8),
    }
    meta = make_meta(heads=heads)
    path = tmp_path / "new" / "tiny.safetensors"
    save_checkpoint(path, network, meta, half=half)
    loaded, read = load_checkpoint(path)
    assert read == meta
    assert read_meta(path) == meta
    assert read.labels == FERPLUS
    assert not loaded.training
    x = torch.randn(2, 1, 32, 32)
    with torch.inference_mode():
        torch.testing.assert_close(
            loaded(x)["fer2013"], network(x)["fer2013"], atol=1e-2 if half else 0, rtol=0
        )
    assert [p.name for p in path.parent.iterdir()] == ["tiny.safetensors"]


def test_what_cannot_be_written_says_why(tmp_path, network):
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="could not be written"):
        save_checkpoint(tmp_path / "file" / "x.safetensors", network, make_meta())


@pytest.fixture
def saved(tmp_path, network):
    path = tmp_path / "tiny.safetensors"
    save_checkpoint(path, network, make_meta())
    return path


def test_a_model_that_cannot_be_opened_says_why(tmp_path):
    with pytest.raises(ModelError, match="There is no model at"):
        read_meta(tmp_path / "missing.safetensors")
    with pytest.raises(ModelError, match=r"cannot be read: .+\. Check the permissions"):
        read_meta(tmp_path)  # as a file without permission, which root may read


def rewrite(path, state=None, **changes):
    data = json.loads(read_meta(path).to_json())
    data.update(changes)
    save_file(state or load_file(path), path, metadata={"fer_live": json.dumps(data)})


def truncated(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def without_description(path):
    save_file(load_file(path), path)


def not_finite(path):
    state = load_file(path)
    next(value for key, value in state.items() if key.endswith("weight")).fill_(float("nan"))
    rewrite(path, state)


def lacking_a_weight(path):
    state = load_file(path)
    state.pop("trunk.conv1.0.weight")
    rewrite(path, state)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda p: p.unlink(), "no model at"),
        (lambda p: p.write_text("weights"), "not a readable"),
        (truncated, "not a readable"),
        (without_description, "no fer-live description"),
        (not_finite, "not finite"),
        (lacking_a_weight, "do not fit"),
        (lambda p: rewrite(p, format="99"), "format 99"),
        (lambda p: rewrite(p, default_head="other"), "do not match"),
        (lambda p: rewrite(p, heads={}), "do not match"),
        (lambda p: rewrite(p, input={}), "cannot be read"),
        (lambda p: rewrite(p, architecture={"depth": 1}), "cannot be read"),
    ],
)
def test_an_unfit_file_is_refused_with_a_hint(saved, harm, words):
    harm(saved)
    with pytest.raises(ModelError, match=words) as caught:
        load_checkpoint(saved)
    assert caught.value.hint


def edited(path, *keys, value):
    """Writes a value into the description, as any program can."""
    data = json.loads(read_meta(path).to_json())
    place = data
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    save_file(load_file(path), path, metadata={"fer_live": json.dumps(data)})


LABELS = list(FERPLUS.labels)


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        *((("heads", "ferplus", "labels"), [text, *LABELS[1:]]) for text in (
            "", "a\x1b[2Jb", "a\nb", "a\0", "<b>a</b>", "=1+1", "@x", "\ud800", "\u202ea",
            "x" * 10_000, 3, None, ["a"], LABELS[1],
        )),
        (("heads", "ferplus", "label_set"), "\x1b[2J"),
        (("heads", "ferplus", "temperature"), float("inf")),
        (("heads", "ferplus", "temperature"), float("nan")),
        (("heads", "ferplus", "temperature"), 1e30),
        (("heads", "ferplus", "bias"), [float("nan")] * 8),
        (("heads",), ["ferplus", "fer2013"]),
        (("name",), "a\nb"),
        (("name",), 5),
        (("provenance",), [1]),
        (("input", "size"), 60_000),
        (("input", "size"), float("inf")),
        (("input", "crop_margin"), float("nan")),
        (("input", "mean"), [float("nan")]),
        (("input", "color"), "rgb"),
        (("input",), {
            "size": 32, "color": "rgb", "mean": [0.5] * 3, "std": [0.2] * 3, "crop_margin": 1.1
        }),
        (("architecture", "widths"), [8, 8]),
        (("architecture", "widths"), [8, 8, 16, 10**9]),
        (("architecture", "heads"), ["ferplus"]),
        (("architecture", "hidden"), [64] * 99),
        (("architecture", "stem"), {}),
        (("architecture", "name"), ["resnet18"]),
    ],
)  # fmt: skip
def test_a_description_that_cannot_be_trusted_is_refused_in_one_sentence(saved, keys, value):
    edited(saved, *keys, value=value)
    with pytest.raises(ModelError) as caught:
        read_meta(saved)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 300


def test_a_deeply_nested_description_is_refused(saved):
    text = '{"format": ' + "[" * 99_999
    save_file(load_file(saved), saved, metadata={"fer_live": text})
    with pytest.raises(ModelError, match="cannot be read"):
        read_meta(saved)


def zero(path, prefix):
    state = load_file(path)
    for name, value in state.items():
        if name.startswith(prefix):
            value.zero_()
    rewrite(path, state)


def rgb_over_grey_weights(path):
    rewrite(
        path,
        architecture={**TINY.to_dict(), "in_channels": 3},
        input={
            "size": 32, "color": "rgb", "mean": [0.5] * 3, "std": [0.2] * 3, "crop_margin": 1.1
        },
    )  # fmt: skip


def another_shape(path):
    state = load_file(path)
    state["trunk.layer1.0.conv1.weight"] = torch.ones(3, 5, 3, 3)
    rewrite(path, state)


@pytest.mark.parametrize("load", [load_checkpoint, OnnxClassifier])
@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda p: zero(p, ""), "all zero"),
        (lambda p: zero(p, "trunk"), "all zero"),
        (lambda p: zero(p, "heads.ferplus"), "all zero"),
        (rgb_over_grey_weights, "do not fit"),
        (another_shape, "do not fit"),
    ],
)
def test_weights_that_cannot_answer_are_refused_by_both_engines(saved, load, harm, words):
    harm(saved)
    with pytest.raises(ModelError, match=words):
        load(saved)


@pytest.mark.parametrize(
    "wrong",
    [{"color": "cmyk"}, {"mean": ()}, {"std": (0.0,)}, {"size": 0}, {"crop_margin": 0.0}],
)
def test_an_input_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ModelError):
        replace(InputSpec(48, "gray", (0.5,), (0.25,), 1.0), **wrong)


def test_calibration_must_fit_the_labels():
    with pytest.raises(ModelError):
        HeadSpec(FER2013, 1.0, (0.0,))
    with pytest.raises(ModelError):
        HeadSpec(FER2013, 0.0)


def test_the_description_is_plain_json():
    meta = make_meta()
    assert CheckpointMeta.from_json(meta.to_json()) == meta


def test_models_are_found_by_name_and_by_path(saved):
    assert find_model(saved) == saved
    for name in model_names():
        assert find_model(name).stem == name


@pytest.mark.parametrize("name", ["nothing", "no/such.safetensors", "x" * 300, "~nobody9/m"])
def test_a_missing_model_says_what_there_is(name):
    with pytest.raises(ModelError, match="There is no model") as caught:
        find_model(name)
    assert "default" in caught.value.hint


def test_a_file_of_another_kind_is_not_called_a_damaged_model(tmp_path):
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(b"\xff\xd8\xff\xe0 JFIF")
    with pytest.raises(ModelError, match="not a readable") as caught:
        read_meta(picture)
    assert caught.value.hint == "Name a .safetensors file, which models are kept in."
