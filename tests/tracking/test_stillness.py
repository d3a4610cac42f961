"""Which changes of a face lead to a new classification."""

import cv2
import numpy as np
import pytest
from skimage import data

from fer_live.detection.crop import crop_faces
from fer_live.tracking.stillness import HOLD_S, StillFaces

BOX = np.array([(175.0, 65.0, 275.0, 175.0)], np.float32)
PORTRAIT = np.ascontiguousarray(data.astronaut()[..., ::-1])
SIZE = 56


def crop(image=PORTRAIT, box=BOX, color="gray"):
    return crop_faces(image, box, SIZE, color, 1.0)[0]


def noisy(image, spread, seed):
    noise = np.random.default_rng(seed).normal(0, spread, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def smiling(share):
    """The portrait with the mouth corners lifted by a share of the face's side."""
    rows, columns = np.mgrid[:512, :512].astype(np.float32)
    shift = np.zeros_like(rows)
    for x, y in ((212.0, 145.0), (243.0, 145.0)):
        near = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 8.0**2))
        shift += (share * 105 * near).astype(np.float32)
    return cv2.remap(PORTRAIT, columns, rows + shift, cv2.INTER_LINEAR)


@pytest.fixture(params=["gray", "rgb"])
def color(request):
    return request.param


@pytest.fixture
def still(color):
    faces = StillFaces()
    faces.remember(1, crop(noisy(PORTRAIT, 4, seed=1), color=color), 10.0)
    return faces


def test_noise_light_and_a_jittering_box_are_no_change(still, color):
    assert still.unchanged(1, crop(noisy(PORTRAIT, 8, seed=2), color=color), 10.1)
    darker = cv2.convertScaleAbs(PORTRAIT, alpha=0.8, beta=4)
    assert still.unchanged(1, crop(darker, color=color), 10.1)
    moved = BOX + np.float32(0.6)
    assert still.unchanged(1, crop(box=moved, color=color), 10.1)


def test_a_moved_mouth_and_another_face_are_a_change(still, color):
    assert not still.unchanged(1, crop(smiling(0.05), color=color), 10.1)
    assert not still.unchanged(1, crop(PORTRAIT[:, ::-1].copy(), color=color), 10.1)


def test_nothing_is_kept_for_longer_than_the_limit(still, color):
    same = crop(color=color)
    assert still.unchanged(1, same, 10.0 + HOLD_S)
    assert not still.unchanged(1, same, 10.01 + HOLD_S)


def test_unknown_and_forgotten_faces_have_changed(still, color):
    assert not still.unchanged(2, crop(color=color), 10.1)
    still.forget({2, 3})
    assert not still.unchanged(1, crop(color=color), 10.1)


def test_a_flat_crop():
    faces = StillFaces()
    flat = np.full((SIZE, SIZE), 90, np.uint8)
    faces.remember(1, flat, 0.0)
    assert faces.unchanged(1, flat, 0.1)
    assert not faces.unchanged(1, crop(), 0.1)
