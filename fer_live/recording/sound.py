"""Adds the sound of an original video to its annotated copy."""

import heapq
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from fer_live.core.files import write_error

_log = logging.getLogger(__name__)

COPIED = frozenset({"aac", "ac3", "alac", "eac3", "flac", "mp2", "mp3", "opus"})
"""Codecs that MP4 holds and players support: their packets are copied unchanged."""
TRANSCODED_TO = "aac"
TRANSCODED_BIT_RATE = 192_000
"""Bit rate of all other sound, bits per second: transparent for stereo in AAC."""
TRANSCODED_LAYOUTS = frozenset({"mono", "stereo", "5.1"})
TRANSCODED_RATE = 48_000
"""Sample rate of sound whose own rate AAC does not support, per second."""

_Timed = Iterator[tuple[Fraction, int, Any]]
"""Decoding time of a packet, seconds; index of its stream; the packet."""


@dataclass(frozen=True)
class OriginalVideo:
    """What an annotated copy takes from the original video.

    Args:
        path: The video.
        begins_s: Time stamp at which the video's first stream begins, seconds.
        first_frame_s: Time of the first frame after that, seconds.
        pixel_aspect: Width of a pixel over its height, in the upright frame.
    """

    path: Path
    begins_s: Fraction = Fraction(0)
    first_frame_s: Fraction = Fraction(0)
    pixel_aspect: Fraction = Fraction(1)


def add_sound(silent: Path, original: OriginalVideo, target: Path) -> tuple[str, ...]:
    """Writes `target` with the frames of `silent` and every sound track of the original.

    No frame is encoded again. Times are those of the original, from its beginning.

    Args:
        silent: An MP4 with one H.264 track whose first frame has the time 0.
        original: The video with the sound.
        target: The MP4 to write, with its index in front; overwritten if it exists.

    Returns:
        A sentence for each problem with the sound.

    Raises:
        RecordingError: `target` cannot be written.
    """
    problems: list[str] = []
    try:
        with ExitStack() as stack:
            out = stack.enter_context(
                av.open(str(target), "w", format="mp4", options={"movflags": "faststart"})
            )
            frames = stack.enter_context(av.open(str(silent)))
            streams = [_frames(frames, out, original)]
            try:
                video = stack.enter_context(av.open(str(original.path.absolute())))
                streams.append(_sound(video, out, original, problems))
            except av.FFmpegError as error:
                problems.append(f"The sound cannot be read ({error.strerror}) and is left out.")
            for _, _, packet in heapq.merge(*streams, key=lambda timed: timed[0]):
                out.mux(packet)
    except av.FFmpegError as error:
        raise write_error(target, OSError(error.errno, error.strerror)) from error
    return tuple(problems)


def _frames(silent: Any, out: Any, original: OriginalVideo) -> _Timed:
    source = silent.streams.video[0]
    stream = out.add_stream_from_template(source)
    described = None
    if original.pixel_aspect != 1:
        aspect = f"{original.pixel_aspect.numerator}/{original.pixel_aspect.denominator}"
        change = f"h264_metadata=sample_aspect_ratio={aspect}"
        described = av.BitStreamFilterContext(change, source, stream)
    return _placed_frames(silent.demux(source), stream, described, original.first_frame_s)


def _placed_frames(
    packets: Iterator[Any], stream: Any, described: Any, shift_s: Fraction
) -> _Timed:
    for packet in packets:
        if packet.dts is not None:
            for finished in [packet] if described is None else described.filter(packet):
                yield _placed(finished, stream, shift_s)


def _sound(video: Any, out: Any, original: OriginalVideo, problems: list[str]) -> _Timed:
    """Adds all sound tracks before the first packet is written; returns their packets."""
    tracks: dict[int, _Track] = {}
    for source in video.streams.audio:
        try:
            tracks[source.index] = _Track(source, out)
        except (av.FFmpegError, ValueError, AttributeError) as error:
            _log.debug("sound track %d: %s", source.index, error)
            problems.append("A sound track with an unknown codec is left out.")
    return _placed_sound(video, tracks, -original.begins_s, problems)


def _placed_sound(
    video: Any, tracks: "dict[int, _Track]", shift_s: Fraction, problems: list[str]
) -> _Timed:
    if not tracks:
        return
    try:
        for packet in video.demux(*(track.source for track in tracks.values())):
            track = tracks[packet.stream.index]
            for finished in track.packets(packet):
                yield _placed(finished, track.stream, shift_s)
    except av.FFmpegError as error:
        problems.append(f"The sound is damaged and ends early ({error.strerror}).")


class _Track:
    """One sound track: copied, or encoded again where MP4 cannot hold it."""

    def __init__(self, source: Any, out: Any) -> None:
        self.source = source
        context = source.codec_context
        self._copied = context.codec.canonical_name in COPIED
        if self._copied:
            self.stream = out.add_stream_from_template(source)
        else:
            known = av.Codec(TRANSCODED_TO, "w").audio_rates
            rate = context.sample_rate
            self.stream = out.add_stream(
                TRANSCODED_TO,
                rate=rate if known is None or rate in known else TRANSCODED_RATE,
                layout=context.layout.name
                if context.layout.name in TRANSCODED_LAYOUTS
                else ("mono" if context.layout.nb_channels == 1 else "stereo"),
            )
            self.stream.codec_context.bit_rate = TRANSCODED_BIT_RATE
        self.stream.metadata.update(source.metadata)

    def packets(self, packet: Any) -> Iterator[Any]:
        """The packets to write for one packet of the original; the last, empty one flushes."""
        if self._copied:
            if packet.dts is not None:
                yield packet
            return
        for frame in packet.decode():
            yield from self.stream.encode(frame)
        if packet.dts is None:
            yield from self.stream.encode(None)


def _placed(packet: Any, stream: Any, shift_s: Fraction) -> tuple[Fraction, int, Any]:
    shift = round(shift_s / packet.time_base)
    packet.pts = None if packet.pts is None else packet.pts + shift
    packet.dts += shift
    packet.stream = stream
    return packet.dts * packet.time_base, stream.index, packet
