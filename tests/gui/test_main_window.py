"""The main window on a stand-in engine."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from fer_live.capture.source import SourceInfo
from fer_live.core.errors import (
    ConfigError,
    ModelError,
    SourceBusyError,
    SourceLostError,
)
from fer_live.core.settings import Settings
from fer_live.gui.settings.dialog import SettingsDialog
from fer_live.gui.window import source_messages
from fer_live.live.states import State
from tests.gui.driver import engine_of, message_buttons, recording, streaming
from tests.gui.fakes import face, result
from tests.gui.waiting import settle, wait_for


def test_a_picture_and_its_figures_are_shown(open_window, services):
    window = open_window()
    assert window.view.message == source_messages.opening("Demo")
    streaming(window, services)
    assert window.view.message is None
    wait_for(lambda: window.status.model.text() == "Model default", "the figures")
    assert window.status.capture.text() == "Capture 30.0 fps"
    assert window.status.analysis.text() == "Analysis 24.5 fps"
    assert window.status.not_analysed.text() == "Not analysed 7"
    assert window.status.device.text() == "CPU"
    wait_for(lambda: window.status.delay.text().endswith(" ms"), "the latency")
    assert window.status.state.text() == "Demo · 160×120"  # noqa: RUF001


def test_it_says_that_the_model_is_loading(open_window, services):
    window = open_window()
    engine = engine_of(services)
    wait_for(lambda: "and the model…" in window.status.state.text(), "the words")
    engine.stream(result())
    wait_for(lambda: "model" not in window.status.state.text(), "the model")


def test_an_error_is_a_notice_with_details(open_window, services):
    window = open_window()
    error = SourceBusyError("Another program uses the camera.", "Close it and try again.")
    engine_of(services).say(State.FAILED, error, "Traceback: the whole story")
    wait_for(lambda: window.notices.bars, "a notice")
    bar = window.notices.bars[0]
    assert bar.notice.message == "Another program uses the camera."
    assert bar.notice.hint == "Close it and try again."
    assert not bar.details_view.isVisible()
    bar.details_button.click()
    assert bar.details_view.isVisible()
    assert "the whole story" in bar.details_view.toPlainText()
    assert window.view.pane.title.text() == "Can't open the demo"
    bar.dismiss_button.click()
    assert window.notices.notices == ()


def test_the_notice_of_a_failure_is_removed_by_the_next_start(open_window, services):
    window = open_window()
    engine_of(services).say(State.FAILED, SourceLostError("The file is damaged."))
    wait_for(lambda: window.notices.bars, "a notice")
    window.choose_source("another.mp4")
    assert window.notices.notices == ()
    engine_of(services, 2).say(State.FAILED, SourceLostError("This one, too."))
    wait_for(lambda: window.notices.bars, "a notice")
    window.notices.bars[0].dismiss_button.click()
    settle()
    window.commands["start"].trigger()
    assert streaming(window, services, count=3).started


def test_many_pictures_that_are_left_out_do_not_give_a_notice_each(open_window, services):
    window = open_window()
    engine = streaming(window, services)
    told = []
    for number in range(1, 10):
        engine.left_out[f"{number}.jpg"] = "It is damaged."
        window._show_status()
        told.append(window.notices.notices[0].message)
        assert len(window.notices.notices) == 1
        assert f"{number}\N{NO-BREAK SPACE}left out" in window.status.state.text()
    assert [text.split("\N{NO-BREAK SPACE}")[0] for text in told] == list("122444488")
    assert window.notices.notices[0].kind == "warning"
    engine.say(State.ENDED)
    wait_for(lambda: window.notices.notices[0].message[:1] == "9", "the number at the end")


def test_an_unexpected_fault_while_building_is_a_notice_too(open_window, services):
    services.engines.error = ZeroDivisionError("oops")
    window = open_window()
    wait_for(lambda: window.notices.bars, "a notice")
    assert "oops" in window.notices.notices[0].message
    assert "ZeroDivisionError" in window.notices.notices[0].details


def test_a_lost_camera_that_returns(open_window, services):
    window = open_window()
    engine = streaming(window, services)
    wait_for(lambda: window.view.result is not None, "the first picture")
    engine.say(State.RECONNECTING, SourceLostError("The camera was unplugged."))
    wait_for(lambda: window.view.message is not None, "the message")
    assert "unplugged" in window.view.message.text
    assert window.view.result is not None
    engine.stream(result(1))
    wait_for(lambda: window.view.message is None, "the picture")
    assert [n.message for n in window.notices.notices] == ["Demo is back."]


def test_the_end_of_a_file_keeps_the_last_picture(open_window, services):
    window = open_window()
    streaming(window, services).say(State.ENDED)
    wait_for(lambda: window.view.message is not None, "the message")
    assert window.view.message.title == "Finished"
    assert window.view.result is not None
    assert window.commands["start"].text() == "Start"


def test_switching_sources_quickly_shows_only_the_last(open_window, services):
    window = open_window()
    first = streaming(window, services, result(grey=10))
    for number in range(20):
        window.choose_source(f"clip-{number}.mp4")
    wait_for(lambda: services.engines.made[-1].source == "clip-19.mp4", "the last source")
    assert first.stopped
    # A stale source goes on talking; nobody listens.
    first.results = [result(999, grey=200)]
    first.say(State.STREAMING)
    settle()
    assert window.view.result is None
    last = services.engines.made[-1]
    wait_for(lambda: last.started, "its start")
    last.stream(result(0, grey=77))
    wait_for(lambda: window.view.result is not None, "a picture")
    assert window.view.result.frame.image_bgr[0, 0, 0] == 77
    assert window.settings.source == "clip-19.mp4"
    assert all(e.stopped for e in services.engines.made[:-1])


def test_start_and_stop(open_window, services):
    window = open_window()
    engine = streaming(window, services)
    wait_for(lambda: window.commands["start"].text() == "Stop", "the action's words")
    window.commands["start"].trigger()
    wait_for(lambda: window.view.message == source_messages.stopped(), "the stop")
    assert engine.stopped
    window.commands["start"].trigger()
    assert engine_of(services, 2).source == "demo"


def test_closing_while_a_source_opens(open_window, services):
    window = open_window()
    engine = engine_of(services)
    services.engines.gate.clear()
    window.close()
    assert not window.isVisible()
    assert not window.ended
    services.engines.release()
    wait_for(lambda: window.ended, "the end")
    assert engine.stopped
    assert len(services.saved) == 1


def test_settings_that_need_it_restart_the_source_and_the_others_do_not(open_window, services):
    window = open_window()
    streaming(window, services)
    window.apply_settings(replace(window.settings, show_bars=True, theme="light"))
    assert window.commands["bars"].isChecked()
    assert window.theme.name == "light"
    assert len(services.engines.made) == 1
    window.apply_settings(replace(window.settings, device="cpu"))
    assert engine_of(services, 2).settings.device == "cpu"


def test_tuning_does_not_restart_the_source_or_split_the_recording(open_window, services):
    window = open_window()
    engine = recording(window, services)
    shown = window.faces.history
    window.apply_settings(replace(window.settings, smoothing_s=1.5, unsure_below=0.6))
    assert (engine.tuned[-1].tau_s, engine.tuned[-1].unsure_below) == (1.5, 0.6)
    assert len(services.engines.made) == 1
    assert not engine.stopped
    assert ("new_part",) not in services.recorder.told
    assert window.faces.history is shown


def test_a_file_is_paused_and_played_on(open_window, services):
    window = open_window(source_override="clip.mp4")
    engine = streaming(window, services)
    engine.source_info = SourceInfo("video", "clip.mp4", 160, 120, 30.0, False)
    wait_for(lambda: window.commands["hold"].isEnabled(), "the action")
    window.commands["hold"].trigger()
    assert engine.playback.paused
    assert window.status.state.text().startswith("Paused")
    window.commands["hold"].trigger()
    assert not engine.playback.paused
    engine.source_info = replace(engine.source_info, live=True)
    wait_for(lambda: not window.commands["hold"].isEnabled(), "a live source")


def test_every_frame_of_a_file_restarts_a_file_alone(open_window, services):
    window = open_window()
    streaming(window, services)
    window.commands["every_frame"].trigger()
    assert len(services.engines.made) == 1
    window.choose_source("clip.mp4")
    assert engine_of(services, 2).settings.every_frame
    wait_for(lambda: window.tool_bar.running, "the start")
    window.commands["every_frame"].trigger()
    assert not engine_of(services, 3).settings.every_frame


def test_other_certificates_restart_a_stream_alone(open_window, services):
    window = open_window()
    streaming(window, services)
    window.change(ca_file="lab.pem")
    assert len(services.engines.made) == 1
    window.choose_source("rtsps://192.0.2.1/camera")
    assert engine_of(services, 2).settings.ca_file == "lab.pem"
    wait_for(lambda: window.tool_bar.running, "the start")
    window.change(ca_file="")
    assert engine_of(services, 3).settings.ca_file == ""


@pytest.mark.parametrize("name", ["default", "settings"])
def test_a_model_that_is_missing_offers_the_default_and_the_settings(open_window, services, name):
    settings = Settings(source="demo", model="gone.safetensors", first_start_done=True)
    window = open_window(settings=settings)
    engine_of(services).say(State.FAILED, ModelError("gone.safetensors does not exist."))
    wait_for(lambda: window.notices.bars, "a notice")
    assert message_buttons(window) == ["Use the default model", "Settings…"]
    buttons = {b.text(): b for b in window.view.pane.findChildren(QPushButton)}
    if name == "default":
        buttons["Use the default model"].click()
        assert engine_of(services, 2).settings.model == ""
        assert window.settings.model == ""
    else:
        buttons["Settings…"].click()
        assert window.findChildren(SettingsDialog)


def test_problems_of_the_settings_do_not_block_the_start(open_window, services):
    settings = Settings(source="demo", window_geometry="not geometry", first_start_done=True)
    window = open_window(settings=settings, problems=("The settings file cannot be read.",))
    assert [n.kind for n in window.notices.notices] == ["warning"]
    streaming(window, services)


@pytest.mark.parametrize("suffix", [".png", ".avif"])
def test_an_image_stays_on_screen_when_its_source_has_ended(open_window, services, suffix):
    window = open_window(source_override=f"/pictures/face{suffix}")
    engine = engine_of(services)
    window.bridge._timer.stop()
    engine.stream(result(faces=[face(1)]))
    engine.say(State.ENDED)
    wait_for(lambda: window._state is State.ENDED, "the end")
    assert window.view.result is engine.results[0]
    message = window.view.message
    assert (message.title, message.aside) == (f"face{suffix}", True)
    pane, view = window.view.pane, window.view
    settle()
    assert pane.geometry().bottom() > view.height() - 30
    assert pane.height() < 80
    window.commands["snapshot"].trigger()
    wait_for(lambda: services.snapshots, "the snapshot")
    assert services.snapshots[0][0] is engine.results[0]


def test_nothing_is_looked_for_after_a_build_that_failed(open_window, services):
    services.engines.error = ConfigError("No.")
    window = open_window()
    wait_for(lambda: window.notices.notices, "the notice")
    assert not window.bridge._timer.isActive()


def test_the_picture_shows_the_rate_of_the_pictures(open_window, services):
    window = open_window()
    streaming(window, services)
    wait_for(lambda: window.fps == 30.0, "the rate")


def test_a_click_on_a_face_in_the_picture_selects_it(open_window, services):
    window = open_window()
    streaming(window, services, result(faces=[face(1), face(2)]))
    wait_for(lambda: len(window.cards.cards) == 2, "the cards")
    assert window.faces.shown == 1
    left, top, width, _ = window.view.image_rect_px()
    scale = width / 160
    middle = face(2).box_xyxy
    place = QPoint(
        round(left + (middle[0] + middle[2]) / 2 * scale),
        round(top + (middle[1] + middle[3]) / 2 * scale),
    )
    QTest.mouseClick(window.view, Qt.MouseButton.LeftButton, pos=place)
    assert window.faces.shown == 2
    assert [card.isChecked() for card in window.cards.cards] == [False, True]


def test_the_cards_stand_as_the_faces_do_if_wanted(open_window, services):
    window = open_window()
    right = replace(face(1), box_xyxy=(120.0, 20.0, 150.0, 50.0))
    streaming(window, services, result(faces=[right, face(2)]))
    wait_for(lambda: len(window.cards.cards) == 2, "the cards")
    assert [card.track_id for card in window.cards.cards] == [1, 2]
    window.commands["from_left"].trigger()
    assert [card.track_id for card in window.cards.cards] == [2, 1]
    assert window.settings.face_order == "left"


def test_a_dropped_file_is_played_and_remembered(open_window, services, tmp_path):
    window = open_window()
    streaming(window, services)
    path = tmp_path / "a clip.mp4"
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/x.mp4"), QUrl.fromLocalFile(str(path))])
    place, none = QPointF(50, 50), Qt.KeyboardModifier.NoModifier
    action, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(place.toPoint(), action, data, left, none)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    window.dropEvent(QDropEvent(place, action, data, left, none))
    assert engine_of(services, 2).source == str(path)
    assert window.settings.recent_sources == (str(path),)
    window.choose_source("other.mp4")
    window.choose_source(str(path))
    assert window.settings.recent_sources == (str(path), "other.mp4")
    entries = {a.text(): a for a in window.source_button.menu().actions()}
    entries["other.mp4"].trigger()
    assert window.settings.source == "other.mp4"


def test_the_title_names_source_and_recording(open_window, services):
    window = open_window()
    recording(window, services)
    wait_for(lambda: window.windowTitle().startswith("● Recording Demo"), "the title")
    window.commands["record"].trigger()
    wait_for(lambda: window.windowTitle() == "Demo – fer_live", "the title")  # noqa: RUF001
    window.stop_source()
    assert window.windowTitle() == "fer_live"
