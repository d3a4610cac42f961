"""The sound of a video file: follows the picture that is shown."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from fer_live.gui.language import tr_later
from fer_live.gui.protocols import SoundOutput
from fer_live.gui.sound_device import BUFFERED_S

if TYPE_CHECKING:
    from fer_live.capture.container.audio import AudioReader

INTERVAL_MS = 20
"""Interval at which samples are handed over."""
DRIFT_S = 0.04
"""Where sound and picture are further apart, samples are left out, or silence is put in."""
SAMPLE_BYTES = 2
STEADY = 0.1
"""Weight of each new picture in the estimate of what is on screen: pictures come unevenly."""
JUMP_S = 0.25
"""A picture so far from what was expected is a jump."""

NO_DEVICE = tr_later("This computer has no sound device that can play it.")
NO_SOUND = tr_later("This file has no sound.")


class Sound(QObject):
    """Plays the sound of one file at a time, in step with the pictures that are shown.

    Silent while the file is paused, muted, or not played at its own speed.

    Args:
        parent: Owner.
        open_device: Opens the sound device; called once, when the first file with sound begins.
        clock: Seconds, monotonic.
    """

    changed = Signal()
    """`problem` has changed."""

    def __init__(
        self,
        parent: QObject,
        open_device: Callable[[], SoundOutput | None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(parent)
        self._open_device = open_device
        self._clock = clock
        self._output: SoundOutput | None = None
        self._tried = False
        self._path: Path | None = None
        self._reader: AudioReader | None = None
        self._muted, self._volume = False, 1.0
        self._playing = False
        self._offset_s: float | None = None
        self._next: int | None = None
        self._said: str | None = NO_SOUND
        self._timer = QTimer(self, interval=INTERVAL_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.hand_over)

    @property
    def problem(self) -> str | None:
        """Why there is no sound, one sentence; None if there is, or while it is not known."""
        return self._said

    def begin(self, path: Path | None) -> None:
        """Takes a file; None for a source without sound."""
        if path == self._path:
            return
        self.end()
        if path is not None:
            from fer_live.capture.container.audio import AudioReader

            self._path, self._reader = path, AudioReader(path)
            self._timer.start()

    def end(self) -> None:
        """Lets go of the file."""
        self._timer.stop()
        if self._reader is not None:
            self._reader.close()
        self._path = self._reader = None
        self._playing = False
        self._hush()
        self._say(NO_SOUND)

    def close(self) -> None:
        """Lets go of file and device."""
        self.end()
        if self._output is not None:
            self._output.close()
            self._output = None

    def set_volume(self, volume: float, *, muted: bool) -> None:
        """Sets the volume, 0 to 1; muted, the sound is off."""
        self._volume, self._muted = volume, muted
        if self._output is not None:
            self._output.set_volume(volume)
        if muted:
            self._hush()

    def set_playing(self, on: bool) -> None:
        """The file runs at its own speed, or does not."""
        if on != self._playing:
            self._playing = on
            self._hush()

    def show(self, position_s: float) -> None:
        """A picture of the file is shown now; its position, seconds."""
        offset_s = self._clock() - position_s
        if self._offset_s is None or abs(offset_s - self._offset_s) > JUMP_S:
            self._hush()
            self._offset_s = offset_s
        else:
            self._offset_s += STEADY * (offset_s - self._offset_s)

    def hand_over(self) -> None:
        """Gives the device what it plays next; called every `INTERVAL_MS`."""
        reader = self._reader
        if reader is None or reader.has_sound is None:
            return
        output = self._device() if reader.has_sound else None
        self._say(None if output else NO_DEVICE if reader.has_sound else NO_SOUND)
        if output is None:
            self._timer.stop()
        elif self._playing and not self._muted and self._offset_s is not None:
            self._feed(reader, output, self._clock() - self._offset_s)

    def _feed(self, reader: "AudioReader", output: SoundOutput, shown_s: float) -> None:
        from fer_live.capture.container.audio import CHANNELS, RATE

        buffered = output.buffered
        # What is written now is heard after what is in the buffer.
        due = max(round(shown_s * RATE) + buffered, 0)
        early = 0 if self._next is None else self._next - due
        room = round(BUFFERED_S * RATE) - buffered
        if early > DRIFT_S * RATE:
            output.write(bytes(min(early, max(room, 0)) * CHANNELS * SAMPLE_BYTES))
            return
        if self._next is None or early < -DRIFT_S * RATE:
            self._next = due
        samples = reader.take(self._next, max(room, 0))
        if len(samples):
            self._next += output.write(samples.tobytes())

    def _device(self) -> SoundOutput | None:
        if not self._tried:
            self._tried = True
            self._output = self._open_device()
            if self._output is not None:
                self._output.set_volume(self._volume)
        return self._output

    def _hush(self) -> None:
        self._offset_s = self._next = None
        if self._output is not None:
            self._output.drop()

    def _say(self, problem: str | None) -> None:
        if problem != self._said:
            self._said = problem
            self.changed.emit()
