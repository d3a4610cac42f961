"""The proof that cropping and preprocessing are right: labels through the whole pipeline."""

import numpy as np
import pytest

from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.core.paths import find_model
from fer_live.core.types import Frame
from fer_live.detection.boxes import iou
from fer_live.live.assembly import BuildOptions, assemble
from fer_live.training.data.fer2013 import plurality
from fer_live.training.inference import to_crops
from tests.detection import composites

FACES = 600
"""Of these `auto` shows 97.2 %; the bound is lower by four, since processors round differently."""

FRAMES = 4
STEP_S = 0.1
"""Long enough in all for a face with a low score to be believed."""

CROP_LOSS = 0.02
"""What the detector's boxes, which are not the training pictures' frames, may cost in accuracy."""


def shown_labels(processor, image, squares) -> list[str | None]:
    """The class shown for each square after a few frames, unsure or not; None where no face is."""
    processor.reset()
    for number in range(FRAMES):
        result = processor.process(Frame(image, number, 0.0, number * STEP_S))
    boxes = np.array([face.box_xyxy for face in result.faces], np.float32).reshape(-1, 4)
    labels: list[str | None] = []
    for square in squares:
        on_it = composites.on_face(square[None], boxes)[0]
        if not on_it.any():
            labels.append(None)
            continue
        face = result.faces[int((iou(square[None], boxes)[0] * on_it).argmax())]
        labels.append(
            None if face.probabilities is None else result.labels[int(face.probabilities.argmax())]
        )
    return labels


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("detector", "least"), [("haar", 0.7), ("auto", 0.965)])
def test_the_pipeline_labels_faces_as_the_model_alone_does(detector, least):
    faces, votes = composites.fer2013_faces_and_votes(composites.PRIVATE_TEST, FACES, seed=3)
    classifier = TorchClassifier.load(find_model(), "cpu")
    processor = assemble(classifier, BuildOptions(detector=detector))
    names = classifier.labels.labels
    given = to_crops(np.stack(faces), classifier.input)
    alone = [names[i] for i in classifier.classify(given).argmax(1)]
    piped: list[str | None] = []
    for image, squares in composites.scenes(faces, seed=3):
        piped += shown_labels(processor, image, squares)
    truth = [names[i] if i >= 0 else None for i in plurality(votes)]
    both = [(a, p, t) for a, p, t in zip(alone, piped, truth, strict=True) if p and t]
    right_alone = np.mean([a == t for a, _, t in both])
    right_piped = np.mean([p == t for _, p, t in both])
    agree = np.mean([a == p for a, p, _ in both])
    found = sum(p is not None for p in piped)
    print(  # noqa: T201
        f"{detector}: shown {found} of {FACES}; right on {len(both)}: alone {right_alone:.1%}, "
        f"through the pipeline {right_piped:.1%}; the same label {agree:.1%}"
    )
    assert found >= least * FACES
    assert len(both) > 0.5 * FACES
    # Chance alone moves the difference by the root of the number of labels that differ.
    chance = np.sqrt(sum(a != p for a, p, _ in both)) / len(both)
    assert right_piped > right_alone - CROP_LOSS - 2 * chance
