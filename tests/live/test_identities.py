"""People keep their identities where they cross, turn away and are covered."""

import pytest

from fer_live.core.types import Frame
from fer_live.live.assembly import BuildOptions, assemble
from tests.live import identities
from tests.live.fakes import FakeClassifier

FPS = 15


@pytest.mark.timeout(300)
def test_no_identity_changes_where_people_cross_turn_and_are_covered():
    processor = assemble(FakeClassifier(), BuildOptions(detector="auto"))
    told = []
    for number, (at_s, image, truth) in enumerate(identities.frames(FPS)):
        faces = processor.process(Frame(image, number, at_s, at_s)).faces
        told.append((truth, [(face.track_id, face.box_xyxy) for face in faces]))
    changed, share = identities.switches(told)
    assert changed == 0
    assert share > 0.95
