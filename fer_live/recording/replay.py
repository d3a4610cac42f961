"""Instant replay: keeps the last seconds in memory and saves them to a file on demand."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fer_live.core.errors import FerLiveError, RecordingError
from fer_live.core.types import FrameResult
from fer_live.core.worker_queue import WorkerQueue
from fer_live.overlay.draw import OverlayOptions
from fer_live.recording.compressed_result import CompressedResult, compress, decompress
from fer_live.recording.options import RecordingOptions
from fer_live.recording.recorder import RecordingSummary, VideoRecorder

_log = logging.getLogger(__name__)

QUEUE_FRAMES = 8
"""Most frames up to 1920x1080 that wait to be compressed, fewer larger ones: at most 75 MB."""
MAX_BYTES = 256_000_000
"""Memory for images: about a minute at 1280x720 and 30 per second."""
JOIN_S = 2.0
"""Longest wait for the queued frames when the replay stops."""


class InstantReplay:
    """Keeps the last seconds of results; a sink like a recorder, whose `submit` never waits.

    Images are kept without overlay, as JPEG, which takes half the processor time of a video
    encoder. The overlay is drawn and faces are hidden on saving. Nothing is written to the disk
    before.

    Args:
        seconds: Time that is kept.
        max_bytes: Memory limit; the kept time is shorter where the images would take more.
    """

    def __init__(self, seconds: float = 30.0, max_bytes: int = MAX_BYTES) -> None:
        if not seconds > 0:
            raise ValueError(f"seconds must be positive, not {seconds}")
        self.seconds = seconds
        self._max_bytes = max_bytes
        self._kept: deque[CompressedResult] = deque()
        self._lock = threading.Lock()
        self._bytes = 0
        self._submitted = self._taken = 0
        self.error: FerLiveError | None = None
        self._queue: WorkerQueue[FrameResult] = WorkerQueue(
            "fer-live-replay",
            self._keep,
            self._ended,
            capacity=QUEUE_FRAMES,
            image=lambda result: result.frame.image_bgr,
        )

    @property
    def memory_bytes(self) -> int:
        """Memory that the images take now."""
        return self._bytes

    @property
    def kept_s(self) -> float:
        """Time from the oldest to the newest frame kept, seconds."""
        with self._lock:
            if not self._kept:
                return 0.0
            return self._kept[-1].time_s - self._kept[0].time_s

    @property
    def newest_s(self) -> float | None:
        """`Frame.time_s` of the newest frame kept, or None."""
        with self._lock:
            return self._kept[-1].time_s if self._kept else None

    @property
    def frames_dropped(self) -> int:
        """Frames not kept because the processor was too busy."""
        return self._submitted - self._taken

    def start(self) -> None:
        """Starts the thread that compresses frames."""
        self._queue.start()

    def submit(self, result: FrameResult) -> None:
        """Queues a result; drops it if the replay is behind."""
        self._submitted += 1
        self._taken += self._queue.offer(result)

    def clear(self) -> None:
        """Discards all frames."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def stop(self) -> None:
        """Ends the thread and discards all frames. May be called twice."""
        self._queue.stop(JOIN_S)
        self.clear()

    def save(
        self,
        target: Path,
        *,
        options: OverlayOptions | Callable[[], OverlayOptions] | None = None,
        recording: RecordingOptions | None = None,
        now: Callable[[], datetime] = datetime.now,
    ) -> RecordingSummary:
        """Writes the frames kept as a recording; the replay continues meanwhile.

        It takes some seconds, so do not call it on the GUI thread. The frames being written stay
        in memory until it returns.

        Args:
            target, options, recording, now: As for `VideoRecorder`.

        Raises:
            RecordingError: No frame is kept yet, or the file cannot be written.
        """
        with self._lock:
            kept = tuple(self._kept)
        if not kept:
            raise RecordingError("There is nothing to save yet.", "Start a source first.")
        recorder = VideoRecorder(target, options=options, recording=recording, wait=True, now=now)
        recorder.start()
        try:
            for compressed in kept:
                recorder.submit(decompress(compressed))
        finally:
            summary = recorder.stop()
        if summary.error is not None:
            raise summary.error
        return summary

    def _keep(self, result: FrameResult) -> None:
        kept, frame = compress(result), result.frame
        with self._lock:
            if self._kept and frame.time_s < self._kept[-1].time_s:
                # Another source has taken over; its frames are not continuous with the old ones.
                self._kept.clear()
                self._bytes = 0
            self._kept.append(kept)
            self._bytes += len(kept.jpeg)
            while len(self._kept) > 1 and (
                self._bytes > self._max_bytes or frame.time_s - self._kept[0].time_s > self.seconds
            ):
                self._bytes -= len(self._kept.popleft().jpeg)

    def _ended(self, failure: Exception | None) -> None:
        if failure is not None:
            _log.warning("the instant replay ended: %s", failure)
            self.error = (
                failure
                if isinstance(failure, FerLiveError)
                else RecordingError(
                    f"The instant replay ended: {failure}.", "Switch it off and on."
                )
            )
