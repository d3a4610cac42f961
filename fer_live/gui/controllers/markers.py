"""Markers: set by the keys 1 to 9, with a text from the settings or typed afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut

from fer_live.core.settings import MARKER_KEYS, Settings
from fer_live.gui.controllers.outputs import Outputs
from fer_live.gui.protocols import LogLike, RecorderLike
from fer_live.gui.window.layout import WindowLayout
from fer_live.gui.window.output_messages import marked

if TYPE_CHECKING:
    from fer_live.session_log.schema import Moment

NOTHING_RUNS = "A marker needs a recording (R) or a log (L)"
NOT_YET = "No marker was set: the recording has not begun yet"


@dataclass(frozen=True)
class _Moment:
    """When a key was pressed.

    Args:
        log, recorder: What ran then.
        in_log: On the log's clock.
        time_s: `Frame.time_s` of what was on screen; None is the newest frame.
    """

    log: LogLike | None
    recorder: RecorderLike | None
    in_log: "Moment | None"
    time_s: float | None


class Markers(QObject):
    """Sets markers in log and recording.

    Args:
        window: Has the keys, the line for texts and the words over the video.
        outputs: What is being recorded and logged.
    """

    def __init__(self, window: WindowLayout, outputs: Outputs) -> None:
        super().__init__(window)
        self._window = window
        self._outputs = outputs
        self._texts: tuple[str, ...] = ()
        self._last_key = 1
        self._asked: tuple[int, _Moment] | None = None
        for key in range(1, MARKER_KEYS + 1):
            self._bind(str(key), partial(self.set, key))
            self._bind(f"Shift+{key}", partial(self.ask, key))
        bar = window.session_bar
        bar.marker_chosen.connect(self.set)
        bar.text_given.connect(self._take_text)
        bar.text_dropped.connect(self._drop)

    def show_settings(self, settings: Settings) -> None:
        """Takes what the keys mean."""
        self._texts = settings.marker_texts
        self._window.session_bar.show_markers([self.text_of(n + 1) for n in range(MARKER_KEYS)])

    def text_of(self, key: int) -> str:
        """What a key means; may be empty."""
        return self._texts[key - 1] if key <= len(self._texts) else ""

    def set(self, key: int) -> None:
        """Sets a marker now."""
        if self._running():
            self._mark(key, self.text_of(key), self._now())

    def ask(self, key: int | None = None) -> None:
        """Remembers this moment and asks for the marker's text; no key is the last one."""
        if self._running():
            key = key or self._last_key
            self._asked = (key, self._now())
            self._window.session_bar.ask_text(key, self.text_of(key))

    def _bind(self, keys: str, call: Callable[[], None]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self._window)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(call)

    def _running(self) -> bool:
        runs = self._outputs.recording, self._outputs.log
        if any(run.sink is not None for run in runs):
            return True
        begins = any(run.active and not run.finishing for run in runs)
        self._window.toast.say(NOT_YET if begins else NOTHING_RUNS)
        return False

    def _now(self) -> _Moment:
        log, shown = self._outputs.log.sink, self._window.view.result
        return _Moment(
            log,
            self._outputs.recording.sink,
            None if log is None else log.moment(),
            None if shown is None else shown.frame.time_s,
        )

    def _take_text(self, text: str) -> None:
        if self._asked is not None:
            (key, moment), self._asked = self._asked, None
            self._mark(key, " ".join(text.split()), moment)
        self._window.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _drop(self) -> None:
        self._asked = None
        self._window.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _mark(self, key: int, text: str, moment: _Moment) -> None:
        self._last_key = key
        log, recorder = moment.log, moment.recorder
        kept, refusal = [], ""
        if log is not None:
            log.mark(key, text, moment.in_log)
            if log is self._outputs.log.sink and log.error is None:
                kept.append("log")
            else:
                refusal = "the log has ended"
        if recorder is not None:
            if recorder.mark(text or f"Marker {key}", moment.time_s) is not None:
                kept.append("recording")
            else:
                refusal = self._why_not(recorder)
        running = recorder or log
        if running is not None:
            self._window.toast.say(marked(key, text, running.elapsed_s, kept, refusal))
        self._outputs.changed.emit()

    def _why_not(self, recorder: RecorderLike) -> str:
        begins = recorder is self._outputs.recording.sink and not recorder.part
        return f"the recording {'has no picture yet' if begins else 'has ended'}"
