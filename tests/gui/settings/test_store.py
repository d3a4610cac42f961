"""Saving the settings of the window."""

from dataclasses import replace

from fer_live.core.errors import (
    ConfigError,
)
from fer_live.core.settings import Settings
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


def test_settings_that_cannot_be_saved_are_a_notice(open_window, services):
    services.save_error = ConfigError("The settings could not be saved.", "Free some space.")
    window = open_window()
    window.commands["bars"].trigger()
    wait_for(lambda: window.notices.notices, "a notice")
    assert window.notices.notices[0].message == "The settings could not be saved."
