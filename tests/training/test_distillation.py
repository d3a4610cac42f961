import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from fer_live.classification.description import read_meta
from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.core.errors import ConfigError, ModelError
from fer_live.training.data.augmentation import resize
from fer_live.training.data.dataset import SPLITS, HeadTargets
from fer_live.training.distillation import ViewTeachers, with_teachers
from fer_live.training.fit import TEACHERS_FILE, fit
from fer_live.training.module import FaceModule
from fer_live.training.recipe import LossRecipe
from tests.evaluation.support import tiny_checkpoint
from tests.training.support import THIRD_PARTY, break_off, states, tiny_data, tiny_recipe

pytestmark = [pytest.mark.filterwarnings(THIRD_PARTY)]


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    return str(tiny_checkpoint(tmp_path_factory.mktemp("teacher") / "first.safetensors"))


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """Larger and in colour, so that faces must be brought to its input."""
    folder = tmp_path_factory.mktemp("teacher")
    return str(tiny_checkpoint(folder / "second.safetensors", "rgb", 20, seed=12))


def varied_data():
    """Faces that are not their own mirror image."""
    data = tiny_data()
    images = np.random.default_rng(2).integers(0, 256, data.images.shape, np.uint8)
    return replace(data, images=images)


def targets_of(data):
    """Distributions (N, K) and label set of each head, by name."""
    probabilities = {k: torch.from_numpy(t.probabilities) for k, t in data.targets.items()}
    return probabilities, {name: target.labels for name, target in data.targets.items()}


def learnt(path, data, head):
    """(N, K) what one teacher says of all faces and their mirror images, straight."""
    network = TorchClassifier.load(Path(path), "cpu")
    views = (data.images, data.images[:, :, ::-1])
    answers = [network.logits(v)[head].softmax(1).numpy() for v in views]
    assert not np.allclose(*answers, atol=1e-3)
    return (answers[0] + answers[1]) / 2


def test_training_targets_are_mixed_with_faces_and_their_mirror_images(teacher):
    data = varied_data()
    mixed = with_teachers(data, LossRecipe(teachers=(teacher,), teacher_share={"ferplus": 0.3}))
    before, after = (d.targets["ferplus"].probabilities for d in (data, mixed))
    known = before.any(1) & (data.split == SPLITS.index("train"))
    expected = 0.7 * before + 0.3 * learnt(teacher, data, "ferplus")
    assert 40 < known.sum() < 64
    np.testing.assert_allclose(after[known], expected[known], atol=1e-5)
    np.testing.assert_allclose(after[known].sum(1), 1, atol=1e-5)


def test_other_faces_other_heads_and_the_given_data_stay_as_they_were(teacher):
    data, given = varied_data(), varied_data()
    mixed = with_teachers(data, LossRecipe(teachers=(teacher,), teacher_share={"ferplus": 1.0}))
    target = mixed.targets["ferplus"].probabilities
    original = given.targets["ferplus"].probabilities
    rest = (data.split != SPLITS.index("train")) | ~original.any(1)
    assert np.array_equal(target[rest], original[rest])
    assert (~original.any(1) & (data.split == SPLITS.index("train"))).sum() > 5
    fer2013 = mixed.targets["fer2013"].probabilities
    assert np.array_equal(fer2013, given.targets["fer2013"].probabilities)
    assert np.array_equal(data.targets["ferplus"].probabilities, original)
    assert list(mixed.targets) == list(given.targets)


def test_several_teachers_count_alike_whatever_their_input(teacher, other):
    data = varied_data()

    def taught(*teachers):
        loss = LossRecipe(teachers=teachers, teacher_share={"fer2013": 1.0, "ferplus": 1.0})
        return with_teachers(data, loss).targets

    both, first, second = taught(teacher, other), taught(teacher), taught(other)
    for head in both:
        apart = first[head].probabilities, second[head].probabilities
        assert not np.allclose(*apart, atol=0.05)
        np.testing.assert_allclose(both[head].probabilities, sum(apart) / 2, atol=1e-5)


def test_a_head_without_training_targets_is_left_alone(teacher):
    data = tiny_data()
    blank = HeadTargets(data.targets["ferplus"].labels, data.targets["ferplus"].probabilities * 0)
    data = replace(data, targets={**data.targets, "ferplus": blank})
    mixed = with_teachers(data, LossRecipe(teachers=(teacher,), teacher_share={"ferplus": 0.5}))
    assert not mixed.targets["ferplus"].probabilities.any()


def test_what_cannot_be_learnt_from_is_named(teacher, tmp_path):
    data = tiny_data()
    with pytest.raises(ConfigError, match=r"first.safetensors and the data have no head 'six'"):
        with_teachers(data, LossRecipe(teachers=(teacher,), teacher_share={"six": 0.5}))
    swapped = replace(data, targets={"ferplus": data.targets["fer2013"]})
    with pytest.raises(ConfigError, match="no head 'ferplus' in common"):
        with_teachers(swapped, LossRecipe(teachers=(teacher,), teacher_share={"ferplus": 0.5}))
    recipe = tiny_recipe(loss__teachers=["absent"], loss__teacher_share={"ferplus": 0.5})
    with pytest.raises(ModelError, match="There is no model 'absent'"):
        fit(recipe, data, tmp_path / "run", accelerator="cpu", progress=False)
    assert not list((tmp_path / "run").iterdir())


@pytest.mark.parametrize(
    ("teachers", "share", "message"),
    [
        (["t"], {"ferplus": 1.5}, "loss.teacher_share.ferplus is out of range"),
        (["t"], {"ferplus": -0.1}, "loss.teacher_share.ferplus is out of range"),
        (["t"], {}, "loss.teacher_share is out of range"),
        (["t"], {"ferplus": 0.0}, "loss.teacher_share is out of range"),
        ([], {"ferplus": 0.5}, "loss.teacher_share is out of range"),
        ("t", {"ferplus": 0.5}, "loss.teachers does not fit"),
        (["t"], {"ferplus": "half"}, "loss.teacher_share does not fit"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(teachers, share, message):
    with pytest.raises(ConfigError, match=message):
        tiny_recipe(loss__teachers=teachers, loss__teacher_share=share)


def test_a_taught_run_differs_saves_its_settings_and_resumes(teacher, tmp_path, monkeypatch):
    recipe = tiny_recipe(
        schedule__epochs=2, loss__teachers=[teacher], loss__teacher_share={"ferplus": 0.9}
    )

    def run(name, recipe=recipe, **kwargs):
        return fit(
            recipe, tiny_data(), tmp_path / name, accelerator="cpu", progress=False, **kwargs
        )

    result = run("unbroken")
    loss = json.loads((tmp_path / "unbroken" / "settings.json").read_text("utf-8"))["recipe"][
        "loss"
    ]
    assert (loss["teachers"], loss["teacher_share"]) == ([teacher], {"ferplus": 0.9})
    assert read_meta(result.checkpoint).provenance["recipe"]["loss"] == loss

    break_off(monkeypatch, 1, lambda: run("broken"))
    run("broken", resume=True)
    expected, got = states(tmp_path / "unbroken"), states(tmp_path / "broken")
    assert all(torch.equal(expected[key], got[key]) for key in expected)

    run("untaught", tiny_recipe(schedule__epochs=2))
    plain = states(tmp_path / "untaught")
    assert any(not torch.equal(expected[key], plain[key]) for key in expected)


def faces_of(images, side):
    """(N, C, side, side) float32 in 0-1: the faces as they are, at another size."""
    return resize(torch.from_numpy(images)[:, None].float() / 255, side)


def test_teachers_of_views_answer_for_the_view_each_at_its_own_size(teacher, other):
    data = varied_data()
    targets, labels = targets_of(data)
    loss = LossRecipe(teachers=(teacher, other), teacher_share={"ferplus": 0.25})
    sizes = []

    def view(side):
        sizes.append(side)
        return faces_of(data.images, side)

    mixed = ViewTeachers(loss, labels).mixed(targets, view)
    assert sorted(sizes) == [16, 20]
    said = 0
    for path, side in ((teacher, 16), (other, 20)):
        model = TorchClassifier.load(Path(path), "cpu")
        crops = (faces_of(data.images, side)[:, 0] * 255).round().byte().numpy()
        crops = np.repeat(crops[..., None], 3, 3) if model.input.color == "rgb" else crops
        said = said + model.logits(crops)["ferplus"].softmax(1) / 2
    known = targets["ferplus"].sum(1) > 0
    expected = 0.75 * targets["ferplus"] + 0.25 * said
    torch.testing.assert_close(mixed["ferplus"][known], expected[known], atol=5e-3, rtol=0)
    assert not torch.allclose(mixed["ferplus"][known], targets["ferplus"][known], atol=0.05)
    assert not mixed["ferplus"][~known].any()
    assert torch.equal(mixed["fer2013"], targets["fer2013"])


def test_a_teacher_that_enlarges_faces_gets_the_view_at_its_full_side(tmp_path):
    data = varied_data()
    targets, labels = targets_of(data)
    fine = torch.rand((len(data.images), 1, 24, 24), generator=torch.Generator().manual_seed(4))
    answers = []
    for name, size, more in (("plain", 24, {}), ("enlarging", 16, {"enlarge_to": 24})):
        path = tiny_checkpoint(tmp_path / f"{name}.safetensors", size=size, **more)
        loss = LossRecipe(teachers=(str(path),), teacher_share={"ferplus": 1.0})
        mixed = ViewTeachers(loss, labels).mixed(targets, lambda side: resize(fine, side))
        answers.append(mixed["ferplus"])
    assert answers[0].std(0).max() > 0.1  # they depend on the face
    torch.testing.assert_close(*answers)  # the same weights see the same 24 px


def views_run(teacher, **more):
    """A recipe whose teacher answers for every view."""
    taught = {"loss__teachers": [teacher], "loss__teacher_share": {"ferplus": 0.9}}
    return tiny_recipe(schedule__epochs=2, loss__teacher_views=True, **taught, **more)


def test_the_teachers_see_the_students_view_before_it_is_degraded_or_erased(
    teacher, tmp_path, monkeypatch
):
    recipe = views_run(
        teacher,
        **{f"augment__{step}": 0.0 for step in ("rotation_deg", "shift", "zoom")},
        **{f"augment__{step}": 0.0 for step in ("brightness", "contrast")},
        augment__flip=0.5,
        augment__erase=1.0,
        augment__erase_share=[0.9, 0.95],
        degrade__share=1.0,
        degrade__light=0.0,
        degrade__cover=1.0,
    )
    pairs, seen = [], []
    real_mixed, real_forward = ViewTeachers.mixed, FaceModule.forward

    def mixed(self, targets, view):
        pairs.append(view(16))
        return real_mixed(self, targets, view)

    def forward(self, images):
        if self.training:
            seen.append(images)
        return real_forward(self, images)

    monkeypatch.setattr(ViewTeachers, "mixed", mixed)
    monkeypatch.setattr(FaceModule, "forward", forward)
    data = varied_data()
    fit(recipe, data, tmp_path / "run", accelerator="cpu", progress=False)
    faces = faces_of(data.images, 16)
    originals = torch.cat([faces, faces.flip(3)])
    assert len(pairs) == len(seen) > 2
    for view, images in zip(pairs, seen, strict=True):
        for face, other_view in zip(view, images, strict=True):
            distances = (originals - face).abs().amax((1, 2, 3))
            assert distances.min() < 1e-3  # a face of the data or its mirror image, undamaged
            assert (face - other_view).abs().max() > 0.1


def test_a_run_with_teachers_of_views_resumes_and_differs_from_one_asked_once(
    teacher, tmp_path, monkeypatch
):
    recipe = views_run(teacher)

    def run(name, recipe=recipe, **kwargs):
        fit(recipe, varied_data(), tmp_path / name, accelerator="cpu", progress=False, **kwargs)
        return states(tmp_path / name)

    expected = run("unbroken")
    break_off(monkeypatch, 1, lambda: run("broken"))
    got = run("broken", resume=True)
    assert all(torch.equal(expected[key], got[key]) for key in expected)
    once = run("once", replace(recipe, loss=replace(recipe.loss, teacher_views=False)))
    assert any(not torch.equal(expected[key], once[key]) for key in expected)
    assert not (tmp_path / "unbroken" / TEACHERS_FILE).exists()


def test_teachers_of_views_that_cannot_be_asked_are_named(teacher, tmp_path):
    with pytest.raises(ConfigError, match="teacher_views is out of range"):
        tiny_recipe(loss__teacher_views=True)
    labels = {"six": varied_data().targets["fer2013"].labels}
    loss = LossRecipe(teachers=(teacher,), teacher_share={"six": 0.5}, teacher_views=True)
    with pytest.raises(ConfigError, match="have no head 'six' in common"):
        ViewTeachers(loss, labels)
