"""Small pictures of a video's key frames, for looking through a file quickly."""

import contextlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from fer_live.capture.container.frame_converter import FrameConverter
from fer_live.capture.video_decoder import (
    main_stream,
    open_container,
    seconds,
    stream_length_s,
)
from fer_live.core.errors import SourceError
from fer_live.core.types import Frame

SIZE_PX = (240, 120)
"""Largest width and height of a picture."""
PLACES = 120
"""Places of a file that have a picture of their own; with `SIZE_PX`, at most 11 MB are kept."""


class Thumbnails:
    """The key frames of a video file at small size, decoded when they are asked for, then kept.

    Has `seek`, `read` and `close` as `VideoFileSource` has, so that a `FrameReader` reads it. Only
    key frames are decoded, so a picture may be some seconds older than the time asked for. One
    thread uses it.

    Args:
        path: The file.

    Raises:
        SourceError: It cannot be opened, or says no length.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[int, Frame] = {}
        self._next: Frame | None = None
        self._converter = FrameConverter(SIZE_PX)
        try:
            self._container = open_container(path)
        except (av.FFmpegError, OSError, ValueError) as error:
            raise self._error() from error
        stream: Any = main_stream(self._container)
        if stream is None or stream.codec_context is None or stream.time_base is None:
            self.close()
            raise self._error()
        self._stream = stream
        length_s = stream_length_s(self._container, stream)
        if length_s is None:
            self.close()
            raise self._error()
        self._step_s = length_s / PLACES
        self._codec: Any = stream.codec_context
        self._codec.skip_frame = "NONKEY"
        self._codec.thread_count = 1  # a further thread would hold back a frame

    @property
    def kept(self) -> int:
        """Number of pictures in memory; at most `PLACES`."""
        return len(self._kept)

    def seek(self, position_s: float) -> None:
        """Chooses the key frame before a position, seconds; the next `read` gives it.

        Raises:
            SourceError: No key frame can be read there.
        """
        place = min(int(max(position_s, 0.0) / self._step_s), PLACES - 1)
        if place not in self._kept:
            self._kept[place] = self._decode(place)
        self._next = self._kept[place]

    def read(self) -> Frame | None:
        """The picture that was chosen, once; its `position_s` is the key frame's own."""
        frame, self._next = self._next, None
        return frame

    def close(self) -> None:
        """Releases the file and the pictures."""
        self._kept.clear()
        with contextlib.suppress(Exception):
            self._container.close()

    def _decode(self, place: int) -> Frame:
        begins, base = self._stream.start_time or 0, self._stream.time_base
        try:
            ticks = round(Fraction(place * self._step_s) / base)
            self._container.seek(begins + ticks, stream=self._stream)
            for frame in self._container.decode(self._stream):
                at_s = seconds(frame.pts, frame.time_base)
                image = self._converter.image(frame)
                if image is not None:
                    position_s = 0.0 if at_s is None else float(at_s - begins * base)
                    return Frame(image, place, 0.0, max(position_s, 0.0))
        except (av.FFmpegError, OSError, ValueError) as error:
            raise self._error() from error
        raise self._error()

    def _error(self) -> SourceError:
        return SourceError(
            f"{self._path.name} has no pictures to look through.", "Play it instead."
        )
