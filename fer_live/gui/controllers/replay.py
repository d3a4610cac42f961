"""The instant replay in the window: kept while it is wanted, saved by one key."""

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from fer_live.core.settings import Settings
from fer_live.gui.controllers.files import Files, FilesHost
from fer_live.gui.controllers.sink_runner import SinkRun
from fer_live.gui.controllers.tasks import Tasks
from fer_live.gui.protocols import ReplayLike, Services
from fer_live.gui.widgets.notice import Notice
from fer_live.gui.window import output_messages as words

if TYPE_CHECKING:
    from fer_live.recording.recorder import RecordingSummary

SETTINGS = ("replay", "replay_s", "record_pictures")
"""Settings by which the replay begins anew."""
SAVE_WAIT_S = 10.0
"""Longest wait, at the end, for a replay that is just being saved."""
OFF = Notice(
    "The instant replay is off.", "Switch it on first, then wait a little.", kind="warning"
)


class Replay(QObject):
    """Keeps the last seconds while the settings want it; goes on after the source has ended.

    Args:
        host: The window.
        services: Makes and saves it.
        tasks: Keeps that off the GUI thread.
        files: Shows what was saved.
    """

    changed = Signal()
    """There may be something new to show."""
    said = Signal(str)
    """A few words for a moment."""

    def __init__(self, host: FilesHost, services: Services, tasks: Tasks, files: Files) -> None:
        super().__init__(tasks)
        self._host = host
        self._services = services
        self._tasks = tasks
        self._files = files
        self._saving = False
        self._saved = threading.Event()
        self._saved.set()
        self.run: SinkRun[ReplayLike] = SinkRun(
            "replay", host.bridge, tasks, lambda replay: replay.clear()
        )
        self.run.changed.connect(self.changed)
        self.run.failed.connect(host.notices.show_error)
        self.run.finished.connect(lambda _none: self.attach())

    @property
    def wanted(self) -> bool:
        """The settings ask for it; where only numbers are kept, there is none."""
        settings = self._host.settings
        return settings.replay and settings.record_pictures != "none"

    @property
    def line(self) -> str:
        """Its length and memory; empty when it is off."""
        replay = self.run.sink
        if replay is None:
            return ""
        return words.replay_line(replay.kept_s, replay.memory_bytes)

    def attach(self) -> None:
        """Takes the frames of the engine that runs now, if it is wanted."""
        if self.run.active:
            self.run.attach()
        elif self.wanted and self._host.bridge.engine is not None:
            settings = self._host.settings
            self.run.start(lambda: self._services.make_replay(settings))

    def apply(self, old: Settings, new: Settings) -> None:
        """Follows changed settings."""
        if all(getattr(old, name) == getattr(new, name) for name in SETTINGS):
            return
        if self.run.active:
            # Another one begins when this one has ended.
            self.run.stop()
        else:
            self.attach()

    def save(self) -> None:
        """Writes what is kept; one file at a time."""
        if self._saving:
            return
        replay, settings = self.run.sink, self._host.settings
        if replay is None:
            only_numbers = settings.record_pictures == "none"
            self._host.notices.show_notice(words.NUMBERS_ONLY if only_numbers else OFF)
            return
        self._saving = True
        self.said.emit("Saving the replay…")

        def done(summary: "RecordingSummary") -> None:
            self._saving = False
            self._files.saved(words.recorded(summary, "Saved"), summary.paths[0].parent)

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
        """Ends for good when the window closes; blocks, so for a worker thread."""
        self._saved.wait(SAVE_WAIT_S)
        self.run.close()
