"""What the window records: video, session log and instant replay, kept in step."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from fer_live.core.settings import Settings
from fer_live.gui.controllers.files import Files, FilesHost
from fer_live.gui.controllers.replay import Replay
from fer_live.gui.controllers.sink_runner import SinkRun
from fer_live.gui.controllers.tasks import Tasks
from fer_live.gui.protocols import EngineLike, LogLike, RecorderLike, RecorderWish, Services
from fer_live.gui.window import output_messages as words
from fer_live.live.log_notes import LogNotes
from fer_live.live.states import EngineEvent

if TYPE_CHECKING:
    from fer_live.recording.disk import DiskSpace
    from fer_live.recording.recorder import RecordingSummary
    from fer_live.session_log.log import LogSummary

SIZE_INTERVAL_MS = 1000
"""How often the files' size is asked for; a slow disk is asked in a worker thread."""


class Outputs(QObject):
    """Records and logs what the engine analyses.

    Both go on when the source changes, the video in a new part, and end with the source. The log
    ends last: it is told how the recording ends.

    Args:
        host: The window.
        services: Makes recorder and log.
        tasks: Keeps what may be slow off the GUI thread.
    """

    changed = Signal()
    """There may be something new to show."""
    said = Signal(str)
    """A few words for a moment."""
    _low = Signal(object)

    def __init__(self, host: FilesHost, services: Services, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._host = host
        self._services = services
        self._tasks = tasks
        self.files = Files(host, services, tasks)
        self.replay = Replay(host, services, tasks, self.files)
        self.recording: SinkRun[RecorderLike] = SinkRun(
            "record", host.bridge, tasks, lambda recorder: recorder.new_part()
        )
        self.log: SinkRun[LogLike] = SinkRun("log", host.bridge, tasks)
        self.failure: Exception | None = None
        """What was asked for with flags and failed."""
        self.size_bytes = 0
        """Of the recording, at most a second ago."""
        self.hidden = False
        """Faces are hidden in the recording."""
        self._asked: set[QObject] = set()
        self._log_after = self._measuring = False
        self._engine: EngineLike | None = None
        self._notes = LogNotes()
        self._measure_timer = QTimer(self, interval=SIZE_INTERVAL_MS)
        self._measure_timer.timeout.connect(self._measure)
        self._low.connect(self._warn)
        self.replay.changed.connect(self.changed)
        self.replay.said.connect(self.said)
        for run in (self.recording, self.log):
            run.changed.connect(self.changed)
            run.failed.connect(partial(self._failed, run))
        self.recording.started.connect(self._measure_timer.start)
        self.recording.started.connect(self._hide)
        self.recording.finished.connect(self._recorded)
        self.log.finished.connect(self._logged)

    @property
    def numbers_only(self) -> bool:
        """No picture is kept; to record means to log."""
        return self._host.settings.record_pictures == "none"

    def begin(self, record: Path | None, log: Path | None) -> None:
        """Records and logs into these from the first frame on, as asked for with flags."""
        if log is not None:
            self._asked.add(self.log)
            self._start_log(log)
        if record is not None:
            self._asked.add(self.recording)
            self._start_recording(record)

    def record(self, on: bool) -> None:
        """Starts or finishes a recording; of numbers only that is the log."""
        if self.recording.active:
            self.recording.stop()
        elif self.numbers_only:
            self.switch_log(on)
        elif on and self._has_source():
            self._start_recording(None)

    def switch_log(self, on: bool) -> None:
        """Starts or finishes a session log."""
        if not on:
            self._stop_log()
        elif self._has_source():
            self._start_log(None)

    def pause(self, on: bool) -> None:
        """Pauses the recording or goes on with it."""
        recorder = self.recording.sink
        if recorder is not None:
            (recorder.pause if on else recorder.resume)()
            self.said.emit("Recording paused" if on else "Recording goes on")
        self.changed.emit()

    def source_changes(self) -> None:
        """Another source, or the same one anew, takes the place of the present one."""
        for run in (self.recording, self.log, self.replay.run):
            run.detach()

    def source_ready(self) -> None:
        """The source that was asked for is there."""
        if self._host.bridge.wanted:
            self.recording.attach()
            self.replay.attach()
            if not self._log_after:
                self.log.attach()

    def source_over(self) -> None:
        """The source has ended, failed or been stopped: finishes recording and log."""
        self.recording.stop()
        self._stop_log()

    def take_event(self, event: EngineEvent) -> None:
        """Notes in the log what happens to the source."""
        self._notes.log = self.log.sink
        self._notes(event)

    def apply(self, old: Settings, new: Settings) -> None:
        """Follows changed settings; a recording goes on as it began, but never hides less."""
        self.replay.apply(old, new)
        if self.recording.active:
            self._protect(old, new)
        self.changed.emit()

    def _protect(self, old: Settings, new: Settings) -> None:
        show = self._host.notices.show_notice
        if new.record_pictures == "none" != old.record_pictures:
            self.recording.stop()
            show(words.VIDEO_ENDED)
        elif new.hiding not in ("none", old.hiding):
            if not self.hidden:
                show(words.HIDDEN_NOW)
            self.hidden = True
            self._hide()
        elif new.hiding == "none" != old.hiding and self.hidden:
            show(words.STILL_HIDDEN)

    def _hide(self) -> None:
        recorder, wanted = self.recording.sink, self._host.settings.hiding
        if recorder is not None and wanted != "none":
            recorder.privacy = wanted

    def close(self) -> None:
        """Finishes everything when the window closes; blocks, so for a worker thread."""
        for run in (self.recording, self.log):
            summary = run.close()
            self._note_end(run, run.unopened or words.failure(summary))
        self.replay.close()

    def _start_recording(self, target: Path | None) -> None:
        host = self._host
        self.size_bytes, self.hidden = 0, host.settings.hiding != "none"
        wish = RecorderWish(target, lambda: host.settings, lambda: host.fps, self._tell_low)

        def follow(recorder: RecorderLike) -> None:
            if self.log.opened is not None:
                recorder.follow(self.log.opened)

        self.recording.start(lambda: self._services.make_recorder(wish), follow)

    def _start_log(self, path: Path | None) -> None:
        settings = self._host.settings

        def follow(log: LogLike) -> None:
            if self.recording.opened is not None:
                self.recording.opened.follow(log)

        make = self._services.make_log
        self.log.start(lambda: make(path, settings, self._last_engine), follow)

    def _last_engine(self) -> EngineLike | None:
        """The engine that runs, or the last one while the next is being built; any thread."""
        self._engine = self._host.bridge.engine or self._engine
        return self._engine

    def _stop_log(self) -> None:
        if self.recording.finishing and self.log.sink is not None:
            self.log.detach()
            self._log_after = True
        else:
            self.log.stop()

    def _has_source(self) -> bool:
        engine = self._host.bridge.engine
        if engine is not None and not engine.state.final:
            return True
        self._host.notices.show_notice(words.NO_SOURCE)
        self.changed.emit()
        return False

    def _recorded(self, summary: "RecordingSummary") -> None:
        self._recording_over()
        self._note_end(self.recording, words.failure(summary))
        notice = words.recorded(summary)
        if summary.paths:
            self.files.saved(notice, summary.paths[0].parent)
        else:
            self._host.notices.show_notice(notice)

    def _logged(self, summary: "LogSummary") -> None:
        self._note_end(self.log, words.failure(summary))
        notice = words.logged(summary)
        if summary.path is not None:
            self.files.logged(notice, summary.path)
        else:
            self._host.notices.show_notice(notice)

    def _failed(self, run: QObject, error: Exception) -> None:
        self._recording_over()
        self._note_end(run, error)
        self._host.notices.show_error(error)

    def _recording_over(self) -> None:
        if self.recording.active:
            return
        self._measure_timer.stop()
        if self._log_after:
            self._log_after = False
            self.log.stop()

    def _note_end(self, run: QObject, error: Exception | None) -> None:
        if run in self._asked:
            self._asked.discard(run)
            self.failure = self.failure or error

    def _tell_low(self, space: "DiskSpace") -> None:
        with suppress(RuntimeError):  # the window has gone
            self._low.emit(space)

    def _warn(self, space: "DiskSpace") -> None:
        self.files.saved(words.low_space(space))

    def _measure(self) -> None:
        recorder = self.recording.sink
        if recorder is None or self._measuring:
            return
        self._measuring = True

        def done(size_bytes: int | None) -> None:
            self._measuring = False
            self.size_bytes = self.size_bytes if size_bytes is None else size_bytes

        size: Callable[[], int] = lambda: recorder.size_bytes  # noqa: E731
        self._tasks.run("size", size, done, lambda _error: done(None))
