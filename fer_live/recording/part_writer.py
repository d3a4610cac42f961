"""Writes queued frames into the parts of a recording: opens, fills and closes their files."""

import errno
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fer_live.core.errors import FerLiveError, RecordingError
from fer_live.core.files import reserve_free_names, write_error
from fer_live.recording.disk import FULL, DiskWatch, FileLostError, disk_full
from fer_live.recording.encoder import EncoderError, choose_encoder
from fer_live.recording.frame_renderer import FrameRenderer, QueuedFrame
from fer_live.recording.options import RecordingOptions
from fer_live.recording.part import ClosedPart, Markers, Part, PartNotes
from fer_live.recording.timeline import Timeline
from fer_live.recording.video_log import VideoLogNotifier

_log = logging.getLogger(__name__)

AHEAD_S = 2.0
"""A part ends when its largest file would pass the size limit within this time, because the frames
already in the queue still go into it."""
MEASURED_S = 1.0
"""Shortest time over which a part's byte rate is measured; a part begins with a large key frame."""


class PartWriter:
    """Owns the files of a recording. The writer thread calls all methods but `discard`.

    Args:
        first: Files of the first part, which exist and are empty.
        options: What the user chose.
        renderer: Makes the images.
        timeline: Begins a new part when a part is full.
        watch: Raises when the disk is full.
        markers: Become chapters.
        notifier: Reports the course of the files to a log.
        live: The source does not wait for the encoder, so the encoder must keep up.

    Attributes:
        frames_written: Frames in the files.
        frames_lost: Frames taken from the queue that are in no file.
    """

    def __init__(
        self,
        first: tuple[Path, ...],
        options: RecordingOptions,
        renderer: FrameRenderer,
        timeline: Timeline,
        watch: DiskWatch,
        markers: Markers,
        notifier: VideoLogNotifier,
        *,
        live: bool,
    ) -> None:
        self._first = first
        self._options = options
        self._renderer = renderer
        self._timeline = timeline
        self._watch = watch
        self._markers = markers
        self._notifier = notifier
        self._live = live
        self._paths: dict[int, tuple[Path, ...]] = {0: first}
        self._part: Part | None = None
        self._closed: dict[int, ClosedPart] = {}
        self._encoder_choice = options.encoder
        self._broken = -1
        self._noted_dropped = 0
        self._closed_bytes = 0
        self.frames_written = 0
        self.frames_lost = 0

    @property
    def paths(self) -> tuple[tuple[Path, ...], ...]:
        """The files of each part so far, in order; may be read by any thread."""
        paths = dict(self._paths)
        return tuple(paths[number] for number in sorted(paths))

    def write(self, queued: QueuedFrame) -> None:
        """Writes a frame, or the frames that were held back before it.

        Raises:
            FerLiveError, OSError: The recording cannot continue.
        """
        for ready in self._renderer.ready(queued):
            self._write(ready)

    def finish(self, failure: Exception | None, dropped: Callable[[], int]) -> FerLiveError | None:
        """Writes the frames held back and closes the files.

        Args:
            failure: The error that ended the recording early, or None.
            dropped: Returns how many frames were lost in all.

        Returns:
            What ended the recording early, for the user, or None.
        """
        try:
            if failure is None:
                for ready in self._renderer.drain():
                    self._write(ready)
        except Exception as error:
            failure = error
        reason = None if failure is None else self._explain(failure)
        self._markers.close()
        try:
            self._close_part(dropped(), "stopped" if reason is None else reason.message)
        except Exception as second:
            _log.debug("the recording could not be closed well: %s", second)
            reason = reason or self._explain(second)
        self._add_late_chapters()
        return reason

    def discard(self) -> None:
        """Removes all files. Call it after the writer thread has ended."""
        for number in list(self._paths):
            self._discard_files(number)

    def _write(self, queued: QueuedFrame) -> None:
        if queued.placed is None:
            self._notifier.stopped(self._lost_before(queued))
            return
        place = queued.placed.place
        if place.part <= self._broken:
            self.frames_lost += 1
            return
        if self._part is None or self._part.last.part != place.part:
            self._close_part(self._lost_before(queued), "the next part follows")
            self._part = self._next_part(queued, place.part)
        elif queued.placed.starts:
            self._notifier.stopped(self._lost_before(queued))
        try:
            self._part.write(self._renderer.render(queued.result), place)
        except (OSError, EncoderError, FileLostError) as error:
            self._give_up_part(self._part, queued, error)
            return
        self.frames_written += 1
        self._notifier.written(self._paths[place.part][0], queued.result.frame, place)
        if self._nearly_too_large(self._part):
            self._timeline.cut_after(place.part)
        self._watch.look(self._closed_bytes + self._part.size_bytes)

    def _next_part(self, queued: QueuedFrame, number: int) -> Part:
        if number:
            first = self._first[0]
            stem = f"{first.stem}-part{number + 1}"
            self._paths[number] = reserve_free_names(first.parent, stem, self._options.suffixes)
        try:
            return self._open_part(queued, number)
        except (OSError, EncoderError):
            self._discard_files(number)
            raise

    def _open_part(self, queued: QueuedFrame, number: int) -> Part:
        files, frame = self._options.suffixes, queued.result.frame
        size = frame.width, frame.height
        while True:
            encoder = choose_encoder(
                self._encoder_choice, self._options.quality, *size, len(files), live=self._live
            )
            started = queued.started or datetime.now().astimezone()
            notes = PartNotes(started, number + 1, encoder.title, queued.privacy)
            try:
                return Part(self._paths[number], encoder, *size, notes)
            except EncoderError as error:
                if not encoder.hardware:
                    raise
                _log.warning("%s Continuing with the software encoder.", error.message)
                self._encoder_choice = "software"

    def _close_part(self, dropped: int, ended: str) -> None:
        """Closes the open part, if there is one.

        Frames lost in a part whose end cannot be written are counted in the next part's metadata.

        Args:
            dropped: All frames lost so far.
            ended: Why the part ends.
        """
        part, self._part = self._part, None
        if part is None:
            return
        self._notifier.stopped(dropped)
        number, frames = part.last.part, part.frames
        try:
            marks = self._markers.of_part(number)
            self._closed[number] = part.close(dropped - self._noted_dropped, ended, marks)
            self._noted_dropped = dropped
        finally:
            torn = frames - part.frames
            self.frames_written -= torn
            self.frames_lost += torn
            self._closed_bytes += part.size_bytes
            if part.lost:
                # What is at their paths now, if anything, is not ours to remove.
                kept = tuple(path for path in self._paths.pop(number) if path not in part.lost)
                if kept:
                    self._paths[number] = kept
            elif not part.frames:
                self._discard_files(number)

    def _add_late_chapters(self) -> None:
        """Adds the chapters that were set after their part was closed."""
        for number in self._markers.parts():
            marks, closed = self._markers.of_part(number), self._closed.get(number)
            try:
                if closed is None:
                    raise OSError("its end could not be written")
                if len(marks) > len(closed.marks):
                    closed.mark(marks)
            except OSError as error:
                _log.warning("part %d lacks markers: %s", number + 1, error)

    def _discard_files(self, number: int) -> None:
        for path in self._paths.pop(number, ()):
            path.unlink(missing_ok=True)

    def _give_up_part(self, part: Part, queued: QueuedFrame, error: Exception) -> None:
        """Ends a part that takes no more frames; the next frame begins a new one.

        Raises:
            Exception: The error, where a new part cannot help.
        """
        too_large = isinstance(error, OSError) and error.errno == errno.EFBIG
        broken = isinstance(error, EncoderError) and part.hardware
        lost = isinstance(error, FileLostError)
        if not part.frames or not (too_large or broken or lost):
            raise error
        _log.warning("the recording continues in a new part: %s", error)
        if broken:
            self._encoder_choice = "software"
        self._broken = part.last.part
        self._timeline.cut_after(self._broken)
        self.frames_lost += 1
        try:
            self._close_part(self._lost_before(queued), str(error))
        except (OSError, EncoderError, FileLostError) as second:
            _log.debug("the part could not be closed well: %s", second)

    def _lost_before(self, queued: QueuedFrame) -> int:
        return queued.dropped + self.frames_lost

    def _nearly_too_large(self, part: Part) -> bool:
        limit = self._options.split_bytes
        if limit is None:
            return False
        rate = part.largest_bytes / max(part.last.seconds, MEASURED_S)
        return part.largest_bytes + rate * AHEAD_S >= limit

    def _explain(self, error: Exception) -> FerLiveError:
        if isinstance(error, FerLiveError):
            return error
        if isinstance(error, OSError):
            full = error.errno in FULL
            folder = self._first[0].parent
            return disk_full(folder) if full else write_error(self._newest(), error)
        return RecordingError(
            f"The recording {self._newest().name} ended early: {error}.",
            "What was written so far can be played; start a new recording.",
        )

    def _newest(self) -> Path:
        return self._paths[max(self._paths)][0] if self._paths else self._first[0]
