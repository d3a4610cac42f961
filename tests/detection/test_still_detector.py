import cv2
import numpy as np
import pytest
from skimage import data

from fer_live.capture.demo.people import cutout, rendered_people
from fer_live.core.errors import DetectorError
from fer_live.core.types import Detections
from fer_live.detection import still_detector as still_detector_module
from fer_live.detection.boxes import OVERLAP_PX, TILE_PX, iou, tiles
from fer_live.detection.still_detector import still_detector
from fer_live.detection.yunet import YuNetDetector

FACE = np.array([(175.0, 65.0, 275.0, 175.0)], np.float32)


MIDDLE = np.array([(260.0, 180.0, 380.0, 300.0)], np.float32)


def one_face(box, score):
    return Detections(np.array([box], np.float32), np.array([score], np.float32))


@pytest.fixture(scope="module")
def detector():
    return still_detector()


@pytest.fixture(scope="module")
def portrait():
    return np.ascontiguousarray(data.astronaut()[..., ::-1])


@pytest.mark.parametrize("choice", ["auto", "yunet", "haar"])
def test_finds_the_face_and_nothing_else(choice, portrait):
    found = still_detector(choice).detect(portrait)
    assert len(found) == 1
    assert iou(FACE, found.boxes_xyxy)[0, 0] > 0.6


def tilted(picture, box, tilt_deg):
    """640 by 480 pixels of a picture turned about a face that is then at MIDDLE."""
    centre, side = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), box[2] - box[0]
    turn = cv2.getRotationMatrix2D(centre, tilt_deg, float(MIDDLE[0, 2] - MIDDLE[0, 0]) / side)
    turn[:, 2] += np.array([320.0, 240.0]) - centre
    return cv2.warpAffine(picture, turn, (640, 480))


@pytest.mark.parametrize("tilt_deg", [-45, -30, 30, 45])
def test_a_tilted_face_in_a_photograph(detector, portrait, tilt_deg):
    found = detector.detect(tilted(portrait, (172, 69, 279, 176), tilt_deg))
    assert len(found) == 1
    assert iou(MIDDLE, found.boxes_xyxy)[0, 0] > 0.7


@pytest.mark.parametrize("tilt_deg", [-60, -45, 45, 60])
@pytest.mark.parametrize("number", [1, 2])
def test_a_tilted_person_of_the_demo_has_a_box_of_the_right_size(detector, number, tilt_deg):
    """The upright search alone gives boxes of which the worst overlap by 0.60."""
    person = rendered_people()[number]
    half, (x, y) = person.side / 2, person.centre
    drawn = tilted(cutout(person), (x - half, y - half, x + half, y + half), tilt_deg)
    ground = 128 * (1 - drawn[..., 3:] / 255)
    found = detector.detect((drawn[..., :3] + ground).astype(np.uint8))
    assert len(found) == 1
    assert iou(MIDDLE, found.boxes_xyxy)[0, 0] > 0.7


class TurnedScripted(YuNetDetector):
    """Sees a face in the turned picture alone; looks in the second crop score `second`."""

    second = 0.8
    upright = Detections()
    searched: list[float]

    def detect(self, image):
        self.searched.append(0.0)
        return self.upright

    def detect_part(self, picture, rect, scale, turn_deg=0.0):
        self.searched.append(turn_deg)
        return one_face((300, 200, 400, 300), 0.8) if turn_deg > 0 else Detections()

    def look_at(self, image, boxes_xyxy, side_px, face_px, turns_deg=None):
        turned = turns_deg or [0.0] * len(boxes_xyxy)
        score = 0.9 if side_px == 128 else self.second
        return [
            one_face(box, score) if turn_deg >= 0 else Detections()
            for box, turn_deg in zip(boxes_xyxy, turned, strict=True)
        ]


@pytest.mark.parametrize(("second", "faces"), [(0.8, 1), (0.3, 0)])
def test_what_only_the_turned_picture_shows_needs_two_sure_looks(monkeypatch, second, faces):
    monkeypatch.setattr(TurnedScripted, "second", second)
    monkeypatch.setattr(TurnedScripted, "searched", [], raising=False)
    monkeypatch.setattr(still_detector_module, "YuNetDetector", TurnedScripted)
    found = still_detector().detect(np.zeros((480, 640, 3), np.uint8))
    assert len(found) == faces


def test_a_picture_of_clear_faces_is_searched_upright_alone(monkeypatch):
    monkeypatch.setattr(TurnedScripted, "upright", one_face((100, 100, 200, 200), 0.9))
    monkeypatch.setattr(TurnedScripted, "searched", [], raising=False)
    monkeypatch.setattr(still_detector_module, "YuNetDetector", TurnedScripted)
    found = still_detector().detect(np.zeros((480, 640, 3), np.uint8))
    assert len(found) == 1
    assert TurnedScripted.searched == [0.0]


def test_a_tight_portrait_is_found_with_a_border(detector, portrait):
    for cut in (0, 8, 16):
        tight = np.ascontiguousarray(portrait[62 + cut : 182 - cut, 168 + cut : 282 - cut])
        found = detector.detect(tight)
        assert len(found) == 1, cut
        expected = FACE - np.array([168 + cut, 62 + cut] * 2, np.float32)
        assert iou(expected, found.boxes_xyxy)[0, 0] > 0.5


def test_a_tight_portrait_of_many_pixels_is_found_with_a_border(detector, portrait):
    tight = cv2.resize(portrait[70:174, 176:274], None, fx=28, fy=28)
    found = detector.detect(tight)
    expected = (FACE - np.array([176, 70] * 2, np.float32)) * 28
    assert iou(expected, found.boxes_xyxy).max() > 0.5


@pytest.mark.parametrize(("whole_seen", "side"), [(True, 300), (False, 140)])
def test_what_a_tile_cuts_off_a_face_is_no_second_face(monkeypatch, whole_seen, side):
    """The lower tile begins in the face and shows its mouth and chin, which look like a face."""
    whole, part = (300, 280, 600, 580), (380, 550, 520, 690)

    class Scripted(YuNetDetector):
        def detect(self, image):
            return one_face(whole, 0.9) if whole_seen else Detections()

        def detect_part(self, picture, rect, scale, turn_deg=0.0):
            return one_face(part, 0.8) if 0 < rect[1] <= 560 and not rect[0] else Detections()

        def look_at(self, image, boxes_xyxy, side_px, face_px, turns_deg=None):
            return [one_face(box, 0.8) for box in boxes_xyxy]

    monkeypatch.setattr(still_detector_module, "YuNetDetector", Scripted)
    found = still_detector().detect(np.zeros((1200, 900, 3), np.uint8))
    assert [float(box[2] - box[0]) for box in found.boxes_xyxy] == [side]


def test_small_faces_in_a_phone_picture(detector, portrait):
    """Faces of 24 to 50 pixels in a picture of 12 megapixels."""
    image = np.full((3024, 4032, 3), 128, np.uint8)
    expected = []
    for place, scale in enumerate((0.24, 0.3, 0.4, 0.5)):
        small = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        x, y = 300 + 900 * place, 250 + 700 * place
        image[y : y + small.shape[0], x : x + small.shape[1]] = small
        expected.append(FACE[0] * np.float32(scale) + np.array([x, y, x, y], np.float32))
    found = detector.detect(image)
    assert len(found) == 4
    assert iou(np.stack(expected), found.boxes_xyxy).max(1).min() > 0.5
    large = still_detector(min_face_px=40).detect(image)
    assert len(large) == 2


@pytest.mark.parametrize(("share", "count"), [(1.08, 1), (1.14, 0)])
def test_a_face_up_to_a_tenth_smaller_than_the_smallest_counts(detector, portrait, share, count):
    left, top, right, bottom = detector.detect(portrait).boxes_xyxy[0]
    side = float(min(right - left, bottom - top))
    assert len(still_detector(min_face_px=share * side).detect(portrait)) == count


def test_pictures_without_a_face(detector):
    for name in ("coffee", "brick", "grass", "gravel", "coins", "text", "moon"):
        image = np.asarray(getattr(data, name)())
        image = image[..., ::-1] if image.ndim == 3 else np.repeat(image[..., None], 3, 2)
        assert len(detector.detect(np.ascontiguousarray(image))) == 0, name


@pytest.mark.parametrize(
    "shape", [(1, 1, 3), (3, 900, 3), (40, 30, 3), (1500, 60, 3), (1, 30_000_000, 3)]
)
def test_empty_pictures_of_any_shape(detector, shape):
    assert detector.detect(np.zeros(shape, np.uint8)).boxes_xyxy.shape == (0, 4)


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_a_smallest_face_that_is_no_size(value):
    with pytest.raises(DetectorError) as caught:
        still_detector(min_face_px=value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("width", "height", "scale"),
    [(640, 480, 1.0), (1280, 720, 1.0), (4032, 3024, 2 / 3), (100, 5000, 0.3), (1, 1, 1.0)],
)
def test_tiles_cover_the_picture_and_overlap(width, height, scale):
    parts = tiles(width, height, scale)
    covered = np.zeros((height, width), np.uint8)
    for left, top, right, bottom in parts:
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        assert max(right - left, bottom - top) * scale <= TILE_PX + OVERLAP_PX + 2
        covered[top:bottom, left:right] += 1
    assert covered.min() >= 1
    # A face as large as the overlap is whole in some tile, wherever it is.
    side = int(min(OVERLAP_PX / scale, width, height))
    for x in range(0, width - side + 1, 7):
        y = min(x, height - side)
        assert any(l <= x and t <= y and x + side <= r and y + side <= b for l, t, r, b in parts)  # noqa: E741
