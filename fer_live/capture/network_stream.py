"""Network cameras and streams: MJPEG over HTTP, RTSP and the other protocols of FFmpeg."""

import time
from collections.abc import Callable

import cv2

from fer_live.capture.capture_thread import Opened
from fer_live.capture.opencv_capture import (
    Capture,
    CaptureFactory,
    next_image,
    open_cv2,
    quiet_opencv,
    release,
    try_open,
)
from fer_live.capture.source import SourceInfo
from fer_live.capture.threaded_source import ThreadedSource
from fer_live.core.errors import SourceError, SourceNotFoundError
from fer_live.core.formats import URL_SCHEMES, is_url, public_address

OPEN_TIMEOUT_S = 10.0
"""Longest wait for the first image."""

STALL_S = 5.0
"""No image for this long is a stall; a network pauses longer than a cable."""

_MARGIN_S = 2.0  # our limit is later than FFmpeg's, whose error says more
_MJPG = cv2.VideoWriter.fourcc(*"MJPG")
_MAX_FPS = 1000.0  # FFmpeg reports its time base, 90000, when it does not know the rate


class UrlSource(ThreadedSource):
    """A network stream, read continuously so that the newest frame is available.

    Args:
        url: With one of `URL_SCHEMES`; may hold user and password, which are never shown.
        factory: Opens the capture.
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
        factory: CaptureFactory = open_cv2,
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
        self._url = url.strip()
        self._factory = factory
        self._parameters = (
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            int(open_timeout_s * 1e3),
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            int((stall_s + _MARGIN_S) * 1e3),
            # Each further thread of FFmpeg's decoder holds back a frame.
            cv2.CAP_PROP_N_THREADS,
            1,
        )

    def _open_capture(self) -> Opened:
        with quiet_opencv():
            capture = try_open(self._factory, self._url, cv2.CAP_FFMPEG, self._parameters)
            first = next_image(capture) if capture is not None else None
        if capture is None or first is None:
            if capture is not None:
                release(capture)
            raise SourceNotFoundError(
                f"{self._title} gives no video.",
                "Check the address, user and password, and that the camera is on and reachable.",
            )
        self._refuse_a_file(capture)
        height, width = first.shape[:2]
        codec = int(capture.get(cv2.CAP_PROP_FOURCC))
        fps = capture.get(cv2.CAP_PROP_FPS)
        if not 0 < fps < _MAX_FPS or (codec == _MJPG and self._url.lower().startswith("http")):
            fps = 0.0  # MJPEG over HTTP carries no rate; FFmpeg makes up 25
        text = "".join(chr(codec >> shift & 0xFF) for shift in (0, 8, 16, 24)).strip("\0 ")
        details = f"FFMPEG, {text}" if text.isprintable() and text else "FFMPEG"
        return Opened(
            capture, first, SourceInfo("url", self.name, width, height, fps, self.live, details)
        )

    def _refuse_a_file(self, capture: Capture) -> None:
        # A live stream has no length; a file would be decoded as fast as possible, repeatedly.
        if capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0 and self._url.lower().startswith("http"):
            release(capture)
            raise SourceError(
                f"{self.name} is a video file, not a live stream.",
                "Download it and open the file.",
            )

    def _open_timeout_error(self) -> SourceError:
        return SourceError(
            f"{self._title} did not answer in time.",
            "Check the address and the network, then try again.",
        )
