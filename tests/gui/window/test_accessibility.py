"""What a screen reader hears."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QCheckBox, QScrollArea, QWidget

from fer_live.core.settings import Settings
from fer_live.gui.settings.dialog import SettingsDialog
from tests.gui.driver import logging, streaming
from tests.gui.waiting import wait_for


def nameless(root):
    """Widgets that take the focus and have no name."""
    found = []
    for widget in root.findChildren(QWidget):
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisible():
            continue
        if widget.objectName().startswith("qt_") or isinstance(widget, QScrollArea):
            continue
        spoken = QAccessible.queryAccessibleInterface(widget)
        parent = widget.parentWidget()
        part = parent is not None and parent.inherits("QAbstractSpinBox")
        if not spoken.text(QAccessible.Text.Name) and not part:
            found.append(f"{type(widget).__name__} in {type(parent).__name__}")
    return found


def test_everything_in_the_window_that_takes_the_focus_has_a_name(open_window, services):
    window = open_window()
    streaming(window, services)
    logging(window)
    wait_for(lambda: window.faces.chart is not None, "the chart")
    wait_for(lambda: window.cards.cards, "the cards")
    assert [name for name in nameless(window) if "QMenuBar" not in name] == []
    plot = window.faces.chart.findChild(QWidget, "")
    assert plot is not None
    names = [w.accessibleName() for w in window.faces.chart.findChildren(QWidget)]
    assert "Probabilities over the last minute" in names


def test_check_boxes_of_the_settings_are_named_as_they_are_labelled(app):
    dialog = SettingsDialog(Settings())
    dialog.show()
    boxes = dialog.findChildren(QCheckBox)
    assert len(boxes) > 6
    for box in boxes:
        spoken = QAccessible.queryAccessibleInterface(box)
        assert spoken.text(QAccessible.Text.Name).replace("&", "") == box.text().replace("&", "")
    for page in range(dialog.pages.count()):
        dialog.pages.setCurrentIndex(page)
        assert [name for name in nameless(dialog) if "QTabBar" not in name] == []
    dialog.close()
