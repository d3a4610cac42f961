"""The mirror switch."""

import threading

from tests.gui.driver import engine_of, streaming
from tests.gui.waiting import wait_for


def test_mirror_reaches_the_engine_and_the_settings(open_window, services):
    window = open_window(source_override="Webcam")
    engine = streaming(window, services)
    assert window.commands["mirror"].isChecked()
    window.commands["mirror"].trigger()
    assert engine.mirrors == [False]
    assert not window.settings.mirror
    window.commands["mirror"].trigger()
    assert engine.mirrors == [False, True]


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
