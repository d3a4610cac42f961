"""Shows the state of the outputs in the window: record button, session bar, replay, toasts."""

from PySide6.QtCore import QObject

from fer_live.gui.controllers.outputs import Outputs
from fer_live.gui.language import tr
from fer_live.gui.window.layout import WindowLayout
from fer_live.gui.window.output_messages import log_figures, record_button_text, recording_figures


class SessionView(QObject):
    """Keeps record button, session bar and status bar in step with the outputs.

    Args:
        window: Has the widgets.
        outputs: What is being recorded and logged.
    """

    def __init__(self, window: WindowLayout, outputs: Outputs) -> None:
        super().__init__(window)
        self._window = window
        self._outputs = outputs
        self._part = 0
        outputs.changed.connect(self.show)
        outputs.toast_requested.connect(window.toast.show_text)
        self.show()

    def show(self) -> None:
        """Updates every widget."""
        window, outputs = self._window, self._outputs
        recorder, log = outputs.recording.sink, outputs.log.sink
        window.show_recording(self._record_text())
        recording = ""
        if recorder is not None:
            recording = recording_figures(recorder, outputs.size_bytes, hidden=outputs.hidden)
            self._announce_part(recorder.part)
        window.session_bar.show_figures(recording, log_figures(log) if log else "")
        window.session_bar.show_pause(paused=recorder is not None and recorder.paused)
        window.commands["log"].setChecked(outputs.log.active and not outputs.log.finishing)
        self._show_replay()

    def _record_text(self) -> str | None:
        outputs = self._outputs
        recording = outputs.recording
        if recording.sink is not None:
            return record_button_text(recording.sink.elapsed_s, recording.sink.frames_dropped)
        if recording.active:
            return tr("Saving…") if recording.finishing else tr("Starting…")
        if outputs.numbers_only and outputs.log.sink is not None:
            return record_button_text(outputs.log.sink.elapsed_s, 0)
        return None

    def _announce_part(self, part: int) -> None:
        previous, self._part = self._part, part
        if part > max(previous, 1):
            self._window.toast.show_text(tr("Part {number} starts").format(number=part))

    def _show_replay(self) -> None:
        replay = self._outputs.replay
        on = replay.runner.sink is not None
        self._window.tool_bar.show_replay(on)
        tip = tr("Held in memory by the instant replay; press I to save it as a video")
        self._window.status.show_replay(replay.figures, tip if on else "")
