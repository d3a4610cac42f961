"""Video files, decoded by FFmpeg, with the container's own times."""

import logging
import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import av

from fer_live.capture.source import SourceBase, SourceInfo, not_open_error
from fer_live.capture.video_decoder import VideoDecoder, VideoImage, main_stream, open_container
from fer_live.core.errors import SourceError, SourceNotFoundError
from fer_live.core.paths import user_path
from fer_live.core.types import Frame

_log = logging.getLogger(__name__)

EARLY_END_SHARE = 0.9
"""A file that gives less than this share of its announced frames and of its announced length
ended early. Frames alone do not tell: where the rate varies, their announced number is a guess."""

_FALLBACK_FPS = 30.0  # spaces frames of a file that says neither times nor rate


class VideoFileSource(SourceBase):
    """A video file, as fast as it is read; `Frame.position_s` holds its own timeline.

    Frames are as `VideoDecoder` gives them: progressive and upright.

    Args:
        path: The file.
        clock: Monotonic seconds.
        threads: Threads of the decoder; 0 for one per core.

    `early_end` says, after the last frame, that the file announced more; otherwise it is None.
    """

    live = False

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        clock: Callable[[], float] = time.perf_counter,
        threads: int = 0,
    ) -> None:
        super().__init__()
        self.path = user_path(path)
        self._clock = clock
        self._threads = threads
        self._decoder: VideoDecoder | None = None
        self._pending: VideoImage | None = None
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
        decoder = self._decoder = self._open_decoder()
        first = decoder.read()
        if first is None:
            self._release()
            raise SourceError(
                f"{self.path.name} holds no picture that can be read.",
                "The file may be empty or damaged: choose another file.",
            )
        fps = decoder.fps
        self._step_s = 1 / (fps or _FALLBACK_FPS)
        self._last_s, self._gap_s, self._given, self._ended = -math.inf, 0.0, 0, False
        self.early_end = None
        self._pending = first
        height, width = first.image_bgr.shape[:2]
        frames = decoder.announced_frames
        details = f"{frames} frames" if frames else "length unknown"
        return SourceInfo("file", self.path.name, width, height, fps, self.live, details)

    def read(self) -> Frame | None:
        """The next frame; None at the end of the file, also when it ends too early."""
        decoder = self._decoder
        if decoder is None:
            raise not_open_error(self.path.name)
        if self._interrupted.is_set() or self._ended:
            return None
        pending, self._pending = self._pending, None
        image = pending if pending is not None else decoder.read()
        if image is None:
            self._ended = True
            self._report_end(decoder)
            return None
        captured_s = self._clock()
        self._given += 1
        return self._frame(image.image_bgr, captured_s, self._position(image.time_s))

    def close(self) -> None:
        """Releases the file."""
        self._release()
        self._interrupted.clear()

    def _open_decoder(self) -> VideoDecoder:
        try:
            container = open_container(self.path)
            stream = main_stream(container)
            if stream is not None:
                return VideoDecoder(container, stream, threads=self._threads)
            container.close()
        except (av.FFmpegError, OSError, ValueError) as error:
            _log.debug("%s: %s", self.path, error)
        raise SourceError(
            f"{self.path.name} is not a video, or it is damaged.",
            "Check that another player shows it, or choose another file.",
        )

    def _position(self, time_s: float | None) -> float:
        # Where the container's times do not rise (none, or damage), the frame rate continues them.
        at_s = time_s
        if at_s is None or not at_s > self._last_s:
            at_s = self._last_s + self._step_s if self._last_s > -math.inf else 0.0
        if self._last_s > -math.inf:
            self._gap_s = at_s - self._last_s
        self._last_s = at_s
        return at_s

    def _report_end(self, decoder: VideoDecoder) -> None:
        announced = decoder.announced_frames
        least_s = (decoder.length_s or announced * self._step_s) * EARLY_END_SHARE
        if self._given < announced * EARLY_END_SHARE and self._last_s + self._gap_s < least_s:
            self.early_end = (
                f"{self.path.name} ended early, after {self._given} of {announced} frames: "
                "it may be damaged or cut off"
            )
            _log.warning("%s", self.early_end)

    def _release(self) -> None:
        if self._decoder is not None:
            self._decoder.close()
        self._decoder = self._pending = None


def _check_name(path: Path) -> None:
    # FFmpeg takes names as UTF-8.
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
