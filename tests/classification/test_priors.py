import json
from dataclasses import replace

import numpy as np
import pytest

from fer_live.classification.checkpoint import save_checkpoint
from fer_live.classification.description import CheckpointMeta, HeadSpec
from fer_live.classification.export.export import export_onnx
from fer_live.classification.export.members import choose_members
from fer_live.classification.priors import FERPLUS_SHARES, moved, shares_of, with_prior
from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.classification.runtime.ensemble import load_models
from fer_live.classification.runtime.onnx import OnnxClassifier
from fer_live.core.errors import ConfigError, ModelError
from fer_live.core.labels import FER2013, FERPLUS, LabelSet

from .conftest import TINY, make_meta, make_network

EVERYDAY = shares_of("ferplus", FERPLUS.labels)


@pytest.fixture
def model(tmp_path):
    meta = make_meta()
    spec = replace(
        meta.heads["ferplus"], temperature=1.7, bias=(0.3,) * 7 + (-2.1,), prior=EVERYDAY
    )
    path = tmp_path / "tiny.safetensors"
    save_checkpoint(path, make_network(), replace(meta, heads={**meta.heads, "ferplus": spec}))
    return path


def crops():
    return np.random.default_rng(0).integers(0, 256, (4, 32, 32), np.uint8)


def bayes(probabilities, old, new):
    weighted = probabilities * np.array(new) / np.array(old)
    return weighted / weighted.sum(1, keepdims=True)


@pytest.mark.parametrize("prior", ["uniform", "balanced", "ferplus"])
def test_every_engine_answers_by_bayes_rule(model, tmp_path, prior):
    wanted = shares_of(prior, FERPLUS.labels)
    expected = bayes(OnnxClassifier(model).classify(crops()), EVERYDAY, wanted)
    for classifier in (
        OnnxClassifier(model, prior=prior),
        TorchClassifier.load(model, "cpu", None, prior),
        load_models([model, model], "cpu", prior=prior),
    ):
        assert classifier.classify(crops()) == pytest.approx(expected, abs=1e-4)


def test_there_and_back_is_where_it_was(model):
    plain = OnnxClassifier(model)
    spec = moved(moved(plain.meta.heads["ferplus"], "uniform"), "ferplus")
    own = np.array(plain.meta.heads["ferplus"].bias)
    assert spec.bias == pytest.approx(own - own.mean(), abs=1e-5)
    assert spec.prior == pytest.approx(EVERYDAY)


def test_an_exported_file_keeps_the_shares_it_was_calibrated_for(model, tmp_path):
    out = tmp_path / "m.onnx"
    export_onnx(choose_members([model]), out)
    assert out.is_file()


def test_the_shares_stand_in_the_checkpoint(model):
    meta = OnnxClassifier(model).meta
    assert CheckpointMeta.from_json(meta.to_json()).heads["ferplus"].prior == EVERYDAY
    old = json.loads(meta.to_json())
    for head in old["heads"].values():
        del head["prior"]
    assert CheckpointMeta.from_json(json.dumps(old)).heads["ferplus"].prior == ()


def test_named_shares():
    assert shares_of("uniform", FER2013.labels) == pytest.approx([1 / 7] * 7)
    seven = dict(zip(FER2013.labels, shares_of("ferplus", FER2013.labels), strict=True))
    assert seven["neutral"] / seven["fear"] == pytest.approx(
        FERPLUS_SHARES["neutral"] / FERPLUS_SHARES["fear"]
    )
    between = dict(zip(FERPLUS.labels, shares_of("balanced", FERPLUS.labels), strict=True))
    assert 1 < between["neutral"] / between["fear"] < seven["neutral"] / seven["fear"]
    assert sum(between.values()) == pytest.approx(1)


def test_shares_from_a_file(model, tmp_path):
    file = tmp_path / "mine.json"
    file.write_text('{"happy": 3, "sad": 1}')
    shares = dict(zip(FERPLUS.labels, shares_of(str(file), FERPLUS.labels), strict=True))
    assert shares["happy"] == pytest.approx(0.75, abs=1e-4)
    assert 0 < shares["fear"] < 1e-5
    answer = OnnxClassifier(model, prior=str(file)).classify(crops())
    assert set(answer.argmax(1)) <= {FERPLUS.index("happy"), FERPLUS.index("sad")}


@pytest.mark.parametrize("text", ["[1]", "{", '{"joy": 1}', '{"happy": -1}', '{"happy": 0}', '"x"'])
def test_a_file_that_cannot_be_used_is_told(tmp_path, text):
    file = tmp_path / "bad.json"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"bad\.json"):
        shares_of(str(file), FERPLUS.labels)


def test_what_has_no_such_prior_is_told(tmp_path):
    with pytest.raises(ConfigError, match="no prior 'everyday'"):
        shares_of("everyday", FERPLUS.labels)
    with pytest.raises(ConfigError, match="no class 'pain'"):
        shares_of("ferplus", ("happy", "pain"))
    meta = make_meta()
    assert with_prior(meta, "", "ferplus") is meta
    with pytest.raises(ConfigError, match="does not say which class shares"):
        with_prior(meta, "uniform", "ferplus")
    with pytest.raises(ModelError, match="does not fit its labels"):
        HeadSpec(LabelSet("two", ("happy", "sad")), prior=(1.0, 0.0))
    assert TINY.enlarge_to == 0


def test_a_file_that_is_no_object_is_told_without_python_s_words(tmp_path):
    (tmp_path / "list.json").write_text("[1, 2]")
    with pytest.raises(ConfigError, match="it is not an object of shares by label"):
        shares_of(str(tmp_path / "list.json"), FERPLUS.labels)
