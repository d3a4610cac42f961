"""States, events and options of an engine."""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from fer_live.core.errors import FerLiveError

if TYPE_CHECKING:
    from fer_live.core.types import FrameResult

THREAD_PREFIX = "fer-live-"
"""Every thread of an engine has a name that begins so."""


class State(Enum):
    """OPENING → STREAMING ⇄ RECONNECTING → one of the final three."""

    IDLE = "idle"
    OPENING = "opening"
    STREAMING = "streaming"
    RECONNECTING = "reconnecting"
    ENDED = "ended"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def final(self) -> bool:
        """True after the end of the run."""
        return self in (State.ENDED, State.FAILED, State.STOPPED)


@dataclass(frozen=True)
class EngineEvent:
    """A change of state, or an error that the engine survived.

    Args:
        state: The state from now on; unchanged for an error that was survived.
        message: One sentence for the user.
        error: What went wrong, or None.
        details: The traceback of an unexpected error, or ''.
    """

    state: State
    message: str
    error: FerLiveError | None = None
    details: str = ""


@dataclass(frozen=True)
class EngineOptions:
    """Tuning of an engine.

    Args:
        stall_timeout_s: A live source that gives no frame for this long is treated as lost;
            longer than a healthy camera pauses when it changes its exposure. A `ThreadedSource`
            has its own limit.
        retry_first_s: Wait before the first attempt to reopen; doubled after each failure.
        retry_max_s: Longest wait between two attempts: a camera that is plugged in again is
            picked up within this time.
        max_failures: This many frames in a row whose analysis fails end the run.
        poll_s: Longest time a thread waits before it looks at stop and its peers again.
        wait_for_processor: Open a live source only when the model is loaded, so that no frame is
            dropped meanwhile; for runs without a window. Files always wait.
    """

    stall_timeout_s: float = 3.0
    retry_first_s: float = 0.25
    retry_max_s: float = 4.0
    max_failures: int = 10
    poll_s: float = 0.1
    wait_for_processor: bool = False


class ResultSink(Protocol):
    """Takes every analysed frame: a recorder, a log."""

    def submit(self, result: "FrameResult") -> object:
        """Takes one result without blocking; called from the inference thread."""
        ...
