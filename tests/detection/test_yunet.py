import sys

import cv2
import numpy as np
import onnx
import pytest
from skimage import data

from fer_live.core.errors import DetectorError
from fer_live.core.paths import find_yunet
from fer_live.detection.boxes import iou
from fer_live.detection.gray_pyramid import GrayPyramid
from fer_live.detection.haar import HaarDetector
from fer_live.detection.still_detector import still_detector
from fer_live.detection.yunet import BOX_SCALE, YuNetDetector, decode, raised
from tests.detection import composites

FACE = np.array([(175.0, 65.0, 275.0, 175.0)], np.float32)
"""The astronaut's face in scikit-image's picture, 512 x 512."""


@pytest.fixture(scope="module")
def detector():
    return YuNetDetector()


@pytest.fixture(scope="module")
def portrait():
    return np.ascontiguousarray(data.astronaut()[..., ::-1])


def maps(height, width):
    """Empty output maps of strides 8, 16 and 32."""
    made = []
    for stride in (8, 16, 32):
        shape = height // stride, width // stride
        scores = np.zeros(shape, np.float32)
        made.append((scores, scores.copy(), np.zeros((4, *shape), np.float32)))
    return made


@pytest.mark.parametrize(("level", "stride"), [(0, 8), (1, 16), (2, 32)])
def test_decoding_follows_the_definition(level, stride):
    given = maps(64, 96)
    cls, obj, box = given[level]
    cls[1, 2], obj[1, 2] = 0.9, 0.4
    box[:, 1, 2] = 0.5, -0.25, np.log(2), np.log(4.5)
    boxes, scores = decode(given, 0.5)
    np.testing.assert_allclose(scores, [0.6], rtol=1e-6)
    x, y, half = 2.5 * stride, 0.75 * stride, BOX_SCALE * 3 * stride / 2
    np.testing.assert_allclose(boxes, [[x - half, y - half, x + half, y + half]], rtol=1e-5)
    assert decode(given, 0.7)[0].shape == (0, 4)


@pytest.mark.parametrize("shape", [(720, 1280), (480, 640), (100, 900), (33, 31), (10, 10), (1, 1)])
def test_empty_picture_has_no_faces(detector, shape):
    found = detector.detect(np.zeros((*shape, 3), np.uint8))
    assert found.boxes_xyxy.shape == (0, 4)
    assert found.boxes_xyxy.dtype == np.float32
    assert found.scores.shape == (0,)


@pytest.mark.parametrize("scale", [0.3, 0.5, 1.0, 1.7, 4.0])
def test_finds_a_face_once_at_any_resolution(detector, portrait, scale):
    image = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = detector.detect(image)
    assert len(found) == 1
    assert iou(FACE * np.float32(scale), found.boxes_xyxy)[0, 0] > 0.6
    assert found.scores[0] > 0.8


def test_finds_a_face_in_a_part_of_a_frame_and_in_a_read_only_view(detector, portrait):
    tall = np.zeros((1024, 600, 3), np.uint8)
    tall[300:812, 44:556] = portrait
    tall.setflags(write=False)
    expected = FACE + np.array([44, 300, 44, 300], np.float32)
    parts = [((0, 0, 600, 1024), 0.5), ((150, 300, 450, 600), 0.8), ((100, 280, 420, 600), 1.0)]
    for rect, scale in parts:
        found = detector.detect_part(GrayPyramid(tall), rect, scale)
        assert iou(expected, found.boxes_xyxy).max(initial=0) > 0.6


@pytest.mark.parametrize("angle", [-60, -30, 0, 30, 60])
def test_finds_tilted_and_dark_faces_that_the_cascade_misses(detector, portrait, angle):
    turn = cv2.getRotationMatrix2D((225.0, 120.0), angle, 1.0)
    image = cv2.warpAffine(portrait, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    dark = (image * 0.12).astype(np.uint8)
    for picture in (image, dark):
        assert iou(FACE, detector.detect(picture).boxes_xyxy).max(initial=0) > 0.5


def test_boxes_have_the_framing_of_the_cascades(detector):
    """Faces that both find: the boxes' sides differ by 5 % in the median, the centres by 3 %."""
    cascade = HaarDetector()
    ratios, offsets = [], []
    for face in composites.fer2013_faces(1, 60, seed=4):
        large = cv2.resize(face, (160, 160), interpolation=cv2.INTER_CUBIC)
        image = cv2.copyMakeBorder(large, 120, 120, 120, 120, cv2.BORDER_REPLICATE)
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
        ours, theirs = detector.detect(image), cascade.detect(image)
        if not len(ours) or not len(theirs) or theirs.scores[0] < cascade.sure_score:
            continue
        (a, b) = ours.boxes_xyxy[0], theirs.boxes_xyxy[0]
        side = b[2] - b[0]
        ratios.append((a[2] - a[0]) / side)
        offsets.append((a - b).reshape(2, 2).mean(0) / side)
    assert len(ratios) > 30
    assert 0.95 < np.median(ratios) < 1.12
    assert np.abs(np.median(offsets, axis=0)).max() < 0.04


@pytest.mark.parametrize(("dx", "dy", "grow"), [(0, 0, 1.0), (25, -20, 1.0), (-15, 15, 1.25)])
@pytest.mark.parametrize(("side_px", "face_px"), [(128, 96), (160, 80)])
def test_a_close_look_finds_a_face_that_moved(detector, portrait, dx, dy, grow, side_px, face_px):
    box = detector.detect(portrait).boxes_xyxy[:1]
    centre = (box[:, :2] + box[:, 2:]) / 2 + np.array([dx, dy], np.float32)
    half = (box[:, 2:] - box[:, :2]) / 2 * np.float32(grow)
    moved = np.concatenate([centre - half, centre + half], 1)
    nothing = np.array([(20, 400, 80, 460)], np.float32)
    (look, empty) = detector.look_at(portrait, np.concatenate([moved, nothing]), side_px, face_px)
    assert iou(box, look.boxes_xyxy).max(initial=0) > 0.75
    assert len(empty) == 0


def test_looks_at_no_box_and_at_boxes_outside(detector, portrait):
    assert detector.look_at(portrait, np.zeros((0, 4), np.float32), 128, 96) == []
    odd = [(-500, -500, -400, -400), (500, 500, 530, 530)]
    odd += [(-9000, -9000, 9000, 9000), (3, 3, 3.2, 3.2)]
    for look in detector.look_at(portrait, np.array(odd, np.float32), 128, 96):
        assert np.isfinite(look.boxes_xyxy).all()


@pytest.mark.parametrize("options", [{"long_side": 31}, {"min_score": 0.0}, {"min_score": 1.0}])
def test_options_out_of_range(options):
    with pytest.raises(DetectorError) as caught:
        YuNetDetector(**options)
    assert caught.value.hint


def test_damaged_missing_and_foreign_models(tmp_path):
    bad, half, other = (tmp_path / name for name in ("bad.onnx", "half.onnx", "other.onnx"))
    bad.write_bytes(b"not a model")
    half.write_bytes(find_yunet().read_bytes()[:100_000])
    foreign = onnx.load(find_yunet())
    del foreign.graph.output[0]
    onnx.save(foreign, other)
    for path in (bad, half, other, tmp_path / "none.onnx"):
        with pytest.raises(DetectorError) as caught:
            YuNetDetector(path)
        assert path.name in caught.value.message
        assert caught.value.hint


def test_a_model_in_a_folder_with_other_letters(tmp_path, portrait):
    path = tmp_path / "gesichter-ä-顔.onnx"
    path.write_bytes(find_yunet().read_bytes())
    assert len(YuNetDetector(path).detect(portrait)) == 1


def test_colour_levels_are_halved_when_asked_for():
    image = np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3)
    pyramid = GrayPyramid(image)
    for needed, scale in ((1.0, 1.0), (0.6, 1.0), (0.5, 0.5), (0.3, 0.5), (0.25, 0.25)):
        level, have = pyramid.colour(needed)
        assert have == scale
        assert level.shape == (48 * scale, 64 * scale, 3)
    mean = image[:2, :2].astype(float).mean((0, 1))
    np.testing.assert_allclose(pyramid.colour(0.5)[0][0, 0], mean, atol=0.51)


@pytest.mark.parametrize("turn_deg", [-35.0, 20.0, 35.0])
def test_a_turned_search_and_a_turned_look_give_boxes_of_the_frame_as_it_is(
    detector, portrait, turn_deg
):
    whole = 0, 0, 512, 512
    found = detector.detect_part(GrayPyramid(portrait), whole, 0.75, turn_deg)
    assert iou(FACE, found.boxes_xyxy).max() > 0.6
    (look,) = detector.look_at(portrait, FACE, 128, 96, [turn_deg])
    assert iou(FACE, look.boxes_xyxy).max() > 0.6


@pytest.mark.parametrize("tilt_deg", [-50, 50])
def test_a_tilted_face_scores_more_where_it_is_turned_upright(detector, portrait, tilt_deg):
    turn = cv2.getRotationMatrix2D((225.0, 120.0), tilt_deg, 1.0)
    tilted = cv2.warpAffine(portrait, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    scores = []
    for turn_deg in (-35.0, 0.0, 35.0):
        (look,) = detector.look_at(tilted, FACE, 128, 96, [turn_deg])
        on_it = iou(FACE, look.boxes_xyxy)[0] > 0.4
        scores.append(float((look.scores * on_it).max(initial=0)))
    assert int(np.argmax(scores)) == (0 if tilt_deg > 0 else 2)


def test_a_dark_picture_is_raised_and_a_lit_face_before_black_is_not(portrait):
    rng = np.random.default_rng(2)
    dark = np.clip(portrait * 0.06 + rng.normal(0, 2, portrait.shape), 0, 255).astype(np.uint8)
    assert raised(dark).mean() > 5 * dark.mean()
    assert raised(portrait) is portrait
    lit = np.zeros_like(portrait)
    lit[50:190, 160:290] = portrait[50:190, 160:290]
    assert raised(lit) is lit
    black = np.zeros_like(portrait)
    np.testing.assert_array_equal(raised(black), black)


def test_without_onnx_runtime_it_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(DetectorError, match="Finding faces needs onnxruntime") as caught:
        YuNetDetector()
    assert "haar" in caught.value.hint
    found = still_detector("haar").detect(data.astronaut()[..., ::-1].copy())
    assert len(found.boxes_xyxy) == 1
