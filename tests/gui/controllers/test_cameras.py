"""Searching for cameras, and waiting for one."""

import pytest

from fer_live.core.errors import (
    SourceBusyError,
    SourceNotFoundError,
)
from fer_live.gui.window import source_messages
from fer_live.live.states import State
from tests.gui.driver import engine_of, message_buttons
from tests.gui.fakes import Camera, result
from tests.gui.waiting import settle, wait_for


def test_without_a_camera_it_says_so_and_offers_other_sources(open_window, services):
    services.engines.error = source_messages.NoCameraError()
    window = open_window(source_override="")
    wait_for(lambda: window.view.message == source_messages.no_camera(), "the message")
    assert window.view.pane.title.text() == "No camera found"
    assert message_buttons(window) == [
        "Try again",
        "Choose a camera…",
        "Open a file…",
        "Play the demo",
    ]
    assert window.notices.notices == ()
    assert window.commands["start"].text() == "Start"


def test_a_camera_that_is_plugged_in_starts_by_itself(open_window, services):
    services.engines.error = source_messages.NoCameraError()
    window = open_window(source_override="")
    wait_for(lambda: window.view.message == source_messages.no_camera(), "the message")
    services.engines.error = None
    services.cameras = [Camera(0, "Webcam")]
    window.cameras.search()
    assert engine_of(services).source == ""


@pytest.mark.parametrize(
    ("source", "plugged"), [("Logi", Camera(0, "Logi")), ("3", Camera(3, "X"))]
)
def test_a_remembered_camera_that_is_absent_is_waited_for(open_window, services, source, plugged):
    window = open_window(source_override=source)
    engine_of(services).say(State.FAILED, SourceNotFoundError("There is no source.", "Name one."))
    wait_for(lambda: window.cameras.waiting, "the wait")
    assert window.view.pane.title.text().endswith("is not connected")
    assert "starts when you plug it in" in window.view.message.text
    assert message_buttons(window) == [
        "Try again",
        "Choose a camera…",
        "Open a file…",
        "Play the demo",
    ]
    assert window.notices.notices == ()
    services.cameras = [Camera(9, "Another")]
    window.cameras.search()
    wait_for(lambda: window.source_button.cameras, "the list")
    assert len(services.engines.made) == 1
    services.cameras.append(plugged)
    window.cameras.search()
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
