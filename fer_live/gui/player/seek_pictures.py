"""The small picture of the place under the mouse on the player's bar."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from fer_live.core.errors import FerLiveError
from fer_live.gui.controllers.tasks import GuiCalls

if TYPE_CHECKING:
    from fer_live.review.frame_reader import FrameReader, SeekableVideo, ShownFrame


def open_thumbnails(path: Path) -> "SeekableVideo":
    """Opens the thumbnails of a file.

    Raises:
        SourceError: It has none.
    """
    # Imported here, because the window opens before OpenCV and FFmpeg are loaded.
    from fer_live.capture.container.thumbnails import Thumbnails

    return Thumbnails(path)


class SeekPictures(QObject):
    """Reads pictures of a file on a thread of its own, which lives from the first wish to `close`.

    Args:
        parent: Owner.
        opener: Opens the pictures of a file.
    """

    found = Signal(object)
    """A `ShownFrame` of the present file; None if it has no pictures."""

    def __init__(
        self, parent: QObject, opener: "Callable[[Path], SeekableVideo]" = open_thumbnails
    ) -> None:
        super().__init__(parent)
        self._opener = opener
        self._path: Path | None = None
        self._reader: FrameReader | None = None
        self._refused = False
        self._gui = GuiCalls(self)

    @property
    def reading(self) -> bool:
        """True while the file is held open, or may be."""
        return self._reader is not None

    def begin(self, path: Path | None) -> None:
        """Takes a file, which is not opened yet; None for a source without pictures."""
        if path != self._path:
            self.close()
            self._path = path

    def want(self, time_s: float) -> None:
        """Asks for the picture at a time, seconds; `found` follows. The newest wish counts."""
        if self._path is None or self._refused:
            return
        if self._reader is None:
            from fer_live.review.frame_reader import FrameReader

            # Every key frame is sought: decoding on gives none.
            self._reader = FrameReader(
                self._send, self._refuse, self._opener, "fer-live-seek-pictures", forward_s=0.0
            )
        self._reader.show(self._path, time_s)

    def close(self) -> None:
        """Lets go of the file; its thread ends by itself."""
        if self._reader is not None:
            self._reader.close(0.0)
        self._path = self._reader = None
        self._refused = False

    def _send(self, frame: "ShownFrame") -> None:
        self._gui.call(lambda: self._take(frame.video, frame))

    def _refuse(self, path: Path, _error: FerLiveError) -> None:
        self._gui.call(lambda: self._take(path, None))

    def _take(self, path: Path, frame: "ShownFrame | None") -> None:
        if path == self._path:
            self._refused = frame is None
            self.found.emit(frame)
