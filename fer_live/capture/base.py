"""What all sources share: frame numbers, interruption, picture formats, quiet libraries."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.errors import SourceError
from fer_live.types import Frame, ImageBgr

_UINT16_TO_UINT8 = 1 / 257
"""Maps 0-65535 onto 0-255."""


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
        self, image_bgr: ImageBgr, captured_s: float, position_s: float | None = None
    ) -> Frame:
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


def as_bgr(image: NDArray[Any]) -> ImageBgr:
    """A (H, W, 3) uint8 picture from what OpenCV gives: grey, with alpha, or 16 bits deep.

    Raises:
        SourceError: If the picture has another shape or number format.
    """
    if image.dtype == np.uint16:
        image = cv2.convertScaleAbs(image, alpha=_UINT16_TO_UINT8)
    channels = 1 if image.ndim == 2 else image.shape[2] if image.ndim == 3 else 0
    if image.dtype != np.uint8 or channels not in (1, 3, 4) or not image.size:
        raise SourceError(
            f"Pictures of the kind {image.shape} {image.dtype} cannot be used.",
            "Choose another format or source.",
        )
    if channels == 1:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    if channels == 4:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGRA2BGR), np.uint8)
    return image


_quiet_lock = threading.Lock()
_quiet_depth = 0
_quiet_before = 0


@contextmanager
def quiet_opencv() -> Iterator[None]:
    """Keeps OpenCV's own log off the terminal; failures are told by our errors instead.

    The level is global to the process: the last of the threads inside restores it.
    """
    global _quiet_depth, _quiet_before
    with _quiet_lock:
        if _quiet_depth == 0:
            _quiet_before = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        _quiet_depth += 1
    try:
        yield
    finally:
        with _quiet_lock:
            _quiet_depth -= 1
            if _quiet_depth == 0:
                cv2.utils.logging.setLogLevel(_quiet_before)
