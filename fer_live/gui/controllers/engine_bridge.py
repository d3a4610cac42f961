"""Starts and stops engines off the GUI thread and passes their results and events to Qt."""

import logging
import threading
import time
import traceback
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from fer_live.core.errors import FerLiveError
from fer_live.core.settings import Settings
from fer_live.gui.controllers.tasks import GuiCalls
from fer_live.gui.language import tr
from fer_live.gui.protocols import BuildEngine, EngineLike
from fer_live.live.states import EngineEvent, State

_log = logging.getLogger(__name__)

PULL_INTERVAL_MS = 8
"""Interval at which a new result is fetched; it adds at most this much to the latency."""
LOADING_INTERVAL_MS = 80
"""The same while the model loads, because drawing every frame would slow the loading."""
STOP_TIMEOUT_S = 2.0
"""Longest wait for one engine to end before the next one is built."""
CLOSE_STOP_TIMEOUT_S = 1.5
"""The same when the window closes, which must not wait for a call that cannot be interrupted."""


@dataclass(frozen=True)
class _Request:
    session: int
    source: str | None
    settings: Settings | None


class EngineBridge(QObject):
    """Runs one engine at a time. For the GUI thread; all methods but `close` return at once.

    A worker thread builds, starts and stops engines one after another, so that a camera is
    released before the next source opens. Every request starts a new session; results and events
    of older sessions are dropped, so that an old source is never shown.

    Args:
        build: Takes source, settings and event handler; returns an engine, not started.
    """

    event_received = Signal(object)
    """An `EngineEvent` of the present session."""
    result_received = Signal(object)
    """A `FrameResult` of the present session."""
    request_done = Signal()
    """The newest request has been carried out."""

    def __init__(self, build: BuildEngine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._build = build
        self._changed = threading.Condition()
        self._request = _Request(0, None, None)
        self._current: tuple[int, EngineLike] | None = None
        self._hanging: list[EngineLike] = []
        self._closing = False
        self._last_index = -1
        self._streaming = False
        self.only_searched = False
        """Prefer frames that were searched for faces, so that faces can be hidden in them."""
        self._gui = GuiCalls(self)
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
    def has_source(self) -> bool:
        """True from `start` until `stop`."""
        return self._request.source is not None

    def start(self, source: str, settings: Settings) -> None:
        """Stops the running engine and starts a source."""
        self._request_source(source, settings)
        self._timer.start()

    def stop(self) -> None:
        """Stops the running engine; `request_done` follows."""
        self._timer.stop()
        self._request_source(None, None)

    def close(self, timeout_s: float) -> bool:
        """Stops everything and waits, so it blocks; False if an engine does not end in time."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        until = time.monotonic() + timeout_s
        self._thread.join(timeout_s)
        hanging = [
            engine
            for engine in self._hanging
            if not engine.stop(max(until - time.monotonic(), 0.05))
        ]
        return not self._thread.is_alive() and not hanging

    def _request_source(self, source: str | None, settings: Settings | None) -> None:
        with self._changed:
            self._request = _Request(self._request.session + 1, source, settings)
            self._last_index = -1
            self._streaming = False
            self._changed.notify_all()

    def _work(self) -> None:
        """Body of the thread that builds, starts and stops the engines."""
        last_session = 0
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._closing or self._request.session != last_session  # noqa: B023
                )
                request, closing = self._request, self._closing
            self._retire(CLOSE_STOP_TIMEOUT_S if closing else STOP_TIMEOUT_S)
            if closing:
                return
            last_session = request.session
            if request.source is not None and request.settings is not None:
                self._launch(request, request.source, request.settings)
            self._gui.call(partial(self._take_done, last_session))

    def _retire(self, timeout_s: float) -> None:
        current, self._current = self._current, None
        if current is None:
            return
        try:
            ended = current[1].stop(timeout_s)
        except Exception:
            _log.exception("the engine failed to stop")
            return
        if not ended:
            _log.warning("the engine did not end within %s s", timeout_s)
            self._hanging.append(current[1])

    def _launch(self, request: _Request, source: str, settings: Settings) -> None:
        session = request.session

        def on_event(event: EngineEvent) -> None:
            self._gui.call(lambda: self._take_event(session, event))

        try:
            engine = self._build(source, settings, on_event)
            self._current = (session, engine)
            engine.start()
        except FerLiveError as error:
            on_event(EngineEvent(State.FAILED, error.message, error))
        except Exception as error:
            _log.exception("the engine could not be built")
            wrapped = FerLiveError(
                tr("Unexpected error while starting the source: {error}.").format(error=error),
                tr("Please report it with the details."),
            )
            on_event(EngineEvent(State.FAILED, wrapped.message, wrapped, traceback.format_exc()))

    def _take_event(self, session: int, event: EngineEvent) -> None:
        if session != self._request.session or self._closing:
            return
        if event.state.final:
            # The last result may have arrived after the last fetch.
            self._timer.stop()
            self._fetch()
        # A result that came before its event would be the only one of a paused file, and lost.
        self._streaming = event.state is State.STREAMING
        self.event_received.emit(event)

    def _take_done(self, session: int) -> None:
        if session == self._request.session and not self._closing:
            self.request_done.emit()

    @Slot()
    def _pull(self) -> None:
        engine = self.engine
        if engine is None:
            return
        interval_ms = LOADING_INTERVAL_MS if engine.model_name is None else PULL_INTERVAL_MS
        if interval_ms != self._timer.interval():
            self._timer.setInterval(interval_ms)
        if not (self._streaming and self._fetch()) and engine.state.final:
            self._timer.stop()

    def _fetch(self) -> bool:
        engine = self.engine
        result = (
            None if engine is None else engine.newest(self._last_index, searched=self.only_searched)
        )
        if result is None:
            return False
        self._last_index = result.frame.index
        self.result_received.emit(result)
        return True
