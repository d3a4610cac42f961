"""Quality flags on real faces: the demo's portrait, and FER2013 for the turn of the head."""

from functools import cache

import cv2
import numpy as np
import pytest

from fer_live.capture.demo.people import COLLINS, FOLDER
from fer_live.detection.yunet import YuNetDetector
from fer_live.session_log.rows import flags_of
from fer_live.session_log.schema import FLAGS
from fer_live.tracking import quality_flags as flags
from fer_live.tracking.face_quality import (
    LIMITS,
    MEASURE_INTERVAL_S,
    SETTLE_S,
    FaceQuality,
    measure,
)
from fer_live.tracking.head_turn import HeadTurn, turn_of
from tests.detection import composites
from tests.live.fakes import FakeDetector, FakeTrack, FakeTracker, Parts, boxes

PORTRAIT = FOLDER / COLLINS.file


@cache
def network():
    return YuNetDetector()


@cache
def portrait():
    return cv2.imread(str(PORTRAIT))


def face_in(image):
    found = network().detect(image)
    assert len(found) == 1
    return tuple(found.boxes_xyxy[0].tolist())


def flagged(image, box=None):
    """Flags of the first look at the only face of a picture."""
    quality = FaceQuality(HeadTurn(network()))
    quality.update(image, [(1, box or face_in(image))], 0.0)
    return quality.flags(1)


def brightened(factor, shift=0.0):
    return np.clip(portrait().astype(np.float32) * factor + shift, 0, 255).astype(np.uint8)


def behind(colour, face_factor):
    """The portrait's face, darkened or brightened, before a plain background."""
    image = np.full_like(portrait(), colour)
    left, top, right, bottom = (round(v) for v in face_in(portrait()))
    image[top:bottom, left:right] = brightened(face_factor)[top:bottom, left:right]
    return image


def test_a_good_face_has_no_flag_at_any_size_that_is_large_enough():
    for scale in (0.6, 1.0, 3.0):
        assert flagged(cv2.resize(portrait(), None, fx=scale, fy=scale)) == ()


def test_noise_and_compression_of_a_webcam_are_no_fault():
    rng = np.random.default_rng(0)
    noisy = np.clip(portrait() + rng.normal(0, 10, portrait().shape), 0, 255).astype(np.uint8)
    done, code = cv2.imencode(".jpg", portrait(), [cv2.IMWRITE_JPEG_QUALITY, 30])
    assert done
    assert flagged(noisy) == flagged(cv2.imdecode(code, cv2.IMREAD_COLOR)) == ()


def test_each_fault_has_its_flag():
    box = face_in(portrait())
    left, top, right, bottom = (round(v) for v in box)
    half = (left + right) // 2
    assert flagged(cv2.resize(portrait(), None, fx=0.35, fy=0.35)) == (flags.SMALL,)
    assert flagged(brightened(0.25)) == (flags.DARK,)
    assert flagged(brightened(1.6), box) == (flags.BRIGHT,)
    assert flagged(cv2.GaussianBlur(portrait(), (0, 0), 4), box) == (flags.BLURRED,)
    motion = np.zeros((25, 25), np.float32)
    motion[12] = 1 / 25
    assert flagged(cv2.filter2D(portrait(), -1, motion), box) == (flags.BLURRED,)
    cut = portrait()[:, half - 20 :]
    moved = (left - half + 20.0, float(top), right - half + 20.0, float(bottom))
    assert flagged(cut, moved)[0] == flags.EDGE
    assert flagged(behind(250, 0.4))[0] == flags.BACKLIT
    # The same dark face before a dark wall, and a good face before a bright wall.
    assert flags.BACKLIT not in flagged(behind(40, 0.4))
    assert flagged(behind(250, 0.9)) == ()


def test_without_landmarks_the_turn_is_unknown_and_not_good():
    image = portrait()
    box = face_in(image)
    quality = FaceQuality()
    quality.update(image, [(1, box)], 0.0)
    assert quality.flags(1) == (flags.TURN_UNKNOWN,)
    left, top, right, bottom = (round(v) for v in box)
    covered = image.copy()
    covered[top:bottom, left:right] = np.random.default_rng(1).integers(
        60, 200, (bottom - top, right - left, 3)
    )
    assert flags.TURN_UNKNOWN in flagged(covered, box)


def test_a_mirrored_face_is_turned_to_the_other_side():
    image, turn = portrait(), HeadTurn(network())
    mirrored = np.ascontiguousarray(image[:, ::-1])
    one = turn.measure(image, np.array([face_in(image)], np.float32))[0]
    other = turn.measure(mirrored, np.array([face_in(mirrored)], np.float32))[0]
    assert abs(one) < 0.15  # she looks at the camera
    assert one == pytest.approx(-other, abs=0.08)


def test_the_turn_of_known_places():
    frontal = np.array([[30, 40], [70, 40], [50, 60], [34, 80], [66, 80]], np.float64)
    at_the_right = frontal.copy()
    at_the_right[2, 0] = 68
    turns = turn_of(np.stack([frontal, at_the_right, np.full((5, 2), np.nan)]))
    np.testing.assert_allclose(turns[:2], [0, 1], atol=1e-9)
    assert np.isnan(turns[2])


def test_squeezing_one_half_of_a_face_turns_it():
    """A turned head shows one cheek narrower: the nose moves towards it."""
    image = portrait()
    left, top, right, bottom = face_in(image)
    middle = (left + right) / 2
    turns = []
    for shift in (-0.2, 0.0, 0.2):
        moved = shift * (right - left)
        xs, ys = np.meshgrid(np.arange(image.shape[1]), np.arange(image.shape[0]))
        weight = np.clip(1 - np.abs(xs - middle) / ((right - left) / 2), 0, 1)
        sheared = cv2.remap(
            image,
            (xs - moved * weight).astype(np.float32),
            ys.astype(np.float32),
            cv2.INTER_LINEAR,
        )
        box = np.array([[left, top, right, bottom]], np.float32)
        turns.append(HeadTurn(network()).measure(sheared, box)[0])
    assert turns[0] < turns[1] - 0.15
    assert turns[2] > turns[1] + 0.15


def test_few_faces_of_a_collection_of_posed_faces_are_called_bad():
    """FER2013 has few dark, overexposed and blurred faces; about one in ten is turned far."""
    faces = composites.fer2013_faces(composites.PRIVATE_TEST, 200, seed=3)
    counts = dict.fromkeys(LIMITS, 0)
    for face in faces:
        large = cv2.resize(face, (96, 96), interpolation=cv2.INTER_CUBIC)
        framed = cv2.copyMakeBorder(large, 32, 32, 32, 32, cv2.BORDER_REPLICATE)
        for flag in flagged(cv2.cvtColor(framed, cv2.COLOR_GRAY2BGR), (32.0, 32.0, 128.0, 128.0)):
            counts[flag] += 1
    print(counts)  # noqa: T201
    assert max(counts[f] for f in (flags.DARK, flags.BRIGHT, flags.BLURRED)) <= 4
    assert counts[flags.BACKLIT] <= 8
    assert 4 <= counts[flags.TURNED] <= 30
    assert counts[flags.TURN_UNKNOWN] <= 30


def test_a_flag_comes_and_goes_once_and_only_when_it_lasts():
    box = face_in(portrait())
    quality, seen = FaceQuality(HeadTurn(network())), []
    dark, good = brightened(0.25), portrait()
    for step in range(60):  # ten looks a second: good, dark from 2 s to 4 s, good again
        quality.update(dark if 20 <= step < 40 else good, [(1, box)], step / 10)
        seen.append(flags.DARK in quality.flags(1))
    came, went = seen.index(True), len(seen) - seen[::-1].index(True)
    assert all(seen[came:went])
    latest_s = SETTLE_S + 2 * MEASURE_INTERVAL_S
    assert SETTLE_S <= came / 10 - 2.0 <= latest_s
    assert SETTLE_S <= went / 10 - 4.0 <= latest_s


def test_what_alternates_from_look_to_look_does_not_flicker():
    box = face_in(portrait())
    quality, seen = FaceQuality(HeadTurn(network())), set()
    for step in range(50):
        image = brightened(0.25) if step % 3 else portrait()
        quality.update(image, [(1, box)], step / 5)
        seen.add(quality.flags(1))
    assert seen == {()}


def test_noise_about_a_limit_does_not_flicker():
    box, rng = face_in(portrait()), np.random.default_rng(4)
    brightest = -measure(portrait(), box)[flags.DARK]
    quality, shown, bare = FaceQuality(), [], []
    for step in range(200):
        image = brightened((-LIMITS[flags.DARK].on + rng.normal(0, 6)) / brightest)
        quality.update(image, [(1, box)], step / 5)
        shown.append(flags.DARK in quality.flags(1))
        bare.append(measure(image, box)[flags.DARK] >= LIMITS[flags.DARK].on)
    assert np.count_nonzero(np.diff(bare)) > 50
    assert np.count_nonzero(np.diff(shown)) <= 1


def test_identities_are_apart_and_forgotten():
    box = face_in(portrait())
    quality = FaceQuality(HeadTurn(network()))
    quality.update(brightened(0.25), [(1, box)], 0.0)
    quality.update(portrait(), [(2, box)], 0.0)
    assert (quality.flags(1), quality.flags(2), quality.flags(3)) == ((flags.DARK,), (), ())
    quality.forget([2])
    assert quality.flags(1) == ()
    quality.update(brightened(0.25), [(2, box)], 0.1)
    quality.reset()
    quality.update(brightened(0.25), [(2, box)], 0.2)
    assert quality.flags(2) == (flags.DARK,)


def test_the_advice_is_two_words_and_that_of_the_gravest_flag():
    for name, flag in flags.QUALITY_FLAGS.items():
        assert len(flag.advice.split()) == (0 if name == flags.TURN_UNKNOWN else 2)
        assert FLAGS[name] == flag.meaning
        assert flags.advice([name]) == flag.advice
    assert flags.advice([flags.BLURRED, flags.TURN_UNKNOWN, flags.DARK]) == "too dark"
    assert flags.advice([]) == ""


def test_result_and_log_have_the_same_flags():
    from fer_live.core.types import Frame

    image = brightened(0.25)
    left, top, right, bottom = face_in(image)
    parts = Parts(
        detector=FakeDetector(boxes((left, top, right, bottom))),
        tracker=FakeTracker([(FakeTrack(1, (left, top, right, bottom)),)] * 2),
    )
    face = parts.build().process(Frame(image, 0, 0.0)).faces[0]
    assert face.quality == (flags.DARK, flags.TURN_UNKNOWN)
    assert flags_of(face)[-2:] == list(face.quality)
