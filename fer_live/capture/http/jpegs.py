"""JPEG pictures in a byte stream, whatever stands between them, and the readers of such streams.

Cameras leave out the first boundary, write wrong lengths, odd types or none. The pictures
themselves say where they begin and end (ITU-T T.81, annex B), so that only they are relied on; the
boundary, where there is one, ends a damaged picture.
"""

import contextlib
import logging
import re
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import av

from fer_live.capture.container.frame_converter import FrameConverter
from fer_live.capture.decode import TooManyPixelsError, decode_image
from fer_live.core.errors import SourceError
from fer_live.core.types import ImageBgr

if TYPE_CHECKING:
    from fer_live.capture.http.client import HttpBody, HttpClient

_log = logging.getLogger(__name__)

PICTURE_BYTES_MAX = 32_000_000
"""Most bytes of one picture, and of what is no picture: a JPEG of 8K has 10 MB."""

PICTURE_PIXELS_MAX = 40_000_000
"""Most pixels of one picture of a stream: 8K has 35 million."""

DAMAGED_MAX = 100
"""This many damaged pictures in a row are a lost stream."""

POLL_HZ = 5.0
"""A snapshot address is asked for a picture so often per second."""

FAILED_POLLS_MAX = 3
"""This many failed requests of a snapshot in a row are a lost stream."""

_BOUNDARY_LENGTH_MIN = 4  # a shorter one may stand in a picture by chance
_START = b"\xff\xd8\xff"
_END_MARKER = b"\xff\xd9"
_END, _SCAN = 0xD9, 0xDA
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # in a scan, 00 and RSTn belong to the data
_ADDED = {*range(0xE0, 0xF0), 0xFE}  # APPn and COM
_ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a length


class TooLongError(OSError):
    """A picture, or what stands between two, is longer than `PICTURE_BYTES_MAX`."""


class JpegSplitter:
    """Finds the JPEG pictures in a byte stream.

    Args:
        boundary: What separates the parts, without leading dashes; empty if unknown.
        max_bytes: Most bytes of one picture, and of what stands between two.
    """

    def __init__(self, boundary: bytes = b"", max_bytes: int = PICTURE_BYTES_MAX) -> None:
        self._separator = b"\n--" + boundary if len(boundary) >= _BOUNDARY_LENGTH_MIN else b""
        self._max_bytes = max_bytes
        self._data = bytearray()
        self._between = 0
        self._restart(found=False)

    def feed(self, data: bytes) -> list[bytes]:
        """Takes the next bytes; returns the pictures that are complete now.

        Raises:
            TooLongError: There is no end in sight.
        """
        self._data += data
        pictures = []
        while self._found or self._find():
            end = self._end()
            if end is None:
                break
            if end:
                pictures.append(bytes(self._data[:end]))
                self._between = 0
            del self._data[:end]
            self._restart(found=False)
        if max(len(self._data), self._between) > self._max_bytes:
            raise TooLongError(f"{self._max_bytes} bytes without an end")
        return pictures

    def _restart(self, *, found: bool) -> None:
        self._found = found
        self._at = 2  # behind the start marker
        self._in_scan = False
        self._searched = 0

    def _find(self) -> bool:
        start = self._data.find(_START)
        dropped = max(0, len(self._data) - len(_START) + 1) if start < 0 else start
        self._between += dropped
        del self._data[:dropped]
        if start >= 0:
            self._restart(found=True)
        return start >= 0

    def _end(self) -> int | None:
        """Where the picture at the beginning of the data ends; None if that is not known yet.

        It ends at its end marker, or at the next separator, whichever comes first.
        """
        data, size = self._data, len(self._data)
        limit, cut = size, -1
        if self._separator:
            cut = data.find(self._separator, self._searched)
            self._searched = max(0, len(data) - len(self._separator) + 1)
            limit = cut if cut >= 0 else limit
        end = self._marked_end(limit)
        if end is not None or cut < 0:
            return end
        return cut - (size - len(data))  # bytes at the front may have been dropped

    def _marked_end(self, limit: int) -> int | None:
        """Where the end marker ends; None if there is none before `limit`."""
        data = self._data
        while self._at + 2 <= limit:
            if self._in_scan or data[self._at] != 0xFF:
                marker = _MARKER.search(data, self._at, limit)
                if marker is None:
                    self._at = limit - (data[limit - 1] == 0xFF)
                    self._in_scan = True
                    return None
                self._at, self._in_scan = marker.start(), False
            kind = data[self._at + 1]
            if kind == _END:
                return self._at + 2
            if kind == _START[1]:  # another picture: this one was cut off
                limit -= self._skip_to(self._at)
            elif kind == 0xFF:
                self._at += 1
            elif kind in _ALONE:
                self._at += 2
            else:
                if self._at + 4 > limit:
                    return None
                length = max(2, int.from_bytes(data[self._at + 2 : self._at + 4]))
                # Only what an application adds may hold another picture, a preview.
                start = data.find(_START, self._at + 2, min(self._at + 2 + length, limit))
                if start >= 0 and kind not in _ADDED:
                    limit -= self._skip_to(start)
                    continue
                if self._at + 2 + length > limit:
                    return None
                self._at += 2 + length
                self._in_scan = kind == _SCAN
        return None

    def _skip_to(self, start: int) -> int:
        """Drops what is before another start marker; returns how many bytes."""
        del self._data[:start]
        self._between += start
        self._restart(found=True)
        return start


class JpegStream:
    """The pictures of a body, decoded one after another; a damaged one is left out.

    Args:
        body: The body; read further after what was put into `splitter` already.
        splitter: Finds the pictures.
        found: Pictures that were found already.
        picture_s: Longest time for one picture.
    """

    def __init__(
        self, body: "HttpBody", splitter: JpegSplitter, found: list[bytes], picture_s: float
    ) -> None:
        self._body = body
        self._splitter = splitter
        self._pictures = deque(found)
        self._picture_s = picture_s
        self._damaged = 0
        self._decoder = PictureDecoder()

    def read(self) -> tuple[bool, Any]:
        """True and the next picture, or False and None after the end.

        Raises:
            SourceError: A picture has too many pixels.
        """
        self._body.within(self._picture_s)
        try:
            while self._damaged < DAMAGED_MAX:
                while self._pictures:
                    image = self._decoder.decode(self._pictures.popleft())
                    self._damaged = 0 if image is not None else self._damaged + 1
                    if image is not None:
                        return True, image
                data = self._body.read()
                if not data:
                    return False, None
                self._pictures.extend(self._splitter.feed(data))
        except OSError as error:
            _log.debug("a stream ended: %s", type(error).__name__)
        return False, None

    def release(self) -> None:
        """Closes the connection."""
        self._body.close()


class SnapshotPoller:
    """Asks an address that gives one picture for another one, at a rate.

    Args:
        client: The client, whose own address it is; closed at the end.
        first: The picture that came at the opening.
        picture_s: Longest time for one picture.
        clock, sleep: Monotonic seconds, and waiting.
    """

    def __init__(
        self,
        client: "HttpClient",
        first: bytes,
        picture_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._first: bytes | None = first
        self._picture_s = picture_s
        self._clock, self._sleep = clock, sleep
        self._next_s = clock() + 1 / POLL_HZ
        self._decoder = PictureDecoder()

    def read(self) -> tuple[bool, Any]:
        """True and the next picture; False and None if several requests in a row fail.

        Raises:
            SourceError: A picture has too many pixels.
        """
        for _ in range(FAILED_POLLS_MAX):
            data, self._first = self._first, None
            if data is None:
                self._sleep(max(0.0, self._next_s - self._clock()))
                self._next_s = max(self._next_s, self._clock()) + 1 / POLL_HZ
                data = self._fetch()
            image = self._decoder.decode(data) if data else None
            if image is not None:
                return True, image
        return False, None

    def release(self) -> None:
        """Closes the connection."""
        self._client.close()

    def _fetch(self) -> bytes:
        try:
            body = self._client.get()
            body.within(self._picture_s)
            try:
                return whole(body)
            finally:
                body.close()
        except (OSError, SourceError) as error:
            _log.debug("a snapshot failed: %s", type(error).__name__)
            return b""


def whole(body: "HttpBody", begun: bytes = b"") -> bytes:
    """A body read to its end, after what was read already.

    Raises:
        TooLongError: Longer than `PICTURE_BYTES_MAX`.
        OSError: The connection broke, or was too slow.
    """
    data = bytearray(begun)
    while more := body.read():
        data += more
        if len(data) > PICTURE_BYTES_MAX:
            raise TooLongError("no end")
    return bytes(data)


class PictureDecoder:
    """Decodes the pictures of a stream: whole JPEGs by FFmpeg, which is quicker, others by Pillow.

    FFmpeg would show a part of a damaged JPEG; Pillow tells it from one with too many pixels.
    """

    def __init__(self) -> None:
        self._codec: Any = av.CodecContext.create("mjpeg", "r")
        self._codec.thread_count = 1
        self._codec.options = {"max_pixels": str(PICTURE_PIXELS_MAX), "err_detect": "explode"}
        self._converter = FrameConverter()

    def decode(self, data: bytes) -> ImageBgr | None:
        """A picture (H, W, 3); None if it is damaged or none.

        Raises:
            SourceError: It has more than `PICTURE_PIXELS_MAX` pixels.
        """
        if data.startswith(_START) and data.rstrip().endswith(_END_MARKER):
            with contextlib.suppress(av.FFmpegError, OSError):
                for frame in self._codec.decode(av.Packet(data)):
                    if not frame.is_corrupt:
                        return self._converter.image(frame)
        try:
            return decode_image(data, PICTURE_PIXELS_MAX, reduce=False).image_bgr
        except TooManyPixelsError as error:
            raise SourceError(
                f"The stream's pictures have more than {PICTURE_PIXELS_MAX / 1e6:.0f} million "
                "pixels.",
                "Set a smaller resolution in the camera.",
            ) from error
        except SourceError as error:
            _log.debug("a picture left out: %s", error)
            return None
