"""Keeps ONNX Runtime from sending usage data."""

import contextlib
import os
from collections.abc import Iterator

_VARIABLE = "ORT_DISABLE_TELEMETRY"


@contextlib.contextmanager
def without_telemetry() -> Iterator[None]:
    """For the import of ONNX Runtime; the environment is as before when the block ends.

    ONNX Runtime reads the variable when it is imported. Without it, the import writes an
    identifier of the computer into the home folder, and usage data is sent (its Privacy.md).
    """
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = before
