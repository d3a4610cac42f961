"""Annotated video as H.264 in MP4, every frame at its true capture time."""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from fer_live.errors import FerLiveError, RecordingError
from fer_live.overlay.draw import OverlayOptions, draw_overlay
from fer_live.recording.naming import reserve, write_error
from fer_live.types import FrameResult, ImageBgr

_log = logging.getLogger(__name__)

TIME_BASE = Fraction(1, 90_000)
"""Ticks of a video clock (MPEG's 90 kHz): 11 microseconds."""
QUEUE_FRAMES = 24
"""Frames that may wait for the encoder: under a second at 30 per second, 66 MB at 1280x720."""
KEYFRAME_S = 1.0
"""A key frame, and with it a finished fragment, this often: what a crash can cost."""
NOMINAL_FPS = 30
"""Told to the encoder for its rate control only; the time stamps carry the real rate."""
X264_OPTIONS = {"preset": "veryfast", "crf": "20", "bf": "0"}
"""Fast enough for two cores at 1280x720; without B-frames the first frame is shown at time 0."""
POLL_S = 0.1
"""How soon a waiting `submit` or `stop` notices that the writer has ended."""
JOIN_S = 10.0
"""Longest wait for the frames still queued when a recording stops."""


@dataclass(frozen=True)
class RecordingSummary:
    """How a recording went.

    Args:
        paths: The files, one per resolution that occurred; empty if no frame came.
        frames_written, frames_dropped: Frames in the files, and frames the encoder was too
            slow for.
        duration_s: From the first frame to the last, seconds.
        error: What ended it early, or None.
    """

    paths: tuple[Path, ...]
    frames_written: int
    frames_dropped: int
    duration_s: float
    error: FerLiveError | None


class VideoRecorder:
    """Writes results to a video file in a thread of its own; `submit` never waits.

    Times come from the frames: `position_s` where the source has its own timeline, else
    `captured_s`. The file is fragmented, so what is written plays even if the program dies.

    Args:
        target: A file ending in ``.mp4``, which must not exist; anything else is a folder, in
            which a file is named by time.
        options: As on screen; a callable is asked for each frame, in the writer thread.
        fps: Gives the frame rate to draw; called in the writer thread.
        on_error: Called once, in the writer thread, if the recording ends early.
        wait: Let `submit` wait for the encoder, so that no frame is dropped; for sources that
            can wait, such as a file nobody watches.
        now: Source of the time in names.
    """

    def __init__(
        self,
        target: Path,
        *,
        options: OverlayOptions | Callable[[], OverlayOptions] | None = None,
        fps: Callable[[], float | None] | None = None,
        on_error: Callable[[FerLiveError], None] | None = None,
        wait: bool = False,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._target = target
        self._wait = wait
        self._options: Callable[[], OverlayOptions | None] = (
            options if callable(options) else (lambda: options)
        )
        self._fps = fps or (lambda: None)
        self._on_error = on_error
        self._now = now
        self._queue: queue.Queue[FrameResult | None] = queue.Queue(QUEUE_FRAMES)
        self._thread = threading.Thread(target=self._run, name="video-writer", daemon=True)
        self._file: _Mp4 | None = None
        self._paths: list[Path] = []
        self._first_s: float | None = None
        self._last_s = 0.0
        self._stopping = False
        self.frames_written = 0
        self.frames_dropped = 0
        self.error: FerLiveError | None = None

    @property
    def elapsed_s(self) -> float:
        """Recorded time so far, seconds."""
        return 0.0 if self._first_s is None else self._last_s - self._first_s

    @property
    def size_bytes(self) -> int:
        """Bytes on disk so far."""
        return sum(path.stat().st_size for path in tuple(self._paths) if path.exists())

    def start(self) -> None:
        """Begins to take frames.

        Raises:
            RecordingError: The target exists already, or its folder cannot be written.
        """
        if self._target.suffix.lower() == ".mp4" and not self._target.is_dir():
            try:
                self._target.parent.mkdir(parents=True, exist_ok=True)
                self._target.open("xb").close()
            except FileExistsError as error:
                raise RecordingError(
                    f"{self._target} exists already.",
                    "Choose another name: nothing is overwritten.",
                ) from error
            except OSError as error:
                raise write_error(self._target, error) from error
            self._paths.append(self._target)
        else:
            self._paths.append(reserve(self._target, "recording", ".mp4", self._now))
        self._thread.start()

    def submit(self, result: FrameResult) -> None:
        """Hands over a result; counts it as dropped if the encoder is behind, unless it waits."""
        while not self._stopping and self.error is None:
            try:
                self._queue.put(result, block=self._wait, timeout=POLL_S)
            except queue.Full:
                if self._wait:
                    continue
                self.frames_dropped += 1
            return

    def stop(self) -> RecordingSummary:
        """Writes what is queued, closes the file and says how it went. May be called twice."""
        if not self._stopping:
            self._stopping = True
            while self._thread.is_alive():
                try:
                    self._queue.put(None, timeout=POLL_S)
                    break
                except queue.Full:
                    continue
        self._thread.join(JOIN_S)
        if not self.frames_written and self.error is None:
            for path in self._paths:
                path.unlink(missing_ok=True)
            self._paths.clear()
        return RecordingSummary(
            tuple(self._paths),
            self.frames_written,
            self.frames_dropped,
            self.elapsed_s,
            self.error,
        )

    def _run(self) -> None:
        try:
            while (result := self._queue.get()) is not None:
                self._write(result)
            self._close()
        except Exception as error:
            self.error = self._explain(error)
            _log.warning("recording ended early: %s", self.error)
            try:
                self._close()
            except Exception as second:
                _log.debug("the recording could not be closed either: %s", second)
            while True:
                try:
                    self._queue.get_nowait()
                except queue.Empty:
                    break
            if self._on_error is not None:
                self._on_error(self.error)

    def _write(self, result: FrameResult) -> None:
        frame = result.frame
        time_s = frame.captured_s if frame.position_s is None else frame.position_s
        if self._file is not None and self._file.size != (frame.width, frame.height):
            self._close()
            first = self._paths[0]
            self._paths.append(reserve(first.parent, f"{first.stem}-part", ".mp4", self._now))
        if self._file is None:
            self._file = _Mp4(self._paths[-1], frame.width, frame.height, time_s)
        if self._first_s is None:
            self._first_s = time_s
        picture = draw_overlay(
            frame.image_bgr, result.faces, result.labels, self._options(), self._fps()
        )
        if self._file.write(picture, time_s):
            self.frames_written += 1
            self._last_s = time_s

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _explain(self, error: Exception) -> FerLiveError:
        if isinstance(error, FerLiveError):
            return error
        if isinstance(error, OSError):
            return write_error(self._paths[-1], error)
        return RecordingError(
            f"The recording {self._paths[-1].name} ended early: {error}.",
            "What was written so far can be played; start a new recording.",
        )


class _Mp4:
    """One fragmented MP4 with a variable frame rate."""

    def __init__(self, path: Path, width: int, height: int, start_s: float) -> None:
        self.size = (width, height)
        self._start_s = start_s
        self._last_pts = -1
        self._next_key_s = start_s
        self._container: Any = av.open(
            str(path),
            "w",
            format="mp4",
            options={
                "movflags": "frag_keyframe+empty_moov+default_base_moof",
                "flush_packets": "1",
            },
        )
        self._stream: Any = self._container.add_stream("libx264", rate=NOMINAL_FPS)
        self._stream.options = dict(X264_OPTIONS)
        # The 4:2:0 format needs even sides; an odd last row or column is left out.
        self._stream.width, self._stream.height = width // 2 * 2, height // 2 * 2
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = TIME_BASE
        self._stream.time_base = TIME_BASE

    def write(self, image_bgr: ImageBgr, time_s: float) -> bool:
        """Encodes one frame; False if its time does not come after the one before."""
        pts = round((time_s - self._start_s) / TIME_BASE)
        if pts <= self._last_pts:
            return False
        self._last_pts = pts
        height, width = self._stream.height, self._stream.width
        picture = av.VideoFrame.from_ndarray(image_bgr[:height, :width], format="bgr24")
        picture.pts, picture.time_base = pts, TIME_BASE
        if time_s >= self._next_key_s:
            picture.pict_type = av.video.frame.PictureType.I
            self._next_key_s = time_s + KEYFRAME_S
        for packet in self._stream.encode(picture):
            self._container.mux(packet)
        return True

    def close(self) -> None:
        try:
            for packet in self._stream.encode():
                self._container.mux(packet)
        finally:
            self._container.close()
