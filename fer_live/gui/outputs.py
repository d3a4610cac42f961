"""What the window writes: snapshots, recordings, and the folder they go to."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from fer_live.config import Settings
from fer_live.errors import RecordingError
from fer_live.gui.bridge import EngineBridge
from fer_live.gui.notice import Notice, NoticeArea
from fer_live.gui.recording import Recording
from fer_live.gui.services import Services
from fer_live.gui.status import StatusStrip
from fer_live.gui.tasks import Tasks
from fer_live.gui.video_view import VideoView

if TYPE_CHECKING:
    from fer_live.recording.video import RecordingSummary


class Host(Protocol):
    """The part of the window that is used here."""

    settings: Settings
    bridge: EngineBridge
    view: VideoView
    notices: NoticeArea
    status: StatusStrip

    @property
    def fps(self) -> float | None:
        """The rate drawn in the picture."""
        ...

    def show_recording(self, words: str | None) -> None:
        """Shows the record button's state."""
        ...


class Outputs(QObject):
    """Takes snapshots and recordings of what the window shows.

    Args:
        host: The window.
        services: Writes the files.
        tasks: Keeps the writing off the GUI thread.
    """

    def __init__(self, host: Host, services: Services, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._host = host
        self._services = services
        self._tasks = tasks
        self._saving = False
        self.recording = Recording(services, tasks, self)
        self.recording.changed.connect(self._show_recording)
        self.recording.finished.connect(self._recorded)
        self.recording.failed.connect(host.notices.show_error)

    def take_snapshot(self) -> None:
        """Saves what is shown; one picture at a time."""
        host = self._host
        if self._saving:
            return
        result = host.view.result
        if result is None:
            host.notices.show_notice(Notice("There is no picture to save yet.", kind="warning"))
            return
        engine, settings, fps = host.bridge.engine, host.settings, host.fps
        model = engine.model_name if engine else None
        host.status.show_state("Saving the snapshot…")
        self._saving = True

        def done(path: Path) -> None:
            self._saving = False
            self._saved(f"Saved {path.name}.")

        def failed(error: Exception) -> None:
            self._saving = False
            host.notices.show_error(error)

        self._tasks.run(
            "snapshot",
            lambda: self._services.save_snapshot(result, settings, fps, model),
            done,
            failed,
        )

    def record(self, on: bool) -> None:
        """Starts or finishes a recording."""
        if not on:
            self.recording.stop()
            return
        engine = self._host.bridge.engine
        if engine is None or engine.state.final:
            self._host.notices.show_notice(
                Notice("There is nothing to record yet.", "Start a source first.", kind="warning")
            )
            self._show_recording()
            return
        self.recording.start(engine, lambda: self._host.settings, lambda: self._host.fps)

    def open_folder(self) -> None:
        """Shows the folder in the system's file manager."""
        folder = self._host.settings.output_dir

        def work() -> Path:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise RecordingError(
                    f"The folder {folder} cannot be opened: {error.strerror or error}.",
                    "Choose another folder in the settings.",
                ) from error
            return folder

        self._tasks.run("folder", work, self._open, self._host.notices.show_error)

    def _open(self, folder: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._host.notices.show_notice(
                Notice(
                    "No file manager could be opened.", f"The folder is {folder}.", kind="warning"
                )
            )

    def _saved(self, message: str, hint: str = "") -> None:
        hint = hint or str(self._host.settings.output_dir)
        self._host.notices.show_notice(
            Notice(
                message, hint, kind="done", action_text="Open the folder", action=self.open_folder
            )
        )

    def _recorded(self, summary: "RecordingSummary") -> None:
        if summary.error is not None:
            self._host.notices.show_error(summary.error)
        elif not summary.paths:
            self._host.notices.show_notice(
                Notice("Nothing was recorded: no frame came.", kind="warning")
            )
        else:
            names = ", ".join(path.name for path in summary.paths)
            lost = f", {summary.frames_dropped} dropped" if summary.frames_dropped else ""
            self._saved(
                f"Recorded {names}.",
                f"{summary.frames_written} frames, {summary.duration_s:.0f} s{lost}.",
            )

    def _show_recording(self) -> None:
        recorder = self.recording.recorder
        if recorder is not None:
            self._host.show_recording(recording_words(recorder.elapsed_s, recorder.frames_dropped))
        elif self.recording.busy:
            self._host.show_recording("Saving…" if self.recording.finishing else "Starting…")
        else:
            self._host.show_recording(None)


def recording_words(elapsed_s: float, dropped: int) -> str:
    """Elapsed time, and drops if there are any, for the record button."""
    minutes, seconds = divmod(int(elapsed_s), 60)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{clock} · {dropped} dropped" if dropped else clock
