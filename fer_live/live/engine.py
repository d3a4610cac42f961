"""The engine: a capture thread and an inference thread with one slot between them."""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fer_live.capture.camera import CameraSource
from fer_live.capture.image_folder import ImageFolderSource
from fer_live.capture.source import Source, SourceInfo
from fer_live.capture.threaded_source import ThreadedSource
from fer_live.capture.video_file import VideoFileSource
from fer_live.core.errors import FerLiveError
from fer_live.core.labels import clean_name
from fer_live.core.types import FrameResult
from fer_live.live.capture_loop import CaptureLoop, Stamped
from fer_live.live.control import Control
from fer_live.live.inference_loop import InferenceLoop
from fer_live.live.latest_slot import LatestSlot
from fer_live.live.playback import Playback
from fer_live.live.preview import Preview
from fer_live.live.states import (
    THREAD_PREFIX,
    EngineEvent,
    EngineOptions,
    ResultSink,
    State,
)
from fer_live.live.statistics import Statistics, StatsSnapshot
from fer_live.tracking.smoothing import SmoothingOptions

if TYPE_CHECKING:
    from fer_live.live.processor import FrameProcessor

_NUDGE_S = 0.05
"""While stopping, the source is interrupted again this often: it may just have been reopening."""


class Engine:
    """Runs one source through one processor, once. Methods may be called from any thread.

    Source and processor belong to the engine's own threads from `start` to the end of `stop`.

    Args:
        source: Opened, read and closed by the capture thread alone.
        make_processor: Called once on the inference thread, while the source is being opened.
        paced: Play a file at its own rate; False reads it as fast as it is analysed or dropped.
        lossless: Every frame is analysed and the source waits; for files without a viewer.
        mirror: Flip frames left to right.
        on_event: Called with every change of state and every error that the engine survives, in
            order, on the thread that caused it. It must not block. It may call `stop`.
        options: Tuning.
        clock: Seconds on the clock that the source stamps its frames by.
    """

    def __init__(
        self,
        source: Source,
        make_processor: "Callable[[], FrameProcessor]",
        *,
        paced: bool = True,
        lossless: bool = False,
        mirror: bool = False,
        on_event: Callable[[EngineEvent], None] | None = None,
        options: EngineOptions | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        options = options or EngineOptions()
        self._source = source
        self._clock = clock
        self._control = Control(on_event, self._wake)
        self._statistics = Statistics(clock)
        self._slot: LatestSlot[Stamped] = LatestSlot(
            lossless=lossless, on_drop=lambda _: self._statistics.dropped()
        )
        self._preview = Preview(lambda: self.labels, clock)
        shared = (self._control, self._statistics, self._preview, options)
        self._capture = CaptureLoop(
            source, self._slot, *shared, paced=paced, mirror=mirror, clock=clock
        )
        self._inference = InferenceLoop(make_processor, self._slot, *shared)
        bodies = {"capture": self._capture.run, "inference": self._inference.run}
        if isinstance(source, ThreadedSource):  # has a capture thread; this one watches it
            bodies = {"watchdog": self._capture.run, "inference": self._inference.run}
        elif source.live:
            bodies["watchdog"] = self._capture.watch
        self._threads = tuple(
            threading.Thread(
                target=self._live, args=(body,), name=THREAD_PREFIX + name, daemon=True
            )
            for name, body in bodies.items()
        )
        self._lock = threading.Lock()
        self._running = len(self._threads)
        self._started = False

    @property
    def state(self) -> State:
        """What the engine is doing."""
        return self._control.state

    @property
    def error(self) -> FerLiveError | None:
        """Why it failed, or None."""
        return self._control.error

    @property
    def source_info(self) -> SourceInfo | None:
        """What the source granted; None until it has been opened."""
        return self._capture.info

    @property
    def camera(self) -> CameraSource | None:
        """The source, if it is a camera: its controls are asked from any thread but the GUI's."""
        return self._source if isinstance(self._source, CameraSource) else None

    @property
    def left_out(self) -> dict[str, str]:
        """Why pictures of a folder could not be read so far, by their names."""
        source = self._source
        return source.skipped if isinstance(source, ImageFolderSource) else {}

    @property
    def early_end(self) -> str | None:
        """One sentence if a video file has ended before the length that it announces."""
        return self._source.early_end if isinstance(self._source, VideoFileSource) else None

    @property
    def device_name(self) -> str | None:
        """The device that really runs; None until the model is loaded."""
        return self._inference.device_name

    @property
    def model_name(self) -> str | None:
        """Name of the model; None until it is loaded."""
        return self._inference.model_name

    @property
    def labels(self) -> tuple[str, ...]:
        """Class names; empty until the model is loaded."""
        return self._inference.labels

    def start(self) -> None:
        """Begins opening the source and loading the model; returns at once.

        Raises:
            RuntimeError: It was started or stopped before; an engine runs once.
        """
        if not self._control.become(State.OPENING, "Opening the source."):
            raise RuntimeError("an engine runs once: make another")
        with self._lock:
            if self._control.stop.is_set():  # the listener, or another thread, was quicker
                return
            self._started = True
            for thread in self._threads:
                thread.start()

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Ends the run; may be called again, at any time.

        Called on one of the engine's own threads or the source's, as by `on_event`, it asks for
        the end and does not wait.

        Args:
            timeout_s: Longest wait for the threads in all.

        Returns:
            True if no thread is left. A thread that is inside a library which cannot be
            interrupted (a model that is loading, a driver that hangs) ends by itself later.
        """
        self._control.request_stop()
        if threading.current_thread() in (*self._threads, self._capture.thread):
            return False
        deadline_s = time.monotonic() + timeout_s
        with self._lock:
            threads = self._threads if self._started else ()
        for thread in threads:
            while thread.is_alive() and (left_s := deadline_s - time.monotonic()) > 0:
                if thread is threads[0]:
                    self._source.interrupt()
                thread.join(min(left_s, _NUDGE_S))
        if any(thread.is_alive() for thread in threads):
            self._settle("Stopped; a library is still busy.")
            return False
        if threads:
            self._release()
        self._settle("Stopped.")
        return True

    def wait(self, timeout_s: float | None = None) -> bool:
        """Waits until the run has ended, failed or been stopped; True if it has.

        Its threads may need a moment more: `stop` waits for them.
        """
        return self._control.finished.wait(timeout_s)

    def set_mirror(self, on: bool) -> None:
        """Flips from the next frame on; tracking then starts again."""
        self._capture.mirror = on

    def set_maps(self, on: bool) -> None:
        """Gives faces heat maps from the next frame on, if the model supports them."""
        self._inference.maps = on

    def set_smoothing(self, options: SmoothingOptions) -> None:
        """Changes how steady the shown expression is from the next frame on."""
        self._inference.smoothing = options

    def set_name(self, track_id: int, name: str) -> None:
        """Names a face from the next frame on, as long as it keeps its identity.

        Args:
            track_id: Its identity.
            name: Becomes one line of at most `labels.MAX_NAME` characters; empty takes the name
                away.
        """
        name = clean_name(name)
        with self._lock:
            others = {i: text for i, text in self._inference.names.items() if i != track_id}
            self._inference.names = others | ({track_id: name} if name else {})

    @property
    def playback(self) -> Playback | None:
        """Pause, speed, positions and repetition of a file; None for a live source."""
        return self._capture.playback

    @property
    def supports_heat_maps(self) -> bool | None:
        """Whether the model has heat maps that are quick enough; None until it is loaded."""
        return self._inference.supports_heat_maps

    def newest(self, after: int = -1, *, searched: bool = False) -> FrameResult | None:
        """The newest thing to show with a frame number above `after`, or None.

        An analysed frame as long as the analysis keeps up; else a newer frame with the last
        known faces moved by their velocities, recognised by its empty `stage_ms`. With
        `searched`, analysed frames are waited for, if there were any within the last second.
        """
        return self._preview.newest(after, searched=searched)

    def add_sink(self, sink: ResultSink) -> None:
        """Hands every frame analysed from now on to `sink`, on the inference thread.

        A sink that raises is removed; the error comes as an event and the engine goes on.
        """
        self._inference.add_sink(sink)

    def remove_sink(self, sink: ResultSink) -> None:
        """Removes a sink, if it is there. It may still receive one last result."""
        self._inference.remove_sink(sink)

    def statistics(self) -> StatsSnapshot:
        """The figures now, for a status bar."""
        return self._statistics.snapshot()

    def report(self) -> dict[str, Any]:
        """The figures of the run so far, or of the whole run once it is over, as plain JSON."""
        return self._statistics.report(self.source_info, self.device_name, self.model_name)

    def _live(self, body: Callable[[], None]) -> None:
        """Runs a thread's body; the last thread to leave tidies up."""
        try:
            body()
        finally:
            with self._lock:
                self._running -= 1
                last = not self._running
            if last:
                self._release()
                self._settle("Stopped.")

    def _release(self) -> None:
        # With no thread left: an interruption after the capture thread's own close would make the
        # next opening of this source fail.
        with contextlib.suppress(Exception):
            self._source.close()

    def _settle(self, message: str) -> None:
        self._slot.discard()
        self._statistics.finished()
        self._control.become(State.STOPPED, message)

    def _wake(self) -> None:
        self._slot.close()
        if self._started:
            self._source.interrupt()
