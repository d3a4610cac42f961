"""Detectors for running pictures, on the demo and on pictures that turn, darken and change."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from fer_live.capture.demo import render_demo
from fer_live.core.types import Detections
from fer_live.detection import close_looks, combined
from fer_live.detection.boxes import iou
from fer_live.detection.close_looks import SURE_SCORE
from fer_live.detection.combined import LOST_S, CombinedDetector
from fer_live.detection.haar import HaarDetector
from fer_live.detection.live_detector import live_detector
from fer_live.detection.picture_search import COARSE_INTERVAL_S, COARSE_SIDE_PX
from fer_live.detection.yunet import YuNetDetector
from tests.detection import composites

GOLDEN = Path(__file__).with_name("haar_demo.json")
FACE = np.array([(175.0, 65.0, 275.0, 175.0)], np.float32)
FPS = 30


class Clock:
    now_s = 100.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="module")
def portrait():
    return np.ascontiguousarray(data.astronaut()[..., ::-1])


class CountingNetwork(YuNetDetector):
    """Counts what it is asked."""

    def __init__(self):
        super().__init__(min_score=0.1)
        self.parts, self.looks = 0, 0

    def detect_part(self, picture, rect, scale, turn_deg=0.0):
        self.parts += 1
        return super().detect_part(picture, rect, scale, turn_deg)

    def look_at(self, image, boxes_xyxy, side_px, face_px, turns_deg=None):
        self.looks += len(boxes_xyxy)
        return super().look_at(image, boxes_xyxy, side_px, face_px, turns_deg)


class CountingCascade(HaarDetector):
    looks = 0

    def detect_near(self, image, boxes_xyxy):
        self.looks += len(boxes_xyxy)
        return super().detect_near(image, boxes_xyxy)


def seen(detector, clock, pictures):
    """Detections of each picture, at 30 frames a second."""
    found = []
    for picture in pictures:
        found.append(detector.detect(picture))
        clock.now_s += 1 / FPS
    return found


def turned(image, angle):
    turn = cv2.getRotationMatrix2D((225.0, 120.0), angle, 1.0)
    return cv2.warpAffine(image, turn, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)


def test_the_cascade_alone_finds_what_it_always_found(clock):
    """Boxes (0.1 px) and scores of version 0.1.0, which had only the cascade, on the demo."""
    from fer_live.core.types import Frame
    from fer_live.live.assembly import BuildOptions, assemble
    from tests.live.fakes import FakeClassifier

    processor = assemble(FakeClassifier(), BuildOptions(detector="haar"))
    rows = []
    for number in range(90):
        at_s = number / 15
        frame = Frame(render_demo(at_s, (640, 360), 2), number, at_s, at_s)
        faces = processor.process(frame).faces
        rows.append(
            [[f.track_id, *(round(float(v), 1) for v in f.box_xyxy), f.score] for f in faces]
        )
    assert rows == json.loads(GOLDEN.read_text("utf-8"))
    assert processor.detector_name == "Haar cascade"


@pytest.mark.parametrize("choice", ["auto", "yunet"])
def test_a_face_is_found_at_once_and_followed(choice, clock):
    detector = live_detector(choice, clock)
    for step in range(40):
        found = detector.detect(render_demo(step / FPS, faces=2))
        assert len(found) == 2, step
        assert found.scores.min() > SURE_SCORE
        clock.now_s += 1 / FPS


@pytest.mark.parametrize("choice", ["auto", "yunet"])
def test_a_face_that_tilts_and_darkens_is_never_lost(choice, clock, portrait):
    detector = live_detector(choice, clock)
    angles = np.concatenate([np.linspace(0, 50, 40), np.linspace(50, -50, 80)])
    lights = np.linspace(1, 0.12, len(angles))
    pictures = [
        (turned(portrait, a) * g).astype(np.uint8) for a, g in zip(angles, lights, strict=True)
    ]
    for step, found in enumerate(seen(detector, clock, pictures)):
        assert iou(FACE, found.boxes_xyxy).max(initial=0) > 0.5, step


def test_the_cascade_follows_a_frontal_face_and_the_network_a_tilted_one(clock, portrait):
    network, cascade = CountingNetwork(), CountingCascade()
    detector = CombinedDetector(network, cascade, clock)
    seen(detector, clock, [portrait] * 10)
    network.looks = cascade.looks = 0
    seen(detector, clock, [portrait] * 30)
    assert cascade.looks >= 3
    assert network.looks == 0
    tilted = turned(portrait, 40)
    seen(detector, clock, [tilted] * 10)
    network.looks = cascade.looks = 0
    found = seen(detector, clock, [tilted] * 30)
    assert cascade.looks <= 1
    assert network.parts >= 4
    assert network.looks <= 5, "at most as many as the searches: its box is that of a turned look"
    assert all(iou(FACE, d.boxes_xyxy).max(initial=0) > 0.6 for d in found)


def test_a_place_that_was_refused_is_left_alone_for_a_while(clock, monkeypatch):
    picture = composites.textured(np.random.default_rng(3))

    def looks(frames):
        network = CountingNetwork()
        seen(CombinedDetector(network, None, clock), clock, [picture] * frames)
        return network.looks

    once = looks(20)
    assert once > 0, "the texture has supposed faces"
    assert looks(80) > once, "each has another chance later"
    monkeypatch.setattr(combined, "REFUSED_S", 0.0)
    assert looks(20) > once


def test_a_part_of_a_known_face_is_no_new_face(clock, portrait):
    """A face that is cut by the edge of a searched part gives a smaller box, lower down."""
    whole = np.array([[210, 60, 310, 160]], np.float32)
    part = np.array([[222, 118, 290, 186]], np.float32)

    class Cutting(CountingNetwork):
        def detect_part(self, picture, rect, scale, turn_deg=0.0):
            self.parts += 1
            boxes = whole if self.parts == 1 else part
            return Detections(boxes, np.array([0.9], np.float32))

        def look_at(self, image, boxes_xyxy, side_px, face_px, turns_deg=None):
            return [Detections(box[None], np.array([0.9], np.float32)) for box in boxes_xyxy]

    frames = seen(CombinedDetector(Cutting(), None, clock), clock, [portrait] * 30)
    assert {len(found) for found in frames} == {1}


def test_an_unsure_face_needs_a_second_opinion(clock, portrait):
    """A fold of the suit passes one look of the network but neither a second nor the cascade's."""
    turns = np.linspace(0, 35, 45)
    for found in seen(live_detector("auto", clock), clock, [turned(portrait, a) for a in turns]):
        assert len(found) == 1


class Scripted(YuNetDetector):
    """Searches and looks that see what the test says, whatever the picture shows."""

    def __init__(self, upright, turned, look):
        super().__init__(min_score=0.1)
        self.upright, self.turned, self.look = upright, turned, look

    def detect_part(self, picture, rect, scale, turn_deg=0.0):
        return self.turned if turn_deg else self.upright

    def look_at(self, image, boxes_xyxy, side_px, face_px, turns_deg=None):
        turns_deg = turns_deg or [0.0] * len(boxes_xyxy)
        return [
            self.look(box, (side_px, face_px), turn)
            for box, turn in zip(boxes_xyxy, turns_deg, strict=True)
        ]


def one_face(box, score):
    return Detections(np.array([box], np.float32), np.array([score], np.float32))


@pytest.mark.parametrize(("close", "wide", "shown"), [(0.35, 0.4, 0), (0.45, 0.6, 1)])
def test_an_unsure_face_must_score_enough_in_two_looks_together(
    clock, portrait, close, wide, shown
):
    network = Scripted(
        one_face(FACE[0], 0.4),
        Detections(),
        lambda box, crop, turn: (
            Detections()
            if turn
            else one_face(box, close if crop == close_looks.CONFIRM_CROP else wide)
        ),
    )
    found = seen(CombinedDetector(network, None, clock), clock, [portrait] * 10)
    assert {len(frame) for frame in found} == {shown}


@pytest.mark.parametrize(("small", "shown"), [(0.5, 1), (0.2, 0)])
def test_what_a_search_is_sure_of_needs_one_small_look(clock, portrait, small, shown):
    """In noise a look at an enlarged face sees nothing, and one at a small crop does."""
    network = Scripted(
        one_face(FACE[0], 0.9),
        Detections(),
        lambda box, crop, turn: (
            one_face(box, small) if crop == combined.LAST_CROP else Detections()
        ),
    )
    found = seen(CombinedDetector(network, None, clock), clock, [portrait] * 10)
    assert {len(frame) for frame in found} == {shown}


def test_a_box_that_grows_from_look_to_look_is_not_followed(clock, portrait):
    """A pot on a table, seen larger by every look; none is surer than the first."""
    scores = iter([0.7, 0.7] + [0.59] * 1000)

    def look(box, crop, turn):
        middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) * 0.65
        return one_face(np.concatenate([middle - half, middle + half]), next(scores))

    network = Scripted(one_face((300, 300, 340, 340), 0.4), Detections(), look)
    detector = CombinedDetector(network, None, clock)
    sides = [
        float(np.ptp(box[::2]))
        for found in seen(detector, clock, [portrait] * 30)
        for box in found.boxes_xyxy
    ]
    assert sides
    assert max(sides) < 100


def test_a_search_of_the_turned_frame_corrects_the_box_of_a_tilted_face(clock, portrait):
    wide = np.array([155.0, 45.0, 335.0, 225.0], np.float32)

    def look(box, crop, turn):
        return one_face(FACE[0], 0.92) if turn == -35.0 else one_face(wide, 0.75)

    network = Scripted(one_face(wide, 0.75), one_face(FACE[0], 0.9), look)
    detector = CombinedDetector(network, None, clock)
    found = seen(detector, clock, [portrait] * 30)
    assert all(len(frame) == 1 for frame in found)
    assert iou(FACE, found[0].boxes_xyxy)[0, 0] < 0.5
    assert iou(FACE, found[-1].boxes_xyxy)[0, 0] > 0.9


def test_the_label_stays_when_the_face_turns_from_the_cascade_to_the_network(clock, portrait):
    """The real model's answer hardly depends on which of the two found the box."""
    from fer_live.classification.runtime.loading import load_classifier
    from fer_live.core.paths import find_model
    from fer_live.core.types import Frame
    from fer_live.live.assembly import BuildOptions, assemble

    classifier = load_classifier(find_model(), "cpu")
    angles = np.concatenate([np.linspace(0, 35, 45), np.linspace(35, 0, 45)])
    labels, sides = set(), []
    processor = assemble(classifier, BuildOptions(detector="auto"))
    for number, angle in enumerate(angles):
        at_s = number / FPS
        faces = processor.process(Frame(turned(portrait, angle), number, at_s, at_s)).faces
        (face,) = faces
        labels.add(face.label)
        sides.append(face.box_xyxy[2] - face.box_xyxy[0])
    assert len(labels) == 1
    assert max(np.abs(np.diff(sides)) / sides[1:]) < 0.15


def test_a_new_face_is_found_within_the_search_interval(clock, portrait):
    detector = live_detector("auto", clock)
    assert not any(map(len, seen(detector, clock, [np.zeros_like(portrait)] * 7)))
    frames = round(COARSE_INTERVAL_S * FPS) + 1
    assert len(seen(detector, clock, [portrait] * frames)[-1]) == 1


def test_a_face_that_vanishes_is_missed_at_once_and_found_again(clock, portrait):
    detector = live_detector("auto", clock)
    seen(detector, clock, [portrait] * 5)
    gone = seen(detector, clock, [np.full_like(portrait, 90)] * 3)
    assert not any(map(len, gone))
    (again,) = seen(detector, clock, [portrait])
    assert len(again) == 1, "it is looked for at its place in every frame"
    seen(detector, clock, [np.full_like(portrait, 90)] * (round(LOST_S * FPS) + 2))
    assert detector._faces == []


def test_what_only_looks_like_a_face_to_the_cascade_is_never_given(clock):
    """Textured pictures on which the cascade's search shows boxes."""
    cascade, rng = HaarDetector(), np.random.default_rng(1)
    detector = live_detector("auto", clock)
    alarms = given = 0
    for _ in range(6):
        picture = composites.textured(rng)
        alarms += len(cascade.detect(picture))
        detector.reset()
        given += sum(map(len, seen(detector, clock, [picture] * 6)))
    assert alarms > 0
    assert given == 0


def test_the_cost_is_bounded(clock):
    """Per second: four coarse searches, one tile, and few looks at each face."""
    network, cascade = CountingNetwork(), CountingCascade()
    detector = CombinedDetector(network, cascade, clock)
    seen(detector, clock, [render_demo(n / FPS, faces=4) for n in range(10)])
    network.parts = network.looks = cascade.looks = 0
    seen(detector, clock, [render_demo((n + 10) / FPS, faces=4) for n in range(60)])
    assert network.parts <= 2 * (4 + 1) + 1
    assert network.looks + cascade.looks <= 4 * 2 * 4 + 8


def test_a_reset_begins_with_a_search(clock, portrait):
    network = CountingNetwork()
    detector = CombinedDetector(network, None, clock)
    seen(detector, clock, [portrait])
    before = network.parts
    detector.reset()
    assert len(seen(detector, clock, [portrait])[0]) == 1
    assert network.parts > before


@pytest.mark.parametrize("shape", [(1, 1, 3), (20, 30, 3), (2160, 3840, 3)])
def test_pictures_of_any_size(clock, shape):
    detector = live_detector("auto", clock)
    assert not any(map(len, seen(detector, clock, [np.zeros(shape, np.uint8)] * 2)))


def test_small_faces_are_found_by_the_fine_search(clock):
    faces = composites.fer2013_faces(composites.PRIVATE_TEST, 24, seed=8)
    image = np.full((720, 1280, 3), 110, np.uint8)
    squares = []
    for place, face in enumerate(faces):
        x, y = 60 + place % 8 * 150, 100 + place // 8 * 220
        small = cv2.resize(face, (48, 48), interpolation=cv2.INTER_AREA)
        image[y : y + 48, x : x + 48] = small[..., None]
        squares.append((x, y, x + 48, y + 48))
    squares = np.array(squares, np.float32)
    coarse = YuNetDetector(long_side=COARSE_SIDE_PX).detect(image)
    found = seen(live_detector("yunet", clock), clock, [image] * 8)[-1]
    shares = [(iou(squares, d.boxes_xyxy).max(1, initial=0) >= 0.3).mean() for d in (coarse, found)]
    assert shares[0] < 0.3
    assert shares[1] > 0.6


def test_a_face_that_only_the_turned_search_sees_is_found_and_kept(clock):
    """Pasted faces at a tilt at which the network misses many in the picture as it is."""
    faces = composites.fer2013_faces(composites.PUBLIC_TEST, 12, seed=4)
    alone = live_found = 0
    network = YuNetDetector()
    for face in faces:
        large = cv2.resize(face, (120, 120), interpolation=cv2.INTER_CUBIC)
        image = np.full((240, 320, 3), 110, np.uint8)
        image[60:180, 100:220] = large[..., None]
        turn = cv2.getRotationMatrix2D((160.0, 120.0), 45, 1.0)
        image = cv2.warpAffine(image, turn, (320, 240), borderMode=cv2.BORDER_REPLICATE)
        square = np.array([(100, 60, 220, 180)], np.float32)
        alone += composites.on_face(square, network.detect(image).boxes_xyxy).any()
        found = seen(live_detector("auto", clock), clock, [image] * 12)[-1]
        live_found += composites.on_face(square, found.boxes_xyxy).any()
    assert live_found >= alone + 3
    assert live_found >= 9


def test_names(clock):
    names = [live_detector(choice, clock).name for choice in ("auto", "haar", "yunet")]
    assert names == ["YuNet + Haar cascade", "Haar cascade", "YuNet"]


def test_what_was_taken_for_a_face_and_lost_is_not_taken_for_one_again_and_again():
    """Fifteen small pictures of one person, who does not move; a fold of the suit looks like a face
    to one of the looks."""
    people = [render_demo(2.0 + 3 * n, (256, 240), 1) for n in range(15)]
    picture = np.concatenate([np.concatenate(people[n : n + 5], 1) for n in (0, 5, 10)])
    for choice in ("auto", "yunet"):
        now_s = [0.0]
        detector = live_detector(choice, lambda now_s=now_s: now_s[0])
        counts = []
        for number in range(120):
            now_s[0] = number / 15
            counts.append(len(detector.detect(picture)))
        appeared = np.maximum(np.diff(counts, prepend=0), 0).sum()
        assert min(counts[15:]) == 15
        assert appeared <= 15 + 6, counts
