"""Cameras through OpenCV: settings asked for and granted, and why a camera cannot be opened."""

import logging
import math
import re
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

import cv2

from fer_live.capture.camera_access import CameraAccess, probe_camera
from fer_live.capture.camera_controls import (
    ControlState,
    read_controls,
    set_control,
    stored_controls,
)
from fer_live.capture.capture_thread import RETRY_S, Opened
from fer_live.capture.devices import (
    ANY,
    CameraDevice,
    backend_id,
    camera_backends,
    hint_of,
    list_cameras,
    own_index,
)
from fer_live.capture.opencv_capture import (
    Capture,
    CaptureFactory,
    next_image,
    open_cv2,
    quiet_opencv,
    release,
    try_open,
)
from fer_live.capture.source import SourceInfo
from fer_live.capture.threaded_source import ThreadedSource
from fer_live.core.errors import ConfigError, SourceBusyError, SourceError, SourceNotFoundError

_log = logging.getLogger(__name__)

T = TypeVar("T")

OPEN_TIMEOUT_S = 20.0
"""Longest wait for a camera: Media Foundation can take more than 10 s to open one."""

FIRST_IMAGE_S = 5.0
"""Longest wait for the first image: a camera starts, focuses and exposes within 1-2 s; one that
another program holds gives nothing at all."""

STALL_S = 3.0
"""No image for this long is a stall: even with long exposure at night, cameras give 5 fps."""

FAILED_READS_MAX = 10
"""This many failed reads in a row mean that the camera is unplugged; a loose cable spoils fewer."""

FPS_TOLERANCE = 0.5
"""Rates closer than this are the same: 29.97 is 30."""

DEFAULT_FORMAT = "MJPG"
"""Compressed pictures, which nearly all USB cameras offer."""

ASK_S = 3.0
"""Longest wait for a camera's answer to a question: it is asked between two pictures."""

_FORMAT = re.compile(r"[A-Za-z0-9]{4}")
_BUSY_HINT = "Close the other program (a video call, a browser tab, another fer-live) and retry."


@dataclass(frozen=True)
class CameraSettings:
    """What to ask a camera for; it may grant something else.

    Args:
        width: Pixels.
        height: Pixels.
        fps: Frames per second.
        pixel_format: Four characters such as ``YUYV``; empty is ``MJPG``, the only one for which
            USB 2 has room at large sizes and full rate.
        backend: OpenCV's name of the back-end to try first, such as ``V4L2``; None for the best
            of this operating system.
        controls: What was chosen for exposure and the like, see `camera_controls.with_control`.

    Raises:
        ConfigError: If a value is not positive.
    """

    width: int = 1280
    height: int = 720
    fps: float = 30.0
    backend: str | None = None
    pixel_format: str = ""
    controls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if min(self.width, self.height) <= 0 or not 0 < self.fps < math.inf:
            raise ConfigError(
                f"A camera cannot give {self.width}x{self.height} at {self.fps:g} fps.",
                "Choose a size and a rate above zero.",
            )
        if self.pixel_format and not _FORMAT.fullmatch(self.pixel_format):
            raise ConfigError(
                f"{self.pixel_format!r} is no pixel format.",
                "Give its four characters, such as MJPG or YUYV, or nothing.",
            )

    @property
    def fourcc(self) -> str:
        """The pixel format to ask for."""
        return self.pixel_format or DEFAULT_FORMAT


@dataclass(frozen=True)
class Granted:
    """What a camera granted.

    Args:
        backend: OpenCV's name of the back-end that opened it.
        width, height: Pixels.
        fps: Frames per second; 0 if the driver does not say.
        pixel_format: Four characters; empty if the driver does not say.
    """

    backend: str
    width: int
    height: int
    fps: float
    pixel_format: str


class _AskedCapture:
    """A capture that answers questions between two reads, on the thread that reads it."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._questions: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def ask(self, question: Callable[[Capture], T]) -> "Future[T]":
        """Puts a question; the answer comes with the next read."""
        answer: Future[T] = Future()

        def reply() -> None:
            try:
                answer.set_result(question(self._capture))
            except Exception as error:
                answer.set_exception(error)

        self._questions.put(reply)
        return answer

    def read(self) -> tuple[bool, Any]:
        """As the capture."""
        found = self._capture.read()
        while not self._questions.empty():
            self._questions.get()()
        return found

    def release(self) -> None:
        """As the capture."""
        self._capture.release()


Lister = Callable[[Sequence[str] | None], tuple[CameraDevice, ...]]
"""Lists the cameras that the named back-ends see; None for the usual ones."""


class CameraSource(ThreadedSource):
    """A camera, looked up by its name at each opening, since indices move.

    If its name is no longer listed, it is absent, even if another camera now has its index.

    Args:
        index: As listed by `list_cameras`.
        name: As listed; None to learn it at the first opening.
        settings: What to ask for.
        factory: Opens the capture.
        probe: Says whether the camera is there.
        lister: Lists the cameras.
        clock: Monotonic seconds.
        open_timeout_s: Longest wait for the camera to open.
        first_image_s: Longest wait for its first image.
        stall_s: Longest wait for any later image.
    """

    def __init__(
        self,
        index: int,
        name: str | None = None,
        settings: CameraSettings | None = None,
        *,
        factory: CaptureFactory = open_cv2,
        probe: Callable[[int], CameraAccess] = probe_camera,
        lister: Lister = list_cameras,
        clock: Callable[[], float] = time.perf_counter,
        open_timeout_s: float = OPEN_TIMEOUT_S,
        first_image_s: float = FIRST_IMAGE_S,
        stall_s: float = STALL_S,
    ) -> None:
        title = _title(index, name)
        device = f"camera {index}"
        super().__init__(title, open_timeout_s, stall_s, FAILED_READS_MAX, clock, device=device)
        self.index = index
        self.name = name
        self.settings = settings or CameraSettings()
        self._factory = factory
        self._probe = probe
        self._lister = lister
        self._first_image_s = first_image_s
        self._asked: _AskedCapture | None = None
        self._chosen: dict[str, float | None] = {}
        self.granted: Granted | None = None
        """What the last opening granted."""

    def _open_capture(self) -> Opened:
        cameras = self._lister(None)
        device = self._locate(cameras)
        if device is None:
            raise self._refusal(CameraAccess.ABSENT, cameras)
        access = self._probe(device.index)
        if access in (CameraAccess.ABSENT, CameraAccess.DENIED, CameraAccess.BUSY):
            raise self._refusal(access, cameras)
        started = False
        for backend in self._backends(device):
            index = self._index_for(device, backend)
            if index is None or (started and backend == ANY):  # it would be the same one again
                continue
            with quiet_opencv():
                capture = try_open(self._factory, index, backend_id(backend))
                if capture is None:
                    _log.info("%s does not open with %s", self._title, backend)
                    continue
                started = True
                opened = self._start(capture, device.name, backend)
            if opened is not None:
                if device in cameras:
                    self._learn(device.name)
                return opened
            release(capture)
            _log.info("%s gives no picture with %s", self._title, backend)
        if started:
            raise SourceBusyError(
                f"{self._title} opens but gives no picture: another program is probably using it.",
                _BUSY_HINT,
            )
        raise self._refusal(access, cameras)

    def _locate(self, cameras: tuple[CameraDevice, ...]) -> CameraDevice | None:
        same_index = [c for c in cameras if c.index == self.index]
        if self.name is None or not cameras:
            backend, _ = own_index(self.index, camera_backends())
            unlisted = CameraDevice(self.index, self.name or f"Camera {self.index}", backend)
            return same_index[0] if same_index else unlisted
        same_name = [c for c in cameras if c.name == self.name]
        both = [c for c in same_index if c.name == self.name]
        return next(iter(both + same_name), None)

    def _learn(self, name: str) -> None:
        # Later openings look for this name: another camera may have the index then.
        if self.name is None:
            self.name, self._title = name, _title(self.index, name)

    def _backends(self, device: CameraDevice) -> tuple[str, ...]:
        first = [b for b in (self.settings.backend, device.backend) if b]
        return tuple(dict.fromkeys([*first, *camera_backends()]))

    def _index_for(self, device: CameraDevice, backend: str) -> int | None:
        # Back-ends of Windows number the same cameras differently; the name finds them again.
        if backend == ANY:
            return device.index
        _, index = own_index(device.index, camera_backends())
        if backend == device.backend or not device.backend:
            return index
        there = self._lister((backend,))
        same = [c.index for c in there if c.name == device.name]
        asked = backend == self.settings.backend
        if len(same) == 1 or (same and asked):
            return index if index in same else same[0]
        return index if asked and not there else None

    def _start(self, capture: Capture, name: str, backend: str) -> Opened | None:
        # The format first: some drivers forget the size when the format changes.
        wanted = self.settings
        capture.set(cv2.CAP_PROP_FOURCC, float(cv2.VideoWriter.fourcc(*wanted.fourcc)))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, float(wanted.width))
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, float(wanted.height))
        capture.set(cv2.CAP_PROP_FPS, wanted.fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1.0)
        chosen = {**stored_controls(wanted.controls, name), **self._chosen}
        for control, value in chosen.items():
            set_control(capture, backend, control, value)
        deadline_s = time.monotonic() + self._first_image_s
        while (first := next_image(capture)) is None:
            if self._interrupted.is_set() or time.monotonic() > deadline_s:
                return None
            self._interrupted.wait(RETRY_S)
        height, width = first.shape[:2]
        fps = _positive(capture.get(cv2.CAP_PROP_FPS))
        pixels = _fourcc_text(capture.get(cv2.CAP_PROP_FOURCC))
        refused = self._refused(width, height, fps, pixels)
        details = f"{backend}, {pixels or 'unknown pixel format'}"
        if refused:
            details += f"; not granted: {', '.join(refused)}"
            _log.info("%s: %s", self._title, details)
        self._asked = _AskedCapture(capture)
        self.granted = Granted(backend, width, height, fps, pixels)
        info = SourceInfo("camera", name, width, height, fps, self.live, details)
        return Opened(self._asked, first, info)

    def ask(self, question: Callable[[Capture], T]) -> T:
        """What a function says of the open camera; called on the capture thread.

        Raises:
            SourceError: The camera is not open.
            SourceLostError: It gives no more pictures.
        """
        self._opened()
        assert self._asked is not None
        answer = self._asked.ask(question)
        try:
            return answer.result(ASK_S)
        except TimeoutError:
            raise self._stall_error() from None

    def read_controls(self) -> tuple[ControlState, ...]:
        """What the open camera says of exposure, focus, white balance and zoom.

        Raises:
            SourceError: As `ask`.
        """
        return self.ask(lambda capture: read_controls(capture, self._granted_backend))

    def set_control(self, name: str, value: float | None) -> ControlState | None:
        """Sets a control of the open camera, and again at each later opening.

        Args:
            name: Of one of `camera_controls.CONTROLS`.
            value: In the camera's units; None lets the camera choose.

        Returns:
            What the camera then says of it; None if it does not have it.

        Raises:
            SourceError: As `ask`.
        """
        state = self.ask(lambda capture: set_control(capture, self._granted_backend, name, value))
        self._chosen[name] = value
        return state

    @property
    def _granted_backend(self) -> str:
        return self.granted.backend if self.granted else ""

    def _refused(self, width: int, height: int, fps: float, pixels: str) -> list[str]:
        wanted = self.settings
        refused = []
        if pixels and pixels != wanted.fourcc:
            refused.append(wanted.fourcc)
        if (width, height) != (wanted.width, wanted.height):
            refused.append(f"{wanted.width}x{wanted.height}")
        if fps and abs(fps - wanted.fps) > FPS_TOLERANCE:
            refused.append(f"{wanted.fps:g} fps")
        return refused

    def _refusal(self, access: CameraAccess, cameras: tuple[CameraDevice, ...]) -> SourceError:
        if access is CameraAccess.DENIED:
            return SourceError(
                f"There is no permission to use {self._title}.",
                "Add yourself to the group 'video' (sudo usermod -aG video $USER), log in again.",
            )
        if access is CameraAccess.BUSY:
            return SourceBusyError(f"{self._title} is held by another program.", _BUSY_HINT)
        if access is CameraAccess.PRESENT:
            return SourceBusyError(
                f"{self._title} is there but cannot be started: another program is probably "
                "using it, or the use of cameras is not allowed.",
                _START_HINTS.get(sys.platform, _BUSY_HINT),
            )
        return SourceNotFoundError(f"{self._title} was not found.", hint_of(cameras))

    def _open_timeout_error(self) -> SourceError:
        return SourceBusyError(
            f"{self._title} did not start within {self._open_timeout_s:g} seconds: another "
            "program may be using it.",
            _BUSY_HINT,
        )


_START_HINTS = {
    "win32": _BUSY_HINT + " Or allow desktop apps: Settings, Privacy, Camera.",
    "darwin": "Allow the camera when macOS asks, or in System Settings, Privacy & Security, "
    "Camera; then retry. " + _BUSY_HINT,
}


def _title(index: int, name: str | None) -> str:
    return f"Camera {index} ({name})" if name else f"Camera {index}"


def _positive(value: float) -> float:
    return value if 0 < value < math.inf else 0.0


def _fourcc_text(value: float) -> str:
    code = int(_positive(value))
    text = "".join(chr(code >> shift & 0xFF) for shift in (0, 8, 16, 24)) if code else ""
    return text.strip() if text.isprintable() else ""
