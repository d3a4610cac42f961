"""Saving the settings of the window."""

from dataclasses import replace

from fer_live.core.errors import (
    ConfigError,
)
from fer_live.core.settings import Settings, load_settings, save_settings
from fer_live.gui.main_window import MainWindow
from tests.gui.driver import close_and_delete
from tests.gui.waiting import wait_for


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


def test_two_windows_keep_each_other_s_settings(app, real, tmp_path):
    save_settings(Settings(first_start_done=True))
    windows = [MainWindow(load_settings()[0], real) for _ in range(2)]
    windows[0].change(privacy="blur", output_dir=tmp_path / "lab")
    windows[1].change(show_bars=True)
    for window in windows:
        close_and_delete(window)
    stored, problems = load_settings()
    assert (stored.privacy, stored.output_dir) == ("blur", tmp_path / "lab")
    assert stored.show_bars
    assert stored.window_geometry
    assert problems == ()


def test_settings_that_cannot_be_saved_are_a_notice(open_window, services):
    services.save_error = ConfigError("The settings could not be saved.", "Free some space.")
    window = open_window()
    window.commands["bars"].trigger()
    wait_for(lambda: window.notices.notices, "a notice")
    assert window.notices.notices[0].message == "The settings could not be saved."
