"""What each action of the window calls."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from fer_live.core.settings import Settings
from fer_live.gui.window.dialogs import ShortcutsDialog, ask_address, ask_file, ask_folder, ask_log
from fer_live.gui.window.source_menu import DEMO

if TYPE_CHECKING:
    from fer_live.gui.window.main_window import MainWindow


def handlers(window: "MainWindow") -> dict[str, Callable[[], object]]:
    """Calls of the plain actions, by name; the window may still be incomplete."""
    return {
        "source": lambda: window.source_button.showMenu(),
        "refresh": lambda: window.cameras.look(),
        "open_file": lambda: ask_file(window, window.choose_source),
        "open_folder": lambda: ask_folder(window, window.choose_source),
        "open_address": lambda: ask_address(window, window.choose_source),
        "demo": lambda: window.choose_source(DEMO),
        "start": window.start_or_stop,
        "theme": window.toggle_theme,
        "snapshot": lambda: window.outputs.files.take_snapshot(),
        "output": lambda: window.outputs.files.open_folder(),
        "save_replay": lambda: window.outputs.replay.save(),
        "marker": lambda: window.markers.ask(),
        "report": lambda: ask_log(window, window.settings.output_dir, _report(window)),
        "settings": window.open_settings,
        "shortcuts": lambda: ShortcutsDialog(window).open(),
        "about": lambda: window.first_start.show(),
        "quit": window.close,
    }


def switches(window: "MainWindow") -> dict[str, Callable[[bool], object]]:
    """Calls of the actions that are on or off, by name."""
    return {
        "mirror": window.switch_mirror,
        "bars": lambda on: window.change(show_bars=on),
        "heat": lambda on: _switch_heat(window, on=on),
        "fps": lambda on: window.change(show_fps=on),
        "ids": lambda on: window.change(show_ids=on),
        "record": lambda on: window.outputs.record(on),
        "pause": lambda on: window.outputs.pause(on),
        "log": lambda on: window.outputs.switch_log(on),
        "replay": lambda on: window.change(replay=on),
        "screen_privacy": lambda on: window.change(privacy_on_screen=on),
    }


def switch_states(settings: Settings) -> dict[str, bool]:
    """Which of these actions are on by the settings, by name."""
    return {
        "bars": settings.show_bars,
        "fps": settings.show_fps,
        "ids": settings.show_ids,
        "replay": settings.replay,
        "screen_privacy": settings.privacy_on_screen,
    }


def _switch_heat(window: "MainWindow", *, on: bool) -> None:
    window.change(show_heat=on)
    if on:
        window.heat.explain()


def _report(window: "MainWindow") -> Callable[[str], object]:
    return lambda path: window.outputs.files.open_report(Path(path))
