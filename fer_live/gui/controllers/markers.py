"""Markers in recording, log and live outputs: set by the keys 1 to 9, with preset or typed text."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut

from fer_live.core.settings import MARKER_KEYS, Settings
from fer_live.gui.controllers.live_outputs import LiveOutputsController
from fer_live.gui.controllers.outputs import Outputs
from fer_live.gui.language import tr
from fer_live.gui.protocols import LiveOutputsLike, LogLike, RecorderLike
from fer_live.gui.window.layout import WindowLayout
from fer_live.gui.window.output_messages import marker_text

if TYPE_CHECKING:
    from fer_live.session_log.schema import Moment


@dataclass(frozen=True)
class _KeyPress:
    """The moment at which a marker key was pressed.

    Args:
        log, recorder: The log and the recorder that ran then, if any.
        log_moment: The moment on the log's clock.
        live: The live outputs that ran then, if any.
        live_moment: The moment on their clock.
        time_s: `Frame.time_s` of the frame on screen, seconds; None is the newest frame.
    """

    log: LogLike | None
    recorder: RecorderLike | None
    log_moment: "Moment | None"
    live: LiveOutputsLike | None
    live_moment: Any
    time_s: float | None


class Markers(QObject):
    """Sets markers in log, recording and live outputs.

    Args:
        window: Has the shortcuts, the text field and the toast.
        outputs: What is being recorded and logged.
        live_outputs: What is sent to other programs.
    """

    def __init__(
        self, window: WindowLayout, outputs: Outputs, live_outputs: LiveOutputsController
    ) -> None:
        super().__init__(window)
        self._window = window
        self._outputs = outputs
        self._live_outputs = live_outputs
        self._texts: tuple[str, ...] = ()
        self._last_key = 1
        self._pending: tuple[int, _KeyPress] | None = None
        for key in range(1, MARKER_KEYS + 1):
            self._bind(str(key), partial(self.set, key))
            self._bind(f"Shift+{key}", partial(self.ask, key))
        bar = window.session_bar
        bar.marker_chosen.connect(self.set)
        bar.text_entered.connect(self._take_text)
        bar.text_cancelled.connect(self._drop)

    def show_settings(self, settings: Settings) -> None:
        """Takes the texts of the keys."""
        self._texts = settings.marker_texts
        texts = [self.text_of(key) for key in range(1, MARKER_KEYS + 1)]
        self._window.session_bar.show_markers(texts)

    def text_of(self, key: int) -> str:
        """The preset text of a key; may be empty."""
        return self._texts[key - 1] if key <= len(self._texts) else ""

    def set(self, key: int) -> None:
        """Sets a marker at this moment."""
        if self._check_running():
            self._mark(key, self.text_of(key), self._now())

    def ask(self, key: int | None = None) -> None:
        """Notes this moment and asks for the marker's text; None is the key used last."""
        if self._check_running():
            key = key or self._last_key
            self._pending = (key, self._now())
            self._window.session_bar.ask_text(key, self.text_of(key))

    def _bind(self, keys: str, call: Callable[[], None]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self._window)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(call)

    def _check_running(self) -> bool:
        """True while something takes markers; otherwise a toast says what is missing."""
        runners = self._outputs.recording, self._outputs.log
        if self._live_outputs.live or any(runner.sink is not None for runner in runners):
            return True
        opening = any(runner.active and not runner.finishing for runner in runners)
        self._window.toast.show_text(
            tr("No marker was set: the recording has not started yet")
            if opening
            else tr("A marker needs a recording (R), a log (L) or a live output")
        )
        return False

    def _now(self) -> _KeyPress:
        log, shown = self._outputs.log.sink, self._window.view.result
        live = self._live_outputs.live
        return _KeyPress(
            log,
            self._outputs.recording.sink,
            None if log is None else log.moment(),
            live,
            None if live is None else live.moment(),
            None if shown is None else shown.frame.time_s,
        )

    def _take_text(self, text: str) -> None:
        if self._pending is not None:
            (key, press), self._pending = self._pending, None
            self._mark(key, " ".join(text.split()), press)
        self._window.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _drop(self) -> None:
        self._pending = None
        self._window.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _mark(self, key: int, text: str, press: _KeyPress) -> None:
        self._last_key = key
        log, recorder = press.log, press.recorder
        marked, refusal = [], ""
        if log is not None:
            log.mark(key, text, press.log_moment)
            if log is self._outputs.log.sink and log.error is None:
                marked.append(tr("in the log"))
            else:
                refusal = tr("the log has ended")
        if recorder is not None:
            if recorder.mark(text or f"Marker {key}", press.time_s) is not None:
                marked.append(tr("in the recording"))
            else:
                refusal = self._refusal(recorder)
        if press.live is not None:
            press.live.mark(key, text, press.live_moment)
            marked.append(tr("in the live outputs"))
        running = recorder or log or press.live
        if running is not None:
            self._window.toast.show_text(marker_text(key, text, running.elapsed_s, marked, refusal))
        self._outputs.changed.emit()

    def _refusal(self, recorder: RecorderLike) -> str:
        empty = recorder is self._outputs.recording.sink and not recorder.part
        return tr("the recording has no frame yet") if empty else tr("the recording has ended")
