"""What an engine tells a session log beside its results."""

from typing import Protocol

from fer_live.capture.source import SourceInfo
from fer_live.live.states import EngineEvent, State
from fer_live.session_log.log import SessionAbout
from fer_live.session_log.schema import SOURCE_BACK, SOURCE_FAILED, SOURCE_LOST


class NoteTaker(Protocol):
    """The part of a session log that is used here."""

    def note(self, kind: str, text: str = "") -> None:
        """Writes down what happened; does not block."""
        ...


class LogNotes:
    """An engine's listener that notes in a log when the source is lost, back, or has failed.

    Args:
        log: None notes nothing; may be set later.
    """

    def __init__(self, log: NoteTaker | None = None) -> None:
        self.log = log
        self._state = State.IDLE

    def __call__(self, event: EngineEvent) -> None:
        """Takes an event; does not block."""
        before, self._state = self._state, event.state
        if self.log is None or event.state is before:
            return
        if event.state is State.RECONNECTING:
            self.log.note(SOURCE_LOST, str(event.error or event.message))
        elif event.state is State.STREAMING and before is State.RECONNECTING:
            self.log.note(SOURCE_BACK, event.message)
        elif event.state is State.FAILED:
            self.log.note(SOURCE_FAILED, str(event.error or event.message))


class EngineFacts(Protocol):
    """What an engine knows of itself; None as long as it does not."""

    @property
    def source_info(self) -> SourceInfo | None: ...
    @property
    def device_name(self) -> str | None: ...
    @property
    def model_name(self) -> str | None: ...


def about_engine(engine: EngineFacts) -> SessionAbout:
    """What an engine runs on, as far as it knows by now."""
    info = engine.source_info
    return SessionAbout(
        source="" if info is None else info.name,
        model=engine.model_name or "",
        device=engine.device_name or "",
    )
