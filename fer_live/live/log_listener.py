"""What an engine reports to a session log beside its results: its source, model and device."""

from typing import TYPE_CHECKING, Protocol

from fer_live.live.states import EngineEvent, State

if TYPE_CHECKING:
    from fer_live.capture.source import SourceInfo
    from fer_live.session_log.schema import SessionAbout


class NoteTaker(Protocol):
    """The part of a session log that receives notes."""

    def note(self, kind: str, text: str = "") -> None:
        """Logs an event of this kind; does not block."""
        ...


class LogListener:
    """An engine's listener that logs when the source is lost, has returned or has failed.

    Args:
        log: Receives the notes; None discards them. It may be set later.
    """

    def __init__(self, log: NoteTaker | None = None) -> None:
        self.log = log
        self._state = State.IDLE

    def __call__(self, event: EngineEvent) -> None:
        """Receives an engine's event; does not block."""
        before, self._state = self._state, event.state
        if self.log is None or event.state is before:
            return
        from fer_live.session_log.schema import SOURCE_BACK, SOURCE_FAILED, SOURCE_LOST

        if event.state is State.RECONNECTING:
            self.log.note(SOURCE_LOST, str(event.error or event.message))
        elif event.state is State.STREAMING and before is State.RECONNECTING:
            self.log.note(SOURCE_BACK, event.message)
        elif event.state is State.FAILED:
            self.log.note(SOURCE_FAILED, str(event.error or event.message))


class EngineFacts(Protocol):
    """What an engine knows about itself; None until it knows."""

    @property
    def source_info(self) -> "SourceInfo | None": ...
    @property
    def device_name(self) -> str | None: ...
    @property
    def model_name(self) -> str | None: ...


def session_about(engine: EngineFacts) -> "SessionAbout":
    """The source, model and device of an engine, as far as they are known now."""
    from fer_live.session_log.schema import SessionAbout

    info = engine.source_info
    return SessionAbout(
        source="" if info is None else info.name,
        model=engine.model_name or "",
        device=engine.device_name or "",
        path=None if info is None else info.path,
    )
