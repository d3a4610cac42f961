"""Video as H.264 in MP4, every frame at its true capture time."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from fer_live.core.errors import FerLiveError, RecordingError
from fer_live.core.types import FrameResult
from fer_live.core.worker_queue import WorkerQueue
from fer_live.overlay.draw import OverlayOptions
from fer_live.overlay.privacy import BEFORE_S
from fer_live.recording.disk import DiskSpace, DiskWatch
from fer_live.recording.encoder import find_hardware
from fer_live.recording.frame_renderer import FrameRenderer, QueuedFrame
from fer_live.recording.naming import reserve_target
from fer_live.recording.options import RecordingOptions
from fer_live.recording.timeline import Timeline, VideoLog, VideoTime
from fer_live.recording.writer import Writer, all_paths, marks_text

_log = logging.getLogger(__name__)

QUEUE_FRAMES = 24
"""Frames that may wait for the encoder: under a second at 30 per second, 66 MB at 1280x720. So
many up to 1920x1080; of larger ones as many as take the same 149 MB: 6 at 3840x2160."""
BEHIND_S = 1.0
"""What waits for the encoder, and is held back to hide faces, reaches back so far at most: it is
lost with the program."""
JOIN_S = 10.0
"""Longest wait for the frames still queued when a recording stops."""
STUCK_S = 60.0
"""Longest wait for one frame then, where none may be lost: a slower encoder never finishes."""


@dataclass(frozen=True)
class RecordingSummary:
    """How a recording went.

    Args:
        paths: All files, part by part; empty if no frame came.
        frames_written, frames_dropped: Frames in the files, and frames that were lost: the
            encoder was too slow, or the recording had ended early. Together they are all frames
            submitted, those of pauses left out.
        duration_s: From the first frame to the last, pauses left out, seconds.
        error: What ended it early, or None.
        parts: The files of each part, the annotated one first.
    """

    paths: tuple[Path, ...]
    frames_written: int
    frames_dropped: int
    duration_s: float
    error: FerLiveError | None
    parts: tuple[tuple[Path, ...], ...] = ()


class VideoRecorder:
    """Writes results to video files in a thread of its own; `submit` never waits.

    Times come from `Frame.time_s`. While a file grows it is fragmented, so that what is written
    plays even if the program dies. Paused time is cut out of the files; see `Timeline`. A new part
    begins with a new size of picture, another source, `new_part`, and the limits in `recording`.

    Only one thread submits; everything else may be called from any thread.

    Args:
        target: A file ending in ``.mp4``, which must not exist; anything else is a folder, in
            which the files are named by the pattern in `recording`.
        options: What is drawn, as on screen; a callable is asked for each frame, in the writer
            thread.
        recording: What is recorded, and how.
        fps: Gives the frame rate to draw; called in the writer thread.
        log: Is told how the files run; see `follow`.
        on_error: Called once, in the writer thread, if the recording ends early.
        on_low_space: Called in the writer thread when the disk will soon be full.
        wait: Let `submit` wait for the encoder, so that no frame is dropped; for sources that
            can wait, such as a file nobody watches.
        now: Source of the wall time.

    Raises:
        ValueError: `recording` says that no picture is recorded.
    """

    def __init__(
        self,
        target: Path,
        *,
        options: OverlayOptions | Callable[[], OverlayOptions] | None = None,
        recording: RecordingOptions | None = None,
        fps: Callable[[], float | None] | None = None,
        log: VideoLog | None = None,
        on_error: Callable[[FerLiveError], None] | None = None,
        on_low_space: Callable[[DiskSpace], None] | None = None,
        wait: bool = False,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._target = target
        self._recording = recording or RecordingOptions()
        if not self._recording.suffixes:
            raise ValueError("a recorder of no pictures records nothing: use a log alone")
        drawn = options if callable(options) else (lambda: options)
        self._painter = FrameRenderer(self._recording, drawn, fps or (lambda: None))
        self._first_log = log
        self._on_error = on_error
        self._on_low_space = on_low_space
        self._wait = wait
        self._now = now
        self._timeline = Timeline(self._recording.split_s)
        self._feed: WorkerQueue[QueuedFrame] = WorkerQueue(
            *("video-writer", self._handle, self._ended),
            capacity=QUEUE_FRAMES,
            picture=lambda shot: shot.result.frame.image_bgr,
            wait=wait,
        )
        self._writer: Writer | None = None
        self._watch: DiskWatch | None = None
        self._over = self._stopped = False
        self._submitted = self._refused = 0
        self.paused = False
        self.privacy = self._privacy = self._recording.privacy
        """May be changed at any time: the next frame then begins a new part."""
        self.error: FerLiveError | None = None

    @property
    def elapsed_s(self) -> float:
        """Recorded time so far, pauses left out, seconds."""
        return self._timeline.recorded_s

    @property
    def part(self) -> int:
        """Number of the newest part, from 1; 0 before the first frame."""
        return self._timeline.part + 1

    @property
    def frames_written(self) -> int:
        """Frames in the files so far."""
        return self._writer.frames_written if self._writer else 0

    @property
    def frames_dropped(self) -> int:
        """Frames lost so far."""
        if self._over:
            return self._submitted - self.frames_written
        return self._refused + (self._writer.frames_lost if self._writer else 0)

    @property
    def size_bytes(self) -> int:
        """Bytes on disk so far."""
        size = 0
        for path in self.paths:
            with suppress(OSError):  # a file without a frame is just being removed
                size += path.stat().st_size
        return size

    @property
    def space(self) -> DiskSpace | None:
        """What is left on the disk, at most a second ago; None where it cannot be found out."""
        return self._watch.space if self._watch else None

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files so far, part by part."""
        return all_paths(dict(self._writer.parts)) if self._writer else ()

    def video_time(self, time_s: float) -> VideoTime | None:
        """Where a `Frame.time_s` lies in the files, known as soon as `submit` has returned."""
        return self._timeline.video_time(time_s)

    def start(self) -> None:
        """Begins to take frames; may take a second, in which hardware is tried.

        Raises:
            RecordingError: The target exists already, its folder cannot be written, or its disk
                is full.
        """
        files = self._recording
        first = reserve_target(self._target, files.name, files.suffixes, self._now)
        self._watch = DiskWatch(first[0].parent, self._recording.reserve_bytes, self._on_low_space)
        try:
            self._watch.look(0)
        except RecordingError:
            for path in first:
                path.unlink(missing_ok=True)
            raise
        self._writer = Writer(
            first, self._recording, self._painter, self._timeline, self._watch, live=not self._wait
        )
        if self._first_log is not None:
            self._writer.follow(self._first_log)
        if self._recording.encoder == "auto":
            find_hardware(self._recording.quality)
        self._feed.start()

    def submit(self, result: FrameResult) -> None:
        """Hands over a result; counts it as dropped if the encoder is behind, unless it waits."""
        if self._stopped:
            return
        frame, privacy = result.frame, self.privacy
        if privacy != self._privacy:
            self._privacy = privacy
            self.new_part()
        if self.paused:
            self._timeline.pause(frame.time_s)
            self._feed.offer(QueuedFrame(result, None, self._refused, privacy=privacy))
            return
        self._submitted += 1
        placed = self._timeline.propose(frame)
        if placed is not None:
            started = None
            if placed.starts:
                delay_s = max(0.0, result.finished_s - frame.captured_s)
                started = (self._now() - timedelta(seconds=delay_s)).astimezone()
            shot = QueuedFrame(result, placed, self._refused, started, privacy)
            if not self._behind(shot) and self._feed.offer(shot):
                self._timeline.accept(frame, placed)
                return
        self._refused += 1

    def pause(self) -> None:
        """Records no more frames until `resume`."""
        self.paused = True

    def resume(self) -> None:
        """Goes on in the same part."""
        self.paused = False

    def new_part(self) -> None:
        """The next frame begins a new part."""
        self._timeline.cut_after(self._timeline.part)

    def mark(self, text: str, time_s: float | None = None) -> VideoTime | None:
        """Makes a chapter in the files.

        Args:
            text: Its title; made one line.
            time_s: Its `Frame.time_s`; None is that of the newest frame.

        Returns:
            Where it is: in a pause at the cut. None before the first frame, and once the
            recording has ended. A part that is closed already gets its chapter when the recording
            ends; a program that is killed before leaves none, only the session log has it then.
        """
        place = None if time_s is None else self._timeline.video_time(time_s)
        place = place or self._timeline.newest()
        kept = place and self._writer and self._writer.mark(place, marks_text(text))
        return place if kept else None

    def follow(self, log: VideoLog) -> None:
        """Tells a log of each part and pause, and of the part that runs now."""
        if self._writer is None:
            self._first_log = log
        else:
            self._writer.follow(log)

    def stop(self) -> RecordingSummary:
        """Writes what is queued, closes the file and says how it went. May be called twice.

        A slow encoder is waited for as long as it gets on if the recorder waits; else what it has
        not written when 10 s are over is dropped.
        """
        self._stopped = True
        patience = (STUCK_S, lambda: self.frames_written) if self._wait else (JOIN_S,)
        if not self._feed.stop(*patience) and self.error is None:
            self.error = RecordingError(
                f"The recording {self._target.name} could not be finished in time: disk or "
                "encoder do not answer.",
                "What was written so far can be played.",
            )
        self._over = True
        if not self.frames_written and self._writer is not None and not self._feed.alive:
            for path in self.paths:
                path.unlink(missing_ok=True)
            self._writer.parts.clear()
        parts = dict(self._writer.parts) if self._writer else {}
        counts = self.frames_written, self.frames_dropped, self.elapsed_s
        ordered = tuple(parts[number] for number in sorted(parts))
        return RecordingSummary(self.paths, *counts, self.error, ordered)

    def _behind(self, shot: QueuedFrame) -> bool:
        oldest = self._feed.oldest
        if self._wait or oldest is None:
            return False
        waits_s = shot.result.frame.time_s - oldest.result.frame.time_s
        return waits_s + (BEFORE_S if shot.privacy != "none" else 0.0) > BEHIND_S

    def _handle(self, shot: QueuedFrame) -> None:
        assert self._writer is not None
        self._writer.handle(shot)

    def _ended(self, failure: Exception | None) -> None:
        assert self._writer is not None
        writer = self._writer
        self.error = writer.finish(failure, lambda: self._submitted - writer.frames_written)
        if self.error is not None:
            _log.warning("recording ended early: %s", self.error)
            if self._on_error is not None:
                self._on_error(self.error)
