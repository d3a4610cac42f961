"""What a folder holds of sessions, recordings and snapshots."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from fer_live.core.errors import FerLiveError
from fer_live.core.formats import LOG_SUFFIXES, is_hidden, is_image, is_video
from fer_live.core.types import ImageBgr
from fer_live.review.session import ANALYSED, CLEAN, clean_copy
from fer_live.review.sidecar import sidecar_of
from fer_live.session_log.reader import log_overview

Kind = Literal["session", "recording", "snapshot"]

THUMBNAIL_S = 1.0
"""Time in a video of its thumbnail: the first pictures of a camera are often dark."""


@dataclass(frozen=True)
class LibraryEntry:
    """A session, a recording without a log, or a snapshot.

    Args:
        kind: What it is.
        path: The log, the video or the picture.
        files: All files of it, `path` first.
        began: When it began; when the file was written if it does not say.
        video: A video of it, for a thumbnail; None if there is none.
    """

    kind: Kind
    path: Path
    files: tuple[Path, ...]
    began: datetime
    video: Path | None = None

    def matches(self, words: str) -> bool:
        """Whether name, kind and date hold all of some words."""
        text = f"{self.path.name} {self.kind} {self.began:%Y-%m-%d %H:%M}".casefold()
        return all(word in text for word in words.casefold().split())


def library(folder: Path) -> tuple[LibraryEntry, ...]:
    """The entries of a folder, the newest first; files of other programs are left out.

    The recordings that a log names belong to its session.

    Raises:
        OSError: The folder cannot be read.
    """
    if not folder.is_dir():
        return ()
    files = sorted(path for path in folder.iterdir() if path.is_file() and not is_hidden(path))
    entries: list[LibraryEntry] = []
    used: set[Path] = set()
    for path in files:
        if path.suffix.lower() in LOG_SUFFIXES and (found := _session(path, files)) is not None:
            entries.append(found)
            used.update(found.files)
    for path in files:
        if path in used:
            continue
        if is_video(path) and not path.stem.endswith(CLEAN):
            clean = clean_copy(path)
            own = (path, *(one for one in (clean,) if one in files))
            entries.append(LibraryEntry("recording", path, own, _written(path), path))
        elif is_image(path) and (taken := _taken(faces := path.with_suffix(".json"))) is not None:
            clean = clean_copy(path)
            own = (path, faces, *(one for one in (clean,) if one in files))
            entries.append(LibraryEntry("snapshot", path, own, taken))
    return tuple(sorted(entries, key=lambda entry: entry.began, reverse=True))


def length_of(entry: LibraryEntry) -> float | None:
    """Length in seconds; None for a snapshot, and where it cannot be told. May take a moment."""
    if entry.kind == "session":
        found = log_overview(entry.path)
        return None if found is None else found.length_s
    if entry.video is None:
        return None
    from fer_live.capture.video_file import VideoFileSource

    source = VideoFileSource(entry.video, threads=1)
    try:
        return source.open().length_s
    except FerLiveError:
        return None
    finally:
        source.close()


def thumbnail_of(entry: LibraryEntry) -> ImageBgr | None:
    """A picture of a session or recording; None without a video that can be read."""
    if entry.video is None:
        return None
    from fer_live.capture.video_file import VideoFileSource

    source = VideoFileSource(entry.video, threads=1)
    try:
        source.open()
        source.seek(THUMBNAIL_S)
        frame = source.read()
    except FerLiveError:
        return None
    finally:
        source.close()
    return None if frame is None else frame.image_bgr


def _session(path: Path, files: Sequence[Path]) -> LibraryEntry | None:
    overview = log_overview(path)
    if overview is None:
        return None
    recorded = [path.parent / name for name in overview.recordings]
    recorded += map(clean_copy, tuple(recorded))
    videos = [video for video in recorded if video.is_file()]
    # Only what the program wrote belongs to the session and is deleted with it: never the video
    # that was analysed.
    own = (path, *videos, *(one for one in (sidecar_of(path),) if one.is_file()))
    stems = {path.stem, path.stem.removesuffix(ANALYSED)}
    analysed = [path.parent / name for name in overview.sources]
    analysed += [file for file in files if is_video(file) and file.stem in stems]
    shown = next((video for video in (*videos, *analysed) if video.is_file()), None)
    return LibraryEntry("session", path, own, overview.began, shown)


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime).astimezone()


def _taken(faces: Path) -> datetime | None:
    """When a snapshot was taken, as the file of its faces says; None if it is no such file."""
    try:
        value: Any = json.loads(faces.read_text("utf-8"))["taken_at"]
        return datetime.fromisoformat(value).astimezone()
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
