import cv2
import numpy as np
import pytest

from fer_live.training.data.degradation import (
    Degradation,
    blurred,
    compressed,
    covered,
    degrade,
    few_pixels,
    motion_blurred,
    moved,
    noisy,
    relight,
    shaded,
)


def face(side=48):
    rng = np.random.default_rng(0)
    small = rng.integers(40, 200, (8, 8), np.uint8)
    return cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("shape", [(40, 48, 48), (40, 48, 48, 3), (0, 48, 48)])
def test_a_share_of_a_batch_is_degraded_and_can_be_drawn_again(shape):
    faces = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    given = faces.copy()
    how = Degradation(share=0.5)
    worse = degrade(faces, how, np.random.default_rng(2))
    assert (worse.shape, worse.dtype) == (faces.shape, np.uint8)
    assert (faces == given).all()
    assert (degrade(faces, how, np.random.default_rng(2)) == worse).all()
    assert (degrade(faces, Degradation(), np.random.default_rng(2)) == faces).all()
    if len(faces):
        changed = (worse != faces).reshape(len(faces), -1).any(1)
        assert 10 <= changed.sum() <= 25


def test_noise_has_its_deviation():
    grey = np.full((200, 200), 120, np.uint8)
    assert noisy(grey, 15, 0, np.random.default_rng(0)).std() == pytest.approx(15, rel=0.03)
    bright, dark = (
        noisy(np.full((200, 200), level, np.uint8), 0, 20, np.random.default_rng(0)).std()
        for level in (180, 45)
    )
    assert bright == pytest.approx(2 * dark, rel=0.05)


def test_light_changes_as_asked():
    plain = face()
    assert relight(plain, 1, 0.5, 1).mean() == pytest.approx(plain.mean() * 0.5, abs=1)
    flat = relight(plain, 1, 1, 0.5)
    assert flat.mean() == pytest.approx(plain.mean(), abs=1)
    assert flat.std() == pytest.approx(plain.std() / 2, rel=0.03)
    shadow = shaded(np.full((48, 48), 200, np.uint8), 0, 0.5, 0.0, 0.05)
    assert shadow[:, :20].min() >= 199
    assert shadow[:, 28:].max() <= 101


def test_detail_is_lost():
    plain = face()

    def detail(x):
        return np.abs(np.diff(x.astype(int), axis=1)).sum()

    for worse in (blurred(plain, 2), few_pixels(plain, 12), motion_blurred(plain, 6, 0)):
        assert worse.shape == plain.shape
        assert detail(worse) < 0.9 * detail(plain)
        assert worse.mean() == pytest.approx(plain.mean(), abs=3)
    assert (few_pixels(plain, 48) == plain).all()
    assert 0 < np.abs(compressed(plain, 10).astype(int) - plain).mean() < 12
    line = np.zeros((48, 48), np.uint8)
    line[24, 24] = 255
    smeared = motion_blurred(line, 5, 0)
    assert (smeared[24] > 0).sum() == 5
    assert (smeared[:, 24] > 0).sum() == 1


def test_the_face_is_covered_and_moved_where_asked():
    bar = covered(face(), (0.5, 1.0), (0.0, 0.5), 7)
    assert (bar[24:, :24] == 7).all()
    assert (bar[:24] == face()[:24]).all()
    dot = np.zeros((49, 49), np.uint8)
    dot[24, 34] = 255
    assert np.unravel_index(moved(dot, angle_deg=90).argmax(), dot.shape) == (14, 24)
    assert np.unravel_index(moved(dot, scale=2).argmax(), dot.shape) == (24, 44)
    assert np.unravel_index(moved(dot, shift=10 / 49).argmax(), dot.shape) == (34, 44)
