"""The writer thread's side of a recording: opens, fills and closes its parts."""

import errno
import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fer_live.core.errors import FerLiveError, RecordingError
from fer_live.core.files import reserve_free_names, write_error
from fer_live.core.types import Frame
from fer_live.recording.disk import FULL, DiskWatch, disk_full
from fer_live.recording.encoder import EncoderError, choose_encoder
from fer_live.recording.frame_renderer import FrameRenderer, QueuedFrame
from fer_live.recording.options import RecordingOptions
from fer_live.recording.part import ClosedPart, Part, PartNotes
from fer_live.recording.timeline import Timeline, VideoLog, VideoTime

_log = logging.getLogger(__name__)

AHEAD_S = 2.0
"""A file is ended when it would pass its greatest size within so long: what waits in the queue
still goes into it."""
MEASURED_S = 1.0
"""A rate is measured over so long at least: a part begins with a large key frame."""


class Writer:
    """Writes shots into parts. All but the properties belongs to the writer thread.

    Args:
        first: Files of the first part, there already.
        options: What the user chose.
        painter: Makes the pictures.
        timeline: Is told when a part can take no more.
        watch: On the disk.
        live: Nobody waits for the encoder.
    """

    def __init__(
        self,
        first: tuple[Path, ...],
        options: RecordingOptions,
        painter: FrameRenderer,
        timeline: Timeline,
        watch: DiskWatch,
        *,
        live: bool,
    ) -> None:
        self._options = options
        self._painter = painter
        self._timeline = timeline
        self._watch = watch
        self._live = live
        self._first = first
        self._part: Part | None = None
        self._encoder_choice = options.encoder
        self._broken = -1
        self._counted = self._told_lost = 0
        self._closed_bytes = 0
        self._last: tuple[Path, Frame, VideoTime] | None = None
        self._running = False
        self._log: VideoLog | None = None
        self._lock = threading.Lock()
        self._marks: list[tuple[VideoTime, str]] = []
        self._closed: dict[int, ClosedPart] = {}
        self._over = False
        self.parts: dict[int, tuple[Path, ...]] = {0: first}
        self.frames_written = 0
        self.frames_lost = 0

    def follow(self, log: VideoLog) -> None:
        """Tells a log how the files run, from now on. For any thread."""
        with self._lock:
            self._log = log
            if self._running and self._last is not None:
                path, frame, place = self._last
                log.recording(path, frame, place.seconds)

    def mark(self, place: VideoTime, text: str) -> bool:
        """Adds a chapter, at the end of the recording if its part is closed. For any thread.

        Returns:
            False if the recording has ended.
        """
        with self._lock:
            if not self._over:
                self._marks.append((place, text))
            return not self._over

    def handle(self, shot: QueuedFrame) -> None:
        """Writes a shot, or what was held back before it.

        Raises:
            FerLiveError, OSError: The recording cannot go on.
        """
        for ready in self._painter.ready(shot):
            self._write(ready)

    def finish(self, failure: Exception | None, dropped: Callable[[], int]) -> FerLiveError | None:
        """Writes what was held back and closes the files.

        Args:
            failure: What ended the recording early.
            dropped: Counts all frames that were lost.

        Returns:
            What ended the recording early, for the user.
        """
        try:
            if failure is None:
                for ready in self._painter.rest():
                    self._write(ready)
        except Exception as error:
            failure = error
        reason = None if failure is None else self._explain(failure)
        with self._lock:
            self._over = True
        try:
            self._close_part(dropped(), "stopped" if reason is None else reason.message)
        except Exception as second:
            _log.debug("the recording could not be closed well: %s", second)
            reason = reason or self._explain(second)
        self._mark_closed_parts()
        return reason

    def _write(self, shot: QueuedFrame) -> None:
        frame = shot.result.frame
        if shot.placed is None:
            self._off(self._lost_before(shot))
            return
        place = shot.placed.place
        if place.part <= self._broken:
            self.frames_lost += 1
            return
        if self._part is None or self._part.last.part != place.part:
            self._close_part(self._lost_before(shot), "the next part follows")
            self._part = self._next_part(shot, place.part)
        elif shot.placed.starts:
            self._off(self._lost_before(shot))
        try:
            self._part.write(self._painter.paint(shot.result), place)
        except (OSError, EncoderError) as error:
            self._give_up_part(self._part, shot, error)
            return
        self.frames_written += 1
        self._told(self.parts[place.part][0], frame, place)
        if self._nearly_too_large(self._part):
            self._timeline.cut_after(place.part)
        self._watch.look(self._closed_bytes + self._part.size_bytes)

    def _next_part(self, shot: QueuedFrame, number: int) -> Part:
        if number:
            first = self._first[0]
            stem = f"{first.stem}-part{number + 1}"
            self.parts[number] = reserve_free_names(first.parent, stem, self._options.suffixes)
        try:
            return self._open_part(shot, number)
        except (OSError, EncoderError):
            self._discard_files(number)
            raise

    def _open_part(self, shot: QueuedFrame, number: int) -> Part:
        files, frame = self._options.suffixes, shot.result.frame
        size = frame.width, frame.height
        while True:
            encoder = choose_encoder(
                self._encoder_choice, self._options.quality, *size, len(files), live=self._live
            )
            started = shot.started or datetime.now().astimezone()
            notes = PartNotes(started, number + 1, encoder.title, shot.privacy)
            try:
                return Part(self.parts[number], encoder, *size, notes)
            except EncoderError as error:
                if not encoder.hardware:
                    raise
                _log.warning("%s Going on in software.", error.message)
                self._encoder_choice = "software"

    def _close_part(self, dropped: int, ended: str) -> None:
        """Closes the part that is open; `dropped` are all frames lost so far.

        What a part could not say, because its end could not be written, the next one says.
        """
        part, self._part = self._part, None
        if part is None:
            return
        self._off(dropped)
        number, frames = part.last.part, part.frames
        try:
            marks = self._marks_of(number)
            self._closed[number] = part.close(dropped - self._counted, ended, marks)
            self._counted = dropped
        finally:
            torn = frames - part.frames
            self.frames_written -= torn
            self.frames_lost += torn
            self._closed_bytes += part.size_bytes
            if not part.frames:
                self._discard_files(number)

    def _marks_of(self, number: int) -> list[tuple[float, str]]:
        with self._lock:
            return [(place.seconds, text) for place, text in self._marks if place.part == number]

    def _mark_closed_parts(self) -> None:
        """Adds the chapters that came when their part was closed already."""
        for number in sorted({place.part for place, _ in self._marks}):
            marks, closed = self._marks_of(number), self._closed.get(number)
            try:
                if closed is None:
                    raise OSError("its end could not be written")
                if len(marks) > len(closed.marks):
                    closed.mark(marks)
            except OSError as error:
                _log.warning("part %d lacks markers: %s", number + 1, error)

    def _discard_files(self, number: int) -> None:
        for path in self.parts.pop(number, ()):
            path.unlink(missing_ok=True)

    def _give_up_part(self, part: Part, shot: QueuedFrame, error: Exception) -> None:
        """Goes on in a new part, where that can help."""
        too_large = isinstance(error, OSError) and error.errno == errno.EFBIG
        broken = isinstance(error, EncoderError) and part.hardware
        if not part.frames or not (too_large or broken):
            raise error
        _log.warning("the recording goes on in a new part: %s", error)
        if broken:
            self._encoder_choice = "software"
        self._broken = part.last.part
        self._timeline.cut_after(self._broken)
        self.frames_lost += 1
        try:
            self._close_part(self._lost_before(shot), str(error))
        except (OSError, EncoderError) as second:
            _log.debug("the part could not be closed well: %s", second)

    def _lost_before(self, shot: QueuedFrame) -> int:
        return shot.dropped + self.frames_lost

    def _nearly_too_large(self, part: Part) -> bool:
        limit = self._options.split_bytes
        if limit is None:
            return False
        rate = part.largest_bytes / max(part.last.seconds, MEASURED_S)
        return part.largest_bytes + rate * AHEAD_S >= limit

    def _told(self, path: Path, frame: Frame, place: VideoTime) -> None:
        with self._lock:
            self._last = (path, frame, place)
            if not self._running and self._log is not None:
                self._log.recording(path, frame, place.seconds)
            self._running = True

    def _off(self, dropped: int) -> None:
        """The video stands still; `dropped` are all frames lost so far."""
        with self._lock:
            if self._running and self._log is not None and self._last is not None:
                lost = max(0, dropped - self._told_lost)
                self._log.recording_off(self._last[1], lost)
                self._told_lost += lost
            self._running = False

    def _explain(self, error: Exception) -> FerLiveError:
        if isinstance(error, FerLiveError):
            return error
        folder = self._first[0].parent
        if isinstance(error, OSError):
            full = error.errno in FULL
            return disk_full(folder) if full else write_error(self._newest(), error)
        return RecordingError(
            f"The recording {self._newest().name} ended early: {error}.",
            "What was written so far can be played; start a new recording.",
        )

    def _newest(self) -> Path:
        return self.parts[max(self.parts)][0] if self.parts else self._first[0]


def marks_text(text: str) -> str:
    """A marker's text as a title: one line."""
    return " ".join(text.split())


def all_paths(parts: dict[int, tuple[Path, ...]]) -> tuple[Path, ...]:
    """Every file, part by part."""
    return tuple(path for number in sorted(parts) for path in parts[number])
