"""What the cameras of this computer offer, as Qt Multimedia lists it on every system."""

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fer_live.capture.camera_check import CameraFormat

_log = logging.getLogger(__name__)

_FORMATS = {
    "Format_Jpeg": "MJPG",
    "Format_YUYV": "YUYV",
    "Format_UYVY": "UYVY",
    "Format_NV12": "NV12",
    "Format_YUV420P": "YU12",
}
"""Qt's pixel formats by the name that OpenCV and V4L2 use."""


def multimedia() -> Any:
    """Qt Multimedia; None if a system library that it needs is missing.

    The first call takes about a second, while Qt loads its library.
    """
    try:
        from PySide6 import QtMultimedia
        from PySide6.QtCore import QLoggingCategory
    except ImportError as error:
        _log.info("Qt Multimedia cannot be used: %s", error)
        return None
    # Qt tells the terminal which system libraries it does without.
    QLoggingCategory.setFilterRules("qt.multimedia.*=false")
    return QtMultimedia


def offered_formats(camera_name: str) -> "tuple[CameraFormat, ...]":
    """Sizes, rates and formats of a camera; empty if Qt does not know it.

    Opens nothing. The first call takes about a second, while Qt loads its library.

    Args:
        camera_name: As `list_cameras` names it; of several alike, the first.
    """
    media = multimedia()
    if media is None:
        return ()
    from PySide6.QtCore import QCoreApplication

    # OpenCV comes with it, and would delay the window if it were loaded with this module.
    from fer_live.capture.camera_check import CameraFormat

    # Without a window there is none yet; it lives as long as the question.
    application = QCoreApplication.instance() or QCoreApplication([])
    name = camera_name.strip().casefold()
    inputs = [
        (device.description().casefold(), device) for device in media.QMediaDevices.videoInputs()
    ]
    devices = [device for title, device in inputs if title == name]
    # Some systems write the name of the driver or the connector behind the camera's.
    devices = devices or [device for title, device in inputs if name and name in title]
    found = {
        CameraFormat(
            offered.resolution().width(),
            offered.resolution().height(),
            round(offered.maxFrameRate(), 2),
            _FORMATS.get(offered.pixelFormat().name, ""),
        )
        for device in devices[:1]
        for offered in device.videoFormats()
    }
    del application
    return tuple(sorted(found))
