from dataclasses import replace

import numpy as np
import pytest
import torch

from fer_live.classification.checkpoint import (
    load_checkpoint,
    rewrite_description,
    save_checkpoint,
)
from fer_live.classification.description import Architecture, HeadSpec, read_meta
from fer_live.classification.networks.architectures import build
from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.classification.runtime.device import choose_device
from fer_live.core.errors import ConfigError, DataError, ModelError
from fer_live.core.labels import FER2013
from fer_live.evaluation.calibration import (
    calibrate,
    class_shares,
    fit_bias,
    fit_prior,
    fit_temperature,
)
from fer_live.evaluation.metrics import calibration_error
from fer_live.evaluation.release import add_ranges, mix_weights, release_checkpoint
from fer_live.training.data.dataset import HeadTargets
from fer_live.training.inference import predict_logits
from tests.evaluation.support import tiny_checkpoint
from tests.training.support import tiny_data


def drawn(temperature, offset=(0.0, 0.0, 0.0), n=20000):
    """Logits whose truth is drawn from softmax((logits + offset) / temperature)."""
    torch.manual_seed(0)
    logits = torch.randn(n, 3) * 4
    p = ((logits + torch.tensor(offset)) / temperature).softmax(1)
    return logits, torch.multinomial(p, 1)[:, 0].numpy()


@pytest.mark.parametrize("temperature", [0.6, 2.5])
def test_known_temperature_is_found(temperature):
    logits, truth = drawn(temperature)
    fitted = fit_temperature(logits, truth)
    assert fitted.temperature == pytest.approx(temperature, rel=0.04)
    assert fitted.bias == ()
    before = calibration_error(truth, logits.softmax(1).numpy())
    after = calibration_error(truth, (logits / fitted.temperature).softmax(1).numpy())
    assert after < 0.015 < before


def test_known_bias_is_found():
    logits, truth = drawn(2.0, (1.0, -1.0, 0.0))
    fitted = fit_bias(logits, truth)
    assert fitted.temperature == pytest.approx(2.0, rel=0.05)
    assert fitted.bias == pytest.approx((1.0, -1.0, 0.0), abs=0.12)


def test_confidence_is_the_share_of_right_answers():
    logits, truth = drawn(2.0, (1.0, -1.0, 0.0))
    truth[::4] = 2  # labels that no temperature explains
    fitted = fit_bias(logits, truth)
    even = fit_temperature(logits, truth, fitted.bias)
    assert even.bias == fitted.bias

    def excess(calibration):
        p = ((logits + torch.tensor(calibration.bias)) / calibration.temperature).softmax(1)
        return float(p.amax(1).mean()) - float((p.argmax(1).numpy() == truth).mean())

    assert abs(excess(even)) < 1e-4 < 0.01 < abs(excess(fitted))


def test_a_class_without_faces_stays_finite():
    logits, truth = drawn(1.0)
    fitted = fit_bias(logits[truth < 2], truth[truth < 2])
    assert np.isfinite(fitted.bias).all()
    assert fitted.bias[2] < min(fitted.bias[:2])


def test_shares_count_a_missing_class_as_one_face():
    shares = class_shares(np.r_[np.zeros(94, int), 1:6, -1], 7)
    assert shares == pytest.approx(np.array([94, 1, 1, 1, 1, 1, 1]) / 100)


def test_with_a_prior_the_probabilities_hold_for_its_shares():
    old, new = np.array([0.6, 0.3, 0.1]), np.array([0.2, 0.3, 0.5])

    def faces(shares, seed, n=40000):
        rng = np.random.default_rng(seed)
        truth = rng.choice(3, n, p=shares)
        evidence = np.eye(3)[truth] * 2 + rng.normal(size=(n, 3))
        # Equal normal noise: Bayes' rule gives the probabilities, here at a temperature of 1.7.
        return torch.from_numpy((2 * evidence + np.log(old)) * 1.7).float(), truth

    logits, truth = faces(old, 0)
    fitted = fit_prior(logits, truth, fit_bias(logits, truth), old, new)
    assert fitted.temperature == pytest.approx(1.7, rel=0.05)
    unseen, truth = faces(new, 1)
    p = ((unseen + torch.tensor(fitted.bias)) / fitted.temperature).softmax(1).numpy()
    assert calibration_error(truth, p) < 0.015
    assert p.mean(0) == pytest.approx(new, abs=0.02)


def test_every_head_is_fitted_on_validation_faces_alone(tmp_path):
    network, meta = load_checkpoint(tiny_checkpoint(tmp_path / "m.safetensors"))
    data = tiny_data(val=60)
    new = calibrate(network, meta, data, device="cpu")
    record = new.provenance["calibration"]
    assert set(record["heads"]) == {"ferplus", "fer2013"}
    assert record["heads"]["fer2013"]["n"] == 60
    for name, head in record["heads"].items():
        assert head["after"]["nll"] < head["before"]["nll"]
        assert head["after"]["accuracy"] == head["before"]["accuracy"]
        assert new.heads[name].temperature != 1
    scrambled = data.images.copy()
    scrambled[data.split != 1] = 0
    again = calibrate(network, meta, replace(data, images=scrambled), device="cpu")
    assert again.heads == new.heads


def test_heads_without_truth_keep_theirs(tmp_path):
    network, meta = load_checkpoint(tiny_checkpoint(tmp_path / "m.safetensors"))
    data = tiny_data(val=60)
    only = replace(data, targets={"fer2013": data.targets["fer2013"]})
    new = calibrate(network, meta, only, bias="prior", device="cpu")
    assert new.heads["ferplus"] == meta.heads["ferplus"]
    assert len(new.heads["fer2013"].bias) == 7
    with pytest.raises(DataError, match="too few validation faces"):
        calibrate(network, meta, tiny_data(val=5), device="cpu")


def test_the_shown_head_can_be_calibrated_for_other_shares(tmp_path):
    network, meta = load_checkpoint(tiny_checkpoint(tmp_path / "m.safetensors"))
    data = tiny_data(val=60)
    plain = calibrate(network, meta, data, bias="fitted", device="cpu")
    moved = calibrate(network, meta, data, bias="fitted", prior="uniform", device="cpu")
    shown, other = meta.default_head, next(h for h in meta.heads if h != meta.default_head)
    assert moved.heads[other] == plain.heads[other]
    classes = len(meta.heads[shown].labels)
    assert moved.heads[shown].prior == pytest.approx([1 / classes] * classes, abs=1e-5)
    shares = class_shares(data.part("train").classes(shown), classes)
    assert plain.heads[shown].prior == pytest.approx(shares, abs=1e-5)
    val = data.part("val")
    logits = predict_logits(TorchClassifier(network, meta, choose_device("cpu")), val)[shown]
    known = val.classes(shown) >= 0
    likely = np.array(fit_bias(logits[torch.from_numpy(known)], val.classes(shown)[known]).bias)
    lift = (np.array(moved.heads[shown].bias) - likely) / moved.heads[shown].temperature
    np.testing.assert_allclose(lift, np.log(shares).mean() - np.log(shares), atol=2e-3)
    assert moved.provenance["calibration"]["prior"] == "uniform"
    with pytest.raises(ConfigError, match="part of the bias"):
        calibrate(network, meta, data, prior="uniform", device="cpu")


def test_confidence_is_fitted_to_degraded_faces_too(tmp_path):
    network, meta = load_checkpoint(tiny_checkpoint(tmp_path / "m.safetensors"))
    data = tiny_data(val=60)
    answers = predict_logits(TorchClassifier(network, meta, choose_device("cpu")), data)["fer2013"]
    sure = np.eye(7, dtype=np.float32)[answers.argmax(1).numpy()]
    data = replace(data, targets={"fer2013": HeadTargets(FER2013, sure)})
    clean = calibrate(network, meta, data, device="cpu")
    both = calibrate(network, meta, data, degraded=True, device="cpu")
    assert both.heads["fer2013"].temperature > clean.heads["fer2013"].temperature
    assert both.provenance["calibration"]["degraded"]["share"] == 1
    assert calibrate(network, meta, data, degraded=True, device="cpu").heads == both.heads


def test_released_file_is_half_named_and_calibrated(tmp_path):
    import cv2

    model = tiny_checkpoint(tmp_path / "run.safetensors")
    rng = np.random.default_rng(0)
    for split, count in (("train", 3), ("val", 6)):
        for label in FER2013.labels:
            folder = tmp_path / "set" / split / label
            folder.mkdir(parents=True)
            for number in range(count):
                cv2.imwrite(str(folder / f"{number}.png"), rng.integers(0, 255, (16, 16), np.uint8))
    out = tmp_path / "models" / "small.safetensors"
    meta = release_checkpoint(model, tmp_path / "set", None, out, device="cpu")
    assert read_meta(out) == meta
    assert meta.name == "small"
    assert meta.provenance["calibration"]["heads"]["fer2013"]["n"] == 42
    assert len(meta.ranges) > 16, "released models can be computed in eight bits"
    assert out.stat().st_size < 0.7 * model.stat().st_size
    full, _ = load_checkpoint(model)
    half, _ = load_checkpoint(out)
    for name, value in full.state_dict().items():
        assert torch.allclose(half.state_dict()[name].float(), value.float(), atol=2e-2, rtol=1e-3)
    bare = tmp_path / "bare.safetensors"
    rewrite_description(out, replace(meta, ranges={}), bare)
    again = add_ranges(bare, tmp_path / "set", bare)
    assert again == meta == read_meta(bare), "all but the ranges stays as it was"
    assert bare.read_bytes() == out.read_bytes()


def test_only_networks_with_eight_bits_get_ranges(tmp_path):
    path = tmp_path / "cnn.safetensors"
    architecture = Architecture("simple-cnn", {"fer2013": 7})
    meta = replace(
        read_meta(tiny_checkpoint(tmp_path / "tiny.safetensors")),
        architecture=architecture,
        heads={"fer2013": HeadSpec(FER2013)},
        default_head="fer2013",
    )
    save_checkpoint(path, build(architecture), meta)
    with pytest.raises(ModelError, match="not computed in eight bits"):
        add_ranges(path, tmp_path, path)


def test_weights_can_be_averaged_with_those_training_began_with(tmp_path):
    first, second = (
        tiny_checkpoint(tmp_path / f"{seed}.safetensors", name=str(seed), seed=seed)
        for seed in (1, 2)
    )
    network, meta = load_checkpoint(first)
    own, theirs = network.state_dict(), load_checkpoint(second)[0].state_dict()
    expected = {key: own[key] * 0.75 + theirs[key] * 0.25 for key in ("heads.fer2013.1.weight",)}
    new = mix_weights(network, meta, second, 0.25)
    assert new.provenance["mixed_with"] == {"model": "2", "share": 0.25}
    for key, value in expected.items():
        torch.testing.assert_close(network.state_dict()[key], value)
    wider = tiny_checkpoint(tmp_path / "wider.safetensors", size=20)
    with pytest.raises(ModelError, match="another network"):
        mix_weights(network, meta, wider, 0.25)
