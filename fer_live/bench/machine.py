"""The computer and the versions that a measurement was made with."""

import platform
import sys
from typing import Any

import cv2
import numpy as np

from fer_live.core.machine import load_average, processor_name, system_name, usable_cores


def describe_machine() -> dict[str, Any]:
    """Processor, usable cores, load, system and versions, plain JSON types."""
    return {
        "processor": processor_name(),
        "cores": usable_cores(),
        "load": load_average(),
        "system": system_name(),
        "python": platform.python_version(),
        "opencv": cv2.__version__,
        "opencv_threads": cv2.getNumThreads(),
        "numpy": np.__version__,
        "pytorch_loaded": "torch" in sys.modules,
    }
