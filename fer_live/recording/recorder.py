"""Records results as H.264 video in MP4, every frame at its capture time."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from fer_live.core.errors import ConfigError, FerLiveError, RecordingError
from fer_live.core.naming import reserve_target
from fer_live.core.settings import Settings
from fer_live.core.types import FrameResult
from fer_live.core.worker_queue import WorkerQueue
from fer_live.overlay.draw import OverlayOptions
from fer_live.overlay.privacy import BEFORE_S
from fer_live.recording.disk import DiskSpace, DiskWatch
from fer_live.recording.encoder import find_hardware
from fer_live.recording.frame_renderer import FrameRenderer, QueuedFrame
from fer_live.recording.options import RecordingOptions
from fer_live.recording.part import Markers
from fer_live.recording.part_writer import PartWriter
from fer_live.recording.timeline import Timeline, VideoTime
from fer_live.recording.video_log import VideoLog, VideoLogNotifier

_log = logging.getLogger(__name__)

QUEUE_FRAMES = 24
"""Most frames that wait for the encoder: under a second at 30 per second, 66 MB at 1280x720. Above
1920x1080 the queue is limited to the 149 MB that 24 such frames take: 6 frames at 3840x2160."""
BEHIND_S = 1.0
"""Longest time that frames wait for the encoder or are held back to hide faces: they are lost if
the program is killed."""
JOIN_S = 10.0
"""Longest wait for the frames still queued when a recording stops."""
STUCK_S = 60.0
"""Longest wait for one frame at the stop of a recorder that waits; then the encoder has failed."""


@dataclass(frozen=True)
class RecordingSummary:
    """The outcome of a recording.

    Args:
        paths: All files, part by part; empty if no frame was submitted.
        frames_written, frames_dropped: Frames in the files, and frames lost because the encoder
            was too slow or the recording ended early. Their sum is the number of frames
            submitted outside pauses.
        duration_s: From the first frame to the last without pauses, seconds.
        error: What ended the recording early, or None.
        parts: The files of each part, the annotated one first.
    """

    paths: tuple[Path, ...]
    frames_written: int
    frames_dropped: int
    duration_s: float
    error: FerLiveError | None
    parts: tuple[tuple[Path, ...], ...] = ()


class VideoRecorder:
    """Writes results to video files in its own thread; `submit` never waits.

    Times come from `Frame.time_s`. A growing file is fragmented, so that what is written can be
    played even if the program is killed. Paused time is cut out of the files; see `Timeline`. A
    new part begins when the frame size or the source changes, at `new_part`, and at the limits in
    `recording`.

    One thread calls `submit`; any thread may call the other methods.

    Args:
        target: A file ending in ``.mp4``, which must not exist; anything else is a folder, in
            which the files are named by the pattern in `recording`.
        options: What is drawn, as on screen; a callable is called for each frame in the writer
            thread.
        recording: What is recorded, and how.
        fps: Returns the frame rate to draw; called in the writer thread.
        log: Learns where the frames are in the files; see `follow`.
        on_error: Called once in the writer thread if the recording ends early.
        on_low_space: Called in the writer thread when the disk will soon be full.
        wait: `submit` waits for the encoder, so that no frame is dropped; for sources that can
            wait, such as a video file analysed without a window.
        now: Returns the wall time.

    Raises:
        ValueError: `recording` has no video files.
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
            raise ValueError("a recorder needs a video to write: use a log alone")
        drawn = options if callable(options) else (lambda: options)
        self._renderer = FrameRenderer(self._recording, drawn, fps or (lambda: None))
        self._notifier = VideoLogNotifier()
        if log is not None:
            self._notifier.follow(log)
        self._on_error = on_error
        self._on_low_space = on_low_space
        self._wait = wait
        self._now = now
        self._timeline = Timeline(self._recording.split_s)
        self._queue: WorkerQueue[QueuedFrame] = WorkerQueue(
            *("fer-live-recorder", self._write, self._ended),
            capacity=QUEUE_FRAMES,
            image=lambda queued: queued.result.frame.image_bgr,
            wait=wait,
        )
        self._markers = Markers()
        self._writer: PartWriter | None = None
        self._watch: DiskWatch | None = None
        self._over = self._stopped = False
        self._submitted = self._refused = 0
        self.paused = False
        self.privacy = self._privacy = self._recording.privacy
        """How faces are hidden; a change takes effect with the next frame, which begins a part."""
        self.error: FerLiveError | None = None

    @classmethod
    def from_settings(
        cls,
        target: Path,
        settings: Callable[[], Settings],
        fps: Callable[[], float | None],
        *,
        log: VideoLog | None = None,
        on_low_space: Callable[[DiskSpace], None] | None = None,
        wait: bool = False,
    ) -> "VideoRecorder":
        """A recorder as the user's settings say.

        Args:
            target, fps, log, on_low_space, wait: As for the class.
            settings: Returns the settings: once for how to record, and for each frame for what to
                draw.

        Raises:
            ConfigError: The settings cannot be used, or turn the recording of videos off.
        """
        recording = RecordingOptions.from_settings(settings())
        if recording.pictures == "none":
            raise ConfigError(
                "No video is recorded: saving pictures is turned off.",
                "Write a session log, or choose what to record in the settings or with "
                "--record-pictures.",
            )
        return cls(
            target,
            options=lambda: OverlayOptions.from_settings(settings()),
            recording=recording,
            fps=fps,
            log=log,
            on_low_space=on_low_space,
            wait=wait,
        )

    @property
    def elapsed_s(self) -> float:
        """Recorded time so far without pauses, seconds."""
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
            with suppress(OSError):  # the writer thread may be removing a file without frames
                size += path.stat().st_size
        return size

    @property
    def space(self) -> DiskSpace | None:
        """Free space on the disk, at most a second old; None where it is not known."""
        return self._watch.space if self._watch else None

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files so far, part by part."""
        return tuple(path for part in self._parts for path in part)

    @property
    def _parts(self) -> tuple[tuple[Path, ...], ...]:
        return self._writer.paths if self._writer else ()

    def video_time(self, time_s: float) -> VideoTime | None:
        """Where a `Frame.time_s` is in the files, known as soon as `submit` has returned."""
        return self._timeline.video_time(time_s)

    def start(self) -> None:
        """Starts the writer thread; may take a second while a hardware encoder is tried.

        Raises:
            RecordingError: The target exists, its folder cannot be written, or its disk is full.
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
        self._writer = PartWriter(
            first,
            self._recording,
            self._renderer,
            self._timeline,
            self._watch,
            self._markers,
            self._notifier,
            live=not self._wait,
        )
        if self._recording.encoder == "auto":
            find_hardware(self._recording.quality)
        self._queue.start()

    def submit(self, result: FrameResult) -> None:
        """Queues a result; counts it as dropped if the encoder is behind, unless `wait` is set."""
        if self._stopped:
            return
        frame, privacy = result.frame, self.privacy
        if privacy != self._privacy:
            self._privacy = privacy
            self.new_part()
        if self.paused:
            self._timeline.pause(frame.time_s)
            self._queue.offer(QueuedFrame(result, None, self._refused, privacy=privacy))
            return
        self._submitted += 1
        placed = self._timeline.propose(frame)
        if placed is not None:
            started = None
            if placed.starts:
                delay_s = max(0.0, result.finished_s - frame.captured_s)
                started = (self._now() - timedelta(seconds=delay_s)).astimezone()
            queued = QueuedFrame(result, placed, self._refused, started, privacy)
            if not self._behind(queued) and self._queue.offer(queued):
                self._timeline.accept(frame, placed)
                return
        self._refused += 1

    def pause(self) -> None:
        """Records no more frames until `resume`."""
        self.paused = True

    def resume(self) -> None:
        """Continues in the same part."""
        self.paused = False

    def new_part(self) -> None:
        """The next frame begins a new part."""
        self._timeline.cut_after(self._timeline.part)

    def mark(self, text: str, time_s: float | None = None) -> VideoTime | None:
        """Adds a chapter to the files.

        A closed part gets its chapter when the recording ends. If the program is killed before,
        only the session log has the marker.

        Args:
            text: Its title; becomes one line.
            time_s: Its `Frame.time_s`; None is that of the newest frame.

        Returns:
            Where it is in the files; during a pause, where the pause was cut out. None before the
            first frame and after the end of the recording.
        """
        place = None if time_s is None else self._timeline.video_time(time_s)
        place = place or self._timeline.newest()
        return place if place and self._markers.add(place, text) else None

    def follow(self, log: VideoLog) -> None:
        """Reports each part and pause to a log from now on, and the running part at once."""
        self._notifier.follow(log)

    def stop(self) -> RecordingSummary:
        """Writes the queued frames, closes the files and returns the outcome. May be called twice.

        A recorder that waits gives a slow encoder as long as it makes progress. Otherwise frames
        not written after 10 s are dropped.
        """
        self._stopped = True
        patience = (STUCK_S, lambda: self.frames_written) if self._wait else (JOIN_S,)
        if not self._queue.stop(*patience) and self.error is None:
            self.error = RecordingError(
                f"The recording {self._target.name} could not be finished in time: the disk or the "
                "encoder does not respond.",
                "What was written so far can be played.",
            )
        self._over = True
        if not self.frames_written and self._writer is not None and not self._queue.alive:
            self._writer.discard()
        counts = self.frames_written, self.frames_dropped, self.elapsed_s
        return RecordingSummary(self.paths, *counts, self.error, self._parts)

    def _behind(self, queued: QueuedFrame) -> bool:
        oldest = self._queue.oldest
        if self._wait or oldest is None:
            return False
        waits_s = queued.result.frame.time_s - oldest.result.frame.time_s
        return waits_s + (BEFORE_S if queued.privacy != "none" else 0.0) > BEHIND_S

    def _write(self, queued: QueuedFrame) -> None:
        assert self._writer is not None
        self._writer.write(queued)

    def _ended(self, failure: Exception | None) -> None:
        assert self._writer is not None
        writer = self._writer
        self.error = writer.finish(failure, lambda: self._submitted - writer.frames_written)
        if self.error is not None:
            _log.warning("recording ended early: %s", self.error)
            if self._on_error is not None:
                self._on_error(self.error)
