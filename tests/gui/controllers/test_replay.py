"""The instant replay."""

import threading

from PySide6.QtWidgets import QToolButton

from fer_live.core.settings import Settings
from tests.gui.driver import notice_messages, streaming
from tests.gui.waiting import settle, wait_for


def test_the_replay_button_is_shown_only_while_a_replay_runs(open_window, services):
    window = open_window()
    engine = streaming(window, services)

    def named():
        buttons = window.tool_bar.findChildren(QToolButton)
        return [b.accessibleName() for b in buttons if b.isVisible()]

    settle()
    assert "Save the replay" not in named()
    window.commands["replay"].trigger()
    wait_for(lambda: engine.sinks, "the replay")
    wait_for(lambda: "Save the replay" in named(), "its button")
    order = ("log", "save_replay", "output")
    places = [window.tool_bar.widgetForAction(window.commands[name]).x() for name in order]
    assert places == sorted(set(places))
    window.commands["replay"].trigger()
    wait_for(lambda: "Save the replay" not in named(), "its end")


def test_the_replay_is_kept_shown_and_saved(open_window, services, opened):
    settings = Settings(source="demo", first_start_done=True, replay=True, replay_s=20.0)
    window = open_window(settings=settings)
    engine = streaming(window, services)
    wait_for(lambda: engine.sinks == services.replays != [], "the replay")
    assert services.replays[0].seconds == 20.0
    wait_for(lambda: window.status.replay.text() == "Replay 12 s · 45 MB", "its figures")
    window.commands["save_replay"].trigger()
    wait_for(lambda: notice_messages(window) == ["Saved replay.mp4."], "the notice")
    assert services.replays_saved[0][0] is services.replays[0]
    window.commands["start"].trigger()
    settle()
    assert not services.replays[0].stopped
    window.change(replay=False)
    wait_for(lambda: services.replays[0].stopped, "its end")
    wait_for(lambda: window.status.replay.isHidden(), "the status bar")
    window.commands["save_replay"].trigger()
    assert notice_messages(window)[0] == "The instant replay is off."


def test_another_length_or_source_restarts_the_replay(open_window, services):
    settings = Settings(source="demo", first_start_done=True, replay=True)
    window = open_window(settings=settings)
    streaming(window, services)
    wait_for(lambda: window.outputs.replay.runner.sink, "the replay")
    window.change(replay_s=60.0)
    wait_for(lambda: len(services.replays) == 2, "another one")
    wait_for(lambda: window.outputs.replay.runner.sink is services.replays[1], "its start")
    window.choose_source("other.mp4")
    other = streaming(window, services, count=2)
    wait_for(lambda: other.sinks == [services.replays[1]], "the new source")
    assert services.replays[1].told == [("clear",)]


def test_closing_waits_for_a_replay_that_is_being_saved(open_window, services):
    gate, saved = threading.Event(), []
    services.save_replay = lambda *_: gate.wait(10) and saved.append(1)
    settings = Settings(source="demo", first_start_done=True, replay=True)
    window = open_window(settings=settings)
    streaming(window, services)
    wait_for(lambda: window.outputs.replay.runner.sink, "the replay")
    window.commands["save_replay"].trigger()
    window.close()
    settle()
    assert not window.ended
    gate.set()
    wait_for(lambda: window.ended, "the end")
    assert saved
