"""The arrangement of the window, and full screen."""

from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from fer_live.core.errors import SourceLostError, SourceNotFoundError
from fer_live.core.settings import Settings
from fer_live.gui.widgets.notice import Notice
from fer_live.gui.widgets.video_view import Message
from fer_live.gui.window.geometry import first_size, geometry_text, on_a_screen, restore_geometry
from fer_live.gui.window.source_messages import OTHER_SOURCES
from fer_live.live.states import State
from tests.gui.driver import engine_of, logging, recording, streaming
from tests.gui.fakes import result
from tests.gui.waiting import settle, wait_for


def test_geometry_goes_through_text_and_damage_is_harmless(app):
    widget, other = QWidget(), QWidget()
    widget.resize(432, 321)
    assert restore_geometry(other, geometry_text(widget))
    assert (other.width(), other.height()) == (432, 321)
    assert not restore_geometry(other, "ä not base64")
    assert not restore_geometry(other, "")


@pytest.mark.parametrize(
    ("screen", "expected"),
    [
        ((0, 0, 1366, 728), (1280, 680)),
        ((0, 0, 1280, 680), (1264, 632)),
        ((0, 27, 1024, 573), (1008, 525)),
        ((0, 0, 3840, 2120), (1280, 800)),
    ],
)
def test_the_first_window_fits_the_screen(screen, expected):
    size = first_size(QSize(1280, 800), QRect(*screen))
    assert (size.width(), size.height()) == expected


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ((100, 100, 800, 600), (100, 100, 800, 600)),
        ((2000, 100, 800, 600), (566, 100, 800, 600)),
        ((-700, -50, 800, 600), (0, 0, 800, 600)),
        ((0, 0, 1920, 1000), (0, 0, 1366, 728)),
        ((-1500, 300, 1000, 500), (-1500, 300, 1000, 500)),
    ],
)
def test_a_window_comes_back_onto_a_screen_that_exists(window, expected):
    screens = [QRect(0, 0, 1366, 728), QRect(-1920, 0, 1920, 1080)]
    if window[0] == -700:
        screens = screens[:1]
    assert on_a_screen(QRect(*window), screens) == QRect(*expected)


def test_the_whole_window_lies_on_the_screen(open_window):
    window = open_window(begin=False)
    area = window.screen().availableGeometry()
    assert area.contains(window.geometry())
    window.resize(700, 500)
    window.move(area.right() + 500, area.bottom() + 500)
    kept = window.arrangement()
    window.restore_arrangement(kept)
    assert area.contains(window.geometry())


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


@pytest.mark.parametrize("full", [False, True])
def test_recording_log_and_hidden_faces_show_over_the_video_in_every_mode(
    open_window, services, full
):
    window = open_window()
    bar = window.session_bar
    recording(window, services)
    logging(window)
    window.set_full_screen(full)
    window.session.show()
    for field in (bar.recording, bar.log, bar.pause, bar.marker):
        assert field.isVisible()
    assert not bar.hidden_faces.isVisible()
    window.commands["pause"].trigger()
    assert bar.pause.text().strip() == "Resume"
    window.commands["record"].trigger()
    window.commands["log"].trigger()
    wait_for(bar.isHidden, "the end of recording and log")
    window.change(privacy_on_screen=True, privacy="blur")
    assert bar.hidden_faces.isVisible()
    assert not bar.marker.isVisible()
    assert window.view.isAncestorOf(bar)
    window.change(privacy_on_screen=False)
    assert not bar.isVisible()


def test_a_markers_note_is_visible_in_full_screen_and_escape_cancels_it_first(
    open_window, services
):
    window = open_window()
    engine = streaming(window, services)
    logging(window)
    window.set_full_screen(True)
    window.activateWindow()
    wait_for(window.isActiveWindow, "the focus")
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_3, Qt.KeyboardModifier.ShiftModifier)
    field = window.session_bar.text
    assert field.isVisible()
    assert window.rect().contains(QRect(field.mapTo(window, QPoint(0, 0)), field.size()))
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert not field.isVisible()
    assert window.isFullScreen()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert not engine.stopped


@pytest.mark.parametrize("width", [433, 700, 1000])
def test_nothing_in_the_session_bar_overlaps_and_the_note_has_room(open_window, services, width):
    window = open_window()
    recording(window, services)
    logging(window)
    window.change(privacy_on_screen=True, privacy="blur")
    window.session.show()
    window.commands["panel"].trigger()
    window.resize(width + window.width() - window.view.width() + 16, 600)
    settle()
    bar = window.session_bar
    bar.ask_text(1, "")
    settle()
    shown = [
        part for part in bar.findChildren(QWidget) if part.isVisible() and part.parent() is bar
    ]
    for one, other in combinations(shown, 2):
        assert not one.geometry().intersects(other.geometry())
    assert all(bar.rect().contains(part.geometry()) for part in shown)
    words = bar.text.fontMetrics().horizontalAdvance(bar.text.placeholderText())
    assert bar.text.width() >= (90 if width < 640 else words)


def test_the_chart_is_whole_or_left_out(open_window, services):
    window = open_window()
    streaming(window, services)
    wait_for(lambda: window.faces.chart, "the chart")
    chart, shown = window.faces.chart, []
    for height in range(240, 440, 20):
        window.panel.setFixedHeight(height)
        settle()
        shown.append(chart.isVisible())
        if chart.isVisible():
            assert chart.height() >= chart.heightForWidth(chart.width())
            assert window.panel.rect().contains(chart.geometry())
    assert shown == sorted(shown)
    assert set(shown) == {False, True}


def test_the_cards_keep_more_room_than_the_chart_in_a_low_window(open_window, services):
    window = open_window()
    streaming(window, services)
    wait_for(lambda: window.faces.chart, "the chart")
    low = {}
    for height in (440, 900):
        window.panel.setFixedHeight(height)
        settle()
        assert window.faces.chart.isVisible()
        assert window.panel.rect().contains(window.faces.chart.geometry())
        low[height] = window.faces.chart.height()
    assert low[440] <= low[900] - 50
    assert window.cards.height() > window.faces.chart.height()


def test_without_analysis_no_face_is_denied(open_window, services):
    window = open_window()
    engine = streaming(window, services)
    for found, words in ((None, "Waiting for the analysis…"), ((), "No face in the picture.")):
        window.faces.add(replace(result(7), found=found), always=True)
        window.faces.show_loading(False)
        assert window.cards.empty.text() == words
    window.faces.show_loading(True)
    assert window.cards.empty.text() == "Loading the model…"
    assert engine.started


def test_notices_and_session_bar_do_not_move_the_video(open_window, services):
    window = open_window()
    streaming(window, services)
    settle()
    before = window.view.geometry()
    logging(window)
    window.notices.show_notice(Notice("A notice.", "With a hint.", details="And details."))
    window.notices.bars[0].details_button.click()
    settle()
    assert window.view.geometry() == before
    for part in (window.session_bar, window.notices.bars[0]):
        assert part.isVisible()
        place = QRect(part.mapTo(window.view, QPoint(0, 0)), part.size())
        assert window.view.rect().contains(place)


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


def whole_texts(note):
    """Labels of the note that show all of their text."""
    labels = [label for label in note.findChildren(QLabel) if label.text()]
    whole = [
        label
        for label in labels
        if label.height() >= label.heightForWidth(label.width())
        and label.visibleRegion().boundingRect() == label.rect()
    ]
    return len(whole), len(labels)


@pytest.mark.parametrize(("width", "height"), [(784, 552), (1008, 525), (1264, 680)])
def test_the_first_start_note_is_read_without_scrolling(open_window, services, width, height):
    window = open_window(settings=Settings(source="demo"))
    window.resize(width, height)
    settle()
    assert (window.width(), window.height()) == (width, height)
    whole, all_of_them = whole_texts(window.first_start)
    assert whole == all_of_them == 7
    assert window.view.height() >= 240


def test_the_buttons_of_a_message_do_not_touch_each_other(open_window, services):
    """The text of the message takes two lines at its own width, and one at the window's."""
    window = open_window(begin=False)
    window.resize(1280, 800)
    pane = window.view.pane
    window.view.show_message(Message("A title", "A sentence of the message. " * 4, OTHER_SOURCES))
    for button in pane.findChildren(QPushButton):
        button.setText(button.text() + " and more")
    pane.fit()
    settle()
    buttons = [button for button in pane.findChildren(QPushButton) if button.isVisible()]
    rows = sorted({(button.y(), button.y() + button.height()) for button in buttons})
    assert len(rows) > 1
    for (_, end), (begin, _) in pairwise(rows):
        assert begin - end >= 8


def test_the_note_and_the_offers_without_a_camera_fit_a_small_window(open_window, services):
    window = open_window(settings=Settings(source=""))
    engine = engine_of(services)
    engine.say(State.FAILED, SourceNotFoundError("No camera was found.", "Plug one in."))
    window.faces.add_chart()
    window.resize(784, 552)
    settle()
    buttons = [b for b in window.view.pane.findChildren(QPushButton) if b.isVisible()]
    assert len(buttons) == 4
    for button in buttons:
        assert button.visibleRegion().boundingRect() == button.rect()
    for first, second in combinations(buttons, 2):
        assert not first.geometry().adjusted(-2, -2, 2, 2).intersects(second.geometry())
    assert window.height() == 552
    chart = window.faces.chart
    assert chart.isHidden() or window.panel.rect().contains(chart.geometry())
    with_note = window.panel.height()
    window.first_start.button.click()
    wait_for(lambda: window.panel.height() > with_note, "the room of the note")
    wait_for(chart.isVisible, "room for the chart")
    assert window.panel.rect().contains(chart.geometry())


@pytest.mark.parametrize("width", [500, 784])
def test_a_large_font_scrolls_the_first_start_note_and_keeps_its_button(
    open_window, services, app, width
):
    font = app.font()
    large = app.font()
    large.setPointSize(18)
    app.setFont(large)
    try:
        window = open_window(settings=Settings(source="demo"))
        window.resize(width, 552)
        settle()
        note = window.first_start
        assert note.points.verticalScrollBar().maximum() > 0
        assert note.points.viewport().height() >= 2 * window.fontMetrics().lineSpacing()
        assert note.button.visibleRegion().boundingRect() == note.button.rect()
        words = [label for label in note.findChildren(QLabel) if label.text()]
        assert max(label.width() for label in words) <= note.points.width()
    finally:
        app.setFont(font)


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
