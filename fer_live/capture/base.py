"""What all sources share: frame numbers, interruption and the errors around it."""

import threading

from fer_live.core.errors import SourceError
from fer_live.core.types import Frame, ImageBgr


class SourceBase:
    """Numbers frames across reopenings and remembers an interruption until `close`.

    After `interrupt`, `open` raises and `read` returns None, also when the interruption came
    first: a stop that races with a reopening is never lost. `close` clears it.
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
        *,
        skipped: int = 0,
    ) -> Frame:
        self._next_index += skipped
        frame = Frame(image_bgr, self._next_index, captured_s, position_s)
        self._next_index += 1
        return frame

    def _raise_if_interrupted(self, title: str) -> None:
        if self._interrupted.is_set():
            raise interrupted_error(title)


def interrupted_error(title: str) -> SourceError:
    """What `open` raises after `interrupt`."""
    return SourceError(f"Opening {title} was interrupted.")


def not_open_error(title: str) -> SourceError:
    """What `read` raises on a source that is not open."""
    return SourceError(f"{title} is not open.", "Open it before reading.")
