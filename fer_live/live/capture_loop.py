"""Opens a source, hands its frames to the analysis, and reopens it when it is lost."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from fer_live.capture.source import SeekableSource, Source, SourceInfo
from fer_live.capture.threaded_source import ThreadedSource
from fer_live.core.errors import SourceError, SourceLostError
from fer_live.core.types import Frame
from fer_live.live.control import Control
from fer_live.live.latest_slot import LatestSlot, SlotClosedError
from fer_live.live.playback import Playback
from fer_live.live.preview import Preview
from fer_live.live.states import EngineOptions, State
from fer_live.live.statistics import Statistics

_log = logging.getLogger(__name__)

FALLBACK_FPS = 30.0
"""Assumed for a file that does not say its rate, frames per second."""

LONGEST_GAP_S = 0.5
"""Longest time between the frames before and after a jump, seconds."""

Stamped = tuple[int, Frame]
"""A frame and the epoch it belongs to; the epoch rises when earlier faces no longer hold."""


class CaptureLoop:
    """Owner of the source: opens, paces, searches, mirrors, reopens and closes it.

    A source that blocks is read on the thread that calls `run`, and `watch` interrupts it when it
    stalls. A `ThreadedSource` is read by its own thread, which also delivers its frames; `run`
    then only waits for the loss or stall that the source reports, so it needs no `watch`.

    Args:
        source: Only `interrupt` is called by other threads.
        slot: Where frames go.
        control, statistics, preview: Shared with the other threads.
        options: Tuning.
        paced: Play files at their own rate.
        mirror: Flip left and right from the start.
        clock: Seconds, as frames are stamped by.
    """

    def __init__(
        self,
        source: Source,
        slot: LatestSlot[Stamped],
        control: Control,
        statistics: Statistics,
        preview: Preview,
        options: EngineOptions,
        *,
        paced: bool,
        mirror: bool,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.info: SourceInfo | None = None
        self.thread: threading.Thread | None = None
        """The thread that delivered the last frame."""
        self.mirror = mirror
        self.playback: Playback | None = None
        """What the viewer of a file wants, from any thread; None for a live source."""
        if not source.live:
            self.playback = Playback(control.stop, paced=paced, clock=clock)
        self._source = source
        self._slot = slot
        self._control = control
        self._statistics = statistics
        self._preview = preview
        self._options = options
        self._clock = clock
        self._mirrored = mirror
        self._epoch = 0
        self._next_index: int | None = None
        self._last: Frame | None = None
        self._gap_s = 0.0
        self._jumped_s = 0.0
        self._jumps = False
        self._unwanted = 0
        self._retry_s = options.retry_first_s
        self._stalled = threading.Event()
        self._reading_since_s: float | None = None

    def run(self) -> None:
        """The whole life of the source."""
        control = self._control
        error: BaseException | None = None
        try:
            self._capture()
        except SlotClosedError:
            pass  # The reader has gone and has said why.
        except SourceError as failure:
            error = failure
            if not control.stop.is_set():
                control.fail(failure)
        except BaseException as failure:
            error = failure
            control.fail_unexpectedly(failure, "while reading pictures")
        finally:
            self._slot.close(error)
            self._close()

    def watch(self) -> None:
        """Body of the watchdog thread: interrupts a live source whose `read` has stalled."""
        limit_s = self._options.stall_timeout_s
        while not self._control.stop.wait(min(limit_s / 4, 0.25)):
            if self._control.finished.is_set():
                return
            since_s = self._reading_since_s
            if since_s is not None and self._clock() - since_s > limit_s:
                self._stalled.set()
                self._lost(self._stall_error())
                self._source.interrupt()

    def _capture(self) -> None:
        control = self._control
        live = self._source.live
        if live and self._options.wait_for_processor:
            self._await_processor()
        if control.stop.is_set():
            return
        self.info = self._source.open()
        self._gap_s = 1 / (self.info.fps or FALLBACK_FPS)
        if not live:
            self._await_processor()
        while (lost := self._play()) is not None:
            self._lost(lost)
            if not self._reopen():
                return

    def _play(self) -> SourceError | None:
        """Delivers frames until stop or the end, or until a live source is lost: then why."""
        try:
            if isinstance(self._source, ThreadedSource):
                self._source.stream(self._deliver)
                return None
            if self.playback is not None:
                self._play_file(self.playback)
                return None
            while not self._control.stop.is_set():
                frame = self._read()
                if frame is None:
                    break
                self._deliver(frame)
        except SourceError as error:
            if not self._source.live:
                raise
            return error
        return None

    def _play_file(self, playback: Playback) -> None:
        """Delivers frames as the viewer wants, until stop or the end of the file."""
        stop = self._control.stop
        while not stop.is_set():
            seek = playback.take_seek()
            if seek is not None and isinstance(self._source, SeekableSource):
                self._source.seek(seek.position_s, before=seek.before)
                self._jumps = self._last is not None
            frame = self._read()
            if frame is None:
                if not self._can_go_on(playback):
                    return
                continue
            self._announce()
            while not playback.wait(frame.position_s):
                if stop.is_set() or isinstance(self._source, SeekableSource):
                    self._unwanted += 1
                    break
                playback.take_seek()  # this source cannot jump, so that its next frame is shown
            else:
                self._deliver(self._placed(frame))

    def _can_go_on(self, playback: Playback) -> bool:
        """After the last frame: whether the viewer, or the repetition, wants another."""
        seekable = isinstance(self._source, SeekableSource) and self._last is not None
        return seekable and playback.hold_at_end()

    def _placed(self, frame: Frame) -> Frame:
        """A file's frame with its own time, which continues where the position jumps."""
        last = self._last
        if last is not None and self._jumps:
            self._jumped_s = last.time_s + self._gap_s - (frame.position_s or 0.0)
            self._epoch += 1
        # What was read and then not wanted is not missing.
        index = frame.index - self._unwanted
        frame = replace(frame, index=index, jumped_s=self._jumped_s)
        if self.playback is not None and self.playback.paced:
            frame = replace(frame, captured_s=self._clock())
        if last is not None and not self._jumps and frame.time_s > last.time_s:
            self._gap_s = min(frame.time_s - last.time_s, LONGEST_GAP_S)
        self._last, self._jumps = frame, False
        return frame

    def _await_processor(self) -> None:
        while not self._control.processor_ready.wait(self._options.poll_s):
            if self._control.stop.is_set():
                return

    def _read(self) -> Frame | None:
        """The next frame, or None at the end. Raises as the source does, or if it has stalled."""
        self._reading_since_s = self._clock()
        try:
            frame = self._source.read()
        finally:
            self._reading_since_s = None
        if self._stalled.is_set():
            raise self._stall_error()
        return frame

    def _announce(self) -> None:
        name = self.info.name if self.info else "the source"
        self._control.become(State.STREAMING, f"Receiving pictures from {name}.")

    def _deliver(self, frame: Frame) -> None:
        self.thread = threading.current_thread()
        self._retry_s = self._options.retry_first_s
        self._announce()
        if self.mirror != self._mirrored:
            self._mirrored = self.mirror
            self._epoch += 1
        if self._mirrored:
            frame = replace(frame, image_bgr=np.asarray(cv2.flip(frame.image_bgr, 1), np.uint8))
        if self._next_index is not None:
            self._statistics.missed(frame.index - self._next_index)
        self._next_index = frame.index + 1
        self._statistics.captured()
        self._preview.captured(frame, self._epoch)
        try:
            while not self._slot.put((self._epoch, frame), self._options.poll_s):
                if self._control.stop.is_set():
                    self._statistics.dropped()
                    return
        except SlotClosedError:
            self._statistics.dropped()
            raise

    def _reopen(self) -> bool:
        """Closes a lost live source and opens it again, as often as it takes; False at stop."""
        while True:
            self._close()
            if self._control.stop.wait(self._retry_s):
                return False
            self._stalled.clear()
            self._retry_s = min(2 * self._retry_s, self._options.retry_max_s)
            try:
                self.info = self._source.open()
            except SourceError as error:
                _log.info("not back yet: %s", error)
                continue
            self._epoch += 1
            return True

    def _lost(self, error: SourceError) -> None:
        # Told once: while reconnecting, `become` ignores a repetition.
        if not self._control.stop.is_set():
            self._control.become(State.RECONNECTING, str(error), error)

    def _stall_error(self) -> SourceLostError:
        name = self.info.name if self.info else "The source"
        return SourceLostError(
            f"{name} has given no picture for {self._options.stall_timeout_s:g} seconds.",
            "Check that it is connected; it is picked up again when it returns.",
        )

    def _close(self) -> None:
        try:
            self._source.close()
        except Exception as error:
            self._control.fail_unexpectedly(error, "while closing the source")
