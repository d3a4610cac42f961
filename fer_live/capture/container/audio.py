"""Decodes the sound of a video file with FFmpeg, through PyAV, ahead of when it is heard."""

import contextlib
import logging
import threading
from collections import deque
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Discard
from numpy.typing import NDArray

from fer_live.capture.video_decoder import open_container

_log = logging.getLogger(__name__)

RATE = 48_000
"""Samples per second and channel that are given, whatever the file has."""
CHANNELS = 2
AHEAD = 2 * RATE
"""Samples of each channel decoded ahead: 384 kB."""

Samples = NDArray[np.int16]
"""(N, 2) int16: left and right."""


class AudioReader:
    """Decodes the first sound stream of a file on a thread of its own, from where it is wanted on.

    Samples are counted from the beginning of the picture, `RATE` a second. `take` returns at once.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed = threading.Condition()
        self._held: deque[tuple[int, Samples]] = deque()
        self._jump = 0
        self._from = self._kept_from = self._reached = 0
        self._closed = self._ended = False
        self._has_sound: bool | None = None
        self._thread = threading.Thread(target=self._run, name="fer-live-sound", daemon=True)
        self._thread.start()

    @property
    def has_sound(self) -> bool | None:
        """Whether the file has sound that can be decoded; None until that is known."""
        return self._has_sound

    def take(self, first: int, count: int) -> Samples:
        """Up to so many samples from one on; fewer, or none, where they are not decoded yet.

        Samples before the one that is wanted are dropped. A wish elsewhere in the file makes the
        decoder go there.
        """
        with self._changed:
            self._drop_before(first)
            beyond = first > self._reached + AHEAD and not self._ended
            if not self._jump or beyond or first < self._kept_from:
                self._go(first)
            parts: list[Samples] = []
            at, end = first, first + count
            while self._held and at < end:
                start, samples = self._held[0]
                if start > at:
                    part = np.zeros((min(start, end) - at, CHANNELS), np.int16)
                else:
                    part = samples[at - start : end - start]
                parts.append(part)
                at += len(part)
                self._drop_before(at)
            self._changed.notify()
        return np.concatenate(parts) if parts else np.zeros((0, CHANNELS), np.int16)

    def close(self, timeout_s: float = 0.0) -> None:
        """Ends the thread, which closes the file."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout_s)

    def _go(self, first: int) -> None:
        self._held.clear()
        self._from = self._kept_from = self._reached = first
        self._jump += 1
        self._ended = False

    def _drop_before(self, first: int) -> None:
        while self._held and self._held[0][0] + len(self._held[0][1]) <= first:
            start, samples = self._held.popleft()
            self._kept_from = max(self._kept_from, start + len(samples))

    def _run(self) -> None:
        try:
            container = open_container(self._path)
        except (av.FFmpegError, OSError, ValueError) as error:
            _log.debug("%s: %s", self._path, error)
            self._has_sound = False
            return
        try:
            stream: Any = next(iter(container.streams.audio), None)
            self._has_sound = stream is not None and stream.codec_context is not None
            if self._has_sound:
                for other in container.streams:
                    if other is not stream:
                        other.discard = Discard.all
                self._serve(container, stream)
        except Exception:
            # A defect of a decoder must not end the playing of the picture.
            _log.exception("sound of %s", self._path)
            self._has_sound = False
        finally:
            with contextlib.suppress(Exception):
                container.close()

    def _serve(self, container: Any, stream: Any) -> None:
        done = 0
        while True:
            with self._changed:
                while not self._closed and self._jump == done:
                    self._changed.wait()
                if self._closed:
                    return
                done, begins = self._jump, self._from
            self._decode(container, stream, begins, done)

    def _decode(self, container: Any, stream: Any, begins: int, jump: int) -> None:
        """Decodes from a sample on until the end, or until another place is wanted."""
        origin_s = _picture_begins_s(container)
        resampler = av.AudioResampler("s16", "stereo", RATE)
        try:
            ticks = round((Fraction(begins, RATE) + origin_s) / stream.time_base)
            container.seek(ticks, stream=stream)
            for frame in container.decode(stream):
                for part in resampler.resample(frame):
                    if part.pts is None or part.time_base is None:
                        continue
                    first = round((part.pts * part.time_base - origin_s) * RATE)
                    samples = np.asarray(part.to_ndarray().reshape(-1, CHANNELS), np.int16)
                    if first + len(samples) > begins and not self._hold(first, samples, jump):
                        return
        except (av.FFmpegError, OSError, ValueError) as error:
            _log.debug("sound of %s ends: %s", self._path, error)
        with self._changed:
            self._ended = self._jump == jump

    def _hold(self, first: int, samples: Samples, jump: int) -> bool:
        """Keeps decoded samples once there is room; False if another place is wanted."""
        with self._changed:
            while not self._closed and self._jump == jump:
                if not self._held or first - self._held[0][0] < AHEAD:
                    self._held.append((first, samples))
                    self._reached = first + len(samples)
                    return True
                self._changed.wait()
        return False


def _picture_begins_s(container: Any) -> Fraction:
    for stream in container.streams.video:
        if stream.start_time is not None and stream.time_base is not None:
            return Fraction(stream.start_time * stream.time_base)
    return Fraction(0)
