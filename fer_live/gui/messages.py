"""What the window says in each state: pure functions from events to words."""

from fer_live.errors import SourceNotFoundError
from fer_live.gui.video_view import Message
from fer_live.pipeline.states import EngineEvent, State

AGAIN, RETRY, SOURCES, FILE, DEMO = "again", "retry", "sources", "file", "demo"
"""Names of the offers below a message."""

WELCOME = Message("Nothing is running", "Choose a source, or start the last one.",
                  (AGAIN, SOURCES, FILE, DEMO))  # fmt: skip
STOPPING = Message("Stopping…", keep_frame=True)
STOPPED = Message("Stopped", "", (AGAIN, SOURCES, DEMO), keep_frame=True)
NO_CAMERA = Message(
    "No camera found",
    "Plug one in and it starts by itself; or open a video file, or watch the built-in demo.",
    (RETRY, SOURCES, FILE, DEMO),
)


def opening(title: str) -> Message:
    """While a source opens."""
    return Message(f"Opening {title}…", "The model is loaded at the same time.")


def message_for(event: EngineEvent, title: str) -> Message | None:
    """The message for a change of state; None leaves the view as it is.

    Args:
        event: From the engine.
        title: Name of the source.
    """
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
            return Message("The end", f"{title} is over.", (AGAIN, FILE, DEMO), keep_frame=True)
        case State.STOPPED:
            return STOPPED
        case State.FAILED:
            return _failed(event, title)
        case _:
            return None


def is_no_camera(event: EngineEvent) -> bool:
    """True for the ordinary case of a computer without a camera, which is not an error."""
    return event.state is State.FAILED and isinstance(event.error, NoCameraError)


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
        State.ENDED: f"{title} is over",
        State.FAILED: "Not running",
        State.STOPPED: "Stopped",
    }[state]
    running = state in (State.OPENING, State.STREAMING)
    return f"{words}   Loading the model…" if loading and running else words


def _failed(event: EngineEvent, title: str) -> Message:
    if is_no_camera(event):
        return NO_CAMERA
    # The reason stands in the notice, with its hint and details.
    return Message(f"{title} is not running", "", (RETRY, SOURCES, FILE, DEMO))


def _sentence(event: EngineEvent) -> str:
    return event.error.message if event.error else event.message
