"""State, stop flag and event queue, shared by the threads of an engine."""

import logging
import threading
import traceback
from collections import deque
from collections.abc import Callable

from fer_live.core.errors import FerLiveError
from fer_live.live.states import EngineEvent, State

_log = logging.getLogger(__name__)


class Control:
    """State and stop flag of one run; every method may be called from any thread.

    Events reach the listener one at a time and in order, with no lock held, on a thread that
    caused one of them. A listener that raises is logged and otherwise ignored.

    Args:
        on_event: The listener, or None.
        on_stop: Called once when the run must end early: interrupts the source, wakes waiters.
    """

    def __init__(
        self, on_event: Callable[[EngineEvent], None] | None, on_stop: Callable[[], None]
    ) -> None:
        self.stop = threading.Event()
        self.processor_ready = threading.Event()
        self.finished = threading.Event()
        self._on_event = on_event
        self._on_stop = on_stop
        self._lock = threading.Lock()
        self._state = State.IDLE
        self._error: FerLiveError | None = None
        self._pending: deque[EngineEvent] = deque()
        self._delivering = False

    @property
    def state(self) -> State:
        with self._lock:
            return self._state

    @property
    def error(self) -> FerLiveError | None:
        """Why the run failed, or None."""
        with self._lock:
            return self._error

    def become(self, state: State, message: str, error: FerLiveError | None = None) -> bool:
        """Enters a state and sends the event; not if it is in that state or the run has ended."""
        return self._enter(EngineEvent(state, message, error))

    def notify(self, error: FerLiveError, details: str = "") -> None:
        """Sends an error that the engine survives."""
        with self._lock:
            if self._state.final:
                return
            self._pending.append(EngineEvent(self._state, str(error), error, details))
        self._deliver()

    def fail(self, error: FerLiveError, details: str = "") -> None:
        """Ends the run with an error; the first one counts."""
        self.request_stop()
        self._enter(EngineEvent(State.FAILED, str(error), error, details))

    def fail_unexpectedly(self, error: BaseException, where: str) -> None:
        """Ends the run with an unexpected error; the traceback goes into the details."""
        wrapped = unexpected(error, where)
        _log.error("%s", wrapped, exc_info=error)
        self.fail(wrapped, _traceback_of(error))

    def request_stop(self) -> None:
        """Asks every thread to end."""
        first = not self.stop.is_set()
        self.stop.set()
        self.processor_ready.set()
        if first:
            self._on_stop()

    def _enter(self, event: EngineEvent) -> bool:
        with self._lock:
            if self._state.final or self._state is event.state:
                return False
            self._state = event.state
            if event.state is State.FAILED:
                self._error = event.error
            self._pending.append(event)
        if event.state.final:
            self.finished.set()
        self._deliver()
        return True

    def _deliver(self) -> None:
        with self._lock:
            if self._delivering:
                return
            self._delivering = True
        while True:
            with self._lock:
                if not self._pending:
                    self._delivering = False
                    return
                event = self._pending.popleft()
            _log.info("%s: %s", event.state.value, event.message)
            if self._on_event is None:
                continue
            try:
                self._on_event(event)
            except Exception:
                _log.exception("the listener of the engine raised")


def unexpected(error: BaseException, where: str) -> FerLiveError:
    """A FerLiveError for an error of a type that should not occur."""
    what = str(error) or type(error).__name__
    return FerLiveError(
        f"Unexpected error {where}: {what.rstrip('.')}.",
        "Please report it, with the details.",
    )


def for_user(error: Exception, where: str) -> tuple[FerLiveError, str]:
    """An error to be told, and its details: the traceback of one that should not occur."""
    if isinstance(error, FerLiveError):
        return error, ""
    return unexpected(error, where), _traceback_of(error)


def _traceback_of(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))
