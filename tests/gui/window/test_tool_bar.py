"""The tool bar."""

import pytest
from PySide6.QtWidgets import QToolButton

from fer_live.core.settings import Settings
from fer_live.gui.language import install_language
from fer_live.gui.main_window import MainWindow
from tests.gui.driver import close_and_delete
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
        buttons = [bar.widgetForAction(action) for action in (window.commands["log"], settings)]
        with_text = tuple("Text" in button.toolButtonStyle().name for button in buttons)
        return with_text, buttons[1].isVisible()

    window.resize(1280, 600)
    assert shown() == ((True, True), True)
    window.source_button.show_source("/videos/" + "long" * 9 + ".mp4")
    bar.show_replay(True)
    assert shown() == ((True, False), True), "the last ones lose theirs first"
    window.resize(1000, 600)
    assert shown() == ((False, False), True)
    window.resize(1280, 600)
    window.source_button.show_source("demo")
    bar.show_replay(False)
    assert shown() == ((True, True), True)
    window.resize(500, 600)
    assert shown() == ((False, False), False)
    more = bar.findChild(QToolButton, "qt_toolbar_ext_button")
    assert more.isVisible()
    ground = more.grab().toImage()
    colours = {ground.pixel(x, y) for x in range(ground.width()) for y in range(ground.height())}
    assert len(colours) > 1, "its sign can be seen"


@pytest.mark.parametrize("language", ["en", "de"])
def test_all_buttons_are_there_from_the_first_showing_on(app, open_window, services, language):
    """Also where the window is as small as it may be, or the words are long."""
    install_language(app, language)
    try:
        for size, styles in (((800, 600), 1), ((1280, 800), 2)):
            settings = Settings(theme="dark", first_start_done=True, source="")
            window = MainWindow(settings, services.made())
            window.resize(*size)
            window.show()
            settle()
            bar = window.tool_bar
            buttons = [bar.widgetForAction(action) for action in bar.actions()]
            assert all(button.isVisible() for button in buttons if isinstance(button, QToolButton))
            named = [bar.widgetForAction(window.commands[name]) for name in ("log", "theme")]
            assert len({button.toolButtonStyle() for button in named}) <= styles
            close_and_delete(window)
    finally:
        install_language(app, "en")


def test_the_start_button_is_named_by_what_it_does(open_window, services):
    window = open_window()
    button = window.tool_bar.widgetForAction(window.commands["start"])
    wait_for(lambda: button.accessibleName() == "Stop the source", "the name")
    window.commands["start"].trigger()
    wait_for(lambda: button.accessibleName() == "Start the source", "the name")
