"""The player's bar, menu and keys, on the real engine and real files."""

import threading
from itertools import pairwise
from pathlib import Path

import cv2
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from fer_live.capture.container.thumbnails import Thumbnails
from fer_live.capture.source import SourceInfo
from fer_live.gui.player.controller import ACTIONS
from fer_live.gui.player.seek_pictures import SeekPictures
from fer_live.gui.player.sound import NO_DEVICE
from fer_live.gui.window.player_bar import SPEEDS, speed_text
from fer_live.live.states import State
from fer_live.report.formatting import clock
from fer_live.session_log.reader import read_log
from fer_live.session_log.schema import POSITION, SEEK
from tests.capture.conftest import FPS, picture, write_video
from tests.capture.container.test_thumbnails import shows as shows_number
from tests.capture.sounds import write_sound
from tests.gui.driver import streaming
from tests.gui.fakes import face, result
from tests.gui.waiting import settle, wait_for

FRAMES = 100


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    """4 s at 25 per second."""
    return write_video(tmp_path_factory.mktemp("clip") / "clip.mp4", list(range(FRAMES)))


def place(window):
    """Number of the shown frame in the file; -1 before the first."""
    shown = window.view.result
    return -1 if shown is None else round(shown.frame.position_s * FPS)


def shows(window, number):
    wait_for(lambda: place(window) == number, f"frame {number}")


@pytest.fixture
def begun(window, clip):
    """A paused clip that shows its frame 50."""
    window.choose_source(str(clip))
    wait_for(lambda: window.bridge.engine is not None, "the engine")
    window.player.hold(True)
    window.player.seek(2.0)
    shows(window, 50)
    wait_for(lambda: window.player_bar.isVisible(), "the bar")
    settle()  # the bar's parts have their places
    return window


def test_the_bar_is_there_for_a_file_and_not_for_a_live_source(window, clip):
    window.begin()
    wait_for(lambda: window.view.result is not None, "the demo")
    assert not window.player_bar.isVisible()
    assert not any(window.commands[name].isEnabled() for name in ACTIONS)
    window.choose_source(str(clip))
    wait_for(lambda: window.player_bar.isVisible(), "the bar")
    assert all(window.commands[name].isEnabled() for name in ACTIONS)
    window.choose_source("demo?width=320&height=180")
    wait_for(lambda: not window.player_bar.isVisible(), "no bar")


def test_keys_step_skip_and_go_to_the_beginning(begun):
    begun.activateWindow()
    wait_for(begun.isActiveWindow, "the focus")
    handle = begun.windowHandle()
    QTest.keyClick(handle, Qt.Key.Key_Period)
    shows(begun, 51)
    QTest.keyClick(handle, Qt.Key.Key_Comma)
    shows(begun, 50)
    QTest.keyClick(handle, Qt.Key.Key_Comma)
    shows(begun, 49)
    QTest.keyClick(handle, Qt.Key.Key_Home)
    shows(begun, 0)
    QTest.keyClick(handle, Qt.Key.Key_Right)
    shows(begun, FRAMES - 1)
    QTest.keyClick(handle, Qt.Key.Key_Left)
    shows(begun, 0)
    assert begun.player.paused
    wait_for(lambda: begun.status.state.text().startswith("Paused"), "the state to be told")
    begun.commands["start"].trigger()
    wait_for(lambda: begun.status.state.text() == "Stopped", "the end")
    assert begun.player_bar.time.text() == "0:00.0 / 0:04"


def test_the_slider_goes_where_it_is_clicked_and_dragged(begun):
    slider = begun.player_bar.slider
    assert slider.value() == 2000
    assert begun.player_bar.time.text() == "0:02.0 / 0:04"
    y = slider.height() // 2
    left = QPoint(slider.width() // 4, y)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=left)
    expected = slider.value_at(left.x()) / 1e3
    assert expected == pytest.approx(1.0, abs=0.2)
    wait_for(lambda: abs(place(begun) - expected * FPS) <= 1, "the place that was clicked")
    right = QPoint(slider.width() * 3 // 4, y)
    QTest.mouseMove(slider, right)
    wait_for(lambda: abs(place(begun) - 75) <= 4, "the place that it was dragged to")
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=right)
    wait_for(lambda: abs(slider.value() / 1e3 * FPS - place(begun)) <= 1, "the slider to follow")


def test_a_file_that_has_ended_plays_again_from_where_one_goes(window, clip):
    window.choose_source(str(clip))
    wait_for(lambda: window.bridge.engine is not None, "the engine")
    window.player.seek(3.9)
    wait_for(lambda: window._state is State.ENDED, "the end")
    wait_for(lambda: window.player_bar.isVisible(), "the bar")
    assert not window.commands["hold"].isEnabled()
    window.commands["step_back"].trigger()
    shows(window, FRAMES - 2)
    assert window.player.paused
    assert window.view.message is None


def test_speed_is_chosen_by_list_and_keys_and_stays_for_the_next_file(begun, clip):
    begun.commands["faster"].trigger()
    assert begun.bridge.engine.playback.speed == 1.25
    assert begun.player_bar.speed.currentText() == speed_text(1.25)
    assert begun.toast.text() == f"Speed {speed_text(1.25)}"
    for _ in SPEEDS:
        begun.commands["slower"].trigger()
    assert begun.bridge.engine.playback.speed == 0.25
    box = begun.player_bar.speed
    box.setCurrentIndex(SPEEDS.index(4.0))
    box.activated.emit(box.currentIndex())
    assert begun.bridge.engine.playback.speed == 4.0
    before = begun.bridge.engine
    begun.choose_source(str(clip))
    wait_for(lambda: begun.bridge.engine not in (None, before), "the next engine")
    wait_for(lambda: begun.bridge.engine.playback.speed == 4.0, "its speed")
    assert not begun.player.paused


def test_a_repeated_file_does_not_end(begun):
    begun.commands["loop"].trigger()
    begun.player.seek(3.9)
    begun.commands["hold"].trigger()
    wait_for(lambda: 0 <= place(begun) < 50, "the beginning again")
    assert begun._state is State.STREAMING
    begun.commands["loop"].trigger()
    assert not begun.bridge.engine.playback.loop


def test_pictures_have_their_names(window, tmp_path):
    for n in (1, 2, 10):
        cv2.imwrite(str(tmp_path / f"face {n}.png"), picture(n))
    window.choose_source(str(tmp_path))
    wait_for(lambda: window.bridge.engine is not None, "the engine")
    window.player.hold(True)
    window.player.seek(0.0)
    wait_for(lambda: window.player_bar.isVisible(), "the bar")
    wait_for(lambda: window.player_bar.file.text().startswith("face 1.png"), "the first picture")
    window.player.step(1)
    wait_for(lambda: window.player_bar.file.text().startswith("face 2.png"), "the next picture")
    assert window.player_bar.file.text() == "face 2.png · 2 of 3"
    window.commands["step_back"].trigger()
    wait_for(lambda: window.player_bar.file.text() == "face 1.png · 1 of 3", "the one before")


def test_a_single_picture_has_no_bar(window, tmp_path):
    cv2.imwrite(str(tmp_path / "face.png"), picture(1))
    window.choose_source(str(tmp_path / "face.png"))
    wait_for(lambda: window._state is State.ENDED, "the picture")
    window._show_status()
    assert not window.player_bar.isVisible()


def test_the_log_of_the_window_says_where_one_went(begun, tmp_path):
    begun.commands["log"].trigger()
    wait_for(lambda: begun.outputs.log.sink, "the log")
    log = begun.outputs.log.sink

    def logs(number):
        # A frame may be shown before it is analysed, and is logged after that.
        shows(begun, number)
        index = begun.view.result.frame.index
        wait_for(lambda: log.moment().frame == index, f"frame {number} in the log")

    begun.commands["step_forward"].trigger()
    logs(51)
    begun.player.seek(0.4)
    logs(10)
    begun.commands["log"].trigger()
    wait_for(lambda: not begun.outputs.log.active, "the end of the log")
    (path,) = (tmp_path / "out").glob("*.csv")
    events = read_log(path).events
    assert [e.text for e in events if e.kind == SEEK] == ["from 2.04 s to 0.40 s"]
    # Frame 50 comes first where its analysis ends after the log's beginning.
    places = [e.video_time_s for e in events if e.kind == POSITION]
    assert places[-2:] == pytest.approx([2.04, 0.4])


@pytest.mark.parametrize("width", [480, 800, 1280])
def test_the_bar_fits_every_width(begun, width):
    begun.resize(width, 600)
    settle()
    bar = begun.player_bar
    least = begun.minimumSizeHint().width()
    bar.hide()
    assert begun.minimumSizeHint().width() == least
    bar.show()
    settle()
    assert bar.geometry().right() <= begun.width()
    shown = [w for w in (bar.back, bar.play, bar.time, bar.slider, bar.speed) if w.isVisible()]
    assert bar.play in shown
    assert bar.slider in shown
    for first, second in pairwise(shown):
        assert first.geometry().right() < second.geometry().left()
    assert bar.slider.width() >= 80


def test_what_runs_live_cannot_be_paused(open_window, services):
    window = open_window(source_override="clip.mp4")
    engine = streaming(window, services, result(faces=[face(1)]))
    engine.source_info = SourceInfo("url", "x", 160, 120, 30.0, True)
    window._show_status()
    assert not window.player_bar.isVisible()
    assert not window.commands["hold"].isEnabled()


def test_the_cards_show_the_picture_that_is_held(begun):
    """A result that follows within a tenth of a second is shown, too, while the file is paused."""
    for n in range(1, 6):
        begun.player.step(1)
        shows(begun, 50 + n)
        shown = begun.faces._last.frame
        assert shown.index == begun.view.result.frame.index


def test_the_mouse_over_the_slider_shows_picture_and_time_of_the_place(begun):
    slider, found, wanted = begun.player_bar.slider, [], []
    begun.player.pictures.found.connect(found.append)
    begun.player_bar.picture_wanted.connect(wanted.append)
    assert not begun.player.pictures.reading
    settle()
    point = QPoint(slider.width() // 4, slider.height() // 2)
    QTest.mouseMove(slider, point)
    (at_s,) = wanted
    assert at_s == pytest.approx(1.0, abs=0.3)
    preview = begun.player_bar.preview
    assert preview.isVisible()
    wait_for(lambda: found, "the picture")
    assert preview.picture.isVisible()
    assert preview.time.text() == clock(at_s, tenths=True)
    frame = round(found[0].time_s * FPS)
    assert 0 <= at_s * FPS - frame <= 6
    assert shows_number(found[0].image_bgr, frame)
    above = slider.mapTo(begun, QPoint(point.x(), 0))
    assert preview.geometry().bottom() < above.y()
    assert abs(preview.geometry().center().x() - above.x()) <= 2
    assert begun.rect().contains(preview.geometry())
    assert place(begun) == 50
    QApplication.sendEvent(slider, QEvent(QEvent.Type.Leave))
    assert not preview.isVisible()


def test_the_picture_follows_a_drag_and_stays_in_the_window(begun):
    slider, found = begun.player_bar.slider, []
    begun.player.pictures.found.connect(found.append)
    y = slider.height() // 2
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(5, y))
    end = QPoint(slider.width() - 1, y)
    QTest.mouseMove(slider, end)
    wait_for(lambda: found and found[-1].time_s > 3.5, "the last key frame")
    preview = begun.player_bar.preview
    assert preview.isVisible()
    assert begun.rect().contains(preview.geometry())
    QApplication.sendEvent(slider, QEvent(QEvent.Type.Leave))
    assert preview.isVisible()
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=end + QPoint(0, 500))
    assert not preview.isVisible()


def test_the_pictures_close_with_their_file(begun, clip):
    slider = begun.player_bar.slider
    QTest.mouseMove(slider, QPoint(slider.width() // 3, 4))
    wait_for(lambda: begun.player_bar.preview.picture.isVisible(), "the picture")
    assert begun.player.pictures.reading
    begun.choose_source("demo?width=320&height=180")
    assert not begun.player.pictures.reading
    assert not begun.player_bar.preview.picture.isVisible()
    wait_for(
        lambda: "fer-live-seek-pictures" not in {t.name for t in threading.enumerate()}, "its end"
    )


def test_a_slow_file_does_not_hold_the_window_and_overtaken_wishes_are_dropped(app, clip):
    gate, sought, found = threading.Event(), [], []

    class Slow(Thumbnails):
        def seek(self, position_s):
            sought.append(position_s)
            gate.wait(20)
            super().seek(position_s)

    owner = QObject()
    pictures = SeekPictures(owner, Slow)
    pictures.found.connect(found.append)
    pictures.begin(clip)
    pictures.want(0.0)
    wait_for(lambda: sought, "the first wish")
    for tenth in range(1, 36):
        pictures.want(tenth / 10)
    gate.set()
    wait_for(lambda: found and found[-1].wanted_s == 3.5, "the last wish")
    assert sought == [0.0, 3.5]
    pictures.close()


def test_a_file_without_pictures_shows_the_time_alone(app, tmp_path):
    owner, found = QObject(), []
    pictures = SeekPictures(owner)
    pictures.found.connect(found.append)
    (tmp_path / "notes.mp4").write_text("no video")
    pictures.begin(tmp_path / "notes.mp4")
    pictures.want(1.0)
    wait_for(lambda: found, "the answer")
    assert found == [None]
    pictures.close()


def test_without_a_sound_device_the_controls_say_why(window, tmp_path):
    window.commands["loop"].trigger()
    window.choose_source(str(write_sound(tmp_path / "clip.mov", 2.0)))
    wait_for(lambda: window.player_bar.volume.toolTip() == NO_DEVICE, "the reason")
    assert not window.player_bar.volume.isEnabled()
    assert not window.commands["mute"].isEnabled()
