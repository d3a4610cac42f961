"""Network cameras and streams: MJPEG over HTTP, RTSP and the other protocols of FFmpeg."""

import logging
import time
from collections.abc import Callable
from typing import Any

import av

from fer_live.capture.capture_thread import Opened
from fer_live.capture.source import SourceInfo
from fer_live.capture.threaded_source import ThreadedSource
from fer_live.capture.video_decoder import VideoDecoder, main_stream
from fer_live.core.errors import SourceError, SourceNotFoundError
from fer_live.core.formats import URL_SCHEMES, is_url, public_address

_log = logging.getLogger(__name__)

OPEN_TIMEOUT_S = 10.0
"""Longest wait for the first image."""

STALL_S = 5.0
"""No image for this long is a stall; a network pauses longer than a cable."""

_MARGIN_S = 2.0  # our limit is later than FFmpeg's, whose error says more

DAMAGED_PACKETS_MAX = 512
"""This many damaged packets in a row are a lost stream. A reader that joins an H.264 stream gets
nothing it can decode until the next key frame, which may be 10 seconds away."""

_OPTIONS = {
    # As FFmpeg, the stream may lead to other addresses, but never to a file of this computer.
    "protocol_whitelist": "http,https,httpproxy,tcp,tls,rtsp,rtsps,rtp,srtp,rtmp,rtmps,udp,crypto",
    "rtsp_flags": "prefer_tcp",
}


class StreamReader:
    """The decoder of an open stream, as a capture thread reads it."""

    def __init__(self, decoder: VideoDecoder) -> None:
        self._decoder = decoder

    def read(self) -> tuple[bool, Any]:
        """True and the next image, or False and None after the end of the stream."""
        frame = self._decoder.read()
        return (False, None) if frame is None else (True, frame.image_bgr)

    def release(self) -> None:
        """Closes the connection."""
        self._decoder.close()


class UrlSource(ThreadedSource):
    """A network stream, read continuously so that the newest frame is available.

    Args:
        url: With one of `URL_SCHEMES`; may hold user and password, which are never shown.
        clock: Monotonic seconds.
        open_timeout_s: Longest wait for the first image.
        stall_s: Longest wait for any later image.

    Raises:
        SourceNotFoundError: If it is not such an address.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], float] = time.perf_counter,
        open_timeout_s: float = OPEN_TIMEOUT_S,
        stall_s: float = STALL_S,
    ) -> None:
        self.name = public_address(url)
        if not is_url(url):
            raise SourceNotFoundError(
                f"{self.name} is not an address that can be opened.",
                f"Use one that begins with {', '.join(f'{scheme}://' for scheme in URL_SCHEMES)}.",
            )
        super().__init__(f"The stream {self.name}", open_timeout_s + _MARGIN_S, stall_s, 1, clock)
        scheme, _, rest = url.strip().partition("://")
        self._url = f"{scheme.lower()}://{rest}"
        self._timeouts_s = (open_timeout_s, stall_s + _MARGIN_S)

    def _open_capture(self) -> Opened:
        decoder = self._open_decoder()
        first = decoder.read() if decoder is not None else None
        if decoder is None or first is None:
            if decoder is not None:
                decoder.close()
            raise SourceNotFoundError(
                f"{self._title} gives no video.",
                "Check the address, user and password, and that the camera is on and reachable.",
            )
        self._refuse_a_file(decoder)
        height, width = first.image_bgr.shape[:2]
        # MJPEG over HTTP carries no rate; FFmpeg makes up 25.
        made_up = decoder.codec_name == "mjpeg" and self._url.startswith("http")
        info = SourceInfo(
            "url",
            self.name,
            width,
            height,
            0.0 if made_up else decoder.fps,
            self.live,
            f"FFmpeg, {decoder.codec_name}",
        )
        return Opened(StreamReader(decoder), first.image_bgr, info)

    def _open_decoder(self) -> VideoDecoder | None:
        try:
            container = av.open(
                self._url, options=_OPTIONS, timeout=self._timeouts_s, metadata_errors="replace"
            )
            stream = main_stream(container)
            if stream is not None:
                # Each further thread of the decoder holds back a frame.
                return VideoDecoder(
                    container, stream, threads=1, failed_packets_max=DAMAGED_PACKETS_MAX
                )
            container.close()
        except (av.FFmpegError, OSError, ValueError) as error:
            # The text of the error holds the address, with user and password.
            _log.debug("%s: %s", self.name, type(error).__name__)
        return None

    def _refuse_a_file(self, decoder: VideoDecoder) -> None:
        # A live stream has no length; a file would be decoded as fast as possible, repeatedly.
        if decoder.announced_frames > 0 and self._url.startswith("http"):
            decoder.close()
            raise SourceError(
                f"{self.name} is a video file, not a live stream.",
                "Download it and open the file.",
            )

    def _open_timeout_error(self) -> SourceError:
        return SourceError(
            f"{self._title} did not answer in time.",
            "Check the address and the network, then try again.",
        )
