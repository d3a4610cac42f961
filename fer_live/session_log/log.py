"""The session log: one row per face and frame and one per event, safe against a crash.

Columns, kinds of row and flags are described in `log_rows`; `log_reader` reads a log.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fer_live.core.errors import FerLiveError, RecordingError
from fer_live.core.types import Frame, FrameResult
from fer_live.session_log import schema as rows
from fer_live.session_log.clock import LogClock
from fer_live.session_log.files import CSV, SUFFIXES, claim_log, claim_log_in
from fer_live.session_log.schema import EventEntry, FrameEntry, Moment, SessionAbout
from fer_live.session_log.writer import LogWriter, explained

__all__ = ["LogSummary", "SessionAbout", "SessionLog"]

_log = logging.getLogger(__name__)

QUEUE_FRAMES = 600
"""Frames that may wait for the disk, without their pictures: 20 s at 30 per second."""
FLUSH_S = 0.5
"""What a crash can cost; the writer's own work comes on top."""
POLL_S = 0.1
"""How soon the writer looks at the clock, and a waiting `submit` at the end of the log."""
JOIN_S = 10.0
"""Longest wait for the rows still queued when a log stops."""


@dataclass(frozen=True)
class LogSummary:
    """How a log went.

    Args:
        path: The file; None if nothing happened, and no file was kept.
        rows: Rows in it.
        frames_written, frames_dropped: Frames in it, and frames that were lost: the disk was too
            slow, or the log had ended early. Together they are all frames submitted.
        markers: Markers in it.
        duration_s: From the first frame to the last, seconds.
        error: What ended it early, or None.
    """

    path: Path | None
    rows: int
    frames_written: int
    frames_dropped: int
    markers: int
    duration_s: float
    error: FerLiveError | None


class SessionLog:
    """Writes results to a log in a thread of its own; `submit` never waits, unless told to.

    Every method may be called from any thread.

    Args:
        path: Ends in ``.csv``, ``.jsonl`` or ``.parquet`` and must not exist; anything else is a
            folder, in which the log is named by time.
        suffix: How the log's name ends in a folder.
        about: What the session runs on; a callable is asked at every frame.
        wait: Let `submit` wait for the disk, so that no frame is dropped; for sources that can
            wait, such as a file nobody watches.
        on_error: Called once, in the writer thread, if the log ends early.
        now: Source of the wall time, in local time if it has no zone.
        clock: Seconds on the clock that frames are stamped by.
    """

    def __init__(
        self,
        path: Path,
        *,
        suffix: str = CSV,
        about: SessionAbout | Callable[[], SessionAbout] | None = None,
        wait: bool = False,
        on_error: Callable[[FerLiveError], None] | None = None,
        now: Callable[[], datetime] = datetime.now,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.path = path
        self._suffix = suffix
        self._about = about if callable(about) else lambda: about or SessionAbout()
        self._wait = wait
        self._on_error = on_error
        self._now = now
        self._clock = LogClock(clock, now)
        self._queue: queue.Queue[FrameEntry | EventEntry | None] = queue.Queue()
        self._room = threading.Semaphore(QUEUE_FRAMES)
        self._submitting = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._said: SessionAbout | None = None
        self._unsaid_drops = 0
        self._writer = LogWriter(path, datetime.now().astimezone())
        self._stopping = threading.Event()
        self._submitted = self._refused = 0
        self.error: FerLiveError | None = None

    @property
    def frames_written(self) -> int:
        """Frames in the log so far."""
        return self._writer.frames

    @property
    def frames_dropped(self) -> int:
        """Frames so far that are not in the log: the disk is too slow, or the log ended early."""
        return self._refused if self.error is None else self._submitted - self.frames_written

    @property
    def rows(self) -> int:
        """Rows in the log so far."""
        return self._writer.rows

    @property
    def markers(self) -> int:
        """Markers in the log so far."""
        return self._writer.markers

    @property
    def elapsed_s(self) -> float:
        """From the first frame to the last, seconds."""
        return self._clock.elapsed_s

    def start(self) -> None:
        """Begins to take frames.

        Raises:
            RecordingError: The file exists already, its folder cannot be written, or a library is
                missing.
        """
        if self.path.is_dir() or self.path.suffix.lower() not in SUFFIXES:
            self.path = claim_log_in(self.path, self._suffix, self._now)
        else:
            claim_log(self.path)
        self._writer = LogWriter(self.path, self._clock.begin())
        self._thread.start()

    def submit(self, result: FrameResult) -> None:
        """Hands over a result; counts it as dropped if the disk is behind, unless it waits."""
        frame = result.frame
        self._submitted += not self._stopping.is_set()
        while not self._stopping.is_set() and self.error is None:
            if not self._room.acquire(blocking=self._wait, timeout=POLL_S if self._wait else None):
                if self._wait:
                    continue
                self._refused += 1
                self._unsaid_drops += 1
                return
            about, size = self._about(), (frame.width, frame.height)
            with self._submitting:
                if self._stopping.is_set():
                    return
                self._follow_wall()
                moment = self._clock.at_frame(frame, about.source)
                if about != self._said:
                    text = about.as_text(result.labels, size, live=frame.position_s is None)
                    self._queue.put(EventEntry(moment, rows.SESSION, text))
                    self._said = about
                if self._unsaid_drops:
                    self._queue.put(EventEntry(moment, rows.DROPPED, count=self._unsaid_drops))
                    self._unsaid_drops = 0
                self._queue.put(FrameEntry(moment, size, result.faces, result.labels))
            return

    def moment(self) -> Moment:
        """Now, for a marker whose text is not known yet."""
        return self._present()

    def mark(self, key: int, text: str = "", moment: Moment | None = None) -> None:
        """Sets a marker.

        Args:
            key: 1 to 9.
            text: What it means; made one line.
            moment: As `moment` gave it; None is now.

        Raises:
            ValueError: No such key.
        """
        if not 1 <= key <= 9:
            raise ValueError(f"markers have keys 1 to 9, not {key}")
        self._put(EventEntry(moment or self._present(), rows.MARKER, text, key))

    def note(self, kind: str, text: str = "") -> None:
        """Writes down what happened to the session now.

        Args:
            kind: ``source_lost``, ``source_back`` or ``source_failed``.
            text: A sentence for the reader.

        Raises:
            ValueError: No such kind.
        """
        if kind not in rows.NOTES:
            raise ValueError(f"{kind!r} is not one of {', '.join(rows.NOTES)}")
        self._put(EventEntry(self._present(), kind, text))

    def recording(self, file: Path, frame: Frame, video_time_s: float) -> None:
        """A video runs: `frame` is in it at `video_time_s`, and from there on time passes alike.

        Call it when a video or part begins, when it goes on after a pause, and for a video that
        runs already when the log begins, with any of its frames.

        Args:
            file: The video.
            frame: A frame that is in it.
            video_time_s: Its time stamp in the file, seconds.
        """
        near = file.resolve().parent == self.path.resolve().parent
        name = file.name if near else str(file.resolve())
        moment = self._clock.at(frame, self._about().source)
        self._put(EventEntry(moment, rows.RECORDING, file=name, video_time_s=video_time_s))

    def recording_off(self, frame: Frame, dropped: int = 0) -> None:
        """The video pauses or has ended.

        Args:
            frame: The last that is in it.
            dropped: Frames that it lacks since it was last told of.
        """
        moment = self._clock.at(frame, self._about().source)
        self._put(EventEntry(moment, rows.RECORDING_OFF, count=dropped))

    def stop(self) -> LogSummary:
        """Writes what is queued, closes the file and says how it went. May be called twice."""
        with self._submitting:
            if not self._stopping.is_set():
                self._stopping.set()
                self._queue.put(None)
        if self._thread.ident is not None:
            self._thread.join(JOIN_S)
            if self._thread.is_alive() and self.error is None:
                self.error = RecordingError(
                    f"The log {self.path.name} could not be finished: the disk does not answer.",
                    "What was written so far can be read.",
                )
        return LogSummary(
            self.path if self._writer.rows else None,
            self._writer.rows,
            self.frames_written,
            self.frames_dropped,
            self.markers,
            self.elapsed_s,
            self.error,
        )

    def _present(self) -> Moment:
        self._follow_wall()
        return self._clock.at_present(self._about().source)

    def _follow_wall(self) -> None:
        """Keeps wall times right when the computer has slept, or its clock was set."""
        jump_s = self._clock.follow_wall()
        if jump_s:
            text = f"{jump_s:+.1f} s: the computer slept, or its clock was set."
            moment = self._clock.at_present(self._about().source)
            self._put(EventEntry(moment, rows.CLOCK, text))

    def _put(self, entry: EventEntry) -> None:
        if not self._stopping.is_set() and self.error is None:
            self._queue.put(entry)

    def _run(self) -> None:
        try:
            self._work()
            if self._unsaid_drops:
                dropped = EventEntry(self._present(), rows.DROPPED, count=self._unsaid_drops)
                self._writer.take(dropped)
            self._writer.finish(self._present())
        except Exception as error:
            self._writer.abandon()
            self.error = explained(self.path, error)
            _log.warning("the log ended early: %s", self.error)
            if self._on_error is not None:
                self._on_error(self.error)

    def _work(self) -> None:
        flushed_s = time.monotonic()
        while True:
            try:
                entry = self._queue.get(timeout=POLL_S)
            except queue.Empty:
                pass
            else:
                if entry is None:
                    return
                if isinstance(entry, FrameEntry):
                    self._room.release()
                self._writer.take(entry)
            if time.monotonic() - flushed_s >= FLUSH_S:
                self._writer.flush()
                flushed_s = time.monotonic()
