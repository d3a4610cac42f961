"""Video files through OpenCV and FFmpeg, with the container's own times."""

import logging
import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2

from fer_live.capture.opencv_capture import (
    Capture,
    CaptureFactory,
    as_bgr,
    next_image,
    open_cv2,
    quiet_opencv,
    release,
    try_open,
)
from fer_live.capture.source import SourceBase, SourceInfo, not_open_error
from fer_live.core.errors import SourceError, SourceNotFoundError
from fer_live.core.paths import user_path
from fer_live.core.types import Frame, ImageBgr

_log = logging.getLogger(__name__)

BACKENDS = {
    "win32": (cv2.CAP_FFMPEG, cv2.CAP_MSMF),
    "darwin": (cv2.CAP_FFMPEG, cv2.CAP_AVFOUNDATION),
}
"""FFmpeg comes first on every system; the system's own reader knows some more formats."""

EARLY_END_SHARE = 0.9
"""A file that gives less than this share of its announced frames and of its announced length
ended early. Frames alone do not tell: where the rate varies, their announced number is a guess."""

_FALLBACK_FPS = 30.0  # spaces frames of a file that says neither times nor rate
_MAX_FPS = 1000.0  # FFmpeg reports its time base, 90000, when it does not know the rate


class VideoFileSource(SourceBase):
    """A video file, as fast as it is read; `Frame.position_s` holds its own timeline.

    Frames of a rotated video (portrait, from a phone) are upright, as its metadata says.

    Args:
        path: The file.
        factory: Opens the capture.
        clock: Monotonic seconds.

    `early_end` says, after the last frame, that the file announced more; otherwise it is None.
    """

    live = False

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        factory: CaptureFactory = open_cv2,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__()
        self.path = user_path(path)
        self._factory = factory
        self._clock = clock
        self._capture: Capture | None = None
        self._pending: tuple[ImageBgr, float] | None = None
        self._step_s = 1 / _FALLBACK_FPS
        self._last_s = -math.inf
        self._gap_s = 0.0
        self._given = 0
        self._ended = False
        self.early_end: str | None = None

    def open(self) -> SourceInfo:
        """Opens the file and decodes its first frame.

        Raises:
            SourceNotFoundError: There is no such file.
            SourceError: It is not a video, holds no frame, or may not be read.
        """
        self._release()
        self._raise_if_interrupted(self.path.name)
        check_file(self.path)
        _check_name(self.path)
        with quiet_opencv():
            capture, first = self._open_any()
        if capture is None:
            raise SourceError(
                f"{self.path.name} is not a video, or it is damaged.",
                "Check that another player shows it, or choose another file.",
            )
        if first is None:
            release(capture)
            raise SourceError(
                f"{self.path.name} holds no picture that can be read.",
                "The file may be empty or damaged: choose another file.",
            )
        rate = capture.get(cv2.CAP_PROP_FPS)
        fps = rate if 0 < rate <= _MAX_FPS else 0.0
        self._capture = capture
        self._step_s = 1 / (fps or _FALLBACK_FPS)
        self._last_s, self._gap_s, self._given, self._ended = -math.inf, 0.0, 0, False
        self.early_end = None
        self._pending = (first, self._position(capture))
        height, width = first.shape[:2]
        frames = self._announced(capture)
        details = f"{frames} frames" if frames else "length unknown"
        return SourceInfo("file", self.path.name, width, height, fps, self.live, details)

    def read(self) -> Frame | None:
        """The next frame; None at the end of the file, also when it ends too early."""
        capture = self._capture
        if capture is None:
            raise not_open_error(self.path.name)
        if self._interrupted.is_set() or self._ended:
            return None
        pending, self._pending = self._pending, None
        if pending is None:
            image = next_image(capture)
            if image is None:
                self._ended = True
                self._report_end(capture)
                return None
            pending = (as_bgr(image), self._position(capture))
        captured_s = self._clock()
        self._given += 1
        return self._frame(pending[0], captured_s, pending[1])

    def close(self) -> None:
        """Releases the file."""
        self._release()
        self._interrupted.clear()

    def _open_any(self) -> tuple[Capture | None, ImageBgr | None]:
        # An absolute path: FFmpeg would take a name such as "12:30.mp4" for a protocol.
        opened: Capture | None = None
        for api in BACKENDS.get(sys.platform, (cv2.CAP_FFMPEG,)):
            capture = try_open(self._factory, str(self.path.absolute()), api)
            if capture is None:
                continue
            if opened is not None:
                release(opened)
            opened = capture
            image = next_image(capture)
            if image is not None:
                return capture, as_bgr(image)
        return opened, None

    def _position(self, capture: Capture) -> float:
        # The container's time of the frame just read. Where it does not rise (no times, or damage),
        # the frame rate continues it.
        at_s = capture.get(cv2.CAP_PROP_POS_MSEC) / 1e3
        if not (math.isfinite(at_s) and at_s > self._last_s):
            at_s = self._last_s + self._step_s if self._last_s > -math.inf else 0.0
        if self._last_s > -math.inf:
            self._gap_s = at_s - self._last_s
        self._last_s = at_s
        return at_s

    @staticmethod
    def _announced(capture: Capture) -> int:
        frames = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        return int(frames) if 0 < frames < math.inf else 0

    def _report_end(self, capture: Capture) -> None:
        announced = self._announced(capture)
        least_s = announced * self._step_s * EARLY_END_SHARE
        if self._given < announced * EARLY_END_SHARE and self._last_s + self._gap_s < least_s:
            self.early_end = (
                f"{self.path.name} ended early, after {self._given} of {announced} frames: "
                "it may be damaged or cut off"
            )
            _log.warning("%s", self.early_end)

    def _release(self) -> None:
        if self._capture is not None:
            release(self._capture)
        self._capture = self._pending = None


def _check_name(path: Path) -> None:
    # OpenCV 4.14 crashes on a path that is not valid text.
    try:
        os.fspath(path.absolute()).encode("utf-8")
    except UnicodeEncodeError as error:
        name = os.fsencode(path).decode("utf-8", "replace")
        raise SourceError(
            f"The name {name} has characters that cannot be read.", "Rename the file or folder."
        ) from error


def check_file(path: Path) -> None:
    """Raises if the file system knows why a file cannot be read.

    Raises:
        SourceNotFoundError: There is no such file.
        SourceError: It is no plain file, empty, or may not be read.
    """
    try:
        if not path.exists():
            raise SourceNotFoundError(f"There is no file {path}.", "Check its name and folder.")
        if not path.is_file():
            raise SourceError(f"{path} is not a file.", "Choose a video or picture file.")
        empty = path.stat().st_size == 0
        with path.open("rb"):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(
            f"{path} cannot be read: {reason}.", "Check the permissions of file and folder."
        ) from error
    if empty:
        raise SourceError(f"{path.name} is empty.", "Choose another file.")
