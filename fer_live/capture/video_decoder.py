"""Decodes video with FFmpeg, through PyAV: upright, progressive BGR images with their times."""

import contextlib
import logging
import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from fer_live.capture.container.deinterlacer import Deinterlacer
from fer_live.capture.container.frame_choice import FirstOfEachPeriod, FrameChoice
from fer_live.capture.container.frame_converter import FrameConverter, upright_size
from fer_live.core.types import Frame, ImageBgr

_log = logging.getLogger(__name__)

FAILED_PACKETS_MAX = 4096
"""This many damaged packets in a row end the decoding: the rest is damaged, too."""

SEEK_MARGINS_S = (0.0, 1.0, 4.0, 16.0, 64.0, 256.0)
"""A search begins at the key frame before the time that is sought, less the first of these. Where
that key frame is shown later, or none is found there (MPEG-TS has no index), it begins earlier."""

_SKIP_MARGIN_FRAMES = 4
"""So many frames before the one that is sought, every frame is decoded."""

_MAX_FPS = 1000.0  # FFmpeg reports its time base, 90000, when it does not know the rate
_SLOWEST_FPS = 10.0  # assumed where the rate is unknown


@dataclass(frozen=True, eq=False)
class VideoImage:
    """A decoded frame.

    Args:
        image_bgr: (H, W, 3) uint8, progressive, upright and mirrored as its display matrix says;
            its memory is shared with nothing.
        time_s: Its time stamp, counted from the stream's first, seconds; None if it has none.
    """

    image_bgr: ImageBgr
    time_s: float | None


def open_container(path: Path) -> InputContainer:
    """Opens a video file; nothing that it refers to is opened, unless it is another file.

    Raises:
        av.FFmpegError: It is no video, or cannot be read.
        OSError: As above.
        ValueError: As above.
    """
    # An absolute path: FFmpeg would take a name such as "12:30.mp4" for a protocol.
    return av.open(
        str(path.absolute()),
        options={"protocol_whitelist": "file"},
        metadata_errors="replace",
    )


def main_stream(container: InputContainer) -> VideoStream | None:
    """The first video stream that is not a cover picture; None if there is none."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return stream
    return None


def stream_length_s(container: InputContainer, stream: VideoStream) -> float | None:
    """Length of a stream, or else of its container, as the file says; None if unknown."""
    length = seconds(stream.duration, stream.time_base)
    if length is None and container.duration is not None:
        length = Fraction(container.duration, av.time_base)
    return float(length) if length is not None and length > 0 else None


class _LeftOut(NamedTuple):
    """Stands for a frame that was not decoded, in the order of the frames."""

    pts: int
    time_base: Fraction


class VideoDecoder:
    """Decodes the main video stream of an open container, frame after frame; owns the container.

    Frames come in the order in which they are shown. What an edit list leaves out is not among
    them. Damaged packets are skipped. One thread uses it.

    Args:
        container: The container.
        stream: One of its streams, from `main_stream`.
        threads: Threads of the decoder; 0 for one per core. Each further one holds back a frame.
        fps: Frames to give per second, chosen by their time; None gives all. Frames that are not
            given and that no other depends on are not even decoded.
        pictures_fps: Pictures to give per second: the first frame of each period has its picture,
            the others are black and cost less. Those that no other depends on are not even
            decoded, so that damage in them stays unknown. None gives every picture.
        failed_packets_max: This many damaged packets in a row end the decoding.
        max_pixels: Frames that have more are damaged packets; None for FFmpeg's own bound.
    """

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        *,
        threads: int = 0,
        fps: float | None = None,
        pictures_fps: float | None = None,
        failed_packets_max: int = FAILED_PACKETS_MAX,
        max_pixels: int | None = None,
    ) -> None:
        self._failed_packets_max = failed_packets_max
        self._choice = None if fps is None else FrameChoice(fps)
        self._pictures_fps = pictures_fps
        self._pictures = None if pictures_fps is None else FrameChoice(pictures_fps)
        self._is_pictured = FirstOfEachPeriod(pictures_fps or 1.0)
        self._left_out: dict[int, Fraction] = {}
        self._may_leave_out = False
        self._last_pts: int | None = None
        self._size = (0, 0)
        self._container = container
        self._stream = stream
        self._converter = FrameConverter()
        self._deinterlacer = Deinterlacer(threads)
        for other in container.streams:
            if other is not stream:
                other.discard = Discard.all
        # A stream whose codec FFmpeg does not know has no context, whatever PyAV's types say.
        self._codec: Any = stream.codec_context
        if self._codec is not None:
            self._codec.thread_count = threads
            self._codec.thread_type = "AUTO"
            if max_pixels is not None:
                self._codec.options = {**self._codec.options, "max_pixels": str(max_pixels)}
        self._frames = self._progressive()
        self._found: list[VideoFrame | _LeftOut] = []
        self._skip_before_s = self._last_skipped_s = -math.inf

    @property
    def fps(self) -> float:
        """Frames per second as the container says or FFmpeg guesses; 0 if unknown."""
        rate = float(self._stream.guessed_rate or 0)
        return rate if 0 < rate <= _MAX_FPS else 0.0

    @property
    def codec_name(self) -> str:
        """FFmpeg's name of the codec; empty if it does not know it."""
        return "" if self._codec is None else str(self._codec.name)

    @property
    def length_s(self) -> float | None:
        """Length of the stream after its edit list, as the container says; None if unknown."""
        return stream_length_s(self._container, self._stream)

    @property
    def announced_frames(self) -> int:
        """Number of frames as the container says, or as length and rate imply; 0 if unknown."""
        implied = round((self.length_s or 0.0) * self.fps)
        stored = self._stream.frames
        # An edit list shows fewer frames than are stored.
        return min(stored, implied) if stored and implied else stored or implied

    def read(self) -> VideoImage | None:
        """The next frame; None at the end."""
        while (frame := self._next_frame()) is not None:
            time_s = self._time_s(frame.pts, frame.time_base)
            if not self._is_taken(time_s):
                continue
            if isinstance(frame, _LeftOut):
                return VideoImage(black_picture(*self._size), time_s)
            self._size = upright_size(frame)
            # Deinterlacing needs every frame, and whether it is needed shows in a frame only.
            self._may_leave_out = not self._deinterlacer.active
            limited = self._pictures is not None and time_s is not None
            if limited and time_s is not None and not self._is_pictured(time_s):
                return VideoImage(black_picture(*self._size), time_s)
            image = self._converter.image(frame)
            if image is not None:
                return VideoImage(image, time_s)
        return None

    def seek(self, time_s: float, *, before: bool = False) -> bool:
        """Goes to the frame that is shown at a time: the next `read` gives it.

        The frame is the same as when every frame from the first on is read. It is decoded from a
        key frame before it; on the way, frames that no other depends on are left out.

        Args:
            time_s: Seconds from the stream's first frame. The frame is the last whose time stamp
                is not after it, or the first frame.
            before: Its time stamp must be earlier than `time_s`: the frame before the one of
                that time.

        Returns:
            False if the stream cannot be searched by its time stamps, because it has none or its
            container does not support it. The decoder must then be made again.
        """
        begins = [time_s - margin_s for margin_s in SEEK_MARGINS_S if time_s > margin_s]
        # A container may refuse a time before its first frame.
        tries = [(from_s, False) for from_s in (*begins, 0.0)] + [(-1.0, True), (0.0, True)]
        for from_s, first in tries:
            try:
                if self._search(time_s, from_s, before=before, first=first):
                    return True
            except (av.FFmpegError, OSError, ValueError) as error:
                _log.debug("seeking to %g s: %s", from_s, error)
        return False

    def close(self) -> None:
        """Closes the container; harmless when it is closed."""
        self._found.clear()
        self._frames.close()
        with contextlib.suppress(Exception):
            self._container.close()

    def _next_frame(self) -> VideoFrame | _LeftOut | None:
        return self._found.pop(0) if self._found else next(self._frames, None)

    def _search(self, time_s: float, from_s: float, *, before: bool, first: bool) -> bool:
        """Finds the frame from a key frame on; False if it must be looked for from an earlier one.

        Args:
            time_s, before: As for `seek`.
            from_s: Begins at the key frame before this time, seconds.
            first: There is no earlier one.
        """
        frame_s = 1 / (self.fps or _SLOWEST_FPS)
        for skip_before_s in (time_s - _SKIP_MARGIN_FRAMES * frame_s, -math.inf):
            self._restart(from_s, skip_before_s)
            held_s, alone = -math.inf, True
            held = later = None
            for frame in self._frames:
                at_s = self._time_s(frame.pts, frame.time_base)
                if at_s is None or at_s < held_s:
                    raise ValueError("frames without time stamps, or with falling ones")
                if at_s > time_s or (before and at_s == time_s):
                    later = frame
                    break
                # Deinterlacing needs the frame before.
                alone = held is None and self._deinterlacer.active
                held, held_s = frame, at_s
            self._skip_before_s = -math.inf
            if (held is None or alone) and not first:
                return False
            if held is None or held_s >= self._last_skipped_s:
                break
        self._found = [frame for frame in (held, later) if frame is not None]
        return True

    def _restart(self, from_s: float, skip_before_s: float) -> None:
        self._found.clear()
        self._frames.close()
        base = self._stream.time_base
        if base is None:
            raise ValueError("the stream has no time base")
        begins = self._stream.start_time or 0
        self._container.seek(begins + round(from_s / base), stream=self._stream)
        self._deinterlacer.reset()
        self._skip_before_s, self._last_skipped_s = skip_before_s, -math.inf
        self._left_out.clear()
        self._may_leave_out, self._last_pts = False, None
        self._is_pictured = FirstOfEachPeriod(self._pictures_fps or 1.0)
        self._frames = self._progressive()

    def _progressive(self) -> Generator[VideoFrame | _LeftOut]:
        for frame in self._decoded():
            if isinstance(frame, _LeftOut):
                yield from self._deinterlacer.flush()
                yield frame
            else:
                yield from self._deinterlacer.push(frame)
        yield from self._deinterlacer.flush()

    def _decoded(self) -> Iterator[VideoFrame | _LeftOut]:
        if self._codec is None:
            return
        failed = 0
        try:
            for packet in self._packets():
                self._choose(packet)
                frames = _frames_of(packet.decode)
                if frames is None and packet.pts is not None:
                    self._left_out.pop(packet.pts, None)
                failed = 0 if frames is not None else failed + 1
                if failed > self._failed_packets_max:
                    _log.debug("%d damaged packets", failed)
                    return
                for frame in frames or ():
                    yield from self._left_out_before(frame.pts)
                    yield frame
        except (av.FFmpegError, OSError) as error:
            _log.debug("demuxing ended: %s", error)
        # Frames that the decoder still holds come even if the file breaks off.
        for frame in _frames_of(lambda: self._codec.decode(None)) or ():
            yield from self._left_out_before(frame.pts)
            yield frame
        yield from self._left_out_before(None)

    def _left_out_before(self, pts: int | None) -> Iterator[_LeftOut]:
        """Those that are shown before a decoded frame, which was not left out; None is the end."""
        for earlier in sorted(at for at in self._left_out if pts is None or at < pts):
            base = self._left_out.pop(earlier)
            if self._last_pts is None or earlier > self._last_pts:
                yield _LeftOut(earlier, base)
        if pts is not None:
            self._left_out.pop(pts, None)
            self._last_pts = pts

    def _packets(self) -> "Iterator[Packet[VideoStream]]":
        packets = self._container.demux(self._stream)
        if self._choice is not None:
            packets = self._choice.known(packets, lambda p: self._time_s(p.pts, p.time_base))
        if self._pictures is not None:
            packets = self._pictures.known(packets, self._taken_s)
        return packets

    def _taken_s(self, packet: "Packet[VideoStream]") -> float | None:
        """When a packet's frame is shown; None if it is not taken."""
        time_s = self._time_s(packet.pts, packet.time_base)
        return time_s if self._is_taken(time_s) else None

    def _is_taken(self, time_s: float | None) -> bool:
        return self._choice is None or time_s is None or self._choice.takes(time_s)

    def _choose(self, packet: "Packet[VideoStream]") -> None:
        """Leaves out a frame that no other depends on, if it is only decoded on the way."""
        at_s = self._time_s(packet.pts, packet.time_base)
        skipped = at_s is not None and at_s < self._skip_before_s
        needless = skipped or not self._is_taken(at_s)
        if at_s is not None and not needless and not packet.is_discard and self._may_leave_out:
            needless = self._pictures is not None and not self._pictures.takes(at_s)
            if needless and packet.pts is not None:
                self._left_out[packet.pts] = packet.time_base
        self._codec.skip_frame = "NONREF" if needless else "DEFAULT"
        if skipped and at_s is not None and not packet.is_discard:
            self._last_skipped_s = max(self._last_skipped_s, at_s)

    def _time_s(self, pts: int | None, base: Fraction | None) -> float | None:
        at = seconds(pts, base)
        begins = seconds(self._stream.start_time, self._stream.time_base)
        return None if at is None else float(at - (begins or 0))


def _frames_of(decode: Callable[[], list[VideoFrame]]) -> list[VideoFrame] | None:
    """The frames that a decoder gives; None if its packet is damaged."""
    try:
        return decode()
    except (av.FFmpegError, OSError) as error:
        _log.debug("packet skipped: %s", error)
        return None


def black_picture(width: int, height: int) -> ImageBgr:
    """A black picture (height, width, 3) without memory of its own; it cannot be written to."""
    return np.broadcast_to(np.uint8(0), (height, width, 3))


def has_picture(frame: Frame) -> bool:
    """False for a frame with a `black_picture`, which stands for one that was not wanted."""
    return frame.image_bgr.strides[0] != 0


def key_frame_times(path: Path) -> list[float]:
    """When the key frames of a video are decoded, as its container's index says, seconds; rising.

    With B-frames that is up to a few frames before they are shown, and before 0 for the first.
    Empty if there is no index, or if the file cannot be read.
    """
    try:
        with open_container(path) as container:
            stream = main_stream(container)
            if stream is None or stream.time_base is None:
                return []
            begins = stream.start_time or 0
            entries = stream.index_entries
            ticks = {e.timestamp - begins for e in entries if e.is_keyframe and not e.is_discard}
            return sorted(float(tick * stream.time_base) for tick in ticks)
    except (av.FFmpegError, OSError, ValueError) as error:
        _log.debug("%s: %s", path, error)
        return []


def seconds(ticks: int | None, base: Any) -> Fraction | None:
    """A time stamp in seconds; None if there is none or its unit is unknown."""
    return None if ticks is None or base is None else Fraction(ticks * base)
