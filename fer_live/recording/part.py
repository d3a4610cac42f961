"""One part of a recording: files that hold the same frames at the same times, and chapters."""

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fer_live import __version__
from fer_live.core.types import ImageBgr
from fer_live.recording.encoder import Encoder, to_yuv, video_size
from fer_live.recording.mp4 import Mp4File
from fer_live.recording.mp4_metadata import add_notes
from fer_live.recording.timeline import VideoTime

FIRST_CHAPTER = "Start"
"""Title of the chapter at 0, which players expect."""


@dataclass(frozen=True)
class PartNotes:
    """The metadata of a part's files.

    Args:
        started: Wall time of the first frame, with time zone.
        number: From 1.
        encoder: The encoder's title.
        privacy: How faces are hidden: ``none``, ``blur`` or ``pixelate``.
    """

    started: datetime
    number: int
    encoder: str
    privacy: str

    def opening(self) -> dict[str, str]:
        """Metadata written first; what a file keeps that is never closed."""
        return {
            "creation_time": self.started.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "comment": f"Recorded by fer_live {__version__}; not closed properly.",
        }

    def closing(self, written: int, dropped: int, ended: str) -> dict[str, str]:
        """Metadata of a complete file.

        Args:
            written, dropped: Frames of this part that are in it, and that were lost.
            ended: Why the part ended.
        """
        return {
            "encoder": f"fer_live {__version__}",
            "comment": f"{written} frames, {dropped} dropped. Ended: {ended}",
            "fer_live_version": __version__,
            "started_at": self.started.isoformat(timespec="milliseconds"),
            "part": str(self.number),
            "frames_written": str(written),
            "frames_dropped": str(dropped),
            "video_encoder": self.encoder,
            "privacy": self.privacy,
            "ended": ended,
        }


@dataclass(frozen=True)
class ClosedPart:
    """The complete files of a part.

    Args:
        paths: The files.
        notes: Their metadata.
        marks: Their chapters: time in the files in seconds, and text.
    """

    paths: tuple[Path, ...]
    notes: Mapping[str, str]
    marks: Sequence[tuple[float, str]]

    def mark(self, marks: Sequence[tuple[float, str]]) -> None:
        """Replaces the chapters.

        Args:
            marks: Time in the files in seconds, and text.

        Raises:
            OSError: A file cannot be changed or no longer exists.
        """
        for path in self.paths:
            with path.open("r+b") as file:
                if not add_notes(file, self.notes, chapters(marks)):
                    raise OSError(f"{path.name} has been changed")


class Markers:
    """The markers of a recording, which become chapters of its parts. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: list[tuple[VideoTime, str]] = []
        self._closed = False

    def add(self, place: VideoTime, text: str) -> bool:
        """Adds a marker; its text becomes one line. False once the recording has ended."""
        with self._lock:
            if not self._closed:
                self._places.append((place, " ".join(text.split())))
            return not self._closed

    def close(self) -> None:
        """Accepts no more markers."""
        with self._lock:
            self._closed = True

    def parts(self) -> list[int]:
        """Numbers of the parts that have markers, from 0, in order."""
        with self._lock:
            return sorted({place.part for place, _ in self._places})

    def of_part(self, number: int) -> list[tuple[float, str]]:
        """Time in the part's files in seconds, and text, of each marker of a part."""
        with self._lock:
            return [(place.seconds, text) for place, text in self._places if place.part == number]


def chapters(marks: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Chapters in the order of their times, the first at 0."""
    found = sorted(marks, key=lambda mark: mark[0])
    if found and found[0][0] > 0:
        found.insert(0, (0.0, FIRST_CHAPTER))
    return found


class Part:
    """The open files of one part. Used by the writer thread; sizes may be read by any thread.

    Args:
        paths: The files, which exist and are empty.
        encoder: Encodes all of them.
        width, height: Size of the images, pixels; see `video_size`.
        notes: Their metadata.

    Raises:
        OSError: A file cannot be written.
        EncoderError: The encoder does not open.
    """

    def __init__(
        self, paths: Sequence[Path], encoder: Encoder, width: int, height: int, notes: PartNotes
    ) -> None:
        self.notes = notes
        self.frames = 0
        self.hardware = encoder.hardware
        self.last = VideoTime(notes.number - 1, 0.0)
        self._files: list[Mp4File] = []
        size = video_size(width, height)
        try:
            for path in paths:
                self._files.append(Mp4File(path, encoder, *size, notes.opening()))
        except Exception:
            for file in self._files:
                with suppress(Exception):
                    file.close({})
            raise

    @property
    def size_bytes(self) -> int:
        """Size of all files together."""
        return sum(file.size_bytes for file in self._files)

    @property
    def largest_bytes(self) -> int:
        """Size of the largest file."""
        return max(file.size_bytes for file in self._files)

    @property
    def lost(self) -> tuple[Path, ...]:
        """Files that another program has deleted, replaced or cut off."""
        return tuple(file.path for file in self._files if file.lost)

    def write(self, images_bgr: Sequence[ImageBgr], place: VideoTime) -> None:
        """Encodes one frame into all files.

        Args:
            images_bgr: One (H, W, 3) uint8 image for each file.
            place: Where it goes, later than the frame before.

        Raises:
            OSError, EncoderError, FileLostError: As `Mp4File.write`.
        """
        for file, image in zip(self._files, images_bgr, strict=True):
            file.write(to_yuv(image), place.ticks)
        self.frames += 1
        self.last = place

    def close(self, dropped: int, ended: str, marks: Sequence[tuple[float, str]]) -> ClosedPart:
        """Finishes all files.

        Args:
            dropped: Frames lost since the end of the part before.
            ended: Why it ends.
            marks: Chapters: time in the files in seconds, and text.

        Raises:
            OSError, EncoderError, FileLostError: The first error of a file. All files are closed,
                and `frames` is then the number of frames that all files hold that are not `lost`.
        """
        notes = self.notes.closing(self.frames, dropped, ended)
        failure: Exception | None = None
        for file in self._files:
            try:
                file.close(notes, chapters(marks))
            except Exception as error:
                failure = failure or error
        if failure is not None:
            held = [file.frames for file in self._files if not file.lost]
            self.frames = min(self.frames, *held) if held else 0
            raise failure
        return ClosedPart(tuple(file.path for file in self._files), notes, tuple(marks))
