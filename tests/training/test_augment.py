import pytest
import torch

from fer_live.training.augment import Augmentation, augment, mix, resize, to_channels

OFF = Augmentation(flip=0)


@pytest.fixture
def faces():
    torch.manual_seed(3)
    return torch.rand(6, 1, 16, 16)


def test_no_faces():
    everything = Augmentation(0.5, 15, 0.1, 0.1, 5, 0.3, 0.3, 0.5)
    assert augment(torch.zeros(0, 1, 16, 16), everything, 12).shape == (0, 1, 12, 12)


def test_all_off_is_the_identity(faces):
    assert torch.equal(augment(faces, OFF, 16), faces)


def test_certain_flip_mirrors(faces):
    flipped = augment(faces, Augmentation(flip=1), 16)
    torch.testing.assert_close(flipped, faces.flip(-1), atol=1e-5, rtol=0)


def test_half_flip_mirrors_some_and_keeps_the_rest():
    torch.manual_seed(0)
    ramp = torch.linspace(0, 1, 16).expand(64, 1, 16, 16).contiguous()
    out = augment(ramp, Augmentation(flip=0.5), 16)
    rising = (out[:, 0, 0, -1] > out[:, 0, 0, 0]).sum()
    assert 16 < int(rising) < 48


@pytest.mark.parametrize(
    "how",
    [
        Augmentation(rotation_deg=30),
        Augmentation(shift=0.3),
        Augmentation(zoom=0.3),
        Augmentation(shear_deg=20),
        Augmentation(brightness=0.9, contrast=0.9),
        Augmentation(erase=1),
    ],
    ids=lambda how: next(k for k, v in vars(how).items() if v and k != "flip"),
)
def test_every_step_changes_faces_and_stays_in_range(faces, how):
    out = augment(faces, how, 16)
    assert out.shape == faces.shape
    assert not torch.allclose(out, faces)
    assert float(out.min()) >= -1e-6
    assert float(out.max()) <= 1 + 1e-6


def test_rotation_by_a_known_angle_keeps_the_middle():
    torch.manual_seed(1)
    spot = torch.zeros(32, 1, 17, 17)
    spot[:, :, 8, 8] = 1
    out = augment(spot, Augmentation(flip=0, rotation_deg=45), 17)
    assert bool((out[:, 0, 8, 8] > 0.9).all())


def test_faces_get_draws_of_their_own(faces):
    same = faces[:1].expand(6, 1, 16, 16).contiguous()
    out = augment(same, Augmentation(flip=0, shift=0.2), 16)
    assert not torch.allclose(out[0], out[1])


def test_the_global_seed_decides(faces):
    how = Augmentation(0.5, 15, 0.1, 0.1, 5, 0.3, 0.3, 0.5)
    outs = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        outs.append(augment(faces, how, 12))
    assert torch.equal(outs[0], outs[1])
    assert not torch.equal(outs[0], outs[2])


@pytest.mark.parametrize("how", [Augmentation(mixup=0.4), Augmentation(cutmix=1.0)])
def test_mixed_targets_still_sum_to_one(faces, how):
    torch.manual_seed(2)
    targets = {"a": torch.eye(6), "b": torch.eye(6)[:, :3].clone()}
    targets["b"][3:] = 0  # not known
    mixed = mix(faces.clone(), targets, how)
    torch.testing.assert_close(targets["a"].sum(1), torch.ones(6))
    assert bool((targets["b"].sum(1) <= 1 + 1e-6).all())
    assert not torch.equal(mixed, faces)
    assert 0 <= float(mixed.min()) <= float(mixed.max()) <= 1


def test_cutmix_share_is_the_area_that_was_pasted():
    torch.manual_seed(4)
    images = torch.stack([torch.zeros(1, 16, 16), torch.ones(1, 16, 16)])
    targets = {"a": torch.eye(2)}
    mixed = mix(images, targets, Augmentation(cutmix=1.0))
    torch.testing.assert_close(mixed.mean((1, 2, 3)), targets["a"][:, 1])


def test_channels_and_sizes(faces):
    colour = to_channels(faces, 3)
    assert colour.shape == (6, 3, 16, 16)
    torch.testing.assert_close(to_channels(colour, 1), faces)
    assert to_channels(faces, 1) is faces
    assert resize(faces, 24).shape[-2:] == (24, 24)
