"""What the window says in each state: pure functions from events to words."""

from pathlib import Path

from fer_live.core.errors import SourceBusyError, SourceNotFoundError
from fer_live.core.formats import is_image
from fer_live.gui.widgets.elide import cut
from fer_live.gui.widgets.video_view import Message
from fer_live.live.states import EngineEvent, State

AGAIN, RETRY, SOURCES, FILE, DEMO = "again", "retry", "sources", "file", "demo"
"""Names of the offers below a message."""

WELCOME = Message("Nothing is running", "Choose a source, or start the last one.",
                  (AGAIN, SOURCES, FILE, DEMO))  # fmt: skip
STOPPING = Message("Stopping…", keep_frame=True)
STOPPED = Message("Stopped", "", (AGAIN, SOURCES, DEMO), keep_frame=True)
WAYS_ON = (RETRY, SOURCES, FILE, DEMO)
NO_CAMERA = Message(
    "No camera found",
    "Plug one in and it starts by itself; or open a video file, or watch the built-in demo.",
    WAYS_ON,
)
LONGEST_TITLE = 40
"""Characters of a source's name in a message; longer ones lose their middle."""


def opening(title: str) -> Message:
    """While a source opens."""
    return Message(f"Opening {cut(title, LONGEST_TITLE)}…", "The model is loaded at the same time.")


def message_for(event: EngineEvent, title: str) -> Message | None:
    """The message for a change of state; None leaves the view as it is.

    Args:
        event: From the engine.
        title: Name of the source.
    """
    title = cut(title, LONGEST_TITLE)
    match event.state:
        case State.OPENING:
            return opening(title)
        case State.RECONNECTING:
            return Message(
                f"{title} is not answering",
                f"{_sentence(event)} It is picked up again as soon as it returns.".strip(),
                (SOURCES, DEMO),
                keep_frame=True,
            )
        case State.ENDED:
            return _ended(title)
        case State.STOPPED:
            return STOPPED
        case State.FAILED:
            # The reason stands in the notice, with its hint and details.
            return Message(f"{title} is not running", "", WAYS_ON)
        case _:
            return None


def waiting_for_camera(event: EngineEvent, title: str) -> Message | None:
    """The message for a camera that is absent or busy, which is picked up later by itself.

    None if it failed for another reason. Only for a source that is meant to be a camera.
    """
    title = cut(title, LONGEST_TITLE)
    if isinstance(event.error, NoCameraError):
        return NO_CAMERA
    if isinstance(event.error, SourceBusyError):
        return Message(
            f"{title} is in use",
            f"{_sentence(event)} It starts here by itself as soon as it is free.",
            WAYS_ON,
        )
    if isinstance(event.error, SourceNotFoundError):
        return Message(
            f"{title} is not connected",
            "It starts when you plug it in; or choose another camera, open a video file, or watch "
            "the built-in demo.",
            WAYS_ON,
        )
    return None


class NoCameraError(SourceNotFoundError):
    """The first camera was asked for and there is none."""

    def __init__(self) -> None:
        super().__init__("No camera was found.", "Plug one in, open a file or play the demo.")


def state_text(state: State, title: str, *, loading: bool, size: tuple[int, int] | None) -> str:
    """The status bar's words for a state.

    Args:
        state: The engine's.
        title: Name of the source.
        loading: The model is not there yet.
        size: Granted width and height in pixels, if known.
    """
    what = f"{title} · {size[0]}×{size[1]}" if size else title  # noqa: RUF001
    words = {
        State.IDLE: "Ready",
        State.OPENING: f"Opening {title}…",
        State.STREAMING: what,
        State.RECONNECTING: f"Waiting for {title}…",
        State.ENDED: what if is_image(Path(title)) else f"{title} is over",
        State.FAILED: "Not running",
        State.STOPPED: "Stopped",
    }[state]
    running = state in (State.OPENING, State.STREAMING)
    return f"{words}   Loading the model…" if loading and running else words


def _ended(title: str) -> Message:
    # The last picture is what was asked for: nothing may cover it.
    if is_image(Path(title)):
        return Message(title, "", (FILE, DEMO), keep_frame=True, aside=True)
    return Message("The end", "", (AGAIN, FILE, DEMO), keep_frame=True, aside=True)


def _sentence(event: EngineEvent) -> str:
    return event.error.message if event.error else event.message
