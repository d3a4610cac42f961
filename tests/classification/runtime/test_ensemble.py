"""Several models as one."""

import cv2
import numpy as np
import pytest
import torch
from skimage import data as pictures

from fer_live.classification.checkpoint import save_checkpoint
from fer_live.classification.description import Architecture, CheckpointMeta, HeadSpec, InputSpec
from fer_live.classification.explain.cam import merged, scaled
from fer_live.classification.networks.architectures import build
from fer_live.classification.runtime.ensemble import (
    OVERSAMPLING,
    Ensemble,
    load_explainers,
    load_models,
)
from fer_live.classification.runtime.loading import load_classifier
from fer_live.core.errors import ModelError
from fer_live.core.labels import FER2013, FERPLUS, SIX_WITH_PAIN, LabelSet
from fer_live.core.paths import find_models, join_models, model_title
from fer_live.detection.crop import crop_faces

MIXED = LabelSet("mixed", tuple(sorted(FER2013.labels)))


def write(path, labels=FER2013, seed=0, size=16, color="gray", margin=1.0, hidden=(), **heads):
    torch.manual_seed(seed)
    channels = 1 if color == "gray" else 3
    known = {labels.name: labels, **heads}
    architecture = Architecture(
        heads={name: len(label_set) for name, label_set in known.items()},
        in_channels=channels,
        widths=(8, 8, 8, 8),
        hidden=hidden,
    )
    network = build(architecture).eval()
    for head in network.heads.values():
        head[-1].weight.data.mul_(30)  # sure of itself, so that a mean differs from each
    spec = InputSpec(size, color, (0.4,) * channels, (0.25,) * channels, margin)
    specs = {name: HeadSpec(label_set, 0.5 + seed) for name, label_set in known.items()}
    meta = CheckpointMeta(path.stem, architecture, specs, labels.name, spec)
    save_checkpoint(path, network, meta)
    return path


def boxes():
    return np.array([[150.0, 60.0, 290.0, 200.0], [140.0, 50.0, 280.0, 190.0]], np.float32)


def face_crops(spec):
    image = np.ascontiguousarray(pictures.astronaut()[:, :, ::-1])
    return crop_faces(image, boxes(), spec.size, spec.color, spec.crop_margin)


def answers_of(path):
    classifier = load_classifier(path, "cpu")
    return classifier.classify(face_crops(classifier.input))


def test_probabilities_are_the_mean_of_the_members(tmp_path):
    a, b = write(tmp_path / "a.safetensors", seed=1), write(tmp_path / "b.safetensors", seed=2)
    ensemble = load_models([a, b], "cpu")
    assert isinstance(ensemble, Ensemble)
    assert ensemble.model_name == "a + b"
    assert (ensemble.device_name, ensemble.input.size) == ("CPU", 16)
    expected = (answers_of(a) + answers_of(b)) / 2
    answer = ensemble.classify(face_crops(ensemble.input))
    assert answer == pytest.approx(expected, abs=1e-6)
    assert answer.dtype == np.float32
    assert not np.allclose(answer, answers_of(a), atol=1e-2)
    assert ensemble.classify(np.zeros((0, 16, 16), np.uint8)).shape == (0, 7)


def test_classes_in_another_order_are_brought_together(tmp_path):
    a = write(tmp_path / "a.safetensors", seed=1)
    b = write(tmp_path / "b.safetensors", MIXED, seed=2)
    ensemble = load_models(f"{a} + {b}", "cpu")
    assert ensemble.labels == FER2013
    order = [MIXED.index(label) for label in FER2013.labels]
    expected = (answers_of(a) + answers_of(b)[:, order]) / 2
    assert ensemble.classify(face_crops(ensemble.input)) == pytest.approx(expected, abs=1e-6)


def test_members_of_other_size_colour_and_framing_see_what_they_would_alone(tmp_path):
    a = write(tmp_path / "a.safetensors", seed=1, size=24)
    b = write(tmp_path / "b.safetensors", seed=2, size=64, color="rgb", margin=1.5)
    ensemble = load_models([a, b], "cpu")
    assert (ensemble.input.color, ensemble.input.crop_margin) == ("rgb", 1.5)
    assert ensemble.input.size == 64 * OVERSAMPLING
    seen = []
    for member in ensemble.members:
        real = member.classify
        member.classify = lambda crops, real=real: (seen.append(crops), real(crops))[1]
    ensemble.classify(face_crops(ensemble.input))
    for member, crops in zip(ensemble.members, seen, strict=True):
        alone = face_crops(member.input)
        assert crops.shape == alone.shape
        # Cut once and cut again is not pixel for pixel what is cut once, but the same picture.
        assert np.abs(crops.astype(int) - alone).mean() < 4
        shifted = np.roll(alone, 3, axis=1).astype(int)
        assert np.abs(crops - shifted).mean() > 3 * np.abs(crops.astype(int) - alone).mean()


def test_a_whole_picture_is_framed_for_every_member_already(tmp_path):
    a = write(tmp_path / "a.safetensors", seed=1, size=24)
    b = write(tmp_path / "b.safetensors", seed=2, size=24, margin=1.5)
    ensemble = load_models([a, b], "cpu")
    crops = np.random.default_rng(0).integers(
        0,
        256,
        (
            2,
            ensemble.input.size,
        )
        * 1,
        np.uint8,
    )
    picture = cv2.resize(crops, (ensemble.input.size,) * 2)[None]
    small = cv2.resize(picture[0], (24, 24), interpolation=cv2.INTER_AREA)[None]
    expected = sum(load_classifier(path, "cpu").classify(small) for path in (a, b)) / 2
    assert ensemble.classify_whole(picture) == pytest.approx(expected, abs=1e-6)
    assert ensemble.classify(picture) != pytest.approx(expected, abs=1e-4)


def test_heads_with_the_same_classes_answer(tmp_path):
    two = write(tmp_path / "two.safetensors", FERPLUS, seed=1, fer2013=FER2013)
    seven = write(tmp_path / "seven.safetensors", seed=2)
    assert load_models([two, seven], "cpu").labels == FER2013
    assert load_models([seven, two], "cpu").labels == FER2013
    both = write(tmp_path / "both.safetensors", FERPLUS, seed=3, fer2013=FER2013)
    assert load_models([two, both], "cpu").labels == FERPLUS
    assert load_models([two, both], "cpu", head="fer2013").labels == FER2013
    with pytest.raises(ModelError, match="no head"):
        load_models([two, both], "cpu", head="six")


def test_models_with_other_classes_are_refused(tmp_path):
    seven = write(tmp_path / "seven.safetensors", seed=1)
    six = write(tmp_path / "painful.safetensors", SIX_WITH_PAIN, seed=2)
    with pytest.raises(ModelError, match="seven and painful cannot be averaged") as caught:
        load_models([seven, six], "cpu")
    assert "pain" in caught.value.hint
    with pytest.raises(ModelError, match="two models"):
        Ensemble([load_classifier(seven, "cpu")])


@pytest.mark.parametrize("label", [None, "sad"])
def test_heat_maps_are_of_what_the_models_say_together(tmp_path, label):
    paths = [write(tmp_path / f"{n}.safetensors", MIXED if n else FER2013, n) for n in range(2)]
    ensemble = load_models(paths, "cpu")
    crops = np.random.default_rng(1).integers(0, 256, (40, 16, 16), np.uint8)
    crops[::2] //= 4
    assert ensemble.supports_heat_maps
    probabilities, maps = ensemble.classify_with_maps(crops, label)
    assert probabilities == pytest.approx(ensemble.classify(crops), abs=1e-6)
    shown = [label or ensemble.labels.labels[k] for k in probabilities.argmax(1)]
    alone = [m.labels.labels[k] for m in ensemble.members for k in m.classify(crops).argmax(1)]
    assert label or alone[:40] != shown != alone[40:], "the models must differ in what they say"
    for face, name in enumerate(shown):
        one, total = crops[face : face + 1], 0
        for member in ensemble.members:
            own, heat = member.classify_with_maps(one, name)
            total = total + own[0, member.labels.index(name)] * heat
        assert maps[face] == pytest.approx(scaled(total)[0], abs=1e-4)
    assert ensemble.classify_with_maps(crops[:0])[1].shape[0] == 0


def test_a_heat_map_stands_where_its_model_looked(tmp_path):
    narrow, wide = np.zeros((1, 3, 3), np.float32), np.zeros((1, 3, 3), np.float32)
    narrow[0, 0, 0], wide[0, 2, 2] = 1, 1
    together = merged([narrow, wide], [0.5, 1.0], [np.ones(1, np.float32)] * 2)[0]
    side = len(together)
    assert together.shape == (side, side)
    assert together.max() == 1
    y, x = np.unravel_index(together[: side // 2, : side // 2].argmax(), (side // 2, side // 2))
    # A model that saw the middle half: its upper left corner is a quarter in from the edges.
    assert side / 4 <= x + 0.5 <= side / 2
    assert side / 4 <= y + 0.5 <= side / 2
    assert together[-1, -1] > 0.9
    assert not together[0].any()
    assert not together[:, 0].any()


def test_heat_maps_need_all_models(tmp_path):
    plain = write(tmp_path / "plain.safetensors", seed=1)
    hidden = write(tmp_path / "hidden.safetensors", seed=2, hidden=(12,))
    assert not load_models([plain, hidden], "cpu").supports_heat_maps
    explainer = load_explainers([plain, hidden], "cpu")
    assert explainer.supports_heat_maps
    crops = np.random.default_rng(1).integers(0, 256, (3, 16, 16), np.uint8)
    probabilities, maps = explainer.classify_with_maps(crops)
    assert len(maps) == 3
    assert maps.max() == 1
    assert probabilities == pytest.approx(
        load_models([plain, hidden], "cpu").classify(crops), abs=1e-4
    )


def test_crops_of_another_kind_are_refused(tmp_path):
    paths = [write(tmp_path / f"{n}.safetensors", seed=n) for n in (1, 2)]
    with pytest.raises(ValueError, match="crops"):
        load_models(paths, "cpu").classify(np.zeros((1, 20, 20), np.uint8))


def test_one_text_stands_for_several_models(tmp_path):
    a, odd = write(tmp_path / "a.safetensors"), write(tmp_path / "x + y.safetensors")
    assert find_models(f"{a} + {a}") == (a, a)
    assert find_models(str(odd)) == (odd,)
    assert find_models([str(a), odd]) == (a, odd)
    assert [path.stem for path in find_models(None)] == ["default"]
    assert join_models(["a", "b"]) == "a + b"
    assert join_models(None) is None
    assert model_title(f"{a} + default") == "a.safetensors + default"
    with pytest.raises(ModelError, match="no model 'nothing'"):
        find_models(f"{a} + nothing")
