"""The default sound device, through Qt Multimedia."""

from typing import Any

from fer_live.gui.protocols import SoundOutput
from fer_live.gui.window.camera_formats import multimedia

BUFFERED_S = 0.2
"""Sound handed over ahead: the window may be busy for so long without a gap."""


class QtOutput:
    """The default sound device, through Qt Multimedia. For the GUI thread."""

    def __init__(self, sink: Any, frame_bytes: int) -> None:
        self._sink = sink
        self._frame_bytes = frame_bytes
        self._room: Any = None

    @property
    def buffered(self) -> int:
        """As `SoundOutput`."""
        if self._room is None:
            return 0
        return int((self._sink.bufferSize() - self._sink.bytesFree()) // self._frame_bytes)

    def write(self, samples: bytes) -> int:
        """As `SoundOutput`."""
        if self._room is None:
            self._room = self._sink.start()
        if self._room is None:  # the device was taken away
            return 0
        return max(int(self._room.write(samples)), 0) // self._frame_bytes

    def set_volume(self, volume: float) -> None:
        """As `SoundOutput`."""
        self._sink.setVolume(volume)

    def drop(self) -> None:
        """As `SoundOutput`."""
        if self._room is not None:
            self._sink.reset()
            self._room = None

    def close(self) -> None:
        """As `SoundOutput`."""
        self.drop()
        self._sink.deleteLater()


def open_output() -> SoundOutput | None:
    """Opens the default sound device; None if there is none, or it cannot play this format.

    The first call takes up to a second, while Qt loads its library.
    """
    from fer_live.capture.container.audio import CHANNELS, RATE

    media = multimedia()
    if media is None:
        return None
    device = media.QMediaDevices.defaultAudioOutput()
    wanted = media.QAudioFormat()
    wanted.setSampleRate(RATE)
    wanted.setChannelCount(CHANNELS)
    wanted.setSampleFormat(media.QAudioFormat.SampleFormat.Int16)
    if device.isNull() or not device.isFormatSupported(wanted):
        return None
    sink = media.QAudioSink(device, wanted)
    # More than is ever handed over, so that the rest tells how much is not yet heard.
    sink.setBufferSize(round(2 * BUFFERED_S * RATE) * wanted.bytesPerFrame())
    return QtOutput(sink, wanted.bytesPerFrame())
