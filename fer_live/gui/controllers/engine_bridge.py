"""The only seam between engine and Qt: starts and stops engines, hands results to the window."""

import logging
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from fer_live.core.errors import FerLiveError
from fer_live.core.settings import Settings
from fer_live.gui.protocols import BuildEngine, EngineLike
from fer_live.live.states import EngineEvent, State

_log = logging.getLogger(__name__)

PULL_INTERVAL_MS = 8
"""Looks for a new result this often: at most this much is added to the latency."""
LOADING_INTERVAL_MS = 80
"""The same while the model loads: drawing every frame would only keep it from loading."""
STOP_TIMEOUT_S = 2.0
"""Longest wait for one engine to end before the next one is built."""


CLOSE_STOP_S = 1.5
"""The same when the window closes: a library that cannot be interrupted must not hold it up."""


@dataclass(frozen=True)
class _Request:
    session: int
    source: str | None
    settings: Settings | None


class EngineBridge(QObject):
    """Runs one engine at a time. All its methods are for the GUI thread and return at once.

    A thread of its own builds, starts and stops engines one after another, so that a camera is
    released before the next source opens. Every request begins a new session; results and
    events of older sessions are dropped, so that a stale source is never shown.

    Args:
        build: Source, settings and event handler to an engine that is not started.
    """

    happened = Signal(object)
    """An `EngineEvent` of the present session."""
    result = Signal(object)
    """A `FrameResult` of the present session."""
    settled = Signal()
    """The newest request has been carried out."""
    _relay = Signal(int, object)
    _done = Signal(int)

    def __init__(self, build: BuildEngine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._build = build
        self._changed = threading.Condition()
        self._request = _Request(0, None, None)
        self._current: tuple[int, EngineLike] | None = None
        self._stragglers: list[EngineLike] = []
        self._closing = False
        self._last_index = -1
        self.searched = False
        """Show only frames that were searched for faces, where there are any of late."""
        self._relay.connect(self._take_event, Qt.ConnectionType.QueuedConnection)
        self._done.connect(self._take_done, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(PULL_INTERVAL_MS)
        self._timer.timeout.connect(self._pull)
        self._thread = threading.Thread(target=self._work, name="fer-gui-engines", daemon=True)
        self._thread.start()

    @property
    def engine(self) -> EngineLike | None:
        """The engine of the present session, once it is built."""
        current = self._current
        return current[1] if current and current[0] == self._request.session else None

    @property
    def wanted(self) -> bool:
        """True while a source is meant to run."""
        return self._request.source is not None

    def start(self, source: str, settings: Settings) -> None:
        """Ends what runs and starts a source."""
        self._ask(source, settings)
        self._timer.start()

    def stop(self) -> None:
        """Ends what runs; `settled` follows."""
        self._timer.stop()
        self._ask(None, None)

    def close(self, timeout_s: float) -> bool:
        """Ends everything for good and waits; False if something would not end. Blocks."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        until = time.monotonic() + timeout_s
        self._thread.join(timeout_s)
        left = [e for e in self._stragglers if not e.stop(max(until - time.monotonic(), 0.05))]
        return not self._thread.is_alive() and not left

    def _ask(self, source: str | None, settings: Settings | None) -> None:
        with self._changed:
            self._request = _Request(self._request.session + 1, source, settings)
            self._last_index = -1
            self._changed.notify_all()

    def _work(self) -> None:
        """Body of the thread that owns the engines' lives."""
        carried_out = 0
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._closing or self._request.session != carried_out  # noqa: B023
                )
                request, closing = self._request, self._closing
            self._retire(CLOSE_STOP_S if closing else STOP_TIMEOUT_S)
            if closing:
                return
            carried_out = request.session
            if request.source is not None and request.settings is not None:
                self._launch(request, request.source, request.settings)
            self._emit(lambda r=request: self._done.emit(r.session))  # type: ignore[misc]

    def _retire(self, timeout_s: float) -> None:
        current, self._current = self._current, None
        if current is None:
            return
        try:
            ended = current[1].stop(timeout_s)
        except Exception:
            _log.exception("an engine failed while it stopped")
            return
        if not ended:
            _log.warning("an engine did not end within %s s", timeout_s)
            self._stragglers.append(current[1])

    def _launch(self, request: _Request, source: str, settings: Settings) -> None:
        session = request.session

        def on_event(event: EngineEvent) -> None:
            self._emit(lambda: self._relay.emit(session, event))

        try:
            engine = self._build(source, settings, on_event)
            self._current = (session, engine)
            engine.start()
        except FerLiveError as error:
            on_event(EngineEvent(State.FAILED, error.message, error))
        except Exception as error:
            _log.exception("the engine could not be built")
            wrapped = FerLiveError(
                f"The source could not be started: {error}.", "Please report it with the details."
            )
            on_event(EngineEvent(State.FAILED, wrapped.message, wrapped, traceback.format_exc()))

    def _emit(self, send: Callable[[], None]) -> None:
        if self._closing:
            return
        try:
            send()
        except RuntimeError:
            _log.debug("an event came after the window was gone")

    @Slot(int, object)
    def _take_event(self, session: int, event: EngineEvent) -> None:
        if session != self._request.session or self._closing:
            return
        if event.state.final:
            # The last result may be there although the timer has not looked since.
            self._timer.stop()
            self._fetch()
        self.happened.emit(event)

    @Slot(int)
    def _take_done(self, session: int) -> None:
        if session == self._request.session and not self._closing:
            self.settled.emit()

    @Slot()
    def _pull(self) -> None:
        engine = self.engine
        if engine is None:
            return
        interval_ms = LOADING_INTERVAL_MS if engine.model_name is None else PULL_INTERVAL_MS
        if interval_ms != self._timer.interval():
            self._timer.setInterval(interval_ms)
        if not self._fetch() and engine.state.final:
            self._timer.stop()

    def _fetch(self) -> bool:
        engine = self.engine
        result = None if engine is None else engine.newest(self._last_index, searched=self.searched)
        if result is None:
            return False
        self._last_index = result.frame.index
        self.result.emit(result)
        return True
