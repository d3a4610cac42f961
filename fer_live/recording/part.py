"""One part of a recording: its files, which hold the same frames at the same times."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fer_live import __version__
from fer_live.core.types import ImageBgr
from fer_live.recording.encoder import Encoder, to_yuv
from fer_live.recording.mp4 import Mp4File
from fer_live.recording.mp4_metadata import add_notes
from fer_live.recording.timeline import VideoTime

FIRST_CHAPTER = "Start"
"""Players expect a chapter at 0."""


@dataclass(frozen=True)
class PartNotes:
    """What a part's files say of themselves.

    Args:
        started: Wall time of the first frame, with time zone.
        number: From 1.
        encoder: Its title.
        privacy: How faces were hidden.
    """

    started: datetime
    number: int
    encoder: str
    privacy: str

    def opening(self) -> dict[str, str]:
        """For a file that is never closed."""
        return {
            "creation_time": self.started.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "comment": f"Recorded by fer_live {__version__}; not closed properly.",
        }

    def closing(self, written: int, dropped: int, ended: str) -> dict[str, str]:
        """For a file that is complete.

        Args:
            written, dropped: Frames of this part.
            ended: What ended it.
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
    """Files that are complete.

    Args:
        paths: The files.
        notes: What they say of themselves.
        marks: Which chapters they have: time in the files in seconds, and text.
    """

    paths: tuple[Path, ...]
    notes: Mapping[str, str]
    marks: Sequence[tuple[float, str]]

    def mark(self, marks: Sequence[tuple[float, str]]) -> None:
        """Puts these chapters in their place.

        Raises:
            OSError: One of the files cannot be changed, or is there no more.
        """
        for path in self.paths:
            with path.open("r+b") as file:
                if not add_notes(file, self.notes, chapters(marks)):
                    raise OSError(f"{path.name} has been changed")


def chapters(marks: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Chapters in their order, the first at 0."""
    found = sorted(marks, key=lambda mark: mark[0])
    if found and found[0][0] > 0:
        found.insert(0, (0.0, FIRST_CHAPTER))
    return found


class Part:
    """The open files of one part. Used by one thread; sizes may be read by any.

    Args:
        paths: The files, there already, and empty.
        encoder: For all of them.
        width, height: Pixels of the pictures.
        notes: What the files say.

    Raises:
        OSError: The disk refuses.
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
        size = width // 2 * 2, height // 2 * 2
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
        """Of all its files."""
        return sum(file.size_bytes for file in self._files)

    @property
    def largest_bytes(self) -> int:
        """Of its largest file."""
        return max(file.size_bytes for file in self._files)

    def write(self, pictures_bgr: Sequence[ImageBgr], place: VideoTime) -> None:
        """Encodes one frame into all files.

        Args:
            pictures_bgr: One (H, W, 3) uint8 picture for each file.
            place: After the one before.

        Raises:
            OSError, EncoderError: As `Mp4File.write`.
        """
        for file, picture in zip(self._files, pictures_bgr, strict=True):
            file.write(to_yuv(picture), place.ticks)
        self.frames += 1
        self.last = place

    def close(self, dropped: int, ended: str, marks: Sequence[tuple[float, str]]) -> ClosedPart:
        """Finishes all files.

        Args:
            dropped: Frames that were lost since the part before.
            ended: What ended it.
            marks: Time in the files in seconds and text.

        Raises:
            OSError, EncoderError: The first that one of the files raised; all are closed, and
                `frames` tells from then on how many they have kept.
        """
        notes = self.notes.closing(self.frames, dropped, ended)
        failure: Exception | None = None
        for file in self._files:
            try:
                file.close(notes, chapters(marks))
            except Exception as error:
                failure = failure or error
        if failure is not None:
            self.frames = min(self.frames, *(file.frames for file in self._files))
            raise failure
        return ClosedPart(tuple(file.path for file in self._files), notes, tuple(marks))
