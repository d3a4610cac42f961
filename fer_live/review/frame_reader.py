"""Reads the frame that a video shows at any time, in a thread of its own."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fer_live.core.errors import FerLiveError, SourceError
from fer_live.core.types import Frame, ImageBgr

_log = logging.getLogger(__name__)

FORWARD_S = 1.0
"""A frame so far ahead is reached by decoding on; a search would begin at a key frame, which often
lies behind."""
JOIN_S = 2.0
"""Longest wait for the thread at the end: a read from a slow disk."""


class SeekableVideo(Protocol):
    """The part of `VideoFileSource` and of `Thumbnails` that is used, once it is open."""

    def read(self) -> Frame | None:
        """The next frame; None at the end."""
        ...

    def seek(self, position_s: float) -> None:
        """Goes to the frame shown at a position: the next `read` gives it."""
        ...

    def close(self) -> None:
        """Releases the file."""
        ...


def open_video(path: Path) -> SeekableVideo:
    """Opens a video file.

    Raises:
        SourceError: It cannot be opened.
    """
    # Imported here, because OpenCV and FFmpeg are slow to load.
    from fer_live.capture.video_file import VideoFileSource

    source = VideoFileSource(path)
    source.open()
    return source


@dataclass(frozen=True, eq=False)
class ShownFrame:
    """A frame that was asked for.

    Args:
        video: The file.
        wanted_s: The time that was asked for, seconds.
        time_s: Time stamp of the frame, seconds.
        image_bgr: (H, W, 3) uint8.
    """

    video: Path
    wanted_s: float
    time_s: float
    image_bgr: ImageBgr


class FrameReader:
    """Gives the frame at the time asked for last; requests overtaken by a later one are dropped.

    Args:
        on_frame: Called on the reader's thread with each new frame.
        on_error: Called there when a video cannot be read; the next request tries again.
        opener: Opens a file; called on the reader's thread.
        name: Of the thread.
        forward_s: A frame at most so far ahead is reached by decoding on.
    """

    def __init__(
        self,
        on_frame: Callable[[ShownFrame], None],
        on_error: Callable[[Path, FerLiveError], None],
        opener: Callable[[Path], SeekableVideo] = open_video,
        name: str = "fer-live-review",
        forward_s: float = FORWARD_S,
    ) -> None:
        self._opener = opener
        self._forward_s = forward_s
        self._on_frame = on_frame
        self._on_error = on_error
        self._wanted: tuple[Path, float] | None = None
        self._changed = threading.Condition()
        self._closed = False
        self._video: SeekableVideo | None = None
        self._path: Path | None = None
        self._shown: Frame | None = None
        self._ahead: Frame | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def show(self, video: Path, time_s: float) -> None:
        """Asks for the frame that a video shows at a time, seconds; any thread."""
        with self._changed:
            self._wanted = (video, max(time_s, 0.0))
            self._changed.notify()

    def close(self, timeout_s: float = JOIN_S) -> bool:
        """Ends the thread and closes the file; False if the thread does not end in time."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._wanted is None and not self._closed:
                    self._changed.wait()
                if self._closed or self._wanted is None:
                    break
                (path, time_s), self._wanted = self._wanted, None
            try:
                self._go_to(path, time_s)
            except FerLiveError as error:
                self._release()
                self._on_error(path, error)
            except Exception as error:
                # A defect of a decoder must not end the review of all other videos.
                _log.exception("reading %s", path)
                self._release()
                self._on_error(path, SourceError(f"{path.name} can't be read: {error}."))
        self._release()

    def _go_to(self, path: Path, time_s: float) -> None:
        if path != self._path or self._video is None:
            self._release()
            self._video, self._path = self._opener(path), path
        before = self._shown
        if before is None or not before.time_s <= time_s < before.time_s + self._forward_s:
            self._shown = self._ahead = None
            self._video.seek(time_s)
        while True:
            self._ahead = self._ahead or self._video.read()
            if self._ahead is None or (self._shown is not None and self._ahead.time_s > time_s):
                break
            self._shown, self._ahead = self._ahead, None
        if self._shown is None:
            raise SourceError(
                f"{path.name} shows no picture at this time.",
                "The file may be damaged: choose another video.",
            )
        if self._shown is not before:
            self._on_frame(ShownFrame(path, time_s, self._shown.time_s, self._shown.image_bgr))

    def _release(self) -> None:
        if self._video is not None:
            self._video.close()
        self._video = self._path = self._shown = self._ahead = None
