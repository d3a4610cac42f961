"""The cards of the side panel."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAccessible

from fer_live.core.labels import FERPLUS
from fer_live.core.types import Face
from fer_live.gui.language import install_language
from fer_live.gui.widgets.face_cards import FaceCards
from tests.gui.fakes import LABELS, face
from tests.gui.waiting import wait_for


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


def test_a_face_without_a_classification_has_a_card_too(app):
    cards = FaceCards()
    cards.show_faces([Face(1, (0, 0, 5, 5))], LABELS, None)
    assert cards.cards[0].label.text() == "analysing…"
    cards.grab()


def test_bars_are_described_in_words(app):
    cards = FaceCards()
    cards.show_faces([face(1)], LABELS, None)
    assert "happy 70%" in cards.cards[0].bars.accessibleDescription()


@pytest.mark.parametrize(("count", "selected"), [(4, 2), (15, 11), (40, 40)])
def test_every_face_has_a_card_and_the_selected_one_is_open(app, count, selected):
    cards = FaceCards()
    cards.resize(300, 500)
    cards.show()
    cards.show_faces([face(n) for n in range(1, count + 1)], LABELS, selected)
    assert [card.track_id for card in cards.cards] == list(range(1, count + 1))
    assert [card.track_id for card in cards.cards if card.open] == [selected]
    for card in cards.cards:
        assert card.label.text() == "happy"
        assert card.confidence.text() == "70%"
        assert card.bars.isVisible() is card.open
        assert card.mini.isVisible() is not card.open
    closed = [card for card in cards.cards if not card.open]
    assert all(card.sizeHint().height() <= 40 for card in closed)


def test_a_screen_reader_hears_a_button_that_is_checked(app):
    cards = FaceCards()
    cards.show_faces([face(1), face(2)], LABELS, 2)
    spoken = [QAccessible.queryAccessibleInterface(card) for card in cards.cards]
    assert {one.role() for one in spoken} <= {QAccessible.Role.CheckBox, QAccessible.Role.Button}
    assert [bool(one.state().checked) for one in spoken] == [False, True]
    assert spoken[0].text(QAccessible.Text.Name) == "Face 1: happy 70%"
    assert "happy 70%" in spoken[0].text(QAccessible.Text.Description)


def test_in_a_low_panel_every_card_is_one_line_until_one_is_selected(app):
    cards = FaceCards()
    cards.resize(300, 185)
    cards.show()
    faces = [face(n) for n in range(1, 5)]
    cards.show_faces(faces, LABELS, 1, wanted=False)
    assert [card.open for card in cards.cards] == [False] * 4
    assert sum(card.sizeHint().height() + 3 for card in cards.cards) <= 185
    cards.show_faces(faces, LABELS, 1, wanted=True)
    assert [card.open for card in cards.cards] == [True, False, False, False]


def test_the_card_of_the_face_in_the_chart_is_open_where_all_cards_have_room(app):
    cards = FaceCards()
    cards.show()
    faces = [face(n) for n in range(1, 5)]
    labels = FERPLUS.labels
    values = np.full(len(labels), 1 / len(labels), np.float32)
    faces = [replace(one, probabilities=values, labels=labels) for one in faces]
    for height in (280, 310):
        cards.resize(300, height)
        QCoreApplication.processEvents()
        cards.show_faces(faces, labels, 1, wanted=False)
        QCoreApplication.processEvents()
        assert cards.cards[0].open == (height == 310)
        assert cards.verticalScrollBar().maximum() == 0


def test_the_card_says_what_makes_its_face_hard_to_read(app):
    cards = FaceCards()
    dark = Face(3, (0, 0, 5, 5), quality=("dark", "turn_unknown"))
    cards.show_faces([dark, replace(dark, track_id=4, missed_s=1.0)], LABELS, None)
    one, other = cards.cards
    assert one.identity.text() == "#3 · too dark"
    assert one.accessibleName() == "Face 3: analysing…, too dark"
    assert other.identity.text() == "#4 · hidden"


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_percentage_is_whole_beside_a_scroll_bar(app, language):
    install_language(app, language)
    try:
        cards = FaceCards()
        cards.resize(300, 260)
        cards.show()
        faces = [replace(face(n), name="Maximiliane", quality=("small",)) for n in range(1, 16)]
        cards.show_faces(faces, LABELS, 1)
        wait_for(cards.verticalScrollBar().isVisible, "the scroll bar")
        for card in cards.cards:
            assert card.geometry().right() < cards.viewport().width()
            assert card.confidence.geometry().right() < card.width()
            assert card.confidence.width() >= card.confidence.sizeHint().width()
            assert card.identity.text() != ""
    finally:
        install_language(app, "en")
