import pytest
import torch

from fer_live.training.data.augmentation import Augmentation, augment, mix, resize, to_channels

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


def bar_width(images):
    return (images[:, 0].mean(1) > 0.5).sum(1).float()


def test_zoom_draws_the_scale_and_zoom_extent_what_is_shown():
    torch.manual_seed(1)
    bar = torch.zeros(400, 1, 4, 400)
    bar[..., 100:300] = 1
    bar = bar.repeat_interleave(100, 2)
    scaled = bar_width(augment(bar, Augmentation(flip=0, zoom=0.2), 400))
    assert 160 - 2 <= float(scaled.min()) < 164
    assert 236 < float(scaled.max()) <= 240 + 2
    extent = bar_width(augment(bar, Augmentation(flip=0, zoom_extent=0.2), 400))
    assert 200 / 1.2 - 2 <= float(extent.min()) < 171
    assert 245 < float(extent.max()) <= 250 + 2


def test_a_crop_stays_inside_and_reaches_every_side():
    torch.manual_seed(2)
    ramp = torch.arange(64).expand(500, 1, 64, 64) / 64
    out = augment(ramp.contiguous(), Augmentation(flip=0, crop=0.5), 64)
    low, high = out[:, 0, 0, 0] * 64, out[:, 0, 0, -1] * 64
    assert float(low.min()) < 1.5
    assert float(high.max()) > 61.5
    shown = (high - low + 1) / 64
    assert 0.5 - 0.03 <= float(shown.min()) < 0.55
    assert 0.95 < float(shown.max()) <= 1.03
    # Nothing is reflected in: the ramp rises all the way.
    assert bool((out[:, 0, 0].diff(dim=-1) > 0).all())


def test_saturation_and_hue_leave_grey_and_brightness_alone():
    torch.manual_seed(3)
    how = Augmentation(flip=0, saturation=0.5, hue_deg=40)
    grey = torch.rand(8, 1, 4, 4).expand(8, 3, 4, 4).contiguous()
    torch.testing.assert_close(augment(grey, how, 4), grey, atol=2e-3, rtol=0)
    colour = torch.rand(8, 3, 4, 4) * 0.2 + 0.4  # far from both ends, so nothing is cut off
    changed = augment(colour, how, 4)
    assert float((changed - colour).abs().max()) > 0.02
    torch.testing.assert_close(to_channels(changed, 1), to_channels(colour, 1), atol=2e-3, rtol=0)
    one = torch.rand(2, 1, 4, 4)
    assert torch.equal(augment(one, how, 4), one)


def test_without_saturation_colour_becomes_grey():
    colour = torch.rand(64, 3, 2, 2) * 0.2 + 0.4
    torch.manual_seed(4)
    changed = augment(colour, Augmentation(flip=0, saturation=1.0), 2)
    before, after = (x.amax(1) - x.amin(1) for x in (colour, changed))
    ratio = (after / before).mean((1, 2))
    assert float(ratio.min()) < 0.1
    assert 1.8 < float(ratio.max()) <= 2.05


def test_mixed_precision_moves_no_pixel():
    spot = torch.rand(4, 1, 48, 48)
    torch.manual_seed(5)
    plain = augment(spot, Augmentation(rotation_deg=20, saturation=0.2), 48)
    torch.manual_seed(5)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = augment(spot, Augmentation(rotation_deg=20, saturation=0.2), 48)
    assert torch.equal(plain, mixed)


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
