"""Live outputs to other programs: opens and closes them as the settings say."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from fer_live.core.settings import Settings
from fer_live.gui.controllers.output_files import OutputHost
from fer_live.gui.controllers.tasks import GuiCalls, Tasks
from fer_live.gui.protocols import (
    EngineLike,
    LiveOutputLike,
    LiveOutputsLike,
    LiveOutputsRequest,
    OutputSwitchesLike,
    Services,
)
from fer_live.gui.widgets.notice import Notice
from fer_live.gui.window.output_messages import live_output_figures, live_output_tip
from fer_live.live.log_listener import LogListener
from fer_live.live.states import EngineEvent
from fer_live.outputs.options import OutputOptions

if TYPE_CHECKING:
    from fer_live.core.errors import FerLiveError

UPDATE_INTERVAL_MS = 500
"""Interval at which the number of clients is shown."""


class LiveOutputsController(QObject):
    """Runs the live outputs that the settings ask for, whatever the source.

    Args:
        host: The window.
        services: Makes the outputs.
        tasks: Opens and closes them off the GUI thread.
    """

    def __init__(self, host: OutputHost, services: Services, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._host = host
        self._services = services
        self._tasks = tasks
        self._gui = GuiCalls(self)
        self._json = ""
        self._switches: OutputSwitchesLike | None = None
        self._busy = self._again = False
        self._engine: EngineLike | None = None
        self._last_engine: EngineLike | None = None
        self._listener = LogListener()
        self._timer = QTimer(self, interval=UPDATE_INTERVAL_MS)
        self._timer.timeout.connect(self._show)

    @property
    def live(self) -> LiveOutputsLike | None:
        """Takes markers while an output runs, else None."""
        switches = self._switches
        return None if switches is None or not switches.live.running else switches.live

    def begin(self, json: str = "") -> None:
        """Opens the outputs of the settings, and JSON lines into a file of the command line."""
        self._json = json
        self._sync()

    def apply_settings(self, old: Settings, new: Settings) -> None:
        """Follows changed settings."""
        if OutputOptions.from_settings(old) != OutputOptions.from_settings(new):
            self._sync()

    def source_changes(self) -> None:
        """Detaches from the engine, because a new one is being built."""
        engine, self._engine = self._engine, None
        if engine is not None and self._switches is not None:
            engine.remove_sink(self._switches.live)

    def source_ready(self) -> None:
        """Attaches to the running engine."""
        engine = self._host.bridge.engine
        if engine is None or engine is self._engine or self._switches is None:
            return
        self.source_changes()
        self._engine = engine
        engine.add_sink(self._switches.live)

    def take_event(self, event: EngineEvent) -> None:
        """Sends an event of the source to the outputs."""
        self._listener.log = self.live
        self._listener(event)

    def close(self) -> None:
        """Closes all outputs when the window closes. Blocks; call it on a worker thread."""
        if self._switches is not None:
            self._switches.stop()

    def _sync(self) -> None:
        options = OutputOptions.from_settings(self._host.settings, self._json)
        if self._switches is None and not options.wanted():
            return
        if self._busy:
            self._again = True
            return
        self._busy = True

        def work() -> tuple[Sequence[LiveOutputLike], Sequence["FerLiveError"]]:
            if self._switches is None:
                self._switches = self._services.make_live_outputs(self._request())
            return self._switches.apply(options)

        self._tasks.run("live-outputs", work, self._applied, self._failed)

    def _request(self) -> LiveOutputsRequest:
        host = self._host
        return LiveOutputsRequest(
            lambda: host.settings, lambda: host.fps, self._newest_engine, self._report_ended
        )

    def _newest_engine(self) -> EngineLike | None:
        """The running engine, or the previous one while the next is built. Any thread."""
        self._last_engine = self._host.bridge.engine or self._last_engine
        return self._last_engine

    def _applied(self, outcome: tuple[Sequence[LiveOutputLike], Sequence["FerLiveError"]]) -> None:
        opened, errors = outcome
        for error in errors:
            self._host.notices.show_error(error)
        for output in opened:
            if output.warning:
                self._host.notices.show_notice(Notice(output.warning, kind="warning"))
        self._finished()

    def _failed(self, error: Exception) -> None:
        self._host.notices.show_error(error)
        self._finished()

    def _finished(self) -> None:
        self._busy = False
        self.source_ready()
        self._show()
        if self.live is not None:
            self._timer.start()
        if self._again:
            self._again = False
            self._sync()

    def _show(self) -> None:
        switches = self._switches
        running = [o for o in switches.live.running if o.error is None] if switches else []
        if not running:
            self._timer.stop()
        self._host.status.show_outputs(live_output_figures(running), live_output_tip(running))

    def _report_ended(self, output: LiveOutputLike) -> None:
        self._gui.call(lambda: self._show_ended(output))

    def _show_ended(self, output: LiveOutputLike) -> None:
        if output.error is not None:
            self._host.notices.show_error(output.error)
        self._show()
