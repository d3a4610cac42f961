"""Themes, icons and elided texts."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QScreen
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QTabBar,
    QToolButton,
    QTreeWidget,
    QVBoxLayout,
    QWidget,
)

from fer_live.core.labels import colour_rgb
from fer_live.core.settings import Settings
from fer_live.gui.settings.dialog import SettingsDialog
from fer_live.gui.widgets import icons, theme
from fer_live.gui.widgets.elide import elide_middle
from fer_live.gui.window.about_dialog import AboutDialog
from fer_live.gui.window.camera_check_dialog import CameraCheckDialog
from fer_live.gui.window.dialogs import ShortcutsDialog
from tests.gui.fakes import LABELS, FakeEngines, FakeServices
from tests.gui.waiting import settle, wait_for


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)
def test_text_can_be_read_in_both_themes(look):
    def rgb(name):
        return theme.rgb_of(QColor(getattr(look, name)))

    for ground in ("window", "surface", "raised", "stage"):
        assert theme.contrast(rgb("text"), rgb(ground)) >= 7
        assert theme.contrast(rgb("muted"), rgb(ground)) >= 4.5
    assert theme.contrast(rgb("on_accent"), rgb("accent")) >= 4.5
    assert theme.contrast(rgb("on_danger"), rgb("danger")) >= 4.5
    for label in LABELS:
        seen = theme.readable(colour_rgb(label), rgb("surface"))
        assert theme.contrast(seen, rgb("surface")) >= theme.GRAPHIC_CONTRAST


@pytest.fixture
def large_font(app):
    before = app.font()
    font = QFont(before)
    font.setPointSizeF(15)
    app.setFont(font)
    yield font
    app.setFont(before)


def shades(widget, within=None):
    """Contrast of the most different colour in a widget to its background, WCAG 2.2."""
    image = widget.grab().toImage()
    ground = theme.rgb_of(image.pixelColor(image.width() - 1, image.height() // 2))
    colours = {
        theme.rgb_of(image.pixelColor(x, y))
        for x in range(min(within or image.width(), image.width()))
        for y in range(image.height())
    }
    return max(theme.contrast(colour, ground) for colour in colours)


@pytest.mark.parametrize("on", [False, True])
@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)
def test_a_check_box_can_be_seen_in_both_themes(app, look, on):
    theme.apply_theme(app, look)
    box = QCheckBox("")
    box.setChecked(on)
    box.resize(120, 30)
    assert shades(box, within=26) >= 3


@pytest.mark.parametrize("make", [QComboBox, QSpinBox, QDoubleSpinBox, QLineEdit])
@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)
def test_the_edge_of_a_field_and_its_arrow_can_be_seen_in_both_themes(app, look, make):
    theme.apply_theme(app, look)
    page = QWidget()
    page.resize(240, 60)
    field = make(page)
    field.setGeometry(20, 15, 200, 30)
    image = page.grab().toImage()
    ground = theme.rgb_of(image.pixelColor(10, 30))

    def best(columns):
        return max(
            theme.contrast(theme.rgb_of(image.pixelColor(x, y)), ground)
            for x in columns
            for y in range(18, 42)
        )

    assert best(range(19, 23)) >= 3
    if make is not QLineEdit:
        assert best(range(198, 216)) >= 3


def tool(name):
    button = QToolButton()
    button.setText("Words")
    button.setObjectName(name)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def default_button():
    button = QPushButton("Words")
    button.setDefault(True)
    return button


def tabs():
    bar = QTabBar()
    bar.addTab("Words")
    return bar


@pytest.mark.parametrize(
    "make",
    [QComboBox, QSpinBox, QLineEdit, QPlainTextEdit, QTreeWidget, QPushButton, default_button,
     lambda: QCheckBox("Words"), lambda: tool("startButton"), lambda: tool("sourceButton"),
     lambda: tool("other"), tabs, lambda: QSlider(Qt.Orientation.Horizontal)],
)  # fmt: skip
@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)
def test_the_focus_can_be_seen_in_both_themes(app, look, make):
    """Pixels change with a contrast of 3:1, as WCAG 2.2 asks of a focus indicator."""
    theme.apply_theme(app, look)
    page = QDialog()
    column = QVBoxLayout(page)
    other, widget = QLineEdit(), make()
    column.addWidget(other)
    column.addWidget(widget)
    page.show()
    page.activateWindow()
    seen = []
    for one in (other, widget):
        one.setFocus(Qt.FocusReason.TabFocusReason)
        wait_for(one.hasFocus, "the focus")
        seen.append(widget.grab().toImage())
    changed = [
        (before, after)
        for x in range(seen[0].width())
        for y in range(seen[0].height())
        if (before := seen[0].pixelColor(x, y)) != (after := seen[1].pixelColor(x, y))
    ]
    strong = [theme.contrast(theme.rgb_of(a), theme.rgb_of(b)) >= 3 for a, b in changed]
    page.close()
    assert sum(strong) >= 12


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)
def test_icons_and_text_in_a_menu_can_be_seen_also_when_highlighted(open_window, look):
    window = open_window(begin=False)
    window.set_theme(look.name)
    for menu in window.menuBar().findChildren(QMenu):
        menu.ensurePolished()
        menu.resize(menu.sizeHint())
        for action in menu.actions():
            if action.isSeparator() or not action.isEnabled():
                continue
            menu.setActiveAction(action)
            image = menu.grab(menu.actionGeometry(action)).toImage()
            ground = theme.rgb_of(image.pixelColor(image.width() - 4, image.height() // 2))
            with_icon = action.isIconVisibleInMenu() and not action.icon().isNull()
            for first, last in ((0, 26), (26, image.width() - 6)):
                colours = [
                    theme.rgb_of(image.pixelColor(x, y))
                    for x in range(first + 4, last)
                    for y in range(4, image.height() - 4)
                ]
                best = max(theme.contrast(colour, ground) for colour in colours)
                assert best >= 4.5 or (first == 0 and not with_icon), action.text()
        menu.setActiveAction(None)  # else a submenu opens later, maybe while the window closes


def about():
    return AboutDialog({"Settings": "/home/ann/.config/fer_live/settings.json"}, "report")


def camera_check():
    dialog = CameraCheckDialog("Desk")
    dialog.show_check(FakeServices(FakeEngines(), Path()).check_camera("0", Settings(), ()))
    return dialog


@pytest.mark.parametrize(
    "make", [lambda: SettingsDialog(Settings()), ShortcutsDialog, about, camera_check]
)
@pytest.mark.parametrize("screen", [(800, 600), (1024, 600)])
def test_dialogs_fit_small_screens_with_a_large_font(app, large_font, monkeypatch, make, screen):
    area = QRect(0, 0, *screen)
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _self: area)
    dialog = make()
    dialog.show()
    settle()
    assert dialog.width() <= screen[0]
    assert dialog.height() <= screen[1]
    for box in dialog.findChildren(QComboBox):
        needed = box.fontMetrics().height()
        assert box.height() >= needed + 6
        # The text of the chosen entry fits between the frame and the arrow.
        if box.isVisible():
            text = box.fontMetrics().horizontalAdvance(box.currentText())
            assert text + box.height() <= box.width(), box.currentText()
    for button in dialog.findChildren(QPushButton):
        if button.isVisible():
            text = button.fontMetrics().horizontalAdvance(button.text())
            assert text + 12 <= button.width(), button.text()
    dialog.close()


@pytest.mark.parametrize("name", icons.NAMES)
def test_every_icon_draws_something(app, name):
    image = icons.pixmap(name, "#ff0000", 20, 2.0).toImage()
    assert image.width() == 40
    assert any(QColor(image.pixelColor(x, y)).alpha() for x in range(40) for y in range(40))


def test_eliding_in_the_middle_keeps_both_ends():
    assert elide_middle("short", 10) == "short"
    assert elide_middle("abcdefghij.mp4", 9) == "abcd….mp4"


def test_no_state_of_a_widget_makes_its_text_wider():
    """Qt computes a widget's size without the rules of its states: bold letters would be cut."""
    for selectors, rule in re.findall(r"([^{}]+)\{([^{}]*)\}", theme.style_sheet(theme.DARK)):
        has_state = re.search(r"(?<!:):(?!:)[a-z]", selectors)
        assert not (has_state and "font-weight" in rule), selectors
