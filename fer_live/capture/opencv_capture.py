"""Opens and reads cameras through OpenCV without exceptions, converts images, silences its log.

Files and streams never go through OpenCV: its FFmpeg back-end reports success for interlaced frames
that it did not convert, and hands out whatever the memory of the process held before. The fault is
inside the back-end, which copies its own unwritten buffer, so that no check can tell afterwards.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_live.core.errors import SourceError
from fer_live.core.types import ImageBgr

_log = logging.getLogger(__name__)

_UINT16_TO_UINT8 = 1 / 257  # maps 0-65535 onto 0-255


class ImageReader(Protocol):
    """Whatever a capture thread reads: an OpenCV capture, or the decoder of a stream."""

    def read(self) -> tuple[bool, Any]:
        """Success, and the image."""
        ...

    def release(self) -> None:
        """Gives the device, file or connection back."""
        ...


class Capture(ImageReader, Protocol):
    """The part of `cv2.VideoCapture` that the sources use; tests bring their own."""

    def isOpened(self) -> bool:  # noqa: N802
        """True once it can be read."""
        ...

    def get(self, propId: int, /) -> float:  # noqa: N803
        """Value of a property; 0 when the back-end does not know it."""
        ...

    def set(self, propId: int, value: float, /) -> bool:  # noqa: N803
        """Asks for a value; True if the back-end accepts it."""
        ...


CaptureFactory = Callable[[int, int, Sequence[int]], Capture]
"""Opens a camera index with an OpenCV back-end and opening parameters."""


def open_cv2(index: int, api: int, parameters: Sequence[int]) -> Capture:
    """The real capture factory: `cv2.VideoCapture`."""
    return cv2.VideoCapture(index, api, list(parameters))


def next_image(capture: ImageReader) -> NDArray[Any] | None:
    """The next image; None if there is none now."""
    try:
        success, image = capture.read()
    except cv2.error as error:
        _log.debug("read failed: %s", error)
        return None
    if not success or image is None or not image.size:
        return None
    return image  # type: ignore[no-any-return]


def try_open(
    factory: CaptureFactory, index: int, api: int, parameters: Sequence[int] = ()
) -> Capture | None:
    """An open camera, or None if this back-end cannot open it."""
    try:
        capture = factory(index, api, parameters)
        if capture.isOpened():
            return capture
    except cv2.error as error:
        _log.debug("open failed: %s", error)
        return None
    release(capture)
    return None


def release(capture: ImageReader) -> None:
    """Releases a capture in any state; never raises."""
    with contextlib.suppress(Exception):
        capture.release()


def as_bgr(image: NDArray[Any]) -> ImageBgr:
    """An image of OpenCV (grey, BGR or BGRA, 8 or 16 bits) as (H, W, 3) uint8 BGR.

    Raises:
        SourceError: If the image has another shape or number format.
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
    """Keeps OpenCV's own log off the terminal; failures are raised as our errors instead.

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
