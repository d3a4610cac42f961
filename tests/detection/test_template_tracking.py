"""A known face is followed by its own picture."""

import numpy as np
import pytest

from fer_live.capture.demo import render_demo
from fer_live.detection.gray_pyramid import GrayPyramid
from fer_live.detection.haar import HaarDetector
from fer_live.detection.template_tracking import extract_templates, follow


@pytest.fixture(scope="module")
def portrait():
    return render_demo(0.0, faces=1)


@pytest.fixture(scope="module")
def box(portrait):
    return HaarDetector().detect(portrait).boxes_xyxy[0]


@pytest.mark.parametrize("shift", [(0, 0), (3, -2), (17, 25), (-40, 31)])
def test_a_face_that_moved_is_found_to_a_fortieth_of_its_side(portrait, box, shift):
    (patch,) = extract_templates(GrayPyramid(portrait), box[None])
    moved = np.roll(portrait, shift[::-1], (0, 1))
    found = follow(GrayPyramid(moved), box, patch)
    expected = box + np.array([*shift, *shift], np.float32)
    side = box[2] - box[0]
    np.testing.assert_allclose(found, expected, atol=side / 40)


def test_a_face_in_noise_and_another_light_is_found(portrait, box):
    (patch,) = extract_templates(GrayPyramid(portrait), box[None])
    rng = np.random.default_rng(0)
    seen = np.clip(portrait * 0.8 + 12 + rng.normal(0, 8, portrait.shape), 0, 255)
    found = follow(GrayPyramid(seen.astype(np.uint8)), box, patch)
    np.testing.assert_allclose(found, box, atol=(box[2] - box[0]) / 40)


def test_a_face_that_has_gone_is_not_found(portrait, box):
    (patch,) = extract_templates(GrayPyramid(portrait), box[None])
    assert follow(GrayPyramid(render_demo(0.0, faces=0)), box, patch) is None


def test_a_face_that_moved_too_far_is_not_found(portrait, box):
    (patch,) = extract_templates(GrayPyramid(portrait), box[None])
    moved = np.roll(portrait, round(box[2] - box[0]), 1)
    assert follow(GrayPyramid(moved), box, patch) is None


def test_a_flat_part_has_no_picture_to_follow(box):
    flat = GrayPyramid(np.full((720, 1280, 3), 90, np.uint8))
    assert extract_templates(flat, box[None]) == [None]
    assert extract_templates(flat, np.zeros((0, 4), np.float32)) == []


def test_a_face_at_the_edge_and_in_a_small_picture(portrait, box):
    left = round(float(box[0]))
    cut = np.ascontiguousarray(portrait[:, left:])
    at_edge = box - np.array([left, 0, left, 0], np.float32)
    (patch,) = extract_templates(GrayPyramid(cut), at_edge[None])
    np.testing.assert_allclose(
        follow(GrayPyramid(cut), at_edge, patch), at_edge, atol=(box[2] - box[0]) / 40
    )
