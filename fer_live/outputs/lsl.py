"""Lab Streaming Layer: a stream of probabilities and a stream of markers."""

import math
import socket
import time
from types import ModuleType
from typing import Any

from fer_live import __version__
from fer_live.core.derived import DERIVED
from fer_live.core.errors import OutputError
from fer_live.core.types import Face
from fer_live.outputs.clock_offset import ClockOffset
from fer_live.outputs.messages import EventMessage, FrameMessage, SessionMessage
from fer_live.outputs.slots import FaceSlots

SLOTS = 4
"""Faces that the stream has channels for."""
BUFFER = 60
"""For a listener that does not read, liblsl keeps 100 samples for each of these: 6000, over three
minutes at 30 per second."""
CONTENT = "Expression"
"""Type of the stream of probabilities; XDF knows none for expressions."""
MARKERS = "Markers"
MARKER_SUFFIX = "-markers"
_LIBRARY_MISSING = (
    "The LSL output needs the library liblsl, which cannot be loaded.",
    "Install the newest pylsl, which brings it, or: conda install -c conda-forge liblsl.",
)


class LslSender:
    """Publishes two outlets with irregular rates: one sample per frame, one per marker or event.

    Time stamps are the frames' capture times on LSL's own clock. The outlet of probabilities opens
    with the first frame, when the classes are known, and again if they change.

    Args:
        name: Of the stream; the markers' has `MARKER_SUFFIX` too.
    """

    name = "LSL"
    capacity = 32
    pictures = False
    warning = "Warning: LSL streams can be found and read by every computer on the local network."

    def __init__(self, name: str) -> None:
        self._stream = name
        self._lsl: ModuleType | None = None
        self._offset: ClockOffset | None = None
        self._outlet: Any = None
        self._markers: Any = None
        self._channels: tuple[str, ...] = ()
        self._slots = FaceSlots(SLOTS)

    @property
    def place(self) -> str:
        """The stream's name."""
        return self._stream

    @property
    def clients(self) -> int | None:
        """1 while anybody listens to the stream: LSL does not say how many do."""
        outlet = self._outlet
        return int(outlet is not None and outlet.have_consumers())

    @property
    def clock_error_s(self) -> float:
        """By how much time stamps can be wrong at most, seconds."""
        return self._offset.error_s if self._offset is not None else math.nan

    def open(self) -> None:
        """Opens the stream of markers. Raises OutputError."""
        self._lsl = load_pylsl()
        self._offset = ClockOffset(time.perf_counter, self._lsl.local_clock)
        self._markers = self._new_outlet(
            self._lsl.StreamInfo(
                self._stream + MARKER_SUFFIX,
                MARKERS,
                1,
                self._lsl.IRREGULAR_RATE,
                self._lsl.cf_string,
                self._source_id(MARKER_SUFFIX),
            )
        )

    def session(self, session: SessionMessage) -> None:
        """Opens the stream of probabilities, if it is not open with these channels."""
        per_face = ("id", *session.labels, *(DERIVED if session.derived else ()))
        channels = tuple(f"face{slot}_{one}" for slot in range(1, SLOTS + 1) for one in per_face)
        if self._outlet is not None and channels == self._channels:
            return
        assert self._lsl is not None
        assert self._offset is not None
        info = self._lsl.StreamInfo(
            self._stream,
            CONTENT,
            len(channels),
            self._lsl.IRREGULAR_RATE,
            self._lsl.cf_float32,
            self._source_id(""),
        )
        description = info.desc()
        _fill(
            description,
            manufacturer="fer_live",
            version=__version__,
            model=session.about.model,
            device=session.about.device,
            source=session.about.source,
        )
        listed = description.append_child("channels")
        for channel in channels:
            unit, kind = _unit_of(channel)
            _fill(listed.append_child("channel"), label=channel, unit=unit, type=kind)
        # Words of the XDF specification for stream headers.
        _fill(
            description.append_child("synchronization"),
            time_source="capture of the frame, as the program received it",
            offset_mean="0",
            offset_rms=f"{self._offset.error_s:.9f}",
            can_drop_samples="true",
            inter_stream_timing="accurate",
        )
        self._outlet = None  # the old one ends before another with the same name begins
        self._channels = channels
        self._outlet = self._new_outlet(info)

    def frame(self, frame: FrameMessage, dropped: int) -> bool:
        """Pushes a sample; NaN in the channels of an empty slot."""
        assert self._offset is not None
        faces = self._slots.place(frame.faces)
        width = len(self._channels) // SLOTS
        sample: list[float] = []
        for slot in range(1, SLOTS + 1):
            face = faces.get(slot)
            sample += [math.nan] * width if face is None else _figures(face, frame)
        self._outlet.push_sample(sample, self._offset.convert(frame.captured_s))
        return True

    def event(self, event: EventMessage) -> bool:
        """Pushes a marker: kind, key and text."""
        assert self._offset is not None
        self._markers.push_sample([event.words], self._offset.convert(event.captured_s))
        return True

    def close(self) -> None:
        """Takes both streams off the network."""
        self._outlet = self._markers = None

    def _new_outlet(self, info: Any) -> Any:
        assert self._lsl is not None
        return self._lsl.StreamOutlet(info, 0, BUFFER)

    def _source_id(self, suffix: str) -> str:
        """Lets a listener find the same stream again after this program has been restarted."""
        return f"fer_live-{socket.gethostname()}-{self._stream}{suffix}"


def load_pylsl() -> ModuleType:
    """The library. Raises OutputError with the way to get it, and what of it is missing."""
    try:
        import pylsl
    except ImportError as error:
        raise OutputError(
            "The LSL output needs the library pylsl.",
            'Install it with: pip install "fer-live[lsl]".',
        ) from error
    except (RuntimeError, OSError) as error:  # pylsl is there, liblsl is not, or does not fit
        raise OutputError(*_LIBRARY_MISSING) from error
    module: ModuleType = pylsl
    return module


def _figures(face: Face, frame: FrameMessage) -> list[float]:
    count = len(frame.labels)
    known = face.probabilities
    values = [math.nan] * count if known is None else [float(p) for p in known]
    derived = (math.nan if value is None else value for value in frame.derived(face))
    return [float(face.track_id), *values, *derived]


def _unit_of(channel: str) -> tuple[str, str]:
    figure = channel.partition("_")[2]
    if figure == "id":
        return "number", "Identity"
    if figure == DERIVED[0]:
        return "-1 to 1", "Valence"
    if figure == DERIVED[1]:
        return "bits", "Entropy"
    return "probability", "Probability"


def _fill(element: Any, **values: str) -> None:
    for name, value in values.items():
        element.append_child_value(name, value)
