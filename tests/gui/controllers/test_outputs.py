"""Recording and logging on stand-ins."""

import threading
from types import SimpleNamespace

import pytest

from fer_live.core.errors import RecordingError, SourceLostError
from fer_live.core.settings import Settings
from fer_live.live.states import State
from fer_live.recording.disk import DiskSpace, disk_full
from tests.gui.driver import logging, notice_messages, record_text, recording, streaming
from tests.gui.fakes import FakeRecorder
from tests.gui.waiting import settle, wait_for


def test_recording_on_and_off(open_window, services):
    window = open_window()
    engine = streaming(window, services)
    window.commands["record"].trigger()
    wait_for(lambda: engine.sinks == [services.recorder], "the recorder")
    services.recorder.elapsed_s, services.recorder.frames_dropped = 75.0, 4
    wait_for(lambda: record_text(window) == "1:15 · 4\u00a0dropped", "the figures")
    assert window.tool_bar.widgetForAction(window.commands["record"]).property("recording") is True
    window.commands["record"].trigger()
    wait_for(lambda: services.recorder.stopped, "the end of the recording")
    wait_for(lambda: window.notices.notices, "the notice")
    assert engine.sinks == []
    assert window.notices.notices[0].message == "Recorded recording.mp4."
    assert "4\u00a0dropped" in window.notices.notices[0].hint
    assert record_text(window) == "Record"
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
    assert record_text(window) == "Record"


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


@pytest.mark.parametrize("how", ["key", "end"])
def test_a_recording_that_is_unwanted_before_it_began(open_window, services, how):
    gate = threading.Event()
    services.recorder.start = lambda: gate.wait(5)
    window = open_window()
    engine = streaming(window, services)
    window.commands["record"].trigger()
    assert record_text(window) == "Starting…"
    if how == "key":
        window.commands["record"].trigger()
        assert record_text(window) == "Saving…"
    else:
        engine.say(State.ENDED)
    gate.set()
    wait_for(lambda: services.recorder.stopped, "the end of the recording")
    wait_for(lambda: record_text(window) == "Record", "the button")
    assert engine.sinks == []


def test_a_second_recording_begins_with_starting(open_window, services):
    window = open_window()
    engine = streaming(window, services)
    for _ in range(2):
        window.commands["record"].trigger()
        assert record_text(window) == "Starting…"
        wait_for(lambda: engine.sinks, "the recorder")
        window.commands["record"].trigger()
        wait_for(lambda: record_text(window) == "Record", "the end")


def test_a_recording_follows_the_settings(open_window, services):
    asked = []
    services.make_recorder = lambda request: asked.append(request.settings) or services.recorder
    window = open_window()
    streaming(window, services)
    window.commands["record"].trigger()
    wait_for(lambda: asked, "the recorder")
    window.commands["bars"].trigger()
    assert asked[0]().show_bars


def test_pause_and_resume(open_window, services):
    window = open_window()
    assert not window.commands["pause"].isEnabled()
    assert window.session_bar.isHidden()
    recording(window, services)
    assert window.session_bar.isVisible()
    window.commands["pause"].trigger()
    assert services.recorder.paused
    assert window.session_bar.pause.text().strip() == "Resume"
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
    assert window.toast.text() == "Part 2 starts"
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


def test_a_disk_that_fills_up_is_reported_before_and_at_the_end(open_window, services):
    window = open_window()
    recording(window, services)
    window_thread = threading.Thread(
        target=services.requests[0].on_low_space, args=(DiskSpace(412_000_000, 110.0),)
    )
    window_thread.start()
    window_thread.join()
    wait_for(lambda: window.notices.notices, "the warning")
    warning = window.notices.notices[0]
    assert (warning.kind, warning.actions[0].text) == ("warning", "Open the folder")
    assert "about 2 min" in warning.message
    assert "412 MB free" in warning.hint
    services.recorder.error = disk_full(services.folder)
    wait_for(lambda: [n.kind for n in window.notices.notices] == ["error"], "the end, alone")
    end = window.notices.notices[0]
    assert "is full" in end.message
    assert "recording.mp4" in end.hint
    assert record_text(window) == "Record"
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


def test_numbers_only_keeps_no_picture(open_window, services):
    settings = Settings(source="demo", first_start_done=True, record_pictures="none", replay=True)
    window = open_window(settings=settings)
    engine = streaming(window, services)
    window.commands["record"].trigger()
    wait_for(lambda: window.outputs.log.sink, "the log")
    services.log.elapsed_s = 75.0
    wait_for(lambda: record_text(window) == "1:15", "the button")
    assert window.commands["log"].isChecked()
    window.commands["snapshot"].trigger()
    assert "Saving pictures is turned off" in notice_messages(window)[0]
    window.commands["record"].trigger()
    wait_for(lambda: services.log.stopped, "the end")
    assert engine.sinks == services.replays == services.snapshots == services.requests == []


def test_numbers_only_ends_the_video_that_runs(open_window, services):
    window = open_window()
    engine = recording(window, services)
    window.change(record_pictures="none")
    wait_for(lambda: services.recorder.stopped, "the end")
    assert engine.sinks == []
    assert any("the recording has ended" in message for message in notice_messages(window))


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


def test_flags_record_and_log_from_the_start_and_report_failure(open_window, services, tmp_path):
    window = open_window()
    window.outputs.begin(tmp_path / "a.mp4", tmp_path / "a.csv")
    wait_for(lambda: window.outputs.recording.sink and window.outputs.log.sink, "both")
    assert services.requests[0].target == tmp_path / "a.mp4"
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


def test_only_files_named_by_flags_fail_the_program(open_window, services):
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
