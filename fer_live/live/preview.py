"""Chooses the frame to show: the newest analysed one, or a newer one with the last known faces."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from fer_live.core.types import Box, Face, Frame, FrameResult
from fer_live.live.protocols import Velocity

CARRY_S = 0.12
"""Faces move by their velocity for at most this long. Where the analysis is farther behind, the
analysed frames are shown, at their own rate: a box would stand beside its face."""

FORGET_S = 2.5
"""Analysed frames are waited for this long; then the newest frame is shown, without faces."""


class Preview:
    """The newest frame and the newest faces. Every method may be called from any thread.

    A frame in analysis is waited for, since it comes with its own faces. A frame that waits for
    analysis would come late: it is shown at once, with the faces of the last result moved by
    their velocities, so that the display keeps the camera's rate. An analysis that is slower than
    `CARRY_S` gives the rate of the display, so that every box lies on its face.

    Args:
        labels: Gives the class names, for frames shown before the first result.
        clock: Seconds, as frames are stamped by.
    """

    def __init__(
        self,
        labels: Callable[[], tuple[str, ...]],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._labels = labels
        self._clock = clock
        self._lock = threading.Lock()
        self._frame: Frame | None = None
        self._result: FrameResult | None = None
        self._velocities: Mapping[int, Velocity] = {}
        self._epoch = 0
        self._current: int | None = None
        self._settled = -1
        self._carried = -1
        self._ready = False

    def captured(self, frame: Frame, epoch: int) -> None:
        """The source gave a frame.

        Args:
            frame: The frame.
            epoch: Rises when earlier faces do not apply to later frames (reopened, mirrored).
        """
        with self._lock:
            self._frame = frame
            if epoch != self._epoch:
                self._epoch, self._result, self._velocities = epoch, None, {}

    def ready(self) -> None:
        """The processor is loaded: from now on frames in analysis are waited for."""
        with self._lock:
            self._ready = True

    def begun(self, frame: Frame) -> None:
        """The analysis of a frame has begun."""
        with self._lock:
            self._current = frame.index

    def analysed(self, result: FrameResult, velocities: Mapping[int, Velocity], epoch: int) -> None:
        """The analysis of a frame has succeeded; `epoch` is the one it was captured in."""
        with self._lock:
            self._current, self._settled = None, result.frame.index
            if epoch == self._epoch:
                self._result, self._velocities = result, velocities

    def failed(self, frame: Frame) -> None:
        """The analysis of a frame has failed."""
        with self._lock:
            self._current, self._settled = None, frame.index

    def newest(self, after: int, *, searched: bool = False) -> FrameResult | None:
        """The newest thing to show with a frame number above `after`, or None.

        A frame that was given before its analysis is given once more with its own faces, if no
        newer one has come: a paused file shows it for long.

        Args:
            after: Number of the frame shown last.
            searched: Wait for analysed frames even where the analysis is little behind.
        """
        with self._lock:
            frame, result = self._frame, self._result
            velocities = self._velocities
            shown = result.frame.index if result is not None else -1
            if frame is not None and result is not None:
                behind_s = frame.captured_s - result.frame.captured_s
                if behind_s <= FORGET_S and (searched or behind_s > CARRY_S):
                    return self._fresh(after)
            if frame is not None and frame.index > max(after, shown) and self._late(frame.index):
                self._carried = frame.index
                return carry_over(frame, result, velocities, self._labels(), self._clock())
            return self._fresh(after)

    def _fresh(self, after: int) -> FrameResult | None:
        """The last result, unless it was given."""
        result = self._result
        if result is None:
            return None
        index = result.frame.index
        if index > after or index == after == self._carried:
            self._carried = -1
            return result
        return None

    def _late(self, index: int) -> bool:
        if not self._ready or index <= self._settled:
            return True
        return self._current is not None and self._current < index


def carry_over(
    frame: Frame,
    result: FrameResult | None,
    velocities: Mapping[int, Velocity],
    labels: tuple[str, ...],
    now_s: float,
) -> FrameResult:
    """A frame that was not analysed, with the faces of an earlier one moved by their velocities.

    Args:
        frame: The frame to show.
        result: The last analysed frame before it, or None.
        velocities: Of its faces, by identity, pixels per second.
        labels: Class names.
        now_s: Goes into `finished_s`.

    Returns:
        A result whose `stage_ms` is empty and `found` None: nothing was measured or searched.
    """
    faces: tuple[Face, ...] = ()
    if result is not None:
        past_s = frame.captured_s - result.frame.captured_s
        if 0 <= past_s <= CARRY_S:
            faces = tuple(
                replace(
                    face,
                    box_xyxy=_moved(
                        face.box_xyxy, velocities.get(face.track_id, (0.0, 0.0)), past_s
                    ),
                    age_s=face.age_s + past_s,
                )
                for face in result.faces
            )
    return FrameResult(frame, faces, labels, {}, now_s, found=None)


def _moved(box_xyxy: Box, velocity: Velocity, past_s: float) -> Box:
    right, down = velocity[0] * past_s, velocity[1] * past_s
    left, top, far, bottom = box_xyxy
    return left + right, top + down, far + right, bottom + down
