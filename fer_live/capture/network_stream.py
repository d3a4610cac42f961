"""Network cameras and streams: pictures over HTTP, RTSP and the other protocols of FFmpeg."""

import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import certifi

from fer_live.capture.capture_thread import Opened
from fer_live.capture.http.address import parse_stream_address
from fer_live.capture.http.certificates import check_ca_file, verify_host
from fer_live.capture.http.jpegs import (
    PICTURE_BYTES_MAX,
    PICTURE_PIXELS_MAX,
    POLL_HZ,
    JpegSplitter,
    JpegStream,
    SnapshotPoller,
    TooLongError,
)
from fer_live.capture.http.playlist import PlaylistParts, is_playlist
from fer_live.capture.opencv_capture import ImageReader
from fer_live.capture.source import SourceInfo
from fer_live.capture.threaded_source import ThreadedSource
from fer_live.capture.video_decoder import VideoDecoder, main_stream
from fer_live.core.errors import SourceError, SourceNotFoundError
from fer_live.core.formats import URL_SCHEMES, is_url, public_address

if TYPE_CHECKING:
    from fer_live.capture.http.client import HttpBody, HttpClient

_log = logging.getLogger(__name__)

OPEN_TIMEOUT_S = 10.0
"""Longest wait for the first image."""

STALL_S = 5.0
"""No image for this long is a stall; a network pauses longer than a cable."""

_MARGIN_S = 2.0  # our limit is later than that of the network, whose error says more

DAMAGED_PACKETS_MAX = 512
"""This many damaged packets in a row are a lost stream. A reader that joins an H.264 stream gets
nothing it can decode until the next key frame, which may be 10 seconds away."""

_HTTP = ("http", "https")

_PROTOCOLS = "tcp,tls,rtsp,rtsps,rtp,srtp,rtmp,rtmps,udp"
"""FFmpeg's protocols of the other schemes; none reads a file of this computer."""

_HTTP_FORMATS = "hls,mpegts,flv,live_flv,matroska,webm,mov,ogg,asf,h264,hevc,m4v,mpeg,aac,mp3"
"""FFmpeg's formats of what comes over HTTP. Others, such as ``concat``, open addresses without
the HTTP client here."""

_SNIFFED = 1024  # bytes that tell what an untyped body is


class StreamReader:
    """The decoder of an open stream, as a capture thread reads it.

    Args:
        decoder: The decoder.
        client: What its bytes come through; None if FFmpeg has its own connection.
        body: The body it reads; None as above.
        parts: What the body leads to, if it is a playlist.
        image_s: Longest time for one image over HTTP.
    """

    def __init__(
        self,
        decoder: VideoDecoder,
        client: "HttpClient | None" = None,
        body: "HttpBody | None" = None,
        parts: PlaylistParts | None = None,
        image_s: float = STALL_S,
    ) -> None:
        self._decoder = decoder
        self._client = client
        self._body = body
        self._parts = parts
        self._image_s = image_s

    def read(self) -> tuple[bool, Any]:
        """True and the next image, or False and None after the end of the stream."""
        if self._body is not None:
            self._body.within(self._image_s)
        if self._parts is not None:
            self._parts.within(self._image_s)
        frame = self._decoder.read()
        return (False, None) if frame is None else (True, frame.image_bgr)

    def release(self) -> None:
        """Closes the connection."""
        self._decoder.close()
        if self._body is not None:
            self._body.close()
        if self._client is not None:
            self._client.close()


class UrlSource(ThreadedSource):
    """A network stream, read continuously so that the newest frame is available.

    Over HTTP it is what the server gives: MJPEG, a single picture, which is then asked for
    `POLL_HZ` times a second, or what FFmpeg decodes. Nothing is decoded that has more than
    `PICTURE_PIXELS_MAX` pixels.

    Args:
        url: With one of `URL_SCHEMES`; may hold user and password, which are never shown.
        clock: Monotonic seconds.
        open_timeout_s: Longest wait for the first image.
        stall_s: Longest wait for any later image.
        ca_file: PEM file of the certificates that are trusted; None trusts the public ones.

    Raises:
        SourceNotFoundError: If it is not such an address.
        ConfigError: User or password is not percent-encoded, or `ca_file` cannot be read.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], float] = time.perf_counter,
        open_timeout_s: float = OPEN_TIMEOUT_S,
        stall_s: float = STALL_S,
        ca_file: Path | None = None,
    ) -> None:
        self.name = public_address(url)
        if not is_url(url):
            raise SourceNotFoundError(
                f"{self.name} is not an address that can be opened.",
                f"Use one that begins with {', '.join(f'{scheme}://' for scheme in URL_SCHEMES)}.",
            )
        super().__init__(self.name, open_timeout_s + _MARGIN_S, stall_s, 1, clock)
        self._address = parse_stream_address(url)
        if ca_file is not None:
            check_ca_file(ca_file)
        self._ca_file = ca_file
        self._parts: PlaylistParts | None = None
        self._timeouts_s = (open_timeout_s, stall_s + _MARGIN_S)

    def _open_capture(self) -> Opened:
        self._parts = None
        try:
            if self._address.scheme in _HTTP:
                return self._open_http()
            return self._open_ffmpeg()
        except SourceError:
            raise
        except (av.FFmpegError, OSError, ValueError) as error:
            # The text of the error may hold the address, with user and password.
            _log.debug("%s: %s", self.name, type(error).__name__)
            if self._address.scheme == "rtsps":
                with contextlib.suppress(OSError, ValueError):
                    verify_host(self._address.url, self._ca_file, _MARGIN_S)
            raise self._no_video() from None

    def _open_http(self) -> Opened:
        # Only streams over HTTP take the time to load the client.
        from fer_live.capture.http.client import HttpClient

        open_s, image_s = self._timeouts_s
        client = HttpClient(self._address, self._ca_file, open_s, max(open_s, image_s))
        with contextlib.ExitStack() as undo:
            undo.callback(client.close)
            body = client.get()
            undo.callback(body.close)
            body.within(open_s + _MARGIN_S)
            opened = self._open_body(client, body)
            undo.pop_all()
        return opened

    def _open_body(self, client: "HttpClient", body: "HttpBody") -> Opened:
        kind, _, parameters = body.content_type.partition(";")
        kind = kind.strip().lower()
        begin = body.peek(_SNIFFED if not kind.startswith("multipart/") else 1)
        text = begin.lstrip()
        if kind == "text/html" or text[:15].lower().startswith((b"<!doctype html", b"<html")):
            raise SourceError(
                f"{self.name} is a web page, not a stream.",
                "Use the address of the stream or picture itself; the camera's manual names it.",
            )
        separated = kind.startswith("multipart/") or text.startswith((b"--", b"Content-"))
        if separated or kind.startswith("image/") or begin.startswith(b"\xff\xd8"):
            return self._open_jpegs(client, body, _boundary(parameters, text))
        if body.has_length and not is_playlist(body):
            is_a_file = kind.startswith(("video/", "application/o"))
            raise self._is_a_file() if is_a_file else self._no_video()
        return self._open_decoder(client, body)

    def _open_jpegs(self, client: "HttpClient", body: "HttpBody", boundary: bytes) -> Opened:
        """Pictures one after another, or one alone: the first tells only with what follows it."""
        image_s = self._timeouts_s[1]
        several = body.content_type.lower().startswith("multipart/")
        splitter, data, found = JpegSplitter(boundary), bytearray(), list[bytes]()
        while not (several and found) and len(found) < 2:
            more = body.read()
            if not more:
                break
            found += splitter.feed(more)
            if not several:
                data += more
                if len(data) > PICTURE_BYTES_MAX:
                    raise TooLongError("one picture without an end")
        if several or len(found) > 1:
            stream = JpegStream(body, splitter, found, image_s)
            return self._first_of(stream, client, 0.0, "pictures over HTTP")
        body.close()
        poller = SnapshotPoller(client, bytes(data), image_s)
        return self._first_of(
            poller, client, POLL_HZ, f"a single picture, asked for {POLL_HZ:g} times a second"
        )

    def _first_of(
        self, reader: ImageReader, client: "HttpClient", fps: float, details: str
    ) -> Opened:
        success, image = reader.read()
        if not success:
            raise self._no_video()
        _log.info("%s: %s", self.name, details)
        return self._opened_as(_Closing(reader, client), image, fps, details)

    def _open_decoder(self, client: "HttpClient", body: "HttpBody") -> Opened:
        self._parts = parts = PlaylistParts(client, self._title)
        parts.within(self._timeouts_s[0] + _MARGIN_S)
        parts.check(body)
        playlist = is_playlist(body)
        options = {
            "format_whitelist": _HTTP_FORMATS,
            "protocol_whitelist": ",".join(_HTTP),
            "max_pixels": str(PICTURE_PIXELS_MAX),
            # FFmpeg aborts if it reuses a connection that is not its own.
            "http_persistent": "0",
            "http_multiple": "0",
        }
        if playlist:
            # FFmpeg goes by the suffixes of addresses to guard files; the client reads none.
            options |= {"extension_picky": "0", "allowed_extensions": "ALL"}
        container = av.open(
            body,
            format="hls" if playlist else None,
            io_open=parts.open,
            options=options,
            metadata_errors="replace",
        )
        return self._open_container(container, client, body, parts)

    def _open_ffmpeg(self) -> Opened:
        options = {
            "protocol_whitelist": _PROTOCOLS,
            "max_pixels": str(PICTURE_PIXELS_MAX),
            "rtsp_flags": "prefer_tcp",
        }
        if self._address.scheme == "rtsps":
            options |= {"tls_verify": "1", "ca_file": str(self._ca_file or certifi.where())}
        container = av.open(
            self._address.with_credentials,
            options=options,
            timeout=self._timeouts_s,
            metadata_errors="replace",
        )
        return self._open_container(container)

    def _open_container(
        self,
        container: Any,
        client: "HttpClient | None" = None,
        body: "HttpBody | None" = None,
        parts: PlaylistParts | None = None,
    ) -> Opened:
        stream = main_stream(container)
        if stream is None:
            container.close()
            raise self._no_video()
        # Each further thread of the decoder holds back a frame.
        decoder = VideoDecoder(
            container,
            stream,
            threads=1,
            failed_packets_max=DAMAGED_PACKETS_MAX,
            max_pixels=PICTURE_PIXELS_MAX,
        )
        try:
            first = decoder.read()
            if first is None:
                raise self._no_video()
            # A live stream has no length; a file would be decoded as fast as possible, repeatedly.
            if decoder.announced_frames > 0 and client is not None:
                raise self._is_a_file()
        except BaseException:
            decoder.close()
            raise
        reader = StreamReader(decoder, client, body, parts, self._timeouts_s[1])
        return self._opened_as(
            reader, first.image_bgr, decoder.fps, f"FFmpeg, {decoder.codec_name}"
        )

    def _opened_as(self, reader: ImageReader, image: Any, fps: float, details: str) -> Opened:
        height, width = image.shape[:2]
        info = SourceInfo("url", self.name, width, height, fps, self.live, details)
        return Opened(reader, image, info)

    def _no_video(self) -> SourceError:
        if self._parts is not None and self._parts.problem is not None:
            return self._parts.problem
        return SourceNotFoundError(
            f"{self._title} gives no video.",
            "Check the address, user and password, and that the camera is on and reachable.",
        )

    def _is_a_file(self) -> SourceError:
        return SourceError(
            f"{self.name} is a video file, not a live stream.", "Download it and open the file."
        )

    def _open_timeout_error(self) -> SourceError:
        if self._parts is not None and self._parts.problem is not None:
            return self._parts.problem
        return SourceError(
            f"{self._title} did not answer in time.",
            "Check the address and the network, then try again.",
        )


class _Closing:
    """A reader whose end also closes its client."""

    def __init__(self, reader: ImageReader, client: "HttpClient") -> None:
        self._reader = reader
        self._client = client
        self.read = reader.read

    def release(self) -> None:
        self._reader.release()
        self._client.close()


def _boundary(parameters: str, begin: bytes) -> bytes:
    """What separates the parts, without dashes: from the type, else from the first line."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "boundary":
            return value.strip().strip('"').lstrip("-").encode()
    if begin.startswith(b"--"):
        return begin.splitlines()[0].strip().lstrip(b"-")
    return b""
