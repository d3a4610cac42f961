"""Video files, decoded by FFmpeg, with the container's own times."""

import logging
import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import av

from fer_live.capture.source import SourceBase, SourceInfo, not_open_error
from fer_live.capture.video_decoder import VideoDecoder, main_stream, open_container
from fer_live.core.errors import SourceError
from fer_live.core.files import check_readable
from fer_live.core.paths import user_path
from fer_live.core.types import Frame, ImageBgr

_log = logging.getLogger(__name__)

EARLY_END_SHARE = 0.9
"""A file that gives less than this share of its announced frames and of its announced length
ended early. Frames alone do not tell: where the rate varies, their announced number is a guess."""

Placed = tuple[ImageBgr, float]
"""A decoded image and its position in the file, seconds."""

_FALLBACK_FPS = 30.0  # spaces frames of a file that says neither times nor rate


class VideoFileSource(SourceBase):
    """A video file, as fast as it is read; `Frame.position_s` holds its own timeline.

    Frames are as `VideoDecoder` gives them: progressive and upright.

    Args:
        path: The file.
        clock: Monotonic seconds.
        threads: Threads of the decoder; 0 for one per core.
        fps: Frames to give per second, chosen by their time; None gives all.
        pictures_fps: Pictures to give per second: the first frame of each period has its picture,
            the others are black and cost less. None gives every picture.

    `early_end` says, after the last frame, that the file announced more; otherwise it is None.
    """

    live = False

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        clock: Callable[[], float] = time.perf_counter,
        threads: int = 0,
        fps: float | None = None,
        pictures_fps: float | None = None,
    ) -> None:
        super().__init__()
        self._fps = fps
        self._pictures_fps = pictures_fps
        self.path = user_path(path)
        self._clock = clock
        self._threads = threads
        self._decoder: VideoDecoder | None = None
        self._pending: list[Placed] = []
        self._step_s = 1 / _FALLBACK_FPS
        self._last_s = self._stamp_s = -math.inf
        self._gap_s = 0.0
        self._given = 0
        self._ended = self._sought = False
        self._by_time = True
        self.early_end: str | None = None

    def open(self) -> SourceInfo:
        """Opens the file and decodes its first frame.

        Raises:
            SourceNotFoundError: There is no such file.
            SourceError: It is not a video, holds no frame, or may not be read.
        """
        self._release()
        self._raise_if_interrupted(self.path.name)
        check_readable(self.path)
        _check_name(self.path)
        decoder = self._decoder = self._open_decoder()
        self._step_s = 1 / (decoder.fps or _FALLBACK_FPS)
        self._begin()
        self._by_time, self.early_end = True, None
        first = self._decode(decoder)
        if first is None:
            self._release()
            raise SourceError(
                f"{self.path.name} holds no picture that can be read.",
                "The file may be empty or damaged: choose another file.",
            )
        self._pending = [first]
        height, width = first[0].shape[:2]
        frames = decoder.announced_frames
        details = f"{frames} frames" if frames else "length unknown"
        return SourceInfo(
            "file",
            self.path.name,
            width,
            height,
            decoder.fps,
            self.live,
            details,
            length_s=decoder.length_s,
            path=self.path,
        )

    def read(self) -> Frame | None:
        """The next frame; None at the end of the file, also when it ends too early."""
        decoder = self._decoder
        if decoder is None:
            raise not_open_error(self.path.name)
        if self._interrupted.is_set() or self._ended:
            return None
        placed = self._pending.pop(0) if self._pending else self._decode(decoder)
        if placed is None:
            self._ended = True
            self._report_end(decoder)
            return None
        image_bgr, position_s = placed
        return self._frame(image_bgr, self._clock(), position_s)

    def seek(self, position_s: float, *, before: bool = False) -> None:
        """Goes to the frame that is shown at a position: the next `read` gives it.

        Exact: it is the frame that reading from the beginning gives there. A file without usable
        time stamps is read from its beginning, which takes as long as decoding it.

        Args:
            position_s: As in `Frame.position_s`. The frame is the last that does not begin after
                it, or the first frame.
            before: The frame must begin earlier: `seek(frame.position_s, before=True)` goes one
                frame back.

        Raises:
            SourceError: The source is not open, or the file cannot be read any more.
        """
        decoder = self._decoder
        if decoder is None:
            raise not_open_error(self.path.name)
        before = before and position_s > 0
        self._by_time = self._by_time and decoder.seek(max(0.0, position_s), before=before)
        if self._by_time:
            self._begin()
            self._sought = True
        else:
            self._read_up_to(position_s, before=before)

    def close(self) -> None:
        """Releases the file."""
        self._release()
        self._interrupted.clear()

    def _open_decoder(self) -> VideoDecoder:
        try:
            container = open_container(self.path)
            stream = main_stream(container)
            if stream is not None:
                return VideoDecoder(
                    container,
                    stream,
                    threads=self._threads,
                    fps=self._fps,
                    pictures_fps=self._pictures_fps,
                )
            container.close()
        except (av.FFmpegError, OSError, ValueError) as error:
            _log.debug("%s: %s", self.path, error)
        raise SourceError(
            f"{self.path.name} is not a video, or it is damaged.",
            "Check that another player shows it, or choose another file.",
        )

    def _begin(self) -> None:
        self._pending = []
        self._last_s, self._stamp_s, self._gap_s, self._given = -math.inf, -math.inf, 0.0, 0
        self._ended = self._sought = False

    def _decode(self, decoder: VideoDecoder) -> Placed | None:
        image = decoder.read()
        if image is None:
            return None
        self._given += 1
        return image.image_bgr, self._position(image.time_s)

    def _read_up_to(self, position_s: float, *, before: bool) -> None:
        self._release()
        decoder = self._decoder = self._open_decoder()
        self._begin()
        while not self._interrupted.is_set() and (placed := self._decode(decoder)) is not None:
            self._pending = [*self._pending[-1:], placed]
            if placed[1] > position_s or (before and placed[1] == position_s):
                break
        else:
            self._pending = self._pending[-1:]

    def _position(self, time_s: float | None) -> float:
        self._by_time = self._by_time and time_s is not None and time_s >= self._stamp_s
        self._stamp_s = -math.inf if time_s is None else time_s
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
        counted = not self._sought and self._fps is None
        few = not counted or self._given < announced * EARLY_END_SHARE
        if few and self._last_s + self._gap_s < least_s:
            reached = f"after {self._given} of {announced} frames"
            if not counted:
                reached = f"at {max(self._last_s, 0.0):.1f} s of {least_s / EARLY_END_SHARE:.1f} s"
            self.early_end = (
                f"{self.path.name} ended early, {reached}: it may be damaged or cut off."
            )
            _log.warning("%s", self.early_end)

    def _release(self) -> None:
        if self._decoder is not None:
            self._decoder.close()
        self._decoder = None
        self._pending = []


def _check_name(path: Path) -> None:
    # FFmpeg takes names as UTF-8.
    try:
        os.fspath(path.absolute()).encode("utf-8")
    except UnicodeEncodeError as error:
        name = os.fsencode(path).decode("utf-8", "replace")
        raise SourceError(
            f"The name {name} has characters that cannot be read.", "Rename the file or folder."
        ) from error
