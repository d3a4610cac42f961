"""The cameras of this computer by name and index; the index listed is the index that opens."""

import logging
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2

from fer_live.core.errors import ConfigError, SourceNotFoundError
from fer_live.core.formats import matching_cameras

_log = logging.getLogger(__name__)

BACKENDS = {
    "linux": ("V4L2", "ANY"),
    "win32": ("MSMF", "DSHOW"),
    "darwin": ("AVFOUNDATION", "ANY"),
}
"""OpenCV's camera back-ends per operating system, the best first. Media Foundation sees every
camera of a current Windows; DirectShow is older and sees some virtual cameras that it misses."""

ANY = "ANY"
"""The back-end name for OpenCV's own choice."""

_INDICES = 100  # indices of one back-end, counted from its id: 701 is camera 1 of DSHOW


@dataclass(frozen=True)
class CameraDevice:
    """One camera.

    Args:
        index: The number that stands for it: that of the system's best back-end, or for a camera
            only another one sees, OpenCV's own: the back-end's id and the number, as in 701.
        name: Name in the operating system.
        backend: OpenCV's name of the back-end that sees it, such as ``V4L2``.
        path: The operating system's identifier of the device; may be empty.
    """

    index: int
    name: str
    backend: str
    path: str = ""


class _Listed(Protocol):
    @property
    def index(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def path(self) -> str | None: ...


Enumerator = Callable[[int], Iterable[_Listed]]
"""Cameras that an OpenCV back-end sees; raises NotImplementedError for one it does not know."""


def camera_backends(platform: str = sys.platform) -> tuple[str, ...]:
    """Names of the back-ends to try, the best first."""
    return BACKENDS.get(platform, (ANY,))


def backend_id(name: str) -> int:
    """OpenCV's number of a back-end.

    Raises:
        ConfigError: If OpenCV has no such back-end.
    """
    value = getattr(cv2, f"CAP_{name.upper()}", None)
    if not isinstance(value, int):
        known = ", ".join(camera_backends())
        raise ConfigError(f"There is no camera back-end {name!r}.", f"Choose one of: {known}.")
    return value


def own_index(index: int, backends: Sequence[str]) -> tuple[str, int]:
    """The back-end that a listed index names, '' if none, and its own number of the camera."""
    for backend in backends[1:]:
        base = backend_id(backend)
        if backend != ANY and base <= index < base + _INDICES:
            return backend, index - base
    return "", index


def list_cameras(
    backends: Sequence[str] | None = None, enumerator: Enumerator | None = None
) -> tuple[CameraDevice, ...]:
    """All cameras, in the order of back-end and index; none is normal.

    A camera that several back-ends see is listed once, with the best of them. Nothing is
    opened, so a camera in use is listed too. No two have the same index.

    Args:
        backends: Names of the back-ends to ask, the first with its plain numbers; None for those
            of this operating system.
        enumerator: Replaces cv2-enumerate-cameras.
    """
    enumerate_cameras = enumerator or _system_enumerator()
    if enumerate_cameras is None:
        return ()
    devices: list[CameraDevice] = []
    for place, backend in enumerate(camera_backends() if backends is None else backends):
        if backend == ANY:
            continue
        base = backend_id(backend) if place else 0
        known = {device.name for device in devices}
        try:
            listed = sorted(enumerate_cameras(backend_id(backend)), key=lambda camera: camera.index)
        except Exception as error:  # a fault of one driver must not hide the other cameras
            _log.warning("cameras of %s cannot be listed: %s", backend, error)
            continue
        devices += [
            CameraDevice(base + camera.index, _name(camera), backend, camera.path or "")
            for camera in listed
            if _name(camera) not in known
        ]
    return tuple(devices)


def _name(camera: _Listed) -> str:
    return (camera.name or "").strip() or f"Camera {camera.index}"


def _system_enumerator() -> Enumerator | None:
    try:
        from cv2_enumerate_cameras import enumerate_cameras
    except (ImportError, OSError) as error:
        _log.warning("cameras cannot be listed, cv2-enumerate-cameras is missing: %s", error)
        return None
    return enumerate_cameras


def find_camera(text: str, devices: Iterable[CameraDevice] | None = None) -> CameraDevice:
    """The camera with this index or name.

    Args:
        text: An index (``0``), a name, or a part of a name that only one camera has; upper and
            lower case are alike.
        devices: The cameras to choose from; None for those of this computer.

    Raises:
        SourceNotFoundError: If none or several fit; says which cameras there are.
    """
    cameras = tuple(list_cameras() if devices is None else devices)
    found = matching_cameras(text, cameras) if text.strip() else ()
    if text.strip().isdecimal():
        found = found[:1]  # two backends can list the same camera
    if len(found) == 1:
        return found[0]
    if found:
        raise SourceNotFoundError(
            f"Several cameras are called {text!r}.",
            f"Choose one by its index: {describe(found)}.",
        )
    raise SourceNotFoundError(f"There is no camera {text!r}.", hint_of(cameras))


def hint_of(cameras: Collection[CameraDevice]) -> str:
    """The hint of an error about a camera that is not there: which there are, and what to do."""
    there = f"There are: {describe(cameras)}." if cameras else "No camera was found."
    return f"{there} Plug one in, or use a video file or the demo."


def describe(cameras: Iterable[CameraDevice]) -> str:
    """Index and name of each camera, for a message."""
    return ", ".join(f"{camera.index} ({camera.name})" for camera in cameras)
