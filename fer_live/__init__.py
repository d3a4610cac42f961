"""fer_live: faces and their expressions, from images, videos and cameras.

`predict` finds the faces of one image, `stream` those of a camera, video or network stream, and
`Analyzer` does both with a model that is loaded once. The names in ``__all__`` are the public
interface; each one is loaded when it is first used, so that ``import fer_live`` is instant.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fer_live.api import Analyzer, annotate, predict, stream
    from fer_live.batch.predictions import ImageResult, Predictions
    from fer_live.capture.devices import CameraDevice, list_cameras
    from fer_live.capture.source import Source, SourceInfo
    from fer_live.core.errors import (
        ConfigError,
        DetectorError,
        DeviceError,
        FerLiveError,
        ModelError,
        SourceBusyError,
        SourceError,
        SourceLostError,
        SourceNotFoundError,
    )
    from fer_live.core.types import Face, Frame, FrameResult, HeatMap
    from fer_live.live.stream import Stream

__version__ = "0.2.0"

__all__ = [
    "Analyzer",
    "CameraDevice",
    "ConfigError",
    "DetectorError",
    "DeviceError",
    "Face",
    "FerLiveError",
    "Frame",
    "FrameResult",
    "HeatMap",
    "ImageResult",
    "ModelError",
    "Predictions",
    "Source",
    "SourceBusyError",
    "SourceError",
    "SourceInfo",
    "SourceLostError",
    "SourceNotFoundError",
    "Stream",
    "__version__",
    "annotate",
    "list_cameras",
    "predict",
    "stream",
]

_MODULES = {
    "fer_live.api": ("Analyzer", "annotate", "predict", "stream"),
    "fer_live.batch.predictions": ("ImageResult", "Predictions"),
    "fer_live.capture.devices": ("CameraDevice", "list_cameras"),
    "fer_live.capture.source": ("Source", "SourceInfo"),
    "fer_live.core.errors": (
        "ConfigError", "DetectorError", "DeviceError", "FerLiveError", "ModelError",
        "SourceBusyError", "SourceError", "SourceLostError", "SourceNotFoundError",
    ),
    "fer_live.core.types": ("Face", "Frame", "FrameResult", "HeatMap"),
    "fer_live.live.stream": ("Stream",),
}  # fmt: skip
"""Where each public name is defined (PEP 562)."""

_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
