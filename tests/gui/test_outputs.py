"""Recording, logging, markers, replay and reports in the window, on stand-ins."""

import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from fer_live.core.errors import RecordingError, SourceLostError
from fer_live.core.settings import Settings
from fer_live.gui.controllers import services as gui_services
from fer_live.live.states import State
from fer_live.recording.disk import DiskSpace, disk_full
from tests.gui.fakes import FakeRecorder, result
from tests.gui.test_window import record_words, streaming
from tests.gui.waiting import settle, wait_for


@pytest.fixture
def opened(monkeypatch):
    """What would have been opened in the browser or file manager."""
    paths = []
    monkeypatch.setattr(
        "PySide6.QtGui.QDesktopServices.openUrl",
        lambda url: paths.append(Path(url.toLocalFile())) or True,
    )
    return paths


def recording(window, services):
    engine = streaming(window, services)
    window.commands["record"].trigger()
    wait_for(lambda: window.outputs.recording.sink, "the recorder")
    return engine


def logging(window):
    window.commands["log"].trigger()
    wait_for(lambda: window.outputs.log.sink, "the log")


def messages(window):
    return [notice.message for notice in window.notices.notices]


def test_pause_and_go_on(open_window, services):
    window = open_window()
    assert not window.commands["pause"].isEnabled()
    assert window.session_bar.isHidden()
    recording(window, services)
    assert window.session_bar.isVisible()
    window.commands["pause"].trigger()
    assert services.recorder.paused
    assert window.session_bar.pause.text().strip() == "Go on"
    assert window.toast.text() == "Recording paused"
    window.commands["pause"].trigger()
    assert not services.recorder.paused
    assert window.session_bar.pause.text().strip() == "Pause"
    window.commands["record"].trigger()
    wait_for(lambda: not window.outputs.recording.active, "the end")
    assert not window.commands["pause"].isEnabled()
    assert window.session_bar.isHidden()


def test_size_space_and_part_are_shown(open_window, services):
    window = open_window()
    recording(window, services)
    services.recorder.size_bytes = 12_400_000
    services.recorder.space = DiskSpace(85_200_000_000, None)
    services.recorder.part = 2
    words = "12 MB · 85 GB free · part 2"
    wait_for(lambda: window.session_bar.recording.text() == words, "the figures")
    assert window.toast.text() == "Part 2 begins"
    assert window.notices.notices == ()


def test_a_slow_disk_does_not_hold_up_the_window(open_window, services):
    gate = threading.Event()

    class Slow(FakeRecorder):
        size_bytes = property(lambda _: gate.wait(10), lambda *_: None)

    services.recorder = Slow(services.folder / "recording.mp4")
    window = open_window()
    recording(window, services)
    wait_for(lambda: any(t.name == "fer-gui-size" for t in threading.enumerate()), "the question")
    window.commands["pause"].trigger()
    assert services.recorder.paused
    gate.set()


def test_a_disk_that_fills_up_is_told_in_time_and_at_the_end(open_window, services):
    window = open_window()
    recording(window, services)
    window_thread = threading.Thread(
        target=services.wishes[0].on_low_space, args=(DiskSpace(412_000_000, 110.0),)
    )
    window_thread.start()
    window_thread.join()
    wait_for(lambda: window.notices.notices, "the warning")
    warning = window.notices.notices[0]
    assert (warning.kind, warning.action_text) == ("warning", "Open the folder")
    assert "about 2 min" in warning.message
    assert "412 MB free" in warning.hint
    services.recorder.error = disk_full(services.folder)
    wait_for(lambda: len(window.notices.notices) == 2, "the end")
    end = window.notices.notices[0]
    assert end.kind == "error"
    assert "is full" in end.message
    assert "recording.mp4" in end.hint
    assert record_words(window) == "Record"
    assert window.bridge.engine.state is State.STREAMING


def test_another_source_goes_on_in_a_new_part(open_window, services):
    window = open_window()
    engine = recording(window, services)
    logging(window)
    window.choose_source("other.mp4")
    assert engine.sinks == []
    other = streaming(window, services, count=2)
    wait_for(lambda: len(other.sinks) == 2, "both sinks")
    assert ("new_part",) in services.recorder.told
    assert not services.recorder.stopped
    assert not services.log.stopped
    wait_for(lambda: services.log_engine() is other, "what the log names")
    other.say(State.ENDED)
    wait_for(lambda: services.recorder.stopped and services.log.stopped, "the end")


def test_a_source_that_fails_ends_recording_and_log(open_window, services):
    window = open_window()
    engine = recording(window, services)
    logging(window)
    engine.say(State.RECONNECTING, SourceLostError("Unplugged."))
    engine.say(State.STREAMING)
    wait_for(lambda: window._state is State.STREAMING, "its return")
    assert not services.recorder.stopped
    engine.say(State.FAILED, SourceLostError("Gone."))
    wait_for(lambda: services.recorder.stopped and services.log.stopped, "the end")
    notes = [told[1] for told in services.log.told if told[0] == "note"]
    assert notes == ["source_lost", "source_back", "source_failed"]


def test_the_log_ends_after_the_recording(open_window, services):
    ended, gate = [], threading.Event()
    stop = services.recorder.stop

    def slow_stop():
        gate.wait(10)
        ended.append("recording")
        return stop()

    services.recorder.stop = slow_stop
    services.log.stop = lambda stop=services.log.stop: ended.append("log") or stop()
    window = open_window()
    engine = recording(window, services)
    logging(window)
    window.commands["start"].trigger()
    settle()
    assert engine.sinks == []
    gate.set()
    wait_for(lambda: len(ended) == 2, "both ends")
    assert ended == ["recording", "log"]


@pytest.mark.parametrize("first", ["record", "log"])
def test_recorder_and_log_know_each_other_whichever_begins(open_window, services, first):
    window = open_window()
    streaming(window, services)
    window.commands[first].trigger()
    wait_for(lambda: window.outputs.recording.sink or window.outputs.log.sink, "the first")
    window.commands["log" if first == "record" else "record"].trigger()
    wait_for(lambda: window.outputs.recording.sink and window.outputs.log.sink, "both")
    assert services.recorder.told == [("follow", services.log)]


def test_a_log_shows_its_figures_and_offers_its_report(open_window, services, opened):
    window = open_window()
    streaming(window, services)
    logging(window)
    assert window.commands["log"].isChecked()
    services.log.rows, services.log.markers = 1234, 1
    words = "1\u202f234\u00a0rows · 1\u00a0marker"
    wait_for(lambda: window.session_bar.log.text() == words, "the figures")
    window.commands["log"].trigger()
    wait_for(lambda: window.notices.bars, "the notice")
    bar = window.notices.bars[0]
    assert messages(window) == ["Logged session.csv."]
    assert bar.action_button.text() == "Open the report"
    bar.action_button.click()
    wait_for(lambda: opened, "the browser")
    assert services.reports == [services.folder / "session.csv"]
    assert opened == [services.folder / "session.html"]
    assert not window.commands["log"].isChecked()


def test_a_log_or_report_that_fails_says_why(open_window, services):
    services.log.start_error = RecordingError("Parquet needs pyarrow.", "Install it.")
    window = open_window()
    streaming(window, services)
    window.commands["log"].trigger()
    wait_for(lambda: messages(window) == ["Parquet needs pyarrow."], "the notice")
    assert not window.commands["log"].isChecked()
    services.log.start_error = None
    logging(window)
    services.log.error = RecordingError("session.csv cannot be written.")
    wait_for(lambda: len(messages(window)) == 2, "the second notice")
    services.report_error = RecordingError("There is nothing to report.")
    window.outputs.files.open_report(Path("x.csv"))
    wait_for(lambda: messages(window)[0] == "There is nothing to report.", "the third")


def test_a_key_sets_a_marker_in_log_and_video(open_window, services):
    settings = Settings(source="demo", first_start_done=True, marker_texts=("", "smile"))
    window = open_window(settings=settings)
    recording(window, services)
    logging(window)
    window.activateWindow()
    wait_for(window.isActiveWindow, "the focus")
    services.recorder.told.clear()
    shown_s = window.view.result.frame.time_s
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_2)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_7)
    assert [told[1:3] for told in services.log.told] == [(2, "smile"), (7, "")]
    assert services.recorder.told == [
        ("mark", "smile", shown_s), ("mark", "Marker 7", shown_s),
    ]  # fmt: skip
    assert "Marker 7" in window.toast.text()
    assert window.toast.isVisible()


def test_a_markers_text_is_typed_but_the_moment_is_that_of_the_key(open_window, services):
    window = open_window()
    streaming(window, services)
    logging(window)
    window.activateWindow()
    wait_for(window.isActiveWindow, "the focus")
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_3, Qt.KeyboardModifier.ShiftModifier)
    field = window.session_bar.text
    assert field.isVisible()
    assert field.hasFocus()
    services.log.told.append("something else")
    QTest.keyClicks(field, "looks 2 away")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert services.log.told[1:] == [("mark", 3, "looks 2 away", "moment 0")]
    assert not field.isVisible()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_0)
    assert field.isVisible()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not field.isVisible()
    assert len(services.log.told) == 2


def test_a_marker_without_recording_or_log_says_what_it_needs(open_window, services):
    window = open_window()
    streaming(window, services)
    window.markers.set(1)
    assert "needs a recording" in window.toast.text()
    assert services.log.told == services.recorder.told == []


def test_a_marker_before_the_recording_has_begun_says_so(open_window, services):
    gate = threading.Event()
    services.recorder.start = lambda: gate.wait(5)
    window = open_window()
    streaming(window, services)
    window.commands["record"].trigger()
    window.markers.set(1)
    assert window.toast.text() == "No marker was set: the recording has not begun yet"
    gate.set()
    wait_for(lambda: window.outputs.recording.sink, "the recorder")
    window.markers.set(1)
    assert window.toast.text().startswith("Marker 1 ")


def test_a_marker_that_is_refused_says_where_it_is_and_why(open_window, services):
    window = open_window()
    recording(window, services)
    recorder = services.recorder
    recorder.refuses, recorder.part = True, 0
    window.markers.set(1)
    assert window.toast.text() == "Marker 1 was not set: the recording has no picture yet"
    logging(window)
    window.markers.set(2)
    assert window.toast.text() == "Marker 2 is in the log only: the recording has no picture yet"
    recorder.part = 1
    window.markers.set(3)
    assert window.toast.text() == "Marker 3 is in the log only: the recording has ended"
    recorder.refuses = False
    window.markers.ask(4)
    window.commands["log"].trigger()
    wait_for(lambda: not window.outputs.log.active, "the end of the log")
    QTest.keyClick(window.session_bar.text, Qt.Key.Key_Return)
    assert window.toast.text() == "Marker 4 is in the recording only: the log has ended"
    recorder.refuses = True
    window.markers.ask(5)
    window.commands["log"].trigger()
    wait_for(lambda: window.outputs.log.sink, "another log")
    window.commands["record"].trigger()
    wait_for(lambda: not window.outputs.recording.active, "the end of the recording")
    QTest.keyClick(window.session_bar.text, Qt.Key.Key_Return)
    assert window.toast.text() == "Marker 5 was not set: the recording has ended"


def test_the_menu_of_markers_names_them_and_sets_them(open_window, services):
    settings = Settings(source="demo", first_start_done=True, marker_texts=("task begins",))
    window = open_window(settings=settings)
    streaming(window, services)
    logging(window)
    entries = window.session_bar.marker.menu().actions()
    assert entries[0].text() == "1   task begins"
    entries[0].trigger()
    assert services.log.told == [("mark", 1, "task begins", "moment 0")]


def test_the_button_of_the_replay_is_there_only_while_there_is_one(open_window, services):
    window = open_window()
    engine = streaming(window, services)

    def named():
        buttons = window.tool_bar.findChildren(QToolButton)
        return [b.accessibleName() for b in buttons if b.isVisible()]

    settle()
    assert "Save the replay" not in named()
    window.commands["replay"].trigger()
    wait_for(lambda: engine.sinks, "the replay")
    wait_for(lambda: "Save the replay" in named(), "its button")
    order = ("log", "save_replay", "output")
    places = [window.tool_bar.widgetForAction(window.commands[name]).x() for name in order]
    assert places == sorted(set(places))
    window.commands["replay"].trigger()
    wait_for(lambda: "Save the replay" not in named(), "its end")


def test_the_replay_is_kept_shown_and_saved(open_window, services, opened):
    settings = Settings(source="demo", first_start_done=True, replay=True, replay_s=20.0)
    window = open_window(settings=settings)
    engine = streaming(window, services)
    wait_for(lambda: engine.sinks == services.replays != [], "the replay")
    assert services.replays[0].seconds == 20.0
    wait_for(lambda: window.status.replay.text() == "Replay 12 s · 45 MB", "its figures")
    window.commands["save_replay"].trigger()
    wait_for(lambda: messages(window) == ["Saved replay.mp4."], "the notice")
    assert services.replays_saved[0][0] is services.replays[0]
    window.commands["start"].trigger()
    settle()
    assert not services.replays[0].stopped
    window.change(replay=False)
    wait_for(lambda: services.replays[0].stopped, "its end")
    wait_for(lambda: window.status.replay.isHidden(), "the status bar")
    window.commands["save_replay"].trigger()
    assert messages(window)[0] == "The instant replay is off."


def test_another_length_or_source_begins_the_replay_anew(open_window, services):
    settings = Settings(source="demo", first_start_done=True, replay=True)
    window = open_window(settings=settings)
    streaming(window, services)
    wait_for(lambda: window.outputs.replay.run.sink, "the replay")
    window.change(replay_s=60.0)
    wait_for(lambda: len(services.replays) == 2, "another one")
    wait_for(lambda: window.outputs.replay.run.sink is services.replays[1], "its start")
    window.choose_source("other.mp4")
    other = streaming(window, services, count=2)
    wait_for(lambda: other.sinks == [services.replays[1]], "the new source")
    assert services.replays[1].told == [("clear",)]


def test_numbers_only_keeps_no_picture(open_window, services):
    settings = Settings(source="demo", first_start_done=True, record_pictures="none", replay=True)
    window = open_window(settings=settings)
    engine = streaming(window, services)
    window.commands["record"].trigger()
    wait_for(lambda: window.outputs.log.sink, "the log")
    services.log.elapsed_s = 75.0
    wait_for(lambda: record_words(window) == "1:15", "the button")
    assert window.commands["log"].isChecked()
    window.commands["snapshot"].trigger()
    assert "Only numbers" in messages(window)[0]
    window.commands["record"].trigger()
    wait_for(lambda: services.log.stopped, "the end")
    assert engine.sinks == services.replays == services.snapshots == services.wishes == []


FOUND = (200.0, 120.0, 260.0, 180.0)
"""A detection that is shown as no face."""
PLACE = slice(125, 175), slice(205, 255)


def noisy(index=0, time_s=0.0, **values):
    """A picture of which every pixel tells what was hidden."""
    shown = result(index, at_s=100.0 + time_s, size=(320, 240))
    pixels = np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8)
    return replace(shown, frame=replace(shown.frame, image_bgr=pixels), **values)


def fineness(picture, place=(slice(None), slice(None))):
    grey = picture[..., 1] if picture.ndim == 3 else picture
    return float(np.median(np.abs(np.diff(grey[place].astype(int), axis=1))))


def films(path):
    with av.open(str(path)) as film:
        return [picture.to_ndarray(format="gray") for picture in film.decode(video=0)]


def test_faces_hidden_on_screen_are_hidden_in_all_that_is_kept(open_window, services, tmp_path):
    """Real files; the face is lost for half a second when the snapshot is taken."""
    services.make_recorder = gui_services._make_recorder
    services._make_replay = gui_services._make_replay
    services.save_replay = gui_services._save_replay
    services._snapshot = gui_services._save_snapshot
    settings = Settings(
        source="demo", first_start_done=True, output_dir=tmp_path, privacy_on_screen=True,
        record_pictures="clean", record_quality="high", replay=True, clean_snapshot=True,
    )  # fmt: skip
    window = open_window(settings=settings)
    engine = streaming(window, services, noisy(found=(FOUND,)))
    window.commands["record"].trigger()
    wait_for(lambda: window.outputs.recording.sink and window.outputs.replay.run.sink, "both sinks")
    for index in range(1, 20):
        shown = noisy(index, index / 30, found=(FOUND,) if index < 5 else ())
        for sink in tuple(engine.sinks):
            sink.submit(shown)
        if index < 5 or index == 19:
            engine.results.append(shown)
            wait_for(lambda i=index: window.view.result.frame.index == i, "the picture")
    assert fineness(window.view._picture, PLACE) < 5 < fineness(window.view._picture)
    replay = window.outputs.replay.run.sink
    wait_for(lambda: replay.newest_s == 100 + 19 / 30, "the replay")
    for command, name in (("snapshot", "snapshot"), ("save_replay", "replay")):
        window.commands[command].trigger()
        wait_for(lambda n=name: any(f"Saved {n}" in m for m in messages(window)), name)
    window.commands["record"].trigger()
    wait_for(lambda: any("Recorded" in m for m in messages(window)), "the recording")
    (clean,) = tmp_path.glob("snapshot-*-clean.png")
    kept = {"snapshot": [cv2.imread(str(clean))]}
    for name in ("recording", "replay"):
        (path,) = tmp_path.glob(f"{name}-*.mp4")
        kept[name] = films(path)
    assert {name: len(pictures) for name, pictures in kept.items()} == {
        "snapshot": 1,
        "recording": 19,
        "replay": 19,
    }
    for name, pictures in kept.items():
        assert max(fineness(picture, PLACE) for picture in pictures) < 5, name
        assert min(map(fineness, pictures)) > 20, name


def test_hiding_on_screen_is_switched_by_one_key(open_window, services):
    window = open_window()
    streaming(window, services, noisy(found=(FOUND,)))
    assert fineness(window.view._picture, PLACE) > 20
    window.commands["screen_privacy"].trigger()
    assert fineness(window.view._picture, PLACE) < 5
    assert (window.settings.hiding, window.bridge.searched) == ("blur", True)
    window.commands["screen_privacy"].trigger()
    assert fineness(window.view._picture, PLACE) > 20
    assert (window.settings.hiding, window.bridge.searched) == ("none", False)


def test_closing_finishes_everything(open_window, services):
    settings = Settings(source="demo", first_start_done=True, replay=True)
    window = open_window(settings=settings)
    recording(window, services)
    logging(window)
    window.close()
    wait_for(lambda: window.ended, "the end")
    assert services.recorder.stopped
    assert services.log.stopped
    assert services.replays[0].stopped


def test_flags_record_and_log_from_the_start_and_tell_of_failure(open_window, services, tmp_path):
    window = open_window()
    window.outputs.begin(tmp_path / "a.mp4", tmp_path / "a.csv")
    wait_for(lambda: window.outputs.recording.sink and window.outputs.log.sink, "both")
    assert services.wishes[0].target == tmp_path / "a.mp4"
    assert services.log_paths == [tmp_path / "a.csv"]
    engine = streaming(window, services)
    assert set(engine.sinks) == {services.recorder, services.log}
    assert window.outputs.failure is None
    services.recorder.error = RecordingError("The disk is full.")
    wait_for(lambda: window.outputs.failure is services.recorder.error, "the failure")


def test_a_recording_without_a_frame_is_no_success(open_window, services):
    services.recorder.stop = lambda: SimpleNamespace(
        paths=(), parts=(), frames_written=0, frames_dropped=0, duration_s=0.0, error=None
    )
    window = open_window()
    recording(window, services)
    window.commands["record"].trigger()
    wait_for(lambda: window.notices.notices, "the notice")
    assert window.notices.notices[0].kind == "warning"


def test_full_screen_shows_no_line_of_figures(open_window, services):
    window = open_window()
    recording(window, services)
    window.set_full_screen(True)
    window.session.show()
    assert not window.session_bar.isVisible()
    window.set_full_screen(False)
    assert window.session_bar.isVisible()


def test_closing_waits_for_a_replay_that_is_being_saved(open_window, services):
    gate, saved = threading.Event(), []
    services.save_replay = lambda *_: gate.wait(10) and saved.append(1)
    settings = Settings(source="demo", first_start_done=True, replay=True)
    window = open_window(settings=settings)
    streaming(window, services)
    wait_for(lambda: window.outputs.replay.run.sink, "the replay")
    window.commands["save_replay"].trigger()
    window.close()
    settle()
    assert not window.ended
    gate.set()
    wait_for(lambda: window.ended, "the end")
    assert saved


def test_the_status_bar_leaves_out_what_does_not_fit(open_window, services):
    window = open_window()
    streaming(window, services)
    window.commands["panel"].trigger()
    strip = window.status
    fields = (strip.capture, strip.analysis, strip.delay, strip.dropped, strip.device, strip.model)
    window.resize(1280, 700)
    wait_for(lambda: strip.model.text() and all(f.isVisible() for f in fields), "all figures")
    window.resize(560, 500)
    wait_for(lambda: window.width() <= 600, "the size")
    settle()
    assert strip.analysis.isVisible()
    assert not strip.device.isVisible()
    shown = sum(field.width() for field in fields if field.isVisible())
    assert shown <= strip.width()


def test_faces_hidden_from_now_on_are_hidden_in_the_recording_that_runs(open_window, services):
    window = open_window()
    recording(window, services)
    line = window.session_bar.recording
    wait_for(line.text, "the figures")
    assert "faces hidden" not in line.text()
    window.commands["screen_privacy"].trigger()
    assert services.recorder.privacy == "blur"
    assert messages(window) == ["The recording hides faces from now on, in a new part."]
    window.session.show()
    assert "faces hidden" in line.text()
    window.commands["screen_privacy"].trigger()
    assert services.recorder.privacy == "blur"
    assert messages(window)[0] == "The recording that runs goes on hiding faces."
    window.session.show()
    assert "faces hidden" in line.text()


def test_hiding_that_is_switched_on_while_a_recording_opens_holds_for_it(open_window, services):
    gate = threading.Event()
    made = services.make_recorder
    services.make_recorder = lambda wish: gate.wait(10) and made(wish)
    window = open_window()
    streaming(window, services)
    window.commands["record"].trigger()
    window.commands["screen_privacy"].trigger()
    gate.set()
    wait_for(lambda: window.outputs.recording.sink, "the recorder")
    assert services.recorder.privacy == "blur"


def test_numbers_only_ends_the_video_that_runs(open_window, services):
    window = open_window()
    engine = recording(window, services)
    window.change(record_pictures="none")
    wait_for(lambda: services.recorder.stopped, "the end")
    assert engine.sinks == []
    assert any("the video ends here" in message for message in messages(window))


def test_a_picture_that_nobody_has_searched_is_not_shown_nor_saved_clear(open_window, services):
    settings = Settings(source="demo", first_start_done=True, privacy_on_screen=True)
    window = open_window(settings=settings)
    assert window.bridge.searched
    streaming(window, services, replace(noisy(), found=None))
    assert fineness(window.view._picture) < 5
    window.commands["snapshot"].trigger()
    assert "not searched for faces" in messages(window)[0]
    assert services.snapshots == []
    services.engines.made[0].results.append(noisy(1, 0.1))
    wait_for(lambda: window.view.result.frame.index == 1, "the next picture")
    assert fineness(window.view._picture) > 20
    window.commands["snapshot"].trigger()
    wait_for(lambda: services.snapshots, "the snapshot")


def test_what_was_not_asked_for_by_flags_is_no_failure_of_the_program(open_window, services):
    window = open_window()
    window.outputs.begin(None, None)
    recording(window, services)
    services.recorder.error = RecordingError("The disk is full.")
    wait_for(lambda: window.notices.notices, "the notice")
    assert window.outputs.failure is None


def test_a_failure_while_closing_counts_too(open_window, services, tmp_path):
    window = open_window()
    window.outputs.begin(tmp_path / "a.mp4", None)
    wait_for(lambda: window.outputs.recording.sink, "the recorder")
    error = RecordingError("It could not be finished in time.")
    stop = services.recorder.stop
    services.recorder.stop = lambda: setattr(services.recorder, "error", error) or stop()
    window.close()
    wait_for(lambda: window.ended, "the end")
    assert window.outputs.failure is error
