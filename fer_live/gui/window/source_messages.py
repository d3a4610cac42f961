"""Texts about the source, for the view and the status bar; pure functions from events to text."""

from collections.abc import Mapping
from pathlib import Path

from fer_live.core.errors import ModelError, SourceBusyError, SourceError, SourceNotFoundError
from fer_live.core.formats import is_image
from fer_live.gui.error_texts import localised
from fer_live.gui.language import tr, tr_later, translated
from fer_live.gui.widgets.elide import elide_middle
from fer_live.gui.widgets.notice import Notice
from fer_live.gui.widgets.video_view import Message
from fer_live.live.states import EngineEvent, State

START, PLAY_AGAIN, RETRY = "start", "play_again", "retry"
CHOOSE_SOURCE, OPEN_FILE, PLAY_DEMO = "choose_source", "open_file", "play_demo"
DEFAULT_MODEL, SETTINGS = "default_model", "settings"
"""Names of the buttons below a message."""

OTHER_SOURCES = (RETRY, CHOOSE_SOURCE, OPEN_FILE, PLAY_DEMO)
"""Buttons below a message about a source that can't be opened."""
OTHER_MODELS = (DEFAULT_MODEL, SETTINGS)
"""Buttons below a message about a model that can't be used."""

LEFT_OUT_NAMED = 2
"""Pictures that a notice names; its details name all."""

APPLICATION = "fer_live"
FIRST_CAMERA_TITLE = tr_later("First camera")
DEMO_TITLE = tr_later("Demo")

LONGEST_TITLE = 40
"""Characters of a source's title in a message; longer titles are cut in the middle."""


class NoCameraError(SourceNotFoundError):
    """The first camera is to be opened, and there is none."""

    def __init__(self) -> None:
        super().__init__("No camera was found.", "Plug one in, open a file or play the demo.")


def welcome() -> Message:
    """The message before the first source."""
    return Message(
        tr("Nothing is playing"),
        tr("Choose a source, or start the last one."),
        (START, CHOOSE_SOURCE, OPEN_FILE, PLAY_DEMO),
    )


def stopping() -> Message:
    """The message while a source is being stopped."""
    return Message(tr("Stopping…"), keep_frame=True)


def stopped() -> Message:
    """The message after a source was stopped."""
    return Message(tr("Stopped"), "", (START, CHOOSE_SOURCE, PLAY_DEMO), keep_frame=True)


def no_camera() -> Message:
    """The message while there is no camera."""
    return Message(
        tr("No camera found"),
        tr("Plug one in and it starts by itself. Or open a video file, or play the built-in demo."),
        OTHER_SOURCES,
    )


def opening(title: str) -> Message:
    """The message while a source opens."""
    return Message(_opening(title), tr("The model is being loaded."))


def message_for(event: EngineEvent, title: str, previous: State) -> Message | None:
    """The message for a change of state; None leaves the view as it is.

    Args:
        event: From the engine.
        title: The source's title.
        previous: The state before.
    """
    match event.state:
        case State.OPENING:
            return opening(title)
        case State.RECONNECTING:
            return Message(
                tr("{source} is not answering").format(source=elide_middle(title, LONGEST_TITLE)),
                " ".join(
                    (_reason(event), tr("It continues by itself when the source is back."))
                ).strip(),
                (CHOOSE_SOURCE, PLAY_DEMO),
                keep_frame=True,
            )
        case State.ENDED:
            return _ended(title)
        case State.STOPPED:
            return stopped()
        case State.FAILED:
            buttons = OTHER_MODELS if isinstance(event.error, ModelError) else OTHER_SOURCES
            return Message(_failure_title(event, title, previous), _reason(event), buttons)
        case _:
            return None


def waiting_for_camera(event: EngineEvent, title: str) -> Message | None:
    """The message for a camera that is absent or busy and starts later by itself.

    Call it only for a camera. None if the event has another reason.
    """
    title = elide_middle(title, LONGEST_TITLE)
    if isinstance(event.error, NoCameraError):
        return no_camera()
    if isinstance(event.error, SourceBusyError):
        return Message(
            tr("{source} is in use").format(source=title),
            " ".join((_reason(event), tr("It starts by itself as soon as it is free."))),
            OTHER_SOURCES,
        )
    if isinstance(event.error, SourceNotFoundError):
        return Message(
            tr("{source} is not connected").format(source=title),
            tr(
                "It starts when you plug it in. Or choose another camera, open a video file, or "
                "play the built-in demo."
            ),
            OTHER_SOURCES,
        )
    return None


def state_text(state: State, title: str, *, loading: bool, size: tuple[int, int] | None) -> str:
    """The status bar's text for a state.

    Args:
        state: State of the engine.
        title: The source's title.
        loading: The model is still being loaded.
        size: Width and height of the frames, pixels, if known.
    """
    with_size = f"{title} · {size[0]}×{size[1]}" if size else title  # noqa: RUF001
    text = {
        State.IDLE: tr("Ready"),
        State.OPENING: _opening(title),
        State.STREAMING: with_size,
        State.RECONNECTING: _waiting(title),
        State.ENDED: with_size if is_image(Path(title)) else tr("Finished"),
        State.FAILED: tr("Not running"),
        State.STOPPED: tr("Stopped"),
    }[state]
    if not loading:
        return text
    if state is State.OPENING:
        if title == translated(FIRST_CAMERA_TITLE):
            return tr("Opening the first camera and the model…")
        if title == translated(DEMO_TITLE):
            return tr("Opening the demo and the model…")
        short = elide_middle(title, LONGEST_TITLE)
        return tr("Opening {source} and the model…").format(source=short)
    return " · ".join((text, tr("Loading the model…"))) if state is State.STREAMING else text


def with_left_out(text: str, count: int) -> str:
    """The status bar's text with the number of pictures that are left out."""
    return " · ".join((text, tr("%Ln left out", "pictures", count))) if count else text


def left_out(reasons: Mapping[str, str]) -> Notice:
    """That pictures of a folder cannot be read.

    Args:
        reasons: Why, by their names; at least one.
    """
    lines = [f"{name}: {localised(reason)}" for name, reason in reasons.items()]
    return Notice(
        tr("%Ln picture(s) cannot be read and are left out.", "", len(lines)),
        "\n".join(lines[:LEFT_OUT_NAMED]),
        "\n".join(lines) if len(lines) > LEFT_OUT_NAMED else "",
        kind="warning",
    )


def window_title(title: str, state: State, *, recording: bool) -> str:
    """The window's title: what is shown, and whether it is being recorded."""
    if state in (State.IDLE, State.STOPPED, State.FAILED):
        return APPLICATION
    name = f"{elide_middle(title, LONGEST_TITLE)} – {APPLICATION}"  # noqa: RUF001
    return tr("● Recording {title}").format(title=name) if recording else name


def _ended(title: str) -> Message:
    if is_image(Path(title)):
        # No text may cover the image that the user opened.
        short = elide_middle(title, LONGEST_TITLE)
        return Message(short, "", (OPEN_FILE, PLAY_DEMO), keep_frame=True, aside=True)
    buttons = (PLAY_AGAIN, OPEN_FILE, PLAY_DEMO)
    return Message(tr("Finished"), "", buttons, keep_frame=True, aside=True)


def _failure_title(event: EngineEvent, title: str, previous: State) -> str:
    if previous in (State.STREAMING, State.RECONNECTING):
        return tr("{source} has stopped").format(source=elide_middle(title, LONGEST_TITLE))
    if isinstance(event.error, SourceError):
        return _cannot_open(title)
    return tr("Can't start")


# Whole sentences for the first camera and the demo: other languages inflect their names.


def _opening(title: str) -> str:
    if title == translated(FIRST_CAMERA_TITLE):
        return tr("Opening the first camera…")
    if title == translated(DEMO_TITLE):
        return tr("Opening the demo…")
    return tr("Opening {source}…").format(source=elide_middle(title, LONGEST_TITLE))


def _waiting(title: str) -> str:
    if title == translated(FIRST_CAMERA_TITLE):
        return tr("Waiting for the first camera…")
    if title == translated(DEMO_TITLE):
        return tr("Waiting for the demo…")
    return tr("Waiting for {source}…").format(source=elide_middle(title, LONGEST_TITLE))


def _cannot_open(title: str) -> str:
    if title == translated(FIRST_CAMERA_TITLE):
        return tr("Can't open the first camera")
    if title == translated(DEMO_TITLE):
        return tr("Can't open the demo")
    return tr("Can't open {source}").format(source=elide_middle(title, LONGEST_TITLE))


def _reason(event: EngineEvent) -> str:
    return localised(event.error.message if event.error else event.message)
