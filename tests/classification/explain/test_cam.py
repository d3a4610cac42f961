"""Class activation maps: the closed form is Grad-CAM, whichever engine computes it."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam

from fer_live.classification.checkpoint import save_checkpoint
from fer_live.classification.explain.cam import explain, scaled
from fer_live.classification.explain.gradcam import GradCamClassifier
from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.classification.runtime.loading import load_explainer
from fer_live.classification.runtime.onnx import OnnxClassifier
from fer_live.core.errors import ConfigError
from fer_live.core.labels import LabelSet
from tests.classification.conftest import TINY, make_meta, make_network

NETWORKS = {
    "deep": TINY,
    "colour": replace(TINY, in_channels=3, stem="small-stride1"),
    "excited": replace(TINY, squeeze_excitation=True, stem="small-stride1"),
}
NO_GRAPH = replace(TINY, name="cnn", stem="small")
GRADIENTS = {
    "hidden": replace(TINY, hidden=(12, 6), stem="small-stride1"),
    "flattened": replace(TINY, flatten_size=32, stem="small-stride1"),
}


def saved(tmp_path, architecture):
    path = tmp_path / "tiny.safetensors"
    save_checkpoint(path, make_network(architecture), make_meta(architecture))
    return path


def crops_for(architecture, count=4):
    shape = (count, 32, 32) if architecture.in_channels == 1 else (count, 32, 32, 3)
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def by_captum(path, crops, classes, head="ferplus"):
    """Grad-CAM of the log-odds with its ReLU, on the network as trained, scaled to 0-1."""
    classifier = TorchClassifier.load(path, "cpu", head)
    x = classifier.normalised(crops)
    network = classifier._network

    def log_odds(batch):
        shares = classifier.calibrated(network(batch)[head]).double().softmax(1)
        return shares.log() - (1 - shares).log()

    explainer = LayerGradCam(log_odds, network.trunk.avgpool)
    raw = explainer.attribute(
        x,
        target=torch.from_numpy(classes),
        attribute_to_layer_input=True,
        relu_attributions=True,
    )
    maps = raw[:, 0].detach().numpy()
    most = maps.max((1, 2), keepdims=True)
    return maps / np.where(most > 0, most, 1)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("engine", [OnnxClassifier, TorchClassifier.load])
def test_the_closed_form_is_grad_cam(tmp_path, network, engine):
    path, crops = saved(tmp_path, NETWORKS[network]), crops_for(NETWORKS[network])
    classifier = engine(path) if engine is OnnxClassifier else engine(path, "cpu")
    assert classifier.supports_heat_maps
    probabilities, maps = classifier.classify_with_maps(crops)
    assert probabilities == pytest.approx(classifier.classify(crops), abs=1e-6)
    top = probabilities.argmax(1)
    assert maps == pytest.approx(by_captum(path, crops, top), abs=1e-3)
    assert maps.dtype == np.float32
    assert maps.shape[1] == maps.shape[2] >= 2
    assert maps.max() == 1
    assert np.ptp(maps, axis=(1, 2)).min() > 0.1, "flat maps would show nothing"


def test_a_label_has_a_map_of_its_own(tmp_path):
    path, crops = saved(tmp_path, NETWORKS["excited"]), crops_for(TINY)
    classifier = OnnxClassifier(path, "fer2013")
    _, sad = classifier.classify_with_maps(crops, "sad")
    wanted = by_captum(path, crops, np.full(4, classifier.labels.index("sad")), "fer2013")
    assert sad == pytest.approx(wanted, abs=1e-3)
    _, happy = classifier.classify_with_maps(crops, "happy")
    assert np.abs(happy - sad).max() > 0.1
    with pytest.raises(ConfigError, match="has no class 'pain'"):
        classifier.classify_with_maps(crops, "pain")


@pytest.mark.parametrize("network", GRADIENTS)
def test_gradients_are_used_where_the_head_needs_them(tmp_path, network):
    path, crops = saved(tmp_path, GRADIENTS[network]), crops_for(TINY)
    explainer = load_explainer(path, "cpu")
    assert isinstance(explainer, GradCamClassifier)
    probabilities, maps = explainer.classify_with_maps(crops)
    assert probabilities == pytest.approx(OnnxClassifier(path).classify(crops), abs=1e-4)
    assert maps == pytest.approx(by_captum(path, crops, probabilities.argmax(1)), abs=1e-4)
    live = OnnxClassifier(path)
    assert not live.supports_heat_maps
    with pytest.raises(ConfigError, match="heat map"):
        live.classify_with_maps(crops)


def test_the_quick_way_is_taken_where_there_is_one(tmp_path):
    assert isinstance(load_explainer(saved(tmp_path, TINY), "cpu"), OnnxClassifier)
    explainer = load_explainer(saved(tmp_path, NO_GRAPH), "cpu")
    assert type(explainer) is TorchClassifier
    crops = crops_for(TINY)
    probabilities, maps = explainer.classify_with_maps(crops)
    path = tmp_path / "tiny.safetensors"
    assert maps == pytest.approx(by_captum(path, crops, probabilities.argmax(1)), abs=1e-3)


@pytest.mark.parametrize("network", [TINY, NO_GRAPH, GRADIENTS["hidden"]])
def test_no_face_has_no_map(tmp_path, network):
    explainer = load_explainer(saved(tmp_path, network), "cpu")
    probabilities, maps = explainer.classify_with_maps(crops_for(TINY, 0))
    assert probabilities.shape == (0, 8)
    assert maps.shape[0] == 0
    assert maps.ndim == 3


def test_maps_by_hand():
    features = np.zeros((3, 2, 2, 2), np.float32)
    features[:, 0] = [[1, 2], [3, 4]]
    features[:, 1] = [[1, 0], [0, 0]]
    weights = np.array([[1, 2], [0, -1], [1, -3]], np.float32)
    labels = LabelSet("three", ("a", "b", "c"))
    even, sure = [0.5, 0.25, 0.25], [1, 0, 0]
    maps = explain(features, weights, np.array([even, sure, even], np.float32), labels, "a")
    # Against (0, -1) and (1, -3) by halves: (1, 2) - (0.5, -2). Against nothing: (1, 2).
    assert maps[0].tolist() == pytest.approx(np.array([[4.5, 1], [1.5, 2]]) / 4.5)
    assert maps[1].tolist() == [[0.75, 0.5], [0.75, 1]]
    unlike = explain(-features, weights, np.array([even] * 3, np.float32), labels, "a")
    assert not unlike.any(), "nothing speaks for the class"
    assert scaled(np.zeros((0, 3, 3), np.float32)).shape == (0, 3, 3)
