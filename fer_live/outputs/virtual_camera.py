"""A virtual camera: other programs see the annotated picture as a camera."""

import logging
import sys
from collections.abc import Callable, Iterable
from typing import Any

from fer_live.core.errors import OutputError
from fer_live.core.types import FrameResult, ImageBgr
from fer_live.outputs.messages import EventMessage, FrameMessage, SessionMessage

_log = logging.getLogger(__name__)

Renderer = Callable[[FrameResult], Iterable[ImageBgr]]
"""Draws a result: the pictures (H, W, 3) that are ready now, which may be of earlier results."""

DEFAULT_FPS = 30.0
"""Told to the device where the source does not say its rate."""
PROBE_SIZE = (640, 480)
"""What a device is tried with before the source's size is known; every one takes it."""

_MISSING = {
    "linux": (
        "There is no virtual camera: the kernel module v4l2loopback is not loaded.",
        "Install v4l2loopback-dkms, then: sudo modprobe v4l2loopback exclusive_caps=1.",
    ),
    "darwin": (
        "There is no virtual camera: it comes with OBS Studio 30 or later.",
        "Install OBS, start its virtual camera once, then stop it.",
    ),
    "win32": (
        "There is no virtual camera: it comes with OBS Studio.",
        "Install OBS, or Unity Capture, then start fer_live again.",
    ),
}


class VirtualCameraSender:
    """Sends one picture per analysed frame to the first virtual camera there is.

    Args:
        renderer: Makes the pictures; called in the output's thread.
        fps: The source's rate, or None while it is not known; a hint for the device.
    """

    name = "Virtual camera"
    capacity = 2
    pictures = True
    clients: int | None = None
    warning = ""

    def __init__(self, renderer: Renderer, fps: Callable[[], float | None] = lambda: None) -> None:
        self._renderer = renderer
        self._fps = fps
        self._camera: Any = None
        self._device = ""

    @property
    def place(self) -> str:
        """The device that other programs choose."""
        return self._device

    def open(self) -> None:
        """Looks for a device. Raises OutputError."""
        self._open_camera(*PROBE_SIZE)
        self.close()

    def session(self, session: SessionMessage) -> None:
        """Nothing to tell: a camera gives pictures only."""

    def frame(self, frame: FrameMessage, dropped: int) -> bool:
        """Sends what is ready; a new image size opens the device again."""
        assert frame.result is not None
        for image_bgr in self._renderer(frame.result):
            height, width = image_bgr.shape[:2]
            if self._camera is None or (self._camera.width, self._camera.height) != (width, height):
                self.close()
                self._open_camera(width, height)
            self._camera.send(image_bgr)
        return True

    def event(self, event: EventMessage) -> bool:
        """Nothing to tell."""
        return True

    def close(self) -> None:
        """Gives the device back."""
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.close()

    def _open_camera(self, width: int, height: int) -> None:
        try:
            import pyvirtualcam
        except ImportError as error:
            raise OutputError(
                "The virtual camera needs the library pyvirtualcam.",
                'Install it with: pip install "fer-live[virtualcam]".',
            ) from error
        fps = self._fps() or DEFAULT_FPS
        try:
            self._camera = pyvirtualcam.Camera(width, height, fps, fmt=pyvirtualcam.PixelFormat.BGR)
        except RuntimeError as error:
            _log.info("no virtual camera: %s", error)
            if self._device:
                raise OutputError(
                    f"The virtual camera {self._device} does not take pictures of "
                    f"{width} × {height} pixels.",  # noqa: RUF001
                    "Close the programs that use it, or choose another resolution.",
                ) from error
            raise OutputError(*_MISSING.get(sys.platform, _MISSING["linux"])) from error
        self._device = self._camera.device
