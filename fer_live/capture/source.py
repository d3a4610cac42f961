"""A source gives frames: the `Source` protocol, and the base class of the sources here."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from fer_live.core.errors import SourceError
from fer_live.core.types import Frame, ImageBgr


@dataclass(frozen=True)
class SourceInfo:
    """What a source reports about itself once it is open.

    Args:
        kind: ``camera``, ``file``, ``images``, ``url``, ``demo`` or ``scripted``.
        name: Shown to the user: the camera's name, the file's name, the address.
        width: Width of a frame as granted, pixels.
        height: Height of a frame as granted, pixels.
        fps: Granted or recorded frames per second; 0 when the source cannot say.
        live: True if frames are lost when nobody reads them (camera, stream, demo); a live
            source that stops is reopened, one that is not live has ended.
        details: More the user may ask for (back-end, pixel format, what was not granted).
        length_s: Length of a file's timeline, seconds; None if it is live or does not say.
        path: The video file; None for any other source.
    """

    kind: str
    name: str
    width: int
    height: int
    fps: float
    live: bool
    details: str = ""
    length_s: float | None = None
    path: Path | None = None


class Source(Protocol):
    """Gives frames in order. One thread opens, reads and closes it; `interrupt` is for others.

    `read` may block. The reader of a live source interrupts it when it stalls; only a
    `ThreadedSource` notices its own stalls.
    """

    @property
    def live(self) -> bool:
        """As in `SourceInfo.live`; known before the source is open."""
        ...

    def open(self) -> SourceInfo:
        """Opens the source; may be called again after `close`.

        Raises:
            SourceNotFoundError: There is no such camera, file, folder or address.
            SourceBusyError: Another program holds the camera.
            SourceError: Anything else that keeps it from opening.
        """
        ...

    def read(self) -> Frame | None:
        """The next frame, waiting for it if need be; None when the source has ended.

        Frame numbers rise, also across a reopening: by one, and by one more for each frame that
        a live source captured but no caller read in time. `captured_s` is the time when the
        image arrived.

        Raises:
            SourceLostError: A live source stopped delivering (unplugged, stalled, closed).
            SourceError: The frame at this position cannot be read, nor any later one.
        """
        ...

    def close(self) -> None:
        """Releases everything; harmless when it is not open. Never raises."""
        ...

    def interrupt(self) -> None:
        """Makes a waiting `open` or `read` return or raise soon; from any thread."""
        ...


@runtime_checkable
class SeekableSource(Source, Protocol):
    """A file, whose frames can be read from any position on. `seek` belongs to the same thread."""

    def seek(self, position_s: float, *, before: bool = False) -> None:
        """Goes to the frame that is shown at a position: the next `read` gives it.

        Args:
            position_s: As in `Frame.position_s`. The frame is the last that does not begin after
                it, or the first frame.
            before: The frame must begin earlier: `seek(frame.position_s, before=True)` goes one
                frame back.

        Raises:
            SourceError: The source is not open, or cannot be read any more.
        """
        ...


class SourceBase:
    """Numbers frames across reopenings, and keeps an interruption until `close`.

    After `interrupt`, `open` raises and `read` returns None, even if `interrupt` is called before
    them: a stop during a reopening is not lost. `close` clears the interruption.
    """

    def __init__(self) -> None:
        self._interrupted = threading.Event()
        self._next_index = 0

    def interrupt(self) -> None:
        """Makes a waiting `open` or `read` return or raise soon; from any thread."""
        self._interrupted.set()

    def _frame(
        self,
        image_bgr: ImageBgr,
        captured_s: float,
        position_s: float | None = None,
        file: str = "",
        *,
        skipped: int = 0,
    ) -> Frame:
        self._next_index += skipped
        frame = Frame(image_bgr, self._next_index, captured_s, position_s, file=file)
        self._next_index += 1
        return frame

    def _raise_if_interrupted(self, title: str) -> None:
        if self._interrupted.is_set():
            raise interrupted_error(title)


def interrupted_error(title: str) -> SourceError:
    """The error of `open` after `interrupt`."""
    return SourceError(f"Opening {title} was interrupted.")


def not_open_error(title: str) -> SourceError:
    """The error of `read` on a source that is not open."""
    return SourceError(f"{title} is not open.", "Open it before reading.")
