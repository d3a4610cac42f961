import cv2
import numpy as np
import pytest

from fer_live.detection.appearance import describe_faces
from fer_live.detection.crop import crop_faces

NONE = np.zeros((0, 4), np.float32)


def boxes(*rows):
    return np.array(rows, np.float32)


@pytest.fixture
def gradient():
    """(200, 300, 3): blue rises to the right, green downwards, red is 50."""
    y, x = np.mgrid[0:200, 0:300]
    return np.dstack([x * 255 // 299, y * 255 // 199, np.full_like(x, 50)]).astype(np.uint8)


@pytest.mark.parametrize(("color", "shape"), [("gray", (0, 48, 48)), ("rgb", (0, 64, 64, 3))])
def test_no_boxes_give_empty_crops(gradient, color, shape):
    crops = crop_faces(gradient, NONE, shape[1], color, 1.0)
    assert crops.shape == shape
    assert crops.dtype == np.uint8


def test_no_boxes_give_empty_descriptions(gradient):
    assert describe_faces(gradient, NONE).shape == (0, 256)


def test_same_size_is_an_exact_copy_in_rgb(gradient):
    crop = crop_faces(gradient, boxes((40, 60, 88, 108)), 48, "rgb", 1.0)[0]
    np.testing.assert_array_equal(crop, gradient[60:108, 40:88, ::-1])


def test_grey_is_the_grey_of_the_picture(gradient):
    crop = crop_faces(gradient, boxes((40, 60, 88, 108)), 48, "gray", 1.0)[0]
    np.testing.assert_array_equal(crop, cv2.cvtColor(gradient, cv2.COLOR_BGR2GRAY)[60:108, 40:88])


@pytest.mark.parametrize("margin", [0.8, 1.0, 1.25, 1.5])
def test_margin_is_about_the_centre(gradient, margin):
    crop = crop_faces(gradient, boxes((100, 60, 180, 140)), 80, "rgb", margin)[0].astype(float)
    # Blue rises by 255 / 299 a pixel: its mean tells the centre, its span the side.
    assert crop[..., 2].mean() == pytest.approx(139.5 * 255 / 299, abs=1.5)
    span = crop[:, -1, 2].mean() - crop[:, 0, 2].mean()
    assert span == pytest.approx(80 * margin * 255 / 299, rel=0.05)


def test_a_box_that_is_not_square_gives_a_square_of_the_mean_side(gradient):
    crop = crop_faces(gradient, boxes((100, 50, 140, 130)), 60, "rgb", 1.0)[0]
    np.testing.assert_array_equal(crop, gradient[60:120, 90:150, ::-1])


@pytest.mark.parametrize(
    "box",
    [
        (-30, -30, 30, 30),
        (270, 170, 330, 230),
        (-100, 50, 400, 550),
        (-500, -500, -400, -400),
        (900, 900, 950, 950),
        (-1000, -1000, 1000, 1000),
        (10, 10, 10.1, 10.1),
    ],
)
def test_outside_repeats_the_edge(gradient, box):
    crop = crop_faces(gradient, boxes(box), 32, "rgb", 1.0)[0]
    left, top, right, _ = box
    side = right - left
    x = np.clip(left + (np.arange(32) + 0.5) * side / 32 - 0.5, 0, 299) * 255 / 299
    y = np.clip(top + (np.arange(32) + 0.5) * side / 32 - 0.5, 0, 199) * 255 / 199
    tolerance = 3 + 2 * max(side, 1) / 32  # a kink at the edge is averaged over a cell
    np.testing.assert_allclose(crop[..., 2], np.broadcast_to(x, (32, 32)), atol=tolerance)
    np.testing.assert_allclose(crop[..., 1], np.broadcast_to(y[:, None], (32, 32)), atol=tolerance)


def test_shrinking_averages_and_leaves_no_moire():
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    crop = crop_faces(stripes, boxes((0, 0, 400, 400)), 40, "gray", 1.0)[0]
    assert crop.min() >= 126
    assert crop.max() <= 129


def test_order_and_independence_of_many(gradient):
    many = boxes((0, 0, 50, 50), (100, 100, 160, 160), (200, 20, 290, 110))
    together = crop_faces(gradient, many, 40, "gray", 1.1)
    for index in range(3):
        alone = crop_faces(gradient, many[index : index + 1], 40, "gray", 1.1)[0]
        np.testing.assert_array_equal(together[index], alone)


def test_a_read_only_picture_is_left_as_it_is(gradient):
    gradient.setflags(write=False)
    before = gradient.copy()
    crops = crop_faces(gradient, boxes((10, 10, 58, 58)), 48, "rgb", 1.0)
    crops[:] = 0
    np.testing.assert_array_equal(gradient, before)


@pytest.mark.parametrize(
    ("box", "size", "margin"),
    [((0, 0, np.nan, 9), 48, 1.0), ((0, 0, np.inf, 9), 48, 1.0), ((0, 0, 9, 9), 0, 1.0),
     ((0, 0, 9, 9), 48, 0.0)],
)  # fmt: skip
def test_what_cannot_be_cropped(gradient, box, size, margin):
    with pytest.raises(ValueError, match="cannot crop"):
        crop_faces(gradient, boxes(box), size, "gray", margin)


def test_descriptions_tell_patterns_apart_and_ignore_light():
    rng = np.random.default_rng(0)
    first, second = (
        cv2.resize(rng.integers(40, 160, (6, 6, 3), np.uint8), (100, 100)) for _ in range(2)
    )
    brighter = np.clip(first * 1.3 + 10, 0, 255).astype(np.uint8)
    image = np.concatenate([first, second, brighter], axis=1)
    looks = describe_faces(image, boxes((0, 0, 100, 100), (100, 0, 200, 100), (200, 0, 300, 100)))
    np.testing.assert_allclose(np.linalg.norm(looks, axis=1), 1, atol=1e-5)
    assert looks[0] @ looks[2] > 0.98
    assert abs(looks[0] @ looks[1]) < 0.7


def test_a_flat_face_has_a_description_without_nan():
    looks = describe_faces(np.full((50, 50, 3), 7, np.uint8), boxes((0, 0, 50, 50)))
    assert np.isfinite(looks).all()
