import numpy as np
import pytest

from fer_live.core.derived import derived_figures, entropy_bits, valence
from fer_live.core.labels import FER2013, FERPLUS

LABELS = FER2013.labels


def shares(**by_class):
    return np.array([by_class.get(label, 0.0) for label in LABELS], np.float32)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"happy": 1.0}, 1.0),
        ({"sad": 1.0}, -1.0),
        ({"neutral": 1.0}, 0.0),
        ({"surprise": 1.0}, 0.0),
        ({"happy": 0.5, "angry": 0.3, "fear": 0.2}, 0.2),
        ({"happy": 0.2, "disgust": 0.5, "sad": 0.3}, -0.3),
    ],
)
def test_valence_is_happy_less_the_strongest_negative_class(given, expected):
    assert valence(shares(**given), LABELS) == pytest.approx(expected)


def test_valence_needs_all_its_classes():
    assert valence(np.full(8, 1 / 8, np.float32), FERPLUS.labels) == pytest.approx(0.0)
    assert valence(np.array([0.5, 0.5], np.float32), ("happy", "sad")) is None


def test_entropy_is_nothing_for_a_certain_class_and_greatest_where_all_are_alike():
    assert entropy_bits(shares(happy=1.0)) == 0.0
    assert entropy_bits(shares(happy=0.5, sad=0.5)) == pytest.approx(1.0)
    assert entropy_bits(np.full(8, 1 / 8, np.float32)) == pytest.approx(3.0)


def test_a_face_not_yet_classified_has_no_figures():
    assert derived_figures(None, LABELS) == (None, None)
    known = derived_figures(shares(happy=0.5, sad=0.5), LABELS)
    assert known == (pytest.approx(0.0), pytest.approx(1.0))
