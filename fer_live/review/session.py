"""A session to review: a log, its corrections, and the video that belongs to it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from fer_live.core.errors import RecordingError
from fer_live.core.formats import LOG_SUFFIXES, is_video
from fer_live.report.formatting import face_name
from fer_live.report.summary import spells_by_face
from fer_live.report.timing import frame_times
from fer_live.review.corrected import correct_table, markers_of, names_of
from fer_live.review.corrections import Corrections, MarkerNote
from fer_live.review.sidecar import load_corrections
from fer_live.session_log.reader import LogEvent, LogTable, read_log
from fer_live.session_log.schema import POSITION, RECORDING, RECORDING_OFF, SESSION

CLEAN = "-clean"
"""Ends the name of a recording without overlay that stands beside one with it."""
ANALYSED = ".fer"
"""Ends the name of a log of `fer-live predict` before its suffix: ``clip.fer.csv``."""
SAME_TIME_S = 1e-3
"""Two places in a video closer than this are the same, seconds."""


@dataclass(frozen=True)
class VideoStretch:
    """A stretch of a session that a video shows.

    Args:
        video: The file.
        start_s, end_s: Session time, seconds.
        begins_s: Time in the video at `start_s`, seconds.
        drawn: Boxes and labels are part of the picture.
    """

    video: Path
    start_s: float
    end_s: float
    begins_s: float
    drawn: bool = False

    def in_video(self, time_s: float) -> float:
        """Time in the video at a session time, seconds."""
        return self.begins_s + time_s - self.start_s


@dataclass(frozen=True, eq=False)
class Session:
    """A log with its corrections.

    Args:
        logged: The log as it was written.
        corrections: What the reviewer corrected.
        stretches: Where its video is; empty without a video.
    """

    logged: LogTable
    corrections: Corrections
    stretches: tuple[VideoStretch, ...]

    @property
    def log(self) -> Path:
        """The log's path."""
        return self.logged.path

    @cached_property
    def table(self) -> LogTable:
        """The log as corrected."""
        return correct_table(self.logged, self.corrections)

    @cached_property
    def markers(self) -> tuple[MarkerNote, ...]:
        """The markers as corrected, by time."""
        return markers_of(self.table)

    @property
    def start_s(self) -> float:
        """Session time of the first row or event, seconds."""
        events_s = [event.time_s for event in self.logged.events[:1]]
        return min([float(self.logged.time_s[0]), *events_s])

    @cached_property
    def end_s(self) -> float:
        """Session time of the end of the last frame, seconds."""
        return _end_of(self.logged)

    @property
    def identities(self) -> tuple[int, ...]:
        """The faces, by identity, also one whose rows are all left out."""
        faces = {self.corrections.face_of(int(i)) for i in np.unique(self.logged.identity) if i > 0}
        return tuple(sorted(faces))

    def logged_identities(self, face: int) -> tuple[int, ...]:
        """The logged identities that were merged into a face, itself included."""
        logged = (int(i) for i in np.unique(self.logged.identity) if i > 0)
        return tuple(i for i in logged if self.corrections.face_of(i) == face)

    @cached_property
    def names(self) -> dict[int, str]:
        """The names that faces have, by identity."""
        return names_of(self.logged, self.corrections)

    @property
    def logged_names(self) -> dict[int, str]:
        """The names that they have without a correction."""
        return names_of(self.logged, replace(self.corrections, names={}))

    def name_of(self, face: int) -> str:
        """What a face is called."""
        return face_name(face, self.names)

    def stretch_at(self, time_s: float) -> VideoStretch | None:
        """Where the video is at a session time; None if there is none then.

        The end of a stretch belongs to it, so that the last frame can be shown.
        """
        for one in reversed(self.stretches):
            if one.start_s - SAME_TIME_S <= time_s <= one.end_s:
                return one
        return None

    def changes_s(self) -> tuple[float, ...]:
        """Session times at which the label of some face changes, or a face appears."""
        spells = spells_by_face(self.table)
        return tuple(sorted({one.start_s for found in spells.values() for one in found}))

    def corrected(self, corrections: Corrections) -> "Session":
        """The same session with other corrections."""
        again = replace(self, corrections=corrections)
        if corrections.video != self.corrections.video:
            again = replace(again, stretches=find_video(self.logged, corrections.video))
        return again


def open_session(log: Path) -> tuple[Session, str]:
    """Reads a log, its corrections, and finds its video.

    Args:
        log: A session log, or a recording or video with a log of the same name beside it.

    Returns:
        The session, and one sentence about what could not be read of the corrections; empty if
        all was read.

    Raises:
        RecordingError: There is no log, it cannot be read, or it has no row.
    """
    path = log_of(log)
    table = read_log(path)
    if not len(table):
        raise RecordingError(f"The log {path.name} has no frame.", "There is nothing to review.")
    corrections, problem = load_corrections(path)
    return Session(table, corrections, find_video(table, corrections.video)), problem


def log_of(path: Path) -> Path:
    """The log itself, or the log that belongs to a video by its name.

    Raises:
        RecordingError: No log beside the video has its name.
    """
    if not is_video(path):
        return path
    stem = path.stem.removesuffix(CLEAN)
    for suffix in LOG_SUFFIXES:
        for name in (f"{stem}{suffix}", f"{stem}{ANALYSED}{suffix}"):
            if (found := path.with_name(name)).is_file():
                return found
    raise RecordingError(
        f"There is no session log beside {path.name}.",
        f"Open the log itself, or name it {stem}{LOG_SUFFIXES[0]}.",
    )


def clean_copy(path: Path) -> Path:
    """Where the copy without overlay of a recording or snapshot would be, beside it."""
    return path.with_name(f"{path.stem}{CLEAN}{path.suffix}")


def find_video(table: LogTable, chosen: str = "") -> tuple[VideoStretch, ...]:
    """Where the video of a log is.

    In this order: the video that the user chose; the file that was the source; the recordings
    that ran, without overlay if there are such; a video of the log's name beside it.

    Args:
        table: The log.
        chosen: A video of the user's choice; empty for none.
    """
    end_s = _end_of(table)
    if chosen:
        return _whole(table, table.path.parent / chosen, end_s)
    played = _played(table, end_s)
    if played and all(one.video.is_file() for one in played):
        return played
    recorded = tuple(_recorded(table, end_s))
    if recorded:
        return recorded
    names = [str(table.about.get("source", "")), *_video_names(table.path)]
    for name in dict.fromkeys(names):
        # A source is named by a user's file system, and may hold anything.
        path = table.path.parent / Path(name).name
        if name and is_video(path) and path.is_file():
            return _whole(table, path, end_s)
    return ()


def _video_names(log: Path) -> Iterator[str]:
    stems = {log.stem, log.stem.removesuffix(ANALYSED)}
    for path in sorted(log.parent.iterdir()):
        if is_video(path) and path.stem.removesuffix(CLEAN) in stems:
            yield path.name


def _whole(table: LogTable, video: Path, end_s: float) -> tuple[VideoStretch, ...]:
    """A video of which nothing is known but that its frames have the log's numbers."""
    first = int(np.argmin(table.time_s))
    step_s = frame_times(table).usual_s
    begins_s = max(0, int(table.frame[first])) * step_s
    return (VideoStretch(video, float(table.time_s[first]), end_s, begins_s),)


def _played(table: LogTable, end_s: float) -> tuple[VideoStretch, ...]:
    """The stretches of the source's file."""
    ends = [e for e in table.events if e.kind in (POSITION, SESSION)]
    found = []
    for place, event in enumerate(ends):
        if event.kind == POSITION and event.video_time_s is not None:
            later = (e.time_s for e in ends[place + 1 :] if e.time_s > event.time_s)
            until_s = min((*later, end_s))
            video = _near(table, event)
            found.append(VideoStretch(video, event.time_s, until_s, event.video_time_s))
    return tuple(found)


def _recorded(table: LogTable, end_s: float) -> Iterator[VideoStretch]:
    """The stretches of the recordings that still exist."""
    step_s = frame_times(table).usual_s
    turns = [e for e in table.events if e.kind in (RECORDING, RECORDING_OFF)]
    for place, event in enumerate(turns):
        if event.kind != RECORDING or event.video_time_s is None:
            continue
        after = turns[place + 1] if place + 1 < len(turns) else None
        # The row of an end tells the last frame, which is shown until the next one.
        last_s = end_s if after is None else after.time_s
        until_s = last_s + step_s if after is not None and after.kind == RECORDING_OFF else last_s
        video = _near(table, event)
        shown = next((path for path in (clean_copy(video), video) if path.is_file()), None)
        if shown is not None:
            drawn = shown == video and not video.stem.endswith(CLEAN)
            yield VideoStretch(shown, event.time_s, until_s, event.video_time_s, drawn)


def _near(table: LogTable, event: LogEvent) -> Path:
    """The file of an event; beside the log if it is no longer where it was."""
    path = table.path.parent / event.file  # an absolute path replaces the parent
    beside = table.path.parent / path.name
    return beside if not path.is_file() and beside.is_file() else path


def _end_of(table: LogTable) -> float:
    times = frame_times(table)
    return float(times.start_s[-1] + times.lasts_s[-1])
