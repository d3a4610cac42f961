"""Instant replay: the last seconds are kept in memory, and written to a file when asked for."""

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
from fer_live.recording.compressed_result import Packed, pack, unpack
from fer_live.recording.options import RecordingOptions
from fer_live.recording.recorder import RecordingSummary, VideoRecorder

_log = logging.getLogger(__name__)

QUEUE_FRAMES = 8
"""Frames up to 1920x1080 that may wait to be kept, fewer of larger ones: at most 75 MB."""
MAX_BYTES = 256_000_000
"""Memory for pictures: about a minute at 1280x720 and 30 per second."""
JOIN_S = 2.0
"""Longest wait for the frames that still wait when the replay stops."""


class InstantReplay:
    """Keeps the last seconds of results; a sink like a recorder, whose `submit` never waits.

    Pictures are kept clean, as JPEG: that takes half the processor time of a video encoder, and
    overlay and hidden faces are only made when something is saved. Nothing is written before.

    Args:
        seconds: How much is kept.
        max_bytes: Less is kept where the pictures would take more.
    """

    def __init__(self, seconds: float = 30.0, max_bytes: int = MAX_BYTES) -> None:
        if not seconds > 0:
            raise ValueError(f"a replay keeps some time, not {seconds} s")
        self.seconds = seconds
        self._max_bytes = max_bytes
        self._kept: deque[Packed] = deque()
        self._lock = threading.Lock()
        self._bytes = 0
        self._submitted = self._taken = 0
        self.error: FerLiveError | None = None
        self._feed: WorkerQueue[FrameResult] = WorkerQueue(
            "video-replay",
            self._keep,
            self._ended,
            capacity=QUEUE_FRAMES,
            picture=lambda result: result.frame.image_bgr,
        )

    @property
    def memory_bytes(self) -> int:
        """What the pictures take now."""
        return self._bytes

    @property
    def kept_s(self) -> float:
        """How much is there now, seconds."""
        with self._lock:
            if not self._kept:
                return 0.0
            return self._kept[-1].result.frame.time_s - self._kept[0].result.frame.time_s

    @property
    def newest_s(self) -> float | None:
        """`Frame.time_s` of the newest frame that is kept; None if there is none."""
        with self._lock:
            return self._kept[-1].result.frame.time_s if self._kept else None

    @property
    def frames_dropped(self) -> int:
        """Frames that were not kept because the processor was too busy."""
        return self._submitted - self._taken

    def start(self) -> None:
        """Begins to keep frames."""
        self._feed.start()

    def submit(self, result: FrameResult) -> None:
        """Hands over a result; it is left out if the replay is behind."""
        self._submitted += 1
        self._taken += self._feed.offer(result)

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def stop(self) -> None:
        """Ends it and forgets everything. May be called twice."""
        self._feed.stop(JOIN_S)
        self.clear()

    def save(
        self,
        target: Path,
        *,
        options: OverlayOptions | Callable[[], OverlayOptions] | None = None,
        recording: RecordingOptions | None = None,
        now: Callable[[], datetime] = datetime.now,
    ) -> RecordingSummary:
        """Writes what is kept as a recording; the replay goes on meanwhile.

        It takes some seconds: call it off the window's thread. Until it is done, the pictures it
        writes stay in memory beside the new ones.

        Args:
            target, options, recording, now: As for `VideoRecorder`.

        Raises:
            RecordingError: Nothing is kept yet, or it cannot be written.
        """
        with self._lock:
            kept = tuple(self._kept)
        if not kept:
            raise RecordingError("There is nothing to save yet.", "Start a source first.")
        recorder = VideoRecorder(target, options=options, recording=recording, wait=True, now=now)
        recorder.start()
        try:
            for packed in kept:
                recorder.submit(unpack(packed))
        finally:
            summary = recorder.stop()
        if summary.error is not None:
            raise summary.error
        return summary

    def _keep(self, result: FrameResult) -> None:
        kept, frame = pack(result), result.frame
        with self._lock:
            if self._kept and frame.time_s < self._kept[-1].result.frame.time_s:
                # Another source took over: what came before does not belong together with it.
                self._kept.clear()
                self._bytes = 0
            self._kept.append(kept)
            self._bytes += len(kept.jpeg)
            while len(self._kept) > 1 and (
                self._bytes > self._max_bytes
                or frame.time_s - self._kept[0].result.frame.time_s > self.seconds
            ):
                self._bytes -= len(self._kept.popleft().jpeg)

    def _ended(self, failure: Exception | None) -> None:
        if failure is not None:
            _log.warning("the replay ended: %s", failure)
            self.error = (
                failure
                if isinstance(failure, FerLiveError)
                else RecordingError(f"The replay ended: {failure}.", "Switch it off and on again.")
            )
