"""The arrangement of the window, and full screen."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from fer_live.core.errors import SourceLostError
from fer_live.core.settings import Settings
from fer_live.gui.window.geometry import geometry_text, restore_geometry
from fer_live.live.states import State
from tests.gui.driver import engine_of, recording
from tests.gui.fakes import result
from tests.gui.waiting import settle, wait_for


def test_geometry_goes_through_text_and_damage_is_harmless(app):
    widget, other = QWidget(), QWidget()
    widget.resize(432, 321)
    assert restore_geometry(other, geometry_text(widget))
    assert (other.width(), other.height()) == (432, 321)
    assert not restore_geometry(other, "ä not base64")
    assert not restore_geometry(other, "")


def test_the_arrangement_is_remembered(open_window, services):
    first = open_window()
    first.commands["panel"].trigger()
    first.splitter.setSizes([700, 400])
    first.close()
    wait_for(lambda: first.ended, "the end")
    kept = services.saved[-1]
    second = open_window(settings=kept)
    assert not second.panel.isVisible()
    assert not second.commands["panel"].isChecked()


def test_full_screen_shows_only_the_picture(open_window, services):
    window = open_window()
    window.commands["fullscreen"].trigger()
    hidden = (window.menuBar(), window.tool_bar, window.statusBar(), window.panel)
    assert window.isFullScreen()
    assert not any(widget.isVisible() for widget in hidden)
    assert window.commands["snapshot"] in window.actions()
    window.set_full_screen(False)
    assert not window.isFullScreen()
    assert all(widget.isVisible() for widget in hidden)


def test_full_screen_left_by_the_window_manager_shows_everything(open_window, services):
    window = open_window()
    window.commands["fullscreen"].trigger()
    window.setWindowState(Qt.WindowState.WindowNoState)
    shown = (window.menuBar(), window.tool_bar, window.statusBar(), window.panel)
    wait_for(lambda: all(widget.isVisible() for widget in shown), "the rest of the window")
    assert not window.commands["fullscreen"].isChecked()


def test_full_screen_shows_no_line_of_figures(open_window, services):
    window = open_window()
    recording(window, services)
    window.set_full_screen(True)
    window.session.show()
    assert not window.session_bar.isVisible()
    window.set_full_screen(False)
    assert window.session_bar.isVisible()


def test_long_names_do_not_widen_the_window(open_window, services):
    window = open_window(begin=False)
    narrow = window.minimumSizeHint().width()
    window.choose_source("/videos/" + "long" * 100 + ".mp4")
    engine = engine_of(services)
    engine.stream(result())
    engine.model_name = "model" * 50
    engine.say(State.FAILED, SourceLostError("/videos/" + "x" * 400 + " is lost."))
    wait_for(lambda: window.notices.notices, "the notice")
    window._show_status()
    settle()
    assert window.minimumSizeHint().width() < narrow + 200
    assert len(window.view.pane.title.text()) < 70


def test_the_first_start_note_says_what_matters_and_stays_away(open_window, services):
    window = open_window(settings=Settings(source="demo"))
    assert window.first_start.isVisible()
    words = " ".join(
        label.text() for label in window.first_start.findChildren(type(window.view.pane.text))
    )
    for part in ("not a feeling", "stays on this computer", "2024/1689", "5(1)(f)", "education"):
        assert part in words
    window.first_start.button.click()
    assert not window.first_start.isVisible()
    assert window.settings.first_start_done
    window.commands["about"].trigger()
    assert window.first_start.isVisible()
