"""Runs one sink at a time: opens and finishes it off the GUI thread, moves it between engines."""

import threading
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from fer_live.core.errors import FerLiveError
from fer_live.gui.controllers.engine_bridge import EngineBridge
from fer_live.gui.controllers.tasks import Tasks
from fer_live.gui.protocols import EngineLike
from fer_live.live.states import ResultSink

CLOSE_WAIT_S = 2.0
"""Longest wait for a file that is still being opened when the window closes."""
UPDATE_INTERVAL_MS = 250
"""Interval at which new figures are shown."""


class SinkLike(ResultSink, Protocol):
    """Takes results between `start` and `stop`; `stop` returns a summary."""

    @property
    def error(self) -> FerLiveError | None: ...
    def start(self) -> None: ...
    def stop(self) -> Any: ...


SinkT = TypeVar("SinkT", bound=SinkLike)


class SinkRunner(QObject, Generic[SinkT]):
    """Runs at most one sink at a time. For the GUI thread, except where noted.

    Args:
        name: Of the output; part of the worker threads' names.
        bridge: Gives the running engine.
        tasks: Runs what may be slow.
        on_engine_change: Called with the sink when it continues with another engine.
    """

    changed = Signal()
    """The sink started or finished, or there are new figures to show."""
    started = Signal()
    """The sink takes results from now on."""
    finished = Signal(object)
    """What `stop` of the sink returned."""
    failed = Signal(object)
    """The exception for which the sink could not be opened or finished."""

    def __init__(
        self,
        name: str,
        bridge: EngineBridge,
        tasks: Tasks,
        on_engine_change: Callable[[SinkT], object] | None = None,
    ) -> None:
        super().__init__(tasks)
        self._name = name
        self._bridge = bridge
        self._tasks = tasks
        self._on_engine_change = on_engine_change
        self._sink: SinkT | None = None
        self._engine: EngineLike | None = None
        self._had_engine = False
        self._busy = self._finishing = self._cancelled = False
        self.open_sink: SinkT | None = None
        """The sink from opening until it is finished. Any thread may read it."""
        self.open_error: Exception | None = None
        """Why the sink could not be opened. Any thread may read it."""
        self._ready = threading.Event()
        self._ready.set()
        self._timer = QTimer(self, interval=UPDATE_INTERVAL_MS)
        self._timer.timeout.connect(self._update)

    @property
    def sink(self) -> SinkT | None:
        """The sink that takes results now, or None."""
        return self._sink

    @property
    def active(self) -> bool:
        """True from `start` until the sink is finished."""
        return self._busy or self._sink is not None

    @property
    def finishing(self) -> bool:
        """True while the sink is being finished, or is opening and will then be finished."""
        return self._busy and (self._finishing or self._cancelled)

    def start(
        self, make: Callable[[], SinkT], on_start: Callable[[SinkT], object] | None = None
    ) -> None:
        """Opens a sink and then gives it the engine's results.

        Args:
            make: Makes the sink, not started; called on a worker thread.
            on_start: Called on the worker thread with the started sink, before its first result.
        """
        if self.active:
            self.changed.emit()
            return
        self._busy, self._cancelled, self.open_error = True, False, None
        self._ready.clear()

        def work() -> SinkT:
            try:
                sink = make()
                sink.start()
                self.open_sink = sink
                if on_start is not None:
                    on_start(sink)
                return sink
            except Exception as error:
                self.open_error = error
                raise
            finally:
                self._ready.set()

        self._tasks.run(self._name, work, self._started, self._failed)
        self.changed.emit()

    def stop(self) -> None:
        """Finishes the sink; `finished` follows. Does nothing without a sink."""
        sink = self._sink
        if sink is not None:
            self.detach()
            self._sink = None
            self._finish(sink)
        elif self._busy and not self._finishing:
            self._cancelled = True
            self.changed.emit()

    def attach(self) -> None:
        """Gives the sink the results of the running engine."""
        engine = self._bridge.engine
        if self._sink is None or engine is None or engine is self._engine:
            return
        self.detach()
        if self._had_engine and self._on_engine_change is not None:
            self._on_engine_change(self._sink)
        self._engine, self._had_engine = engine, True
        engine.add_sink(self._sink)

    def detach(self) -> None:
        """Gives the sink no results until the next `attach`."""
        engine, self._engine = self._engine, None
        if engine is not None and self._sink is not None:
            engine.remove_sink(self._sink)

    def close(self) -> Any:
        """Finishes the sink when the window closes. Blocks; call it on a worker thread.

        Returns:
            What `stop` of the sink returned; None without a sink.
        """
        self._ready.wait(CLOSE_WAIT_S)
        sink = self.open_sink
        return None if sink is None else sink.stop()

    def _finish(self, sink: SinkT) -> None:
        self._timer.stop()
        self._busy = self._finishing = True
        self._tasks.run(f"{self._name}-end", sink.stop, self._finished, self._failed)
        self.changed.emit()

    def _started(self, sink: SinkT) -> None:
        engine = self._bridge.engine
        ended = not self._bridge.has_source or (engine is not None and engine.state.final)
        if self._cancelled or ended:
            self._finish(sink)
            return
        self._busy = False
        self._sink, self._had_engine = sink, False
        self.attach()
        self._timer.start()
        self.started.emit()
        self.changed.emit()

    def _finished(self, summary: object) -> None:
        self._reset()
        self.finished.emit(summary)
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self._reset()
        self.failed.emit(error)
        self.changed.emit()

    def _reset(self) -> None:
        self._busy = self._finishing = self._cancelled = False
        self.open_sink = None

    def _update(self) -> None:
        if self._sink is not None and self._sink.error is not None:
            self.stop()
        else:
            self.changed.emit()
