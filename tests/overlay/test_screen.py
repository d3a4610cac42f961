"""Pictures at the size they have on screen."""

import cv2
import numpy as np
import pytest

from fer_live.capture.demo import render_demo
from fer_live.overlay.screen import fit_to_screen


@pytest.mark.parametrize("size", [(960, 540), (1280, 720), (640, 360), (500, 281), (1920, 1080)])
def test_the_picture_has_the_size_and_looks_the_same(size):
    picture = render_demo(0.0)
    fitted = fit_to_screen(picture, *size)
    assert fitted.shape == (size[1], size[0], 3)
    assert fitted.dtype == np.uint8
    expected = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(fitted.astype(int) - expected).mean() < 2.0


def test_the_right_size_costs_nothing():
    picture = render_demo(0.0, (640, 360))
    assert fit_to_screen(picture, 640, 360) is picture


def test_a_read_only_picture_and_one_pixel():
    picture = render_demo(0.0, (640, 360))
    picture.setflags(write=False)
    assert fit_to_screen(picture, 1, 1).shape == (1, 1, 3)
    assert fit_to_screen(picture, 640, 100).shape == (100, 640, 3)
