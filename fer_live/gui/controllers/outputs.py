"""Everything the window writes: recording, session log and instant replay, kept in step."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from fer_live.core.settings import Settings
from fer_live.gui.controllers.output_files import OutputFiles, OutputHost
from fer_live.gui.controllers.replay import ReplayController
from fer_live.gui.controllers.sink_runner import SinkRunner
from fer_live.gui.controllers.tasks import GuiCalls, Tasks
from fer_live.gui.language import tr
from fer_live.gui.protocols import EngineLike, LogLike, RecorderLike, RecorderRequest, Services
from fer_live.gui.widgets.notice import NoticeBar
from fer_live.gui.window.output_messages import (
    faces_hidden,
    faces_stay_hidden,
    failure,
    logged,
    low_space,
    no_source,
    recorded,
    video_ended,
)
from fer_live.live.log_listener import LogListener
from fer_live.live.states import EngineEvent

if TYPE_CHECKING:
    from fer_live.recording.disk import DiskSpace
    from fer_live.recording.recorder import RecordingSummary
    from fer_live.session_log.log import LogSummary

SIZE_INTERVAL_MS = 1000
"""Interval at which a worker thread measures the files' size; a disk may be slow."""


class Outputs(QObject):
    """Records and logs the results of the engine.

    Recording and log continue when the source changes, the video in a new part, and finish when
    the source ends. The log finishes last, because it notes the end of the recording.

    Args:
        host: The window.
        services: Makes recorder and log.
        tasks: Runs slow calls off the GUI thread.
    """

    changed = Signal()
    """There may be something new to show."""
    toast_requested = Signal(str)
    """A few words to show for a moment."""

    def __init__(self, host: OutputHost, services: Services, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._host = host
        self._services = services
        self._tasks = tasks
        self._gui = GuiCalls(self)
        self.files = OutputFiles(host, services, tasks)
        self.replay = ReplayController(host, services, tasks, self.files)
        self.recording: SinkRunner[RecorderLike] = SinkRunner(
            "record", host.bridge, tasks, lambda recorder: recorder.new_part()
        )
        self.log: SinkRunner[LogLike] = SinkRunner("log", host.bridge, tasks)
        self.failure: Exception | None = None
        """Why a file named on the command line could not be written."""
        self.size_bytes = 0
        """Size of the recording in bytes, at most a second old."""
        self.hidden = False
        """True while the recording hides faces."""
        self._from_flags: set[QObject] = set()
        # Notices that no longer apply when the recording has ended.
        self._advice: list[NoticeBar] = []
        self._log_waits = self._measuring = False
        self._engine: EngineLike | None = None
        self._notes = LogListener()
        self._measure_timer = QTimer(self, interval=SIZE_INTERVAL_MS)
        self._measure_timer.timeout.connect(self._measure)
        self.replay.changed.connect(self.changed)
        self.replay.toast_requested.connect(self.toast_requested)
        for runner in (self.recording, self.log):
            runner.changed.connect(self.changed)
            runner.failed.connect(partial(self._failed, runner))
        self.recording.started.connect(self._measure_timer.start)
        self.recording.started.connect(self._hide_faces)
        self.recording.finished.connect(self._recorded)
        self.log.finished.connect(self._logged)

    @property
    def numbers_only(self) -> bool:
        """True if saving pictures is turned off; the record button then starts the log."""
        return self._host.settings.record_pictures == "none"

    def begin(self, record: Path | None, log: Path | None) -> None:
        """Starts the recording and the log that the command line asks for, from the first frame."""
        if log is not None:
            self._from_flags.add(self.log)
            self._start_log(log)
        if record is not None:
            self._from_flags.add(self.recording)
            self._start_recording(record)

    def record(self, on: bool) -> None:
        """Starts or finishes a recording; the log, if saving pictures is turned off."""
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
        """Pauses or resumes the recording."""
        recorder = self.recording.sink
        if recorder is not None:
            (recorder.pause if on else recorder.resume)()
            text = tr("Recording paused") if on else tr("Recording resumed")
            self.toast_requested.emit(text)
        self.changed.emit()

    def source_changes(self) -> None:
        """Detaches everything from the engine, because a new one is being built."""
        for runner in (self.recording, self.log, self.replay.runner):
            runner.detach()

    def source_ready(self) -> None:
        """Attaches everything to the new engine."""
        if self._host.bridge.has_source:
            self.recording.attach()
            self.replay.attach()
            if not self._log_waits:
                self.log.attach()

    def source_ended(self) -> None:
        """Finishes recording and log, because the source ended, failed or was stopped."""
        self.recording.stop()
        self._stop_log()

    def log_event(self, event: EngineEvent) -> None:
        """Notes an event of the source in the log."""
        self._notes.log = self.log.sink
        self._notes(event)

    def apply_settings(self, old: Settings, new: Settings) -> None:
        """Follows changed settings. A running recording keeps its own, but never hides less."""
        self.replay.apply_settings(old, new)
        if self.recording.active:
            self._apply_privacy(old, new)
        self.changed.emit()

    def _apply_privacy(self, old: Settings, new: Settings) -> None:
        show = self._host.notices.show_notice
        if new.record_pictures == "none" != old.record_pictures:
            self.recording.stop()
            show(video_ended())
        elif new.hiding not in ("none", old.hiding):
            if not self.hidden:
                show(faces_hidden())
            self.hidden = True
            self._hide_faces()
        elif new.hiding == "none" != old.hiding and self.hidden:
            self._advice.append(show(faces_stay_hidden()))

    def _hide_faces(self) -> None:
        recorder, privacy = self.recording.sink, self._host.settings.hiding
        if recorder is not None and privacy != "none":
            recorder.privacy = privacy

    def close(self) -> None:
        """Finishes everything when the window closes. Blocks; call it on a worker thread."""
        for runner in (self.recording, self.log):
            summary = runner.close()
            self._keep_failure(runner, runner.open_error or failure(summary))
        self.replay.close()

    def _start_recording(self, target: Path | None) -> None:
        host = self._host
        self.size_bytes, self.hidden = 0, host.settings.hiding != "none"
        request = RecorderRequest(
            target, lambda: host.settings, lambda: host.fps, self._report_low_space
        )

        def follow(recorder: RecorderLike) -> None:
            if self.log.open_sink is not None:
                recorder.follow(self.log.open_sink)

        self.recording.start(lambda: self._services.make_recorder(request), follow)

    def _start_log(self, path: Path | None) -> None:
        settings = self._host.settings

        def follow(log: LogLike) -> None:
            if self.recording.open_sink is not None:
                self.recording.open_sink.follow(log)

        make = self._services.make_log
        self.log.start(lambda: make(path, settings, self._last_engine), follow)

    def _last_engine(self) -> EngineLike | None:
        """The running engine, or the last one while the next is being built. For any thread."""
        self._engine = self._host.bridge.engine or self._engine
        return self._engine

    def _stop_log(self) -> None:
        if self.recording.finishing and self.log.sink is not None:
            self.log.detach()
            self._log_waits = True
        else:
            self.log.stop()

    def _has_source(self) -> bool:
        engine = self._host.bridge.engine
        if engine is not None and not engine.state.final:
            return True
        self._host.notices.show_notice(no_source())
        self.changed.emit()
        return False

    def _recorded(self, summary: "RecordingSummary") -> None:
        self._after_recording()
        self._keep_failure(self.recording, failure(summary))
        notice = recorded(summary)
        if summary.paths:
            self.files.show_saved(notice, summary.paths[0], tr("Play"))
        else:
            self._host.notices.show_notice(notice)

    def _logged(self, summary: "LogSummary") -> None:
        self._keep_failure(self.log, failure(summary))
        notice = logged(summary)
        if summary.path is not None:
            self.files.show_logged(notice, summary.path)
        else:
            self._host.notices.show_notice(notice)

    def _failed(self, runner: QObject, error: Exception) -> None:
        self._after_recording()
        self._keep_failure(runner, error)
        self._host.notices.show_error(error)

    def _after_recording(self) -> None:
        if self.recording.active:
            return
        self._measure_timer.stop()
        for bar in self._advice:
            self._host.notices.withdraw(bar)
        self._advice.clear()
        if self._log_waits:
            self._log_waits = False
            self.log.stop()

    def _keep_failure(self, runner: QObject, error: Exception | None) -> None:
        if runner in self._from_flags:
            self._from_flags.discard(runner)
            self.failure = self.failure or error

    def _report_low_space(self, space: "DiskSpace") -> None:
        self._gui.call(lambda: self._warn_low_space(space))

    def _warn_low_space(self, space: "DiskSpace") -> None:
        self._advice.append(self.files.show_with_folder(low_space(space)))

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
