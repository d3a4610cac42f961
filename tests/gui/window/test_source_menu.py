"""The source menu: titles, cameras, and the dialogs that open files."""

from fnmatch import fnmatch

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from fer_live.core.formats import IMAGE_SUFFIXES, VIDEO_SUFFIXES
from fer_live.gui.window.dialogs import ask_file
from fer_live.gui.window.source_menu import camera_source, source_title
from tests.gui.fakes import Camera
from tests.gui.waiting import wait_for


def test_titles_of_sources():
    cameras = [Camera(0, "Webcam"), Camera(1, "Webcam HD"), Camera(2, "7")]
    assert source_title("") == "First camera"
    assert source_title("demo?faces=4") == "Demo"
    assert source_title("1", cameras) == "Webcam HD"
    assert source_title("3", cameras) == "Camera 3"
    assert source_title("/videos/one.mp4") == "one.mp4"
    # A name that is part of another one, or looks like an index, would open the wrong camera.
    assert [camera_source(c, cameras) for c in cameras] == ["0", "Webcam HD", "2"]


def test_passwords_in_addresses_are_not_shown():
    shown = source_title("rtsp://user:secret@camera.local:554/live?key=hidden")
    assert shown.startswith("rtsp://camera.local:554/live")
    assert "secret" not in shown
    assert "hidden" not in shown
    assert source_title("http://user:secret@[bad") == "http://…"


def test_the_file_dialog_lists_every_image_and_video(app, tmp_path):
    names = [f"file{suffix}" for suffix in (*IMAGE_SUFFIXES, *VIDEO_SUFFIXES)]
    parent = QWidget()
    dialog = ask_file(parent, lambda _: None)
    filters = dialog.nameFilters()
    dialog.close()
    patterns = [p for text in filters[:2] for p in text[text.index("(") + 1 : -1].split()]
    assert all(any(fnmatch(name, pattern) for pattern in patterns) for name in names)


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


def test_the_menu_stays_as_it_is_while_no_camera_comes(open_window, services):
    window = open_window(begin=False)
    before = window.source_button.menu().actions()
    window.source_button.show_cameras(())
    assert window.source_button.menu().actions() == before
    window.source_button.show_cameras((Camera(0, "Webcam"),))
    assert window.source_button.menu().actions() != before
