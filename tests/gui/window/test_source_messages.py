"""Texts about the source."""

import pytest

from fer_live.core.errors import ConfigError, SourceLostError, SourceNotFoundError
from fer_live.core.formats import IMAGE_SUFFIXES
from fer_live.gui.window.source_messages import message_for, opening, state_text
from fer_live.live.states import EngineEvent, State


def test_an_image_stays_named_in_the_status_bar_and_a_video_is_finished():
    for suffix in (*IMAGE_SUFFIXES, *(suffix.upper() for suffix in IMAGE_SUFFIXES)):
        text = state_text(State.ENDED, f"face{suffix}", loading=False, size=(8, 8))
        assert text.startswith(f"face{suffix} · 8")
    assert state_text(State.ENDED, "clip.mp4", loading=False, size=(8, 8)) == "Finished"


def test_titles_stand_well_inside_a_sentence():
    assert opening("First camera").title == "Opening the first camera…"
    assert opening("Demo").title == "Opening the demo…"
    assert opening("clip.mp4").title == "Opening clip.mp4…"


@pytest.mark.parametrize(
    ("error", "previous", "title"),
    [
        (SourceNotFoundError("There is no file."), State.OPENING, "Can't open clip.mp4"),
        (SourceLostError("It was unplugged."), State.RECONNECTING, "clip.mp4 has stopped"),
        (ConfigError("The setting is wrong."), State.OPENING, "Can't start"),
    ],
)
def test_a_failure_says_what_failed_and_why(error, previous, title):
    message = message_for(EngineEvent(State.FAILED, error.message, error), "clip.mp4", previous)
    assert (message.title, message.text) == (title, error.message)
