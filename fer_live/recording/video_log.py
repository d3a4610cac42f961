"""How a recording tells a session log which frame is where in its files."""

import threading
from pathlib import Path
from typing import Protocol

from fer_live.core.types import Frame
from fer_live.recording.timeline import VideoTime


class VideoLog(Protocol):
    """Receives the course of a recording's files, so that its rows can name places in them."""

    def recording(self, file: Path, frame: Frame, video_time_s: float) -> None:
        """`frame` is in `file` at this time; later frames follow at their own distances."""
        ...

    def recording_off(self, frame: Frame, dropped: int = 0) -> None:
        """The video pauses or ends after `frame`; `dropped` frames are missing before it."""
        ...


class VideoLogNotifier:
    """Reports to a log, if there is one, when the video starts, pauses and ends. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._log: VideoLog | None = None
        self._newest: tuple[Path, Frame, VideoTime] | None = None
        self._running = False
        self._reported_dropped = 0

    def follow(self, log: VideoLog) -> None:
        """Reports to this log from now on, and at once where a running video is."""
        with self._lock:
            self._log = log
            if self._running and self._newest is not None:
                path, frame, place = self._newest
                log.recording(path, frame, place.seconds)

    def written(self, path: Path, frame: Frame, place: VideoTime) -> None:
        """A frame is in a file; the first one after a start or pause is reported."""
        with self._lock:
            self._newest = (path, frame, place)
            if not self._running and self._log is not None:
                self._log.recording(path, frame, place.seconds)
            self._running = True

    def stopped(self, dropped: int) -> None:
        """The video pauses or a file ends.

        Args:
            dropped: All frames lost since the recording began.
        """
        with self._lock:
            if self._running and self._log is not None and self._newest is not None:
                unreported = max(0, dropped - self._reported_dropped)
                self._log.recording_off(self._newest[1], unreported)
                self._reported_dropped += unreported
            self._running = False
