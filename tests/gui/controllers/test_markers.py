"""Markers in recording and log."""

import threading

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from fer_live.core.settings import Settings
from tests.gui.driver import logging, recording, streaming
from tests.gui.waiting import wait_for


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
    assert window.toast.text() == "No marker was set: the recording has not started yet"
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
    assert window.toast.text() == "Marker 1 was not set: the recording has no frame yet"
    logging(window)
    window.markers.set(2)
    assert window.toast.text() == "Marker 2 is in the log only: the recording has no frame yet"
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
