"""One sink at a time: opened and finished off the GUI thread, handed from engine to engine."""

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
"""Longest wait, at the end, for a file that is just being opened."""
LOOK_INTERVAL_MS = 250
"""How often new figures are shown."""


class SinkLike(ResultSink, Protocol):
    """What takes results for a while and then says how that went."""

    @property
    def error(self) -> FerLiveError | None: ...
    def start(self) -> None: ...
    def stop(self) -> Any: ...


S = TypeVar("S", bound=SinkLike)


class SinkRun(QObject, Generic[S]):
    """Runs at most one sink at a time. For the GUI thread alone, but for what says otherwise.

    Args:
        name: Of what is written; for the worker threads.
        bridge: Knows the engine that runs.
        tasks: Runs what may be slow.
        moved: Called when the sink goes on with another engine.
    """

    changed = Signal()
    """Started, finished, or new figures to show."""
    started = Signal()
    """The sink takes frames from now on."""
    finished = Signal(object)
    """What `stop` of the sink returned."""
    failed = Signal(object)
    """An exception: the sink could not be opened or finished."""

    def __init__(
        self,
        name: str,
        bridge: EngineBridge,
        tasks: Tasks,
        moved: Callable[[S], object] | None = None,
    ) -> None:
        super().__init__(tasks)
        self._name = name
        self._bridge = bridge
        self._tasks = tasks
        self._moved = moved
        self._sink: S | None = None
        self._engine: EngineLike | None = None
        self._had_engine = False
        self._busy = self._finishing = self._unwanted = False
        self.opened: S | None = None
        """The sink from when it is open until it is finished; for any thread."""
        self.unopened: Exception | None = None
        """Why the sink could not be opened; for any thread."""
        self._ready = threading.Event()
        self._ready.set()
        self._timer = QTimer(self, interval=LOOK_INTERVAL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def sink(self) -> S | None:
        """The one that is taking frames, or None."""
        return self._sink

    @property
    def active(self) -> bool:
        """True from `start` until all is finished."""
        return self._busy or self._sink is not None

    @property
    def finishing(self) -> bool:
        """True while a file is being finished, or will be as soon as it is open."""
        return self._busy and (self._finishing or self._unwanted)

    def start(self, make: Callable[[], S], then: Callable[[S], object] | None = None) -> None:
        """Opens a sink and gives it the engine's results from then on.

        Args:
            make: Makes it, not started; called in a worker thread.
            then: Called in the worker thread with the started sink, before its first frame.
        """
        if self.active:
            self.changed.emit()
            return
        self._busy, self._unwanted, self.unopened = True, False, None
        self._ready.clear()

        def work() -> S:
            try:
                sink = make()
                sink.start()
                self.opened = sink
                if then is not None:
                    then(sink)
                return sink
            except Exception as error:
                self.unopened = error
                raise
            finally:
                self._ready.set()

        self._tasks.run(self._name, work, self._started, self._failed)
        self.changed.emit()

    def stop(self) -> None:
        """Finishes the sink; `finished` follows. Harmless when there is none."""
        sink = self._sink
        if sink is not None:
            self.detach()
            self._sink = None
            self._finish(sink)
        elif self._busy and not self._finishing:
            self._unwanted = True
            self.changed.emit()

    def attach(self) -> None:
        """Takes the results of the engine that runs now."""
        engine = self._bridge.engine
        if self._sink is None or engine is None or engine is self._engine:
            return
        self.detach()
        if self._had_engine and self._moved is not None:
            self._moved(self._sink)
        self._engine, self._had_engine = engine, True
        engine.add_sink(self._sink)

    def detach(self) -> None:
        """Takes no results until the next `attach`."""
        engine, self._engine = self._engine, None
        if engine is not None and self._sink is not None:
            engine.remove_sink(self._sink)

    def close(self) -> Any:
        """Finishes for good when the window closes; blocks, so for a worker thread.

        Returns:
            What `stop` of the sink returned; None if there was none.
        """
        self._ready.wait(CLOSE_WAIT_S)
        sink = self.opened
        return None if sink is None else sink.stop()

    def _finish(self, sink: S) -> None:
        self._timer.stop()
        self._busy = self._finishing = True
        self._tasks.run(f"{self._name}-end", sink.stop, self._finished, self._failed)
        self.changed.emit()

    def _started(self, sink: S) -> None:
        engine = self._bridge.engine
        over = not self._bridge.wanted or (engine is not None and engine.state.final)
        if self._unwanted or over:
            self._finish(sink)
            return
        self._busy = False
        self._sink, self._had_engine = sink, False
        self.attach()
        self._timer.start()
        self.started.emit()
        self.changed.emit()

    def _finished(self, summary: object) -> None:
        self._rest()
        self.finished.emit(summary)
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self._rest()
        self.failed.emit(error)
        self.changed.emit()

    def _rest(self) -> None:
        self._busy = self._finishing = self._unwanted = False
        self.opened = None

    def _look(self) -> None:
        if self._sink is not None and self._sink.error is not None:
            self.stop()
        else:
            self.changed.emit()
