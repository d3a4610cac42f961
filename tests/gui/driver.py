"""Steps that tests share: starting engines and recordings, pressing keys, reading the window."""

import cv2
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.gui.fakes import face, result
from tests.gui.waiting import settle, wait_for


def engine_of(services, count=1):
    wait_for(lambda: len(services.engines.made) >= count, "an engine")
    engine = services.engines.made[-1]
    wait_for(lambda: engine.started, "its start")
    return engine


def streaming(window, services, *results, count=1):
    engine_of(services, count)
    # Its own one: another window may have made the last.
    wait_for(lambda: window.bridge.engine and window.bridge.engine.started, "the window's engine")
    engine = window.bridge.engine
    engine.stream(*(results or (result(faces=[face(1)]),)))
    wait_for(lambda: window.view.result is not None, "a picture")
    return engine


def close_and_delete(window):
    window.close()
    wait_for(lambda: window.ended, "the window to close")
    window.tasks.close(2.0)
    window.deleteLater()
    settle()


def drawn(window):
    """What the view draws, which has the size of its place on the screen, at the picture's size."""
    frame = window.view.result.frame
    size = frame.width, frame.height
    return cv2.resize(window.view._drawn_bgr, size, interpolation=cv2.INTER_AREA)


def message_buttons(window):
    row = window.view.pane.findChildren(type(window.first_start.button))
    return [button.text() for button in row if button.isVisibleTo(window.view.pane)]


def record_text(window):
    return window.commands["record"].iconText().strip()


def recording(window, services):
    engine = streaming(window, services)
    window.commands["record"].trigger()
    wait_for(lambda: window.outputs.recording.sink, "the recorder")
    return engine


def logging(window):
    window.commands["log"].trigger()
    wait_for(lambda: window.outputs.log.sink, "the log")


def notice_messages(window):
    return [notice.message for notice in window.notices.notices]


def press(window, key=Qt.Key.Key_E):
    window.activateWindow()
    wait_for(window.isActiveWindow, "the focus")
    QTest.keyClick(window.windowHandle(), key)
