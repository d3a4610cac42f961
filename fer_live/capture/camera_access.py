"""Whether a camera is present and may be used, found out without starting it."""

import enum
import errno
import os
import sys

from fer_live.capture.devices import camera_backends, list_cameras


class CameraAccess(enum.Enum):
    """What the operating system says about a camera without starting it."""

    PRESENT = enum.auto()
    ABSENT = enum.auto()
    DENIED = enum.auto()
    BUSY = enum.auto()
    UNKNOWN = enum.auto()


def probe_camera(index: int, platform: str = sys.platform) -> CameraAccess:
    """Looks for a camera without starting it."""
    if platform.startswith("linux"):
        return probe_device_file(f"/dev/video{index}")
    cameras = list_cameras(camera_backends(platform))
    if not cameras:
        return CameraAccess.UNKNOWN
    return CameraAccess.PRESENT if any(c.index == index for c in cameras) else CameraAccess.ABSENT


def probe_device_file(path: str) -> CameraAccess:
    """Opens and closes a device file; this does not start the device."""
    try:
        os.close(os.open(path, os.O_RDWR | getattr(os, "O_NONBLOCK", 0)))
    except OSError as error:
        return {
            errno.ENOENT: CameraAccess.ABSENT,
            errno.ENODEV: CameraAccess.ABSENT,
            errno.ENXIO: CameraAccess.ABSENT,
            errno.EACCES: CameraAccess.DENIED,
            errno.EPERM: CameraAccess.DENIED,
            errno.EBUSY: CameraAccess.BUSY,
        }.get(error.errno or 0, CameraAccess.UNKNOWN)
    return CameraAccess.PRESENT
