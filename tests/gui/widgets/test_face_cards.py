"""The cards of the side panel."""

from fer_live.gui.widgets.face_cards import MOST_CARDS, FaceCards
from tests.gui.fakes import LABELS, face


def test_cards_begin_empty_are_stable_and_are_reused(app):
    cards = FaceCards()
    cards.show_faces((), LABELS, None)
    assert cards.cards == ()
    assert not cards.empty.isHidden()
    cards.show_faces([face(1), face(2, top=4)], LABELS, 2)
    first = cards.cards
    assert [c.track_id for c in first] == [1, 2]
    assert [c.label.text() for c in first] == ["happy", "sad"]
    assert first[1].property("selected") is True
    cards.show_faces([face(2, top=5)], LABELS, None)
    assert cards.cards == first[:1]
    assert cards.cards[0].accessibleName() == "Face 2: surprise 70%"
    cards.show_faces([face(2), face(7)], LABELS, None)
    assert cards.cards == first
    cards.show_faces([face(n) for n in range(1, MOST_CARDS + 4)], LABELS, None)
    assert len(cards.cards) == MOST_CARDS
    assert cards.more.text() == "and 3 more"


def test_a_face_without_a_classification_has_a_card_too(app):
    from fer_live.core.types import Face

    cards = FaceCards()
    cards.show_faces([Face(1, (0, 0, 5, 5))], LABELS, None)
    assert cards.cards[0].label.text() == "analysing…"
    cards.grab()


def test_bars_are_described_in_words(app):
    cards = FaceCards()
    cards.show_faces([face(1)], LABELS, None)
    assert "happy 70%" in cards.cards[0].bars.accessibleDescription()
