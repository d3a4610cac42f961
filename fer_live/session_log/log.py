"""The session log: one row per face and frame and one per event, safe against a crash.

`schema` describes columns, kinds of row and flags; `reader` reads a log.
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
from fer_live.core.formats import LOG_SUFFIXES
from fer_live.core.settings import LogLayout
from fer_live.core.types import Frame, FrameResult
from fer_live.session_log import schema
from fer_live.session_log.clock import LogClock, clock_text
from fer_live.session_log.files import CSV, check_layout, reserve_log, reserve_log_in
from fer_live.session_log.schema import EventEntry, FrameEntry, Moment, SessionAbout
from fer_live.session_log.writer import LogWriter, explained

_log = logging.getLogger(__name__)

QUEUE_FRAMES = 600
"""Most frames that wait for the disk, without their images: 20 s at 30 per second."""
FLUSH_S = 0.5
"""Time between two flushes to the disk: what a crash can lose, besides the rows being written."""
POLL_S = 0.1
"""Longest time until the writer thread flushes, and until a waiting `submit` notices the end."""
SAME_LEAD_S = 1e-3
"""Session time and a file's own time run on together if their difference changes by less."""
JOIN_S = 10.0
"""Longest wait for the queued rows when a log stops."""


@dataclass(frozen=True)
class LogSummary:
    """The outcome of a log.

    Args:
        path: The file; None if it had no rows and was removed.
        rows: Rows in it.
        frames_written, frames_dropped: Frames in it, and frames lost because the disk was too slow
            or the log ended early. Their sum is the number of frames submitted.
        markers: Markers in it.
        duration_s: From the first frame to the last, seconds.
        error: What ended the log early, or None.
    """

    path: Path | None
    rows: int
    frames_written: int
    frames_dropped: int
    markers: int
    duration_s: float
    error: FerLiveError | None


class SessionLog:
    """Writes results to a log in its own thread; `submit` waits only if `wait` is set.

    Any thread may call the methods.

    Args:
        path: Ends in ``.csv``, ``.jsonl`` or ``.parquet`` and must not exist; anything else is a
            folder, in which the log is named by time.
        suffix: Format of a log in a folder: ``.csv``, ``.jsonl`` or ``.parquet``.
        about: Source, model and device; a callable is called for every frame.
        wait: `submit` waits for the disk, so that no frame is dropped; for sources that can wait,
            such as a video file analysed without a window.
        layout: Columns of a CSV log; other formats have our own only.
        derived: Write the figures of `core.derived` too.
        on_error: Called once in the writer thread if the log ends early.
        now: Returns the wall time, in local time if it has no zone.
        clock: Returns seconds on the clock of `Frame.captured_s`.
    """

    def __init__(
        self,
        path: Path,
        *,
        suffix: str = CSV,
        about: SessionAbout | Callable[[], SessionAbout] | None = None,
        wait: bool = False,
        layout: LogLayout = "fer_live",
        derived: bool = False,
        on_error: Callable[[FerLiveError], None] | None = None,
        now: Callable[[], datetime] = datetime.now,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.path = path
        self._suffix = suffix
        self._about = about if callable(about) else lambda: about or SessionAbout()
        self._wait = wait
        self._layout: LogLayout = layout
        self._derived = derived
        self._on_error = on_error
        self._now = now
        self._clock = LogClock(clock, now)
        self._queue: queue.Queue[FrameEntry | EventEntry | None] = queue.Queue()
        self._room = threading.Semaphore(QUEUE_FRAMES)
        self._submitting = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="fer-live-log", daemon=True)
        self._logged_about: SessionAbout | None = None
        self._logged_lead_s: float | None = None
        self._unlogged_drops = 0
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
        """Frames so far that are not in the log."""
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
        """Creates the file and starts the writer thread.

        Raises:
            RecordingError: The file exists, its folder cannot be written, its format does not fit
                the layout, or a library is missing.
        """
        in_folder = self.path.is_dir() or self.path.suffix.lower() not in LOG_SUFFIXES
        check_layout(self._layout, self._suffix if in_folder else self.path.suffix)
        if in_folder:
            self.path = reserve_log_in(self.path, self._suffix, self._now)
        else:
            reserve_log(self.path)
        self._writer = LogWriter(
            self.path, self._clock.begin(), layout=self._layout, derived=self._derived
        )
        self._thread.start()

    def submit(self, result: FrameResult) -> None:
        """Queues a result; counts it as dropped if the disk is behind, unless `wait` is set."""
        frame = result.frame
        self._submitted += not self._stopping.is_set()
        while not self._stopping.is_set() and self.error is None:
            if not self._room.acquire(blocking=self._wait, timeout=POLL_S if self._wait else None):
                if self._wait:
                    continue
                self._refused += 1
                self._unlogged_drops += 1
                return
            about, size = self._about(), (frame.width, frame.height)
            with self._submitting:
                if self._stopping.is_set():
                    return
                self._follow_wall()
                jump = self._clock.jump(frame, about.source)
                moment = self._clock.at_frame(frame, about.source)
                if about != self._logged_about:
                    text = about.as_text(result.labels, size, live=frame.position_s is None)
                    self._queue.put(EventEntry(moment, schema.SESSION, text))
                    self._logged_about, self._logged_lead_s = about, None
                elif jump:
                    self._queue.put(EventEntry(moment, schema.SEEK, jump))
                self._note_position(moment, frame, about.path)
                if self._unlogged_drops:
                    self._queue.put(EventEntry(moment, schema.DROPPED, count=self._unlogged_drops))
                    self._unlogged_drops = 0
                self._queue.put(FrameEntry(moment, size, result.faces, result.labels))
            return

    def moment(self) -> Moment:
        """The present moment, for a marker whose text is typed later, for example."""
        self._follow_wall()
        return self._clock.at_present(self._about().source)

    def mark(self, key: int, text: str = "", moment: Moment | None = None) -> None:
        """Sets a marker.

        Args:
            key: 1 to 9.
            text: The user's note; becomes one line.
            moment: From `moment`; None is now.

        Raises:
            ValueError: No such key.
        """
        if not 1 <= key <= 9:
            raise ValueError(f"markers have keys 1 to 9, not {key}")
        self._put(EventEntry(moment or self.moment(), schema.MARKER, text, key))

    def note(self, kind: str, text: str = "") -> None:
        """Logs an event of the source at the present moment.

        Args:
            kind: ``source_lost``, ``source_back`` or ``source_failed``.
            text: A sentence for the reader.

        Raises:
            ValueError: No such kind.
        """
        if kind not in schema.NOTES:
            raise ValueError(f"{kind!r} is not one of {', '.join(schema.NOTES)}")
        self._put(EventEntry(self.moment(), kind, text))

    def recording(self, file: Path, frame: Frame, video_time_s: float) -> None:
        """A video is being recorded: `frame` is in it at `video_time_s`.

        Later frames follow at their own distances. Call it when a video or part begins, when it
        resumes after a pause, and for a video that is already running when the log begins.

        Args:
            file: The video.
            frame: Any frame that is in it.
            video_time_s: Its time stamp in the file, seconds.
        """
        moment = self._clock.at(frame, self._about().source)
        self._put(
            EventEntry(
                moment, schema.RECORDING, file=self._name_of(file), video_time_s=video_time_s
            )
        )

    def recording_off(self, frame: Frame, dropped: int = 0) -> None:
        """The video pauses or has ended.

        Args:
            frame: The last frame that is in it.
            dropped: Frames lost since the last call.
        """
        moment = self._clock.at(frame, self._about().source)
        self._put(EventEntry(moment, schema.RECORDING_OFF, count=dropped))

    def stop(self) -> LogSummary:
        """Writes the queued rows, closes the file and returns the outcome. May be called twice."""
        with self._submitting:
            if not self._stopping.is_set():
                self._stopping.set()
                self._queue.put(None)
        if self._thread.ident is not None:
            self._thread.join(JOIN_S)
            if self._thread.is_alive() and self.error is None:
                self.error = RecordingError(
                    f"The log {self.path.name} could not be finished: the disk does not respond.",
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

    def _name_of(self, video: Path) -> str:
        """A video's name in the log, which stays true when both move: its path only if it must."""
        near = video.resolve().parent == self.path.resolve().parent
        return video.name if near else str(video.resolve())

    def _note_position(self, moment: schema.Moment, frame: Frame, path: Path | None) -> None:
        """Logs where the source's file is, at first and where its own time line breaks."""
        if path is None or frame.position_s is None:
            return
        lead_s = moment.time_s - frame.position_s
        if self._logged_lead_s is None or abs(lead_s - self._logged_lead_s) > SAME_LEAD_S:
            self._queue.put(
                EventEntry(
                    moment,
                    schema.POSITION,
                    file=self._name_of(path),
                    video_time_s=frame.position_s,
                )
            )
            self._logged_lead_s = lead_s

    def _follow_wall(self) -> None:
        """Corrects wall times when the computer has slept or its clock was set."""
        jump_s = self._clock.follow_wall()
        if jump_s:
            moment = self._clock.at_present(self._about().source)
            self._put(EventEntry(moment, schema.CLOCK, clock_text(jump_s)))

    def _put(self, entry: EventEntry) -> None:
        if not self._stopping.is_set() and self.error is None:
            self._queue.put(entry)

    def _run(self) -> None:
        try:
            self._work()
            if self._unlogged_drops:
                dropped = EventEntry(self.moment(), schema.DROPPED, count=self._unlogged_drops)
                self._writer.take(dropped)
            self._writer.finish(self.moment())
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
