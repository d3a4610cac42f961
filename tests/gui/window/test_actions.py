"""The actions and their shortcuts."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QMenuBar, QWidget

from fer_live.gui.widgets.notice import Notice
from fer_live.gui.widgets.theme import contrast, rgb_of
from fer_live.gui.window import actions, source_messages
from fer_live.gui.window.dialogs import ShortcutsDialog
from tests.gui.driver import logging, streaming
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


def focusable(window):
    """Every widget that Tab or a click can give the focus to, except text fields."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and widget.isVisible()
        and widget.window() is window
        and not isinstance(widget, QLineEdit | QMenuBar)
    ]


def test_single_keys_work_wherever_the_focus_is_except_in_text_fields(open_window, services):
    window = open_window()
    engine = streaming(window, services)
    logging(window)
    window.notices.show_notice(Notice("A notice.", details="Details."))
    window.notices.bars[0].details_button.click()
    wait_for(lambda: window.commands["start"].text() == "Stop", "the action's words")
    wait_for(lambda: window.cards.cards, "the cards")
    window.activateWindow()
    wait_for(window.isActiveWindow, "the focus")
    places = focusable(window)
    assert window.source_button in places
    assert len(places) > 10
    bars, starts = window.commands["bars"], []
    window.commands["start"].triggered.disconnect()
    window.commands["start"].triggered.connect(lambda: starts.append(True))
    for place in places:
        place.setFocus()
        was, count = bars.isChecked(), len(starts)
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_B)
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_Space)
        assert bars.isChecked() is not was, place
        assert len(starts) == count + 1, place
        assert not window.source_button.menu().isVisible()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_0)
    field = window.session_bar.text
    assert field.hasFocus()
    QTest.keyClicks(field, "b r s ")
    assert field.text() == "b r s "
    assert not engine.stopped


def test_after_the_start_the_focus_is_on_the_video_and_space_stops(open_window, services):
    window = open_window()
    streaming(window, services)
    wait_for(lambda: window.commands["start"].text() == "Stop", "the action's words")
    window.activateWindow()
    wait_for(window.isActiveWindow, "the focus")
    assert window.focusWidget() is window.view
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Space)
    wait_for(lambda: window.view.message == source_messages.stopped(), "the stop")


def test_enter_presses_the_focused_button(open_window, services):
    window = open_window()
    streaming(window, services)
    window.activateWindow()
    wait_for(window.isActiveWindow, "the focus")
    mirror = window.tool_bar.widgetForAction(window.commands["mirror"])
    mirror.setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Return)
    assert mirror.isChecked()
    bar = window.notices.show_notice(Notice("A notice."))
    bar.dismiss_button.setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Enter)
    assert window.notices.notices == ()


def test_a_checkable_entry_shows_its_tick_in_the_menu(open_window):
    window = open_window(begin=False)
    checkable = [a for a in window.commands.values() if a.isCheckable()]
    assert len(checkable) > 6
    for action in checkable:
        assert not action.isIconVisibleInMenu(), action.text()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["bars", "panel", "screen_privacy", "ids"])
def test_the_tick_is_painted(open_window, theme, name):
    window = open_window(begin=False)
    window.set_theme(theme)
    action = window.commands[name]
    menu = next(m for m in window.menuBar().findChildren(QMenu) if action in m.actions())
    menu.ensurePolished()
    menu.resize(menu.sizeHint())
    rect = menu.actionGeometry(action)
    pictures = []
    for on in (False, True):
        action.setChecked(on)
        pictures.append(menu.grab(rect).toImage())
    differ = sum(
        contrast(*(rgb_of(p.pixelColor(x, y)) for p in pictures)) >= 3
        for x in range(rect.width())
        for y in range(rect.height())
    )
    assert differ >= 15


def test_enter_chooses_a_focused_face(open_window, services):
    window = open_window()
    streaming(window, services, result(faces=[face(1), face(2)]))
    wait_for(lambda: len(window.cards.cards) == 2, "the cards")
    window.activateWindow()
    wait_for(window.isActiveWindow, "the focus")
    window.cards.cards[1].setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Return)
    assert window.faces.shown == 2
    assert window.commands["start"].text() == "Stop"
