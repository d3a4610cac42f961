"""Naming faces in the window."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog

from fer_live.gui.widgets.name_menu import name_menu
from tests.gui.driver import streaming
from tests.gui.fakes import face, result
from tests.gui.waiting import wait_for


def name_dialog(window):
    wait_for(lambda: window.findChildren(QInputDialog), "the dialog")
    return window.findChildren(QInputDialog)[-1]


def test_a_face_is_named_from_its_card_the_picture_and_the_keyboard(open_window, services):
    window = open_window()
    engine = streaming(window, services, result(faces=[face(1), face(2)]))
    wait_for(lambda: len(window.cards.cards) == 2, "the cards")
    QTest.mouseDClick(window.cards.cards[1], Qt.MouseButton.LeftButton)
    dialog = name_dialog(window)
    dialog.setTextValue(" Anna \n ")
    dialog.accept()
    assert engine.names == {2: "Anna"}
    assert window.cards.cards[1].identity.text() == "Anna"
    assert window.cards.cards[1].accessibleName().startswith("Anna: ")
    assert [shown.name for shown in window.view.result.faces] == ["", "Anna"]
    wait_for(lambda: not window.findChildren(QInputDialog), "its end")
    window.commands["name_face"].trigger()
    dialog = name_dialog(window)
    assert "face 1" in dialog.labelText()
    dialog.reject()
    assert engine.names == {2: "Anna"}
    wait_for(lambda: not window.findChildren(QInputDialog), "its end")
    window.faces.choose(2)
    window.commands["name_face"].trigger()
    dialog = name_dialog(window)
    assert dialog.textValue() == "Anna"
    dialog.setTextValue("")
    dialog.accept()
    assert engine.names == {2: ""}
    assert window.cards.cards[1].identity.text() == "#2"
    wait_for(lambda: not window.findChildren(QInputDialog), "its end")
    window.view.rename_wanted.emit(1)
    name_dialog(window).reject()
    wait_for(lambda: not window.findChildren(QInputDialog), "its end")


def test_a_double_click_names_a_face_and_beside_faces_fills_the_screen(open_window, services):
    window = open_window()
    streaming(window, services, result(faces=[face(1)]))
    wait_for(lambda: window.cards.cards, "the card")
    view = window.view
    left, top, right, bottom = view.result.faces[0].box_xyxy
    at = view.image_rect_px()
    ratio = view.devicePixelRatioF()
    scale = at[2] / view.result.frame.width
    inside = QPoint(
        round((at[0] + (left + right) / 2 * scale) / ratio),
        round((at[1] + (top + bottom) / 2 * scale) / ratio),
    )
    assert view.face_at(QPointF(inside)) == 1
    assert view.face_at(QPointF(1, 1)) is None
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=inside)
    name_dialog(window).reject()
    assert not window.isFullScreen()
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    wait_for(window.isFullScreen, "the full screen")
    window.set_full_screen(False)


def test_a_name_is_offered_by_the_right_mouse_button(open_window, services):
    window = open_window()
    streaming(window, services, result(faces=[face(1)]))
    wait_for(lambda: window.cards.cards, "the card")
    wanted = []
    window.cards.rename_wanted.connect(wanted.append)
    menu = name_menu(window.cards, 1, window.cards.rename_wanted)
    (action,) = menu.actions()
    assert action.text() == "Name this face…"
    action.trigger()
    assert wanted == [1]
    menu.close()
    name_dialog(window).reject()
