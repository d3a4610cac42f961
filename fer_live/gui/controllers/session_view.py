"""Shows in the window what the outputs do: record button, session bar, replay, passing words."""

from PySide6.QtCore import QObject

from fer_live.gui.controllers.outputs import Outputs
from fer_live.gui.window import output_messages as words
from fer_live.gui.window.layout import WindowLayout


class SessionView(QObject):
    """Follows the outputs.

    Args:
        window: Shows it.
        outputs: What is being recorded and logged.
    """

    def __init__(self, window: WindowLayout, outputs: Outputs) -> None:
        super().__init__(window)
        self._window = window
        self._outputs = outputs
        self._part = 0
        outputs.changed.connect(self.show)
        outputs.said.connect(window.toast.say)
        self.show()

    def show(self) -> None:
        """Shows everything as it is now."""
        window, outputs = self._window, self._outputs
        recorder, log = outputs.recording.sink, outputs.log.sink
        window.show_recording(self._record_words())
        recording = ""
        if recorder is not None:
            recording = words.recording_line(recorder, outputs.size_bytes, hidden=outputs.hidden)
            self._tell_part(recorder.part)
        window.session_bar.show_figures(recording, words.log_line(log) if log else "")
        window.session_bar.show_pause(paused=recorder is not None and recorder.paused)
        window.commands["log"].setChecked(outputs.log.active and not outputs.log.finishing)
        self._show_replay()

    def _record_words(self) -> str | None:
        outputs = self._outputs
        run = outputs.recording
        if run.sink is not None:
            return words.recording_words(run.sink.elapsed_s, run.sink.frames_dropped)
        if run.active:
            return "Saving…" if run.finishing else "Starting…"
        if outputs.numbers_only and outputs.log.sink is not None:
            return words.recording_words(outputs.log.sink.elapsed_s, 0)
        return None

    def _tell_part(self, part: int) -> None:
        before, self._part = self._part, part
        if part > max(before, 1):
            self._window.toast.say(f"Part {part} begins")

    def _show_replay(self) -> None:
        replay = self._outputs.replay
        on = replay.run.sink is not None
        self._window.tool_bar.show_replay(on)
        tip = "The instant replay keeps this in memory; I saves it as a video" if on else ""
        self._window.status.show_replay(replay.line, tip)
