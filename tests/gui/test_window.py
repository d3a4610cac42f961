"""The window as a user meets it, on a stand-in engine."""

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest

from fer_live.core.errors import (
    ConfigError,
    RecordingError,
    SourceBusyError,
    SourceLostError,
    SourceNotFoundError,
)
from fer_live.core.settings import Settings
from fer_live.gui.window import messages
from fer_live.live.states import State
from tests.gui.fakes import Camera, face, result
from tests.gui.waiting import settle, wait_for


def engine_of(services, count=1):
    wait_for(lambda: len(services.engines.made) >= count, "an engine")
    engine = services.engines.made[-1]
    wait_for(lambda: engine.started, "its start")
    return engine


def streaming(window, services, *results, count=1):
    engine = engine_of(services, count)
    engine.stream(*(results or (result(faces=[face(1)]),)))
    wait_for(lambda: window.view.result is not None, "a picture")
    return engine


def offers(window):
    row = window.view.pane.findChildren(type(window.first_start.button))
    return [button.text() for button in row if button.isVisibleTo(window.view.pane)]


def test_without_a_camera_it_says_so_and_offers_the_ways_on(open_window, services):
    services.engines.error = messages.NoCameraError()
    window = open_window(source_override="")
    wait_for(lambda: window.view.message == messages.NO_CAMERA, "the message")
    assert window.view.pane.title.text() == "No camera found"
    assert offers(window) == ["Try again", "Choose a camera…", "Open a file…", "Play the demo"]
    assert window.notices.notices == ()
    assert window.commands["start"].text() == "Start"


def test_a_camera_that_is_plugged_in_starts_by_itself(open_window, services):
    services.engines.error = messages.NoCameraError()
    window = open_window(source_override="")
    wait_for(lambda: window.view.message == messages.NO_CAMERA, "the message")
    services.engines.error = None
    services.cameras = [Camera(0, "Webcam")]
    window.cameras.look()
    assert engine_of(services).source == ""


def test_a_picture_and_its_figures_are_shown(open_window, services):
    window = open_window()
    assert window.view.message == messages.opening("Demo")
    streaming(window, services)
    assert window.view.message is None
    wait_for(lambda: window.status.model.text() == "Model default", "the figures")
    assert window.status.capture.text() == "Capture 30.0 fps"
    assert window.status.analysis.text() == "Analysis 24.5 fps"
    assert window.status.dropped.text() == "Dropped 7"
    assert window.status.device.text() == "CPU"
    wait_for(lambda: window.status.delay.text().endswith(" ms"), "the latency")
    assert window.status.state.text() == "Demo · 160×120"  # noqa: RUF001


def test_it_says_that_the_model_is_loading(open_window, services):
    window = open_window()
    engine = engine_of(services)
    wait_for(lambda: "Loading the model" in window.status.state.text(), "the words")
    engine.stream(result())
    wait_for(lambda: "Loading" not in window.status.state.text(), "the model")


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
    assert window.view.pane.title.text() == "Demo is not running"
    bar.dismiss_button.click()
    assert window.notices.notices == ()


def test_what_a_source_failed_of_goes_with_the_next_start(open_window, services):
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
    assert window.view.message.title == "The end"
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
    wait_for(lambda: window.view.message == messages.STOPPED, "the stop")
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


def test_mirror_reaches_the_engine_and_the_settings(open_window, services):
    window = open_window(source_override="Webcam")
    engine = streaming(window, services)
    assert window.commands["mirror"].isChecked()
    window.commands["mirror"].trigger()
    assert engine.mirrors == [False]
    assert not window.settings.mirror
    window.commands["mirror"].trigger()
    assert engine.mirrors == [False, True]


def test_settings_that_need_it_restart_the_source_and_the_others_do_not(open_window, services):
    window = open_window()
    streaming(window, services)
    window.apply_settings(replace(window.settings, show_bars=True, theme="light"))
    assert window.commands["bars"].isChecked()
    assert window.look.name == "light"
    assert len(services.engines.made) == 1
    window.apply_settings(replace(window.settings, device="cpu"))
    assert engine_of(services, 2).settings.device == "cpu"


def test_flags_for_this_time_are_not_saved(open_window, services):
    stored = Settings(first_start_done=True, source="0", device="auto")
    flags = replace(stored, device="cpu")
    window = open_window(settings=flags, stored=stored, source_override="demo")
    window.commands["bars"].trigger()
    window.close()
    wait_for(lambda: window.ended, "the end")
    saved = services.saved[-1]
    assert (saved.device, saved.source, saved.show_bars) == ("auto", "0", True)
    assert saved.window_geometry


def test_settings_that_cannot_be_saved_are_a_notice(open_window, services):
    services.save_error = ConfigError("The settings could not be saved.", "Free some space.")
    window = open_window()
    window.commands["bars"].trigger()
    wait_for(lambda: window.notices.notices, "a notice")
    assert window.notices.notices[0].message == "The settings could not be saved."


def test_problems_of_the_settings_do_not_block_the_start(open_window, services):
    settings = Settings(source="demo", window_geometry="not geometry", first_start_done=True)
    window = open_window(settings=settings, problems=("The settings file cannot be read.",))
    assert [n.kind for n in window.notices.notices] == ["warning"]
    streaming(window, services)


def test_a_snapshot_is_of_what_is_shown(open_window, services):
    window = open_window()
    streaming(window, services)
    window.commands["snapshot"].trigger()
    wait_for(lambda: window.notices.notices, "the notice")
    assert window.notices.notices[0].message == "Saved snapshot.png."
    assert services.snapshots[0][0] is window.view.result
    assert services.snapshots[0][2] == "default"


def test_a_snapshot_that_fails_says_why(open_window, services):
    services.snapshot_error = RecordingError("/x cannot be written: disk full.", "Free some space.")
    window = open_window()
    streaming(window, services)
    window.commands["snapshot"].trigger()
    wait_for(lambda: window.notices.notices, "the notice")
    assert window.notices.notices[0].message == "/x cannot be written: disk full."
    assert window.notices.notices[0].kind == "error"


@pytest.mark.parametrize("name", ["snapshot", "record"])
def test_without_a_picture_there_is_nothing_to_save(open_window, services, name):
    services.engines.error = messages.NoCameraError()
    window = open_window(source_override="")
    wait_for(lambda: window.view.message == messages.NO_CAMERA, "the message")
    window.commands[name].trigger()
    assert window.notices.notices[0].kind == "warning"
    assert not window.commands["record"].isChecked()


def record_words(window):
    return window.commands["record"].iconText().strip()


def test_recording_on_and_off(open_window, services):
    window = open_window()
    engine = streaming(window, services)
    window.commands["record"].trigger()
    wait_for(lambda: engine.sinks == [services.recorder], "the recorder")
    services.recorder.elapsed_s, services.recorder.frames_dropped = 75.0, 4
    wait_for(lambda: record_words(window) == "1:15 · 4 dropped", "the figures")
    assert window.tool_bar.widgetForAction(window.commands["record"]).property("recording") is True
    window.commands["record"].trigger()
    wait_for(lambda: services.recorder.stopped, "the end of the recording")
    wait_for(lambda: window.notices.notices, "the notice")
    assert engine.sinks == []
    assert window.notices.notices[0].message == "Recorded recording.mp4."
    assert "4 dropped" in window.notices.notices[0].hint
    assert record_words(window) == "Record"
    assert not window.commands["record"].isChecked()


def test_a_recording_that_cannot_start_or_go_on_says_why(open_window, services):
    services.recorder.start_error = RecordingError("The folder cannot be written.")
    window = open_window()
    streaming(window, services)
    window.commands["record"].trigger()
    wait_for(lambda: window.notices.notices, "the notice")
    assert window.notices.notices[0].message == "The folder cannot be written."
    services.recorder.start_error = None
    window.commands["record"].trigger()
    wait_for(lambda: window.outputs.recording.sink, "the recording")
    services.recorder.error = RecordingError("The disk is full.")
    wait_for(lambda: len(window.notices.notices) == 2, "the second notice")
    assert window.notices.notices[0].message == "The disk is full."
    assert record_words(window) == "Record"


@pytest.mark.parametrize("how", ["close", "stop", "end"])
def test_a_recording_is_finished_when_its_source_goes(open_window, services, how):
    window = open_window()
    engine = streaming(window, services)
    window.commands["record"].trigger()
    wait_for(lambda: engine.sinks, "the recorder")
    if how == "close":
        window.close()
        wait_for(lambda: window.ended, "the end")
    elif how == "stop":
        window.commands["start"].trigger()
    else:
        engine.say(State.ENDED)
    wait_for(lambda: services.recorder.stopped, "the end of the recording")


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
    wait_for(lambda: window.view.message == messages.STOPPED, "the stop")


def test_the_cameras_are_in_the_menu_and_open_by_name(open_window, services):
    services.cameras = [Camera(0, "Webcam"), Camera(2, "Twin"), Camera(4, "Twin")]
    window = open_window()
    wait_for(lambda: window.source_button.cameras, "the list")
    actions: tuple[QAction, ...] = window.source_button.camera_actions
    assert [a.text().split()[:2] for a in actions] == [
        ["0", "Webcam"],
        ["2", "Twin"],
        ["4", "Twin"],
    ]
    actions[2].trigger()
    wait_for(lambda: services.engines.made[-1].source == "4", "the camera")
    window.source_button.camera_actions[0].trigger()
    wait_for(lambda: services.engines.made[-1].source == "Webcam", "the camera")
    assert "Webcam" in window.source_button.text()


def test_only_cameras_are_mirrored_and_others_are_flipped_for_this_time(open_window, services):
    window = open_window()
    engine = streaming(window, services)
    assert not window.commands["mirror"].isChecked()
    window.commands["mirror"].trigger()
    assert engine.mirrors == [True]
    assert window.settings.mirror
    window.choose_source("Webcam")
    engine = engine_of(services, 2)
    assert window.commands["mirror"].isChecked()
    window.commands["mirror"].trigger()
    assert not window.settings.mirror


def test_a_folder_in_the_working_directory_is_no_camera(open_window, tmp_path, monkeypatch):
    (tmp_path / "holiday").mkdir()
    monkeypatch.chdir(tmp_path)
    window = open_window(source_override="holiday")
    assert window.settings.mirror
    assert not window.commands["mirror"].isChecked()


def test_mirror_switched_while_the_engine_is_built_reaches_it(open_window, services):
    gate = threading.Event()
    build = services.engines.build

    def slow(*arguments):
        gate.wait(5)
        return build(*arguments)

    services.engines.build = slow
    window = open_window(source_override="Webcam")
    window.commands["mirror"].trigger()
    gate.set()
    wait_for(lambda: engine_of(services).mirrors == [False], "the switch")


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


@pytest.mark.parametrize(
    ("source", "plugged"), [("Logi", Camera(0, "Logi")), ("3", Camera(3, "X"))]
)
def test_a_remembered_camera_that_is_absent_is_waited_for(open_window, services, source, plugged):
    window = open_window(source_override=source)
    engine_of(services).say(State.FAILED, SourceNotFoundError("There is no source.", "Name one."))
    wait_for(lambda: window.cameras.waiting, "the wait")
    assert window.view.pane.title.text().endswith("is not connected")
    assert "starts when you plug it in" in window.view.message.text
    assert offers(window) == ["Try again", "Choose a camera…", "Open a file…", "Play the demo"]
    assert window.notices.notices == ()
    services.cameras = [Camera(9, "Another")]
    window.cameras.look()
    wait_for(lambda: window.source_button.cameras, "the list")
    assert len(services.engines.made) == 1
    services.cameras.append(plugged)
    window.cameras.look()
    assert engine_of(services, 2).source == source


def test_a_busy_camera_is_tried_again_without_flicker(open_window, services, monkeypatch):
    window = open_window(source_override="Webcam")
    window.cameras._retry.setInterval(1)
    for count in (1, 2):
        engine_of(services, count).say(State.FAILED, SourceBusyError("Webcam is held."))
    engine = engine_of(services, 3)
    settle()
    assert window.view.message.title == "Webcam is in use"
    engine.stream(result())
    wait_for(lambda: window.view.message is None, "the picture")
    assert window.notices.notices == ()


def test_a_name_that_several_cameras_have_is_an_error(open_window, services):
    services.cameras = [Camera(0, "Cam A"), Camera(1, "Cam B")]
    window = open_window(source_override="Cam")
    wait_for(lambda: window.source_button.cameras, "the list")
    engine_of(services).say(State.FAILED, SourceNotFoundError("Several cameras.", "Choose one."))
    wait_for(lambda: window.notices.notices, "the notice")
    assert not window.cameras.waiting


@pytest.mark.parametrize("how", ["key", "end"])
def test_a_recording_that_is_unwanted_before_it_began(open_window, services, how):
    gate = threading.Event()
    services.recorder.start = lambda: gate.wait(5)
    window = open_window()
    engine = streaming(window, services)
    window.commands["record"].trigger()
    assert record_words(window) == "Starting…"
    if how == "key":
        window.commands["record"].trigger()
        assert record_words(window) == "Saving…"
    else:
        engine.say(State.ENDED)
    gate.set()
    wait_for(lambda: services.recorder.stopped, "the end of the recording")
    wait_for(lambda: record_words(window) == "Record", "the button")
    assert engine.sinks == []


def test_a_second_recording_begins_with_starting(open_window, services):
    window = open_window()
    engine = streaming(window, services)
    for _ in range(2):
        window.commands["record"].trigger()
        assert record_words(window) == "Starting…"
        wait_for(lambda: engine.sinks, "the recorder")
        window.commands["record"].trigger()
        wait_for(lambda: record_words(window) == "Record", "the end")


def test_a_recording_follows_the_settings(open_window, services):
    asked = []
    services.make_recorder = lambda wish: asked.append(wish.settings) or services.recorder
    window = open_window()
    streaming(window, services)
    window.commands["record"].trigger()
    wait_for(lambda: asked, "the recorder")
    window.commands["bars"].trigger()
    assert asked[0]().show_bars


def test_one_snapshot_at_a_time_and_no_repetition(open_window, services):
    window = open_window()
    streaming(window, services)
    window.commands["snapshot"].trigger()
    window.commands["snapshot"].trigger()
    wait_for(lambda: window.notices.notices, "the notice")
    assert len(services.snapshots) == 1
    window.commands["snapshot"].trigger()
    wait_for(lambda: len(services.snapshots) == 2, "another one")
    assert not any(action.autoRepeat() for action in window.commands.values())


def test_full_screen_left_by_the_window_manager_shows_everything(open_window, services):
    window = open_window()
    window.commands["fullscreen"].trigger()
    window.setWindowState(Qt.WindowState.WindowNoState)
    shown = (window.menuBar(), window.tool_bar, window.statusBar(), window.panel)
    wait_for(lambda: all(widget.isVisible() for widget in shown), "the rest of the window")
    assert not window.commands["fullscreen"].isChecked()


def test_long_names_do_not_widen_the_window(open_window, services):
    window = open_window(begin=False)
    narrow = window.minimumSizeHint().width()
    window.choose_source("/films/" + "long" * 100 + ".mp4")
    engine = engine_of(services)
    engine.stream(result())
    engine.model_name = "model" * 50
    engine.say(State.FAILED, SourceLostError("/films/" + "x" * 400 + " is lost."))
    wait_for(lambda: window.notices.notices, "the notice")
    window._show_status()
    settle()
    assert window.minimumSizeHint().width() < narrow + 200
    assert len(window.view.pane.title.text()) < 70


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


def test_the_start_button_is_named_by_what_it_does(open_window, services):
    window = open_window()
    button = window.tool_bar.widgetForAction(window.commands["start"])
    wait_for(lambda: button.accessibleName() == "Stop the source", "the name")
    window.commands["start"].trigger()
    wait_for(lambda: button.accessibleName() == "Start the source", "the name")


def test_the_menu_stays_as_it_is_while_no_camera_comes(open_window, services):
    window = open_window(begin=False)
    before = window.source_button.menu().actions()
    window.source_button.show_cameras(())
    assert window.source_button.menu().actions() == before
    window.source_button.show_cameras((Camera(0, "Webcam"),))
    assert window.source_button.menu().actions() != before


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


def test_the_picture_shows_the_rate_of_the_pictures(open_window, services):
    window = open_window()
    streaming(window, services)
    wait_for(lambda: window.fps == 30.0, "the rate")
