import cv2
import numpy as np
import pytest
from skimage import data

from fer_live.core.errors import DetectorError
from fer_live.core.paths import find_cascade
from fer_live.detection.boxes import iou
from fer_live.detection.haar import HaarDetector
from fer_live.detection.scheduler import ScheduledDetector
from tests.detection import composites

# The astronaut's face in scikit-image's picture, 512 x 512.
FACE = (175.0, 65.0, 275.0, 175.0)


@pytest.fixture(scope="module")
def detector():
    return HaarDetector()


@pytest.fixture(scope="module")
def portrait():
    return np.ascontiguousarray(data.astronaut()[..., ::-1])


@pytest.mark.parametrize("shape", [(720, 1280), (480, 640), (100, 900), (10, 10), (1, 1), (30, 24)])
def test_empty_picture_has_no_faces(detector, shape):
    found = detector.detect(np.zeros((*shape, 3), np.uint8))
    assert found.boxes_xyxy.shape == (0, 4)
    assert found.boxes_xyxy.dtype == np.float32
    assert found.scores.shape == (0,)


def test_no_known_faces_gives_none(detector, portrait):
    assert len(detector.detect_near(portrait, np.zeros((0, 4), np.float32))) == 0


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.7])
def test_finds_a_face_once_at_any_resolution(detector, portrait, scale):
    image = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = detector.detect(image)
    truth = np.array([FACE], np.float32) * scale
    overlap = iou(truth, found.boxes_xyxy)[0]
    assert (overlap > 0.4).sum() == 1
    assert overlap.argmax() == found.scores.argmax()
    assert found.scores.max() >= detector.sure_score


def test_finds_faces_in_a_portrait_frame_and_a_read_only_view(detector, portrait):
    tall = np.zeros((1024, 600, 3), np.uint8)
    tall[300:812, 44:556] = portrait
    tall.setflags(write=False)
    truth = np.array([FACE], np.float32) + np.array([44, 300, 44, 300], np.float32)
    assert iou(truth, detector.detect(tall).boxes_xyxy).max() > 0.4


def test_smallest_face_follows_the_frame(portrait):
    coarse = HaarDetector(min_face_share=0.5, min_neighbors=2)
    assert (
        iou(np.array([FACE], np.float32), coarse.detect(portrait).boxes_xyxy).max(initial=0) < 0.4
    )


def test_schedule_follows_a_real_face_between_scans(detector, portrait):
    clock = iter(step / 30 for step in range(12))
    scheduled = ScheduledDetector(detector, clock=lambda: next(clock))
    for step in range(12):
        moved = np.roll(portrait, 4 * step, axis=1)
        truth = np.array([FACE], np.float32) + np.array([4, 0, 4, 0], np.float32) * step
        found = scheduled.detect(moved)
        assert iou(truth, found.boxes_xyxy).max(initial=0) > 0.4


def test_more_neighbours_never_find_more(portrait):
    counts = [len(HaarDetector(min_neighbors=n).detect(portrait)) for n in (1, 4, 1000)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 0


@pytest.mark.parametrize(("dx", "dy", "grow"), [(0, 0, 1.0), (20, -10, 1.0), (-20, 20, 1.15)])
def test_near_finds_a_face_that_moved(detector, portrait, dx, dy, grow):
    box = detector.detect(portrait).boxes_xyxy[:1]
    centre = (box[:, :2] + box[:, 2:]) / 2 + np.array([dx, dy], np.float32)
    half = (box[:, 2:] - box[:, :2]) / 2 * grow
    near = detector.detect_near(portrait, np.concatenate([centre - half, centre + half], 1))
    assert len(near) == 1
    assert iou(box, near.boxes_xyxy)[0, 0] > 0.7


@pytest.mark.parametrize(
    "box", [(-500, -500, -400, -400), (500, 500, 530, 530), (0, 0, 5000, 5000), (3, 3, 3.2, 3.2)]
)
def test_near_a_box_outside_or_odd_finds_nothing_wrong(detector, portrait, box):
    found = detector.detect_near(portrait, np.array([box], np.float32))
    assert len(found) == 0 or found.boxes_xyxy.max() < 1000


@pytest.mark.parametrize(
    "options",
    [
        {"min_face_share": 0.0},
        {"min_face_share": 1.5},
        {"scale_factor": 1.0},
        {"min_neighbors": 0},
        {"working_side": 10},
    ],
)
def test_options_out_of_range(options):
    with pytest.raises(DetectorError) as caught:
        HaarDetector(**options)
    assert caught.value.hint


@pytest.mark.parametrize(
    "content", [b"", b"not xml", b"\xff\xfe\x00", b"<?xml version='1.0'?><a/>"]
)
def test_damaged_cascade(tmp_path, content):
    path = tmp_path / "bad.xml"
    path.write_bytes(content)
    with pytest.raises(DetectorError) as caught:
        HaarDetector(path)
    assert "bad.xml" in caught.value.message
    assert caught.value.hint


def test_truncated_and_missing_cascade(tmp_path):
    path = tmp_path / "half.xml"
    path.write_bytes(find_cascade().read_bytes()[:200_000])
    with pytest.raises(DetectorError):
        HaarDetector(path)
    with pytest.raises(DetectorError):
        HaarDetector(tmp_path / "none.xml")


def test_cascade_in_a_folder_with_other_letters(tmp_path, portrait):
    path = tmp_path / "gesichter-ä-顔.xml"
    path.write_bytes(find_cascade().read_bytes())
    assert len(HaarDetector(path).detect(portrait))


def test_finds_the_share_that_a_plain_search_finds(detector):
    """300 PrivateTest faces on textured pictures against detectMultiScale at full size."""
    faces = composites.fer2013_faces(composites.PRIVATE_TEST, 300, seed=3)
    cascade = cv2.CascadeClassifier(str(find_cascade()))
    ours = plain = 0
    for image, squares in composites.scenes(faces, seed=3):
        ours += composites.found(squares, detector.detect(image).boxes_xyxy)
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        rectangles = np.asarray(cascade.detectMultiScale(grey), np.float32).reshape(-1, 4)
        rectangles[:, 2:] += rectangles[:, :2]
        plain += composites.found(squares, rectangles)
    print(f"found of {len(faces)}: {ours}, plain {plain}")  # noqa: T201
    assert plain > 0.6 * len(faces)
    assert ours >= plain
