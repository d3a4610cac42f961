"""The tool bar."""

from PySide6.QtWidgets import QToolButton

from tests.gui.waiting import settle, wait_for


def test_every_button_of_the_tool_bar_has_a_name_and_a_tooltip(open_window):
    window = open_window(begin=False)
    for button in [
        window.source_button,
        *map(window.tool_bar.widgetForAction, window.tool_bar.actions()),
    ]:
        if hasattr(button, "defaultAction") and button is not window.source_button:
            if button.defaultAction() is None:
                continue
            assert button.accessibleName()
            assert button.toolTip()


def test_a_narrow_tool_bar_hides_its_texts_and_shows_the_more_button(open_window):
    window = open_window(begin=False)
    bar, settings = window.tool_bar, window.commands["settings"]

    def shown():
        settle()
        return bar.toolButtonStyle().name, bar.widgetForAction(settings).isVisible()

    window.resize(1280, 600)
    assert shown() == ("ToolButtonTextBesideIcon", True)
    window.source_button.show_source("/videos/" + "long" * 9 + ".mp4")
    bar.show_replay(True)
    assert shown() == ("ToolButtonIconOnly", True)
    window.source_button.show_source("demo")
    bar.show_replay(False)
    assert shown() == ("ToolButtonTextBesideIcon", True)
    window.resize(500, 600)
    assert shown() == ("ToolButtonIconOnly", False)
    more = bar.findChild(QToolButton, "qt_toolbar_ext_button")
    assert more.isVisible()
    ground = more.grab().toImage()
    colours = {ground.pixel(x, y) for x in range(ground.width()) for y in range(ground.height())}
    assert len(colours) > 1, "its sign can be seen"


def test_the_start_button_is_named_by_what_it_does(open_window, services):
    window = open_window()
    button = window.tool_bar.widgetForAction(window.commands["start"])
    wait_for(lambda: button.accessibleName() == "Stop the source", "the name")
    window.commands["start"].trigger()
    wait_for(lambda: button.accessibleName() == "Start the source", "the name")
