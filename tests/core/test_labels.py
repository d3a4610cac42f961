"""Names and colours."""

import pytest

from fer_live.core.labels import (
    FER2013,
    FERPLUS,
    SIX_WITH_PAIN,
    UNSURE,
    LabelSet,
    canonical,
    closest,
    colour_rgb,
    shared_labels,
)

SETS = (FER2013, FERPLUS, SIX_WITH_PAIN)


@pytest.mark.parametrize(
    ("name", "label"),
    [("Anger", "angry"), (" happiness ", "happy"), ("SAD", "sad"), ("pain", "pain"),
     ("sadness", "sad"), ("unsure", None), ("cats", None), ("", None)],
)  # fmt: skip
def test_synonyms(name, label):
    assert canonical(name) == label


@pytest.mark.parametrize(
    ("name", "label"),
    [("Suprise", "surprise"), ("suprised", "surprise"), ("anry", "angry"), ("HA", "happy"),
     ("disgus", "disgust"), ("neutal", "neutral"), ("calm", "neutral"), ("s", None), ("", None),
     ("su", "surprise"), ("sleepy", None), ("dogs", None), ("0", None)],
)  # fmt: skip
def test_a_misspelt_name_suggests_a_class(name, label):
    assert closest(name) == label


def test_every_label_is_canonical_and_has_a_colour_of_its_own():
    labels = {label for label_set in SETS for label in label_set.labels}
    assert all(canonical(label) == label for label in labels)
    assert len({colour_rgb(label) for label in labels}) == len(labels)
    assert colour_rgb("other") == colour_rgb(UNSURE)


@pytest.mark.parametrize("labels", [(), ("sad", "sad")])
def test_a_set_that_is_none_is_refused(labels):
    with pytest.raises(ValueError, match="label set"):
        LabelSet("x", labels)


def test_what_two_sets_share_keeps_the_order_of_the_first():
    assert shared_labels(SIX_WITH_PAIN.labels, FER2013.labels) == (
        "angry", "disgust", "fear", "happy", "sad",
    )  # fmt: skip
