"""The instant replay: holds the last seconds while it is switched on; one key saves them."""

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from fer_live.core.settings import Settings
from fer_live.gui.controllers.output_files import OutputFiles, OutputHost
from fer_live.gui.controllers.sink_runner import SinkRunner
from fer_live.gui.controllers.tasks import Tasks
from fer_live.gui.language import tr
from fer_live.gui.protocols import ReplayLike, Services
from fer_live.gui.widgets.notice import Notice
from fer_live.gui.window.output_messages import numbers_only, recorded, replay_figures

if TYPE_CHECKING:
    from fer_live.recording.recorder import RecordingSummary

RESTART_SETTINGS = ("replay", "replay_s", "record_pictures")
"""Settings whose change restarts the replay."""
SAVE_WAIT_S = 10.0
"""Longest wait for a replay that is being saved when the window closes."""


class ReplayController(QObject):
    """Runs the instant replay while the settings ask for it, also after the source has ended.

    Args:
        host: The window.
        services: Makes and saves the replay.
        tasks: Runs that off the GUI thread.
        files: Shows the notice about a saved file.
    """

    changed = Signal()
    """There may be something new to show."""
    toast_requested = Signal(str)
    """A few words to show for a moment."""

    def __init__(
        self, host: OutputHost, services: Services, tasks: Tasks, files: OutputFiles
    ) -> None:
        super().__init__(tasks)
        self._host = host
        self._services = services
        self._tasks = tasks
        self._files = files
        self._saving = False
        self._saved = threading.Event()
        self._saved.set()
        self.runner: SinkRunner[ReplayLike] = SinkRunner(
            "replay", host.bridge, tasks, lambda replay: replay.clear()
        )
        self.runner.changed.connect(self.changed)
        self.runner.failed.connect(host.notices.show_error)
        self.runner.finished.connect(lambda _summary: self.attach())

    @property
    def enabled(self) -> bool:
        """True if the settings ask for a replay and allow saving pictures."""
        settings = self._host.settings
        return settings.replay and settings.record_pictures != "none"

    @property
    def figures(self) -> str:
        """Length and memory as text; empty while the replay is off."""
        replay = self.runner.sink
        if replay is None:
            return ""
        return replay_figures(replay.kept_s, replay.memory_bytes)

    def attach(self) -> None:
        """Gives the replay the results of the running engine, if it is enabled."""
        if self.runner.active:
            self.runner.attach()
        elif self.enabled and self._host.bridge.engine is not None:
            settings = self._host.settings
            self.runner.start(lambda: self._services.make_replay(settings))

    def apply_settings(self, old: Settings, new: Settings) -> None:
        """Restarts or stops the replay when its settings change."""
        if all(getattr(old, name) == getattr(new, name) for name in RESTART_SETTINGS):
            return
        if self.runner.active:
            # The next one starts when this one has finished.
            self.runner.stop()
        else:
            self.attach()

    def save(self) -> None:
        """Saves the replay to a file; one at a time."""
        if self._saving:
            return
        replay, settings = self.runner.sink, self._host.settings
        if replay is None:
            without_pictures = settings.record_pictures == "none"
            self._host.notices.show_notice(numbers_only() if without_pictures else _off())
            return
        self._saving = True
        self.toast_requested.emit(tr("Saving the replay…"))

        def done(summary: "RecordingSummary") -> None:
            self._saving = False
            self._files.show_saved(recorded(summary, replay=True), summary.paths[0], tr("Play"))

        def failed(error: Exception) -> None:
            self._saving = False
            self._host.notices.show_error(error)

        def work() -> "RecordingSummary":
            try:
                return self._services.save_replay(replay, settings)
            finally:
                self._saved.set()

        self._saved.clear()
        self._tasks.run("replay-save", work, done, failed)

    def close(self) -> None:
        """Finishes the replay when the window closes. Blocks; call it on a worker thread."""
        self._saved.wait(SAVE_WAIT_S)
        self.runner.close()


def _off() -> Notice:
    return Notice(
        tr("The instant replay is off."),
        tr("Switch it on in the Capture menu; it then holds the last seconds."),
        kind="warning",
    )
