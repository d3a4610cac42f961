"""Eight bits answer as float32 does, and are chosen where they are faster and agree."""

from dataclasses import replace

import numpy as np
import onnx
import pytest

from fer_live.classification.checkpoint import rewrite_description, save_checkpoint
from fer_live.classification.description import CheckpointMeta, read_meta
from fer_live.classification.runtime import precision
from fer_live.classification.runtime.loading import load_classifier
from fer_live.classification.runtime.map_ranges import measure_ranges
from fer_live.classification.runtime.onnx import OnnxClassifier, read_weights
from fer_live.classification.runtime.onnx_graph import build_graph
from fer_live.classification.runtime.precision import Trial, compare, load_onnx, trial_crops
from fer_live.core.errors import DeviceError, ModelError
from fer_live.core.paths import find_model
from fer_live.core.settings import Settings
from fer_live.live.assembly import precision_for
from tests.classification.conftest import TINY, make_meta, make_network
from tests.classification.runtime.test_loading import NETWORKS, crops_for, saved


def with_ranges(path, crops, factor=1.0):
    """The checkpoint with ranges measured on these crops, times `factor`."""
    meta = read_meta(path)
    ranges = measure_ranges(meta, read_weights(path), crops)
    ranges = {name: (low * factor, high * factor) for name, (low, high) in ranges.items()}
    rewrite_description(path, replace(meta, ranges=ranges), path)
    return path


@pytest.mark.parametrize("network", NETWORKS)
def test_eight_bits_answer_nearly_the_same(tmp_path, network):
    crops = crops_for(NETWORKS[network], 8)
    path = with_ranges(saved(tmp_path, NETWORKS[network]), crops)
    plain, small = OnnxClassifier(path), OnnxClassifier(path, int8=True)
    expected, answer = plain.classify(crops), small.classify(crops)
    assert np.abs(answer - expected).mean() < 0.1 * np.ptp(expected, axis=0).max()
    assert np.abs(answer - expected).max() > 0, "something is rounded"
    assert small.supports_heat_maps == plain.supports_heat_maps
    if plain.supports_heat_maps:
        _, wanted = plain.classify_with_maps(crops, "happy")
        probabilities, maps = small.classify_with_maps(crops, "happy")
        assert probabilities == pytest.approx(answer, abs=1e-6)
        assert maps.shape == wanted.shape
    assert (plain.precision, small.precision) == ("float32", "int8")
    assert small.engine_name == plain.engine_name.replace("float32", "int8")


@pytest.mark.parametrize("network", NETWORKS)
def test_every_convolution_of_the_trunk_has_eight_bits(tmp_path, network):
    crops = crops_for(NETWORKS[network], 2)
    path = with_ranges(saved(tmp_path, NETWORKS[network]), crops)
    meta = read_meta(path)
    graph = build_graph(meta, read_weights(path), "ferplus", ranges=meta.ranges)
    nodes = onnx.load_from_string(graph).graph.node
    rounded = {n.output[0] for n in nodes if n.op_type == "DequantizeLinear"}
    pooled = {n.output[0] for n in nodes if n.op_type in ("GlobalAveragePool", "Relu")}
    for node in nodes:
        # Squeeze and excitation works on means over the map, in float32.
        if node.op_type == "Conv" and node.input[0] not in pooled:
            assert rounded >= set(node.input)


def test_ranges_are_the_extremes_of_the_maps_and_hold_zero(tmp_path):
    path = saved(tmp_path)
    meta, weights = read_meta(path), read_weights(path)
    crops = np.stack([np.full((32, 32), value, np.uint8) for value in (51, 204)])
    ranges = measure_ranges(meta, weights, crops)
    assert ranges["trunk"] == pytest.approx(((0.2 - 0.5) / 0.25, (0.8 - 0.5) / 0.25), rel=1e-3)
    light = measure_ranges(meta, weights, crops[1:])
    assert light["trunk"] == pytest.approx((0, 1.2), rel=1e-3)
    assert all(low <= 0 <= high for low, high in ranges.values())
    assert all(low == 0 for name, (low, _) in ranges.items() if name.endswith(".conv2")), "ReLU"


def test_ranges_are_kept_in_the_checkpoint(tmp_path):
    path = with_ranges(saved(tmp_path), crops_for(TINY))
    before, kept = read_weights(path), read_meta(path)
    assert kept.ranges
    assert CheckpointMeta.from_json(kept.to_json()) == kept
    rewrite_description(path, replace(kept, ranges={}), path)
    assert not read_meta(path).ranges
    after = read_weights(path)
    assert all(np.array_equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("ends", [(1.0, 2.0), (-2.0, -1.0), (0.0, 1e9), (float("nan"), 1.0)])
def test_ranges_that_cannot_be_are_refused(ends):
    with pytest.raises(ModelError, match="end of a range"):
        make_meta(ranges={"trunk": ends})


def test_eight_bits_without_ranges(tmp_path):
    path = saved(tmp_path)
    assert load_onnx(path, precision="auto").precision == "float32"
    with pytest.raises(ModelError, match="no ranges"):
        load_onnx(path, precision="int8")


@pytest.mark.parametrize(
    ("trial", "auto"),
    [
        (Trial(0.01, 0.004, 0.002), "int8"),
        (Trial(0.01, 0.004, 0.004), "float32"),
        (Trial(0.2, 0.004, 0.002), "float32"),
    ],
)
def test_auto_takes_what_is_faster_and_agrees(tmp_path, monkeypatch, trial, auto):
    path = with_ranges(saved(tmp_path), crops_for(TINY))
    monkeypatch.setattr(precision, "compare", lambda *_: trial)
    assert load_onnx(path, precision="auto").precision == auto
    assert load_onnx(path, precision="float32").precision == "float32"
    if trial.agrees:
        assert load_onnx(path, precision="int8").precision == "int8"
    else:
        with pytest.raises(ModelError, match="answers differently"):
            load_onnx(path, precision="int8")


@pytest.mark.parametrize("name", ["default", "resnet18"])
def test_released_models_agree_and_ranges_of_another_network_do_not(tmp_path, name):
    path = find_model(name)
    meta = read_meta(path)
    assert meta.ranges, "fer-live release --ranges-only was not run"
    trial = compare(OnnxClassifier(path), OnnxClassifier(path, int8=True))
    assert trial.agrees
    assert trial.float32_s > 0
    narrow = {key: (low * 0.6, high * 0.6) for key, (low, high) in meta.ranges.items()}
    rewrite_description(path, replace(meta, ranges=narrow), tmp_path / "other.safetensors")
    other = OnnxClassifier(tmp_path / "other.safetensors", int8=True)
    assert not compare(OnnxClassifier(path), other).agrees


def test_the_trials_pictures_fit_the_model(network):
    for architecture in (TINY, replace(TINY, in_channels=3)):
        spec = make_meta(architecture).input
        crops = trial_crops(spec)
        spec.check(crops)
        assert np.array_equal(crops, trial_crops(spec))
        assert crops.reshape(len(crops), -1).std(1).min() > 10


def test_only_the_cpu_computes_in_eight_bits(tmp_path):
    path = with_ranges(saved(tmp_path), crops_for(TINY))
    assert load_classifier(path, "auto", precision="int8").device_name == "CPU"
    with pytest.raises(DeviceError, match="eight bits"):
        load_classifier(path, "cuda", precision="int8")
    dense = replace(TINY, name="vgg11_bn", stem="small")
    save_checkpoint(path, make_network(dense), make_meta(dense))
    with pytest.raises(ModelError, match="not computed in eight bits"):
        load_classifier(path, "cpu", precision="int8")


def test_the_cascade_alone_computes_as_before():
    assert precision_for(Settings()) == "auto"
    assert precision_for(Settings(detector="haar")) == "float32"
    assert precision_for(Settings(detector="haar", precision="int8")) == "int8"
