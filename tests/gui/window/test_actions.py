"""The actions and their shortcuts."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from fer_live.gui.window import actions, source_messages
from fer_live.gui.window.dialogs import ShortcutsDialog
from tests.gui.driver import streaming
from tests.gui.fakes import face, result
from tests.gui.waiting import wait_for


def test_the_list_of_shortcuts_matches_the_actions(open_window):
    window = open_window(begin=False)
    listed = dict(row for rows in actions.shortcut_groups().values() for row in rows)
    native = QKeySequence.SequenceFormat.NativeText
    used = []
    for spec in actions.ACTIONS:
        action = window.commands[spec.name]
        keys = [key.toString(native) for key in action.shortcuts()]
        assert keys, f"{spec.name} has no shortcut"
        assert listed[" or ".join(keys)] == spec.tip
        assert f"({keys[0]})" in action.toolTip()
        used += keys
    assert len(used) == len(set(used)), "two actions share a shortcut"
    shown = {label.text() for label in ShortcutsDialog(window).findChildren(QLabel)}
    assert set(listed) <= shown


def test_the_space_bar_starts_and_stops_but_leaves_focused_buttons_alone(open_window, services):
    window = open_window()
    streaming(window, services)
    wait_for(lambda: window.commands["start"].text() == "Stop", "the action's words")
    window.activateWindow()
    wait_for(window.isActiveWindow, "the focus")
    mirror = window.tool_bar.widgetForAction(window.commands["mirror"])
    mirror.setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Space)
    assert mirror.isChecked()
    assert window.commands["start"].text() == "Stop"
    window.view.setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Space)
    wait_for(lambda: window.view.message == source_messages.STOPPED, "the stop")


def test_the_space_bar_chooses_a_focused_face(open_window, services):
    window = open_window()
    streaming(window, services, result(faces=[face(1), face(2)]))
    wait_for(lambda: len(window.cards.cards) == 2, "the cards")
    window.activateWindow()
    wait_for(window.isActiveWindow, "the focus")
    window.cards.cards[1].setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Space)
    assert window.faces.shown == 2
    assert window.commands["start"].text() == "Stop"
