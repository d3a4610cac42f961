"""How steady the shown label is on the real model's own frame-to-frame noise."""

import itertools

import cv2
import numpy as np
import pytest

from fer_live.classification.runtime.loading import load_classifier
from fer_live.core.paths import find_model
from fer_live.detection.crop import crop_faces
from fer_live.tracking.smoothing import ExpressionSmoother
from fer_live.training.inference import to_crops
from tests.detection import composites

FACES = 60
SECONDS = 4.0
SENSOR_NOISE = 6.0
"""Standard deviation of a webcam's pixel noise indoors, grey levels."""
BOX_NOISE = 0.02
"""Standard deviation of the box's centre and side between frames, in sides: Haar's on a still."""
SHOWN_WITHIN_S = 0.5
RAW_FPS = 30
"""Rate of the still faces' clips; every second frame of one is the same clip at half the rate."""


@pytest.fixture(scope="module")
def classifier():
    """The model as the window loads it."""
    return load_classifier(find_model(), "cpu", precision="auto")


@pytest.fixture(scope="module")
def still_answers(classifier):
    """Raw answers (frames, K) of each still face at `RAW_FPS`."""
    rng = np.random.default_rng(5)
    faces = composites.fer2013_faces(composites.PRIVATE_TEST, FACES, seed=11)
    return [clip(classifier, face, round(SECONDS * RAW_FPS), rng) for face in faces]


def clip(classifier, face, frames: int, rng) -> np.ndarray:
    """Raw answers (frames, K) for a still face seen by a noisy camera and a jittering box."""
    spec = classifier.input
    side = 160
    still = cv2.cvtColor(cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC), 8)
    crops = []
    for _ in range(frames):
        seen = still + rng.normal(0, SENSOR_NOISE, still.shape)
        cx, cy = side / 2 + rng.normal(0, BOX_NOISE * side, 2)
        half = side / 2 * (1 + rng.normal(0, BOX_NOISE))
        box = np.array([[cx - half, cy - half, cx + half, cy + half]], np.float32)
        picture = np.clip(seen, 0, 255).astype(np.uint8)
        crops.append(crop_faces(picture, box, spec.size, spec.color, 1.0)[0])
    return classifier.classify(np.stack(crops))


def changes(labels) -> int:
    return sum(a != b for a, b in itertools.pairwise(labels))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fps", [15, 30])
def test_five_times_fewer_label_changes(classifier, still_answers, fps):
    raw = shown = 0
    for number, every in enumerate(still_answers):
        answers = every[:: RAW_FPS // fps]
        smoother = ExpressionSmoother(classifier.labels)
        raw += changes(answers.argmax(1).tolist())
        # The first half second is a face's appearance, not a change of its expression.
        labels = [
            smoother.update(number, row, frame / fps).label for frame, row in enumerate(answers)
        ]
        shown += changes(labels[round(SHOWN_WITHIN_S * fps) :])
    print(f"{fps} fps: {raw} changes of the raw label, {shown} of the shown one")  # noqa: T201
    assert raw >= 40
    assert raw >= 5 * shown


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_a_true_change_is_shown_within_half_a_second(classifier, fps):
    rng = np.random.default_rng(6)
    faces = composites.fer2013_faces(composites.PRIVATE_TEST, 200, seed=12)
    answers = classifier.classify(to_crops(np.stack(faces), classifier.input))
    clear = [i for i in range(len(faces)) if answers[i].max() > 0.8]
    pairs = [
        (a, b) for a, b in itertools.pairwise(clear) if answers[a].argmax() != answers[b].argmax()
    ][:12]
    assert len(pairs) >= 8
    for a, b in pairs:
        smoother = ExpressionSmoother(classifier.labels)
        before, after = (clip(classifier, faces[i], fps, rng) for i in (a, b))
        goal = classifier.labels.labels[int(after.mean(0).argmax())]
        for frame, row in enumerate(before):
            smoother.update(1, row, frame / fps)
        labels = [smoother.update(1, row, 1 + frame / fps).label for frame, row in enumerate(after)]
        assert goal in labels[: round(SHOWN_WITHIN_S * fps) + 1], (a, b)
