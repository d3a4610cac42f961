"""Settings of the whole process. The command line and the window change them; the library does not.

A program that uses the library keeps its own settings: `errors_only` and `without_telemetry` put
back what they change.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from fer_live.core.machine import usable_cores

MAX_THREADS = 4
"""More threads of PyTorch do not help a batch of a few small faces."""

THREAD_PREFIXES = ("fer-live-", "fer-gui-", "capture ")
"""Names of the daemon threads that run native code begin so."""

_TELEMETRY = "ORT_DISABLE_TELEMETRY"
_telemetry_lock = threading.Lock()

_END_S = 10.0
"""Longest wait for them at the end: a model is loaded in seconds, a driver may hang for ever."""


@contextmanager
def errors_only(name: str | None = None) -> Iterator[None]:
    """Hides messages of another library's logger that are no errors.

    Args:
        name: The logger; None is the root logger.
    """
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextmanager
def without_telemetry() -> Iterator[None]:
    """For every import of ONNX Runtime; the environment is as before when the block ends.

    ONNX Runtime reads the variable when it is imported. Without it, the import writes an
    identifier of the computer into the home folder, and usage data is sent (its Privacy.md).
    One thread after the other, because several may load a detector at once.
    """
    with _telemetry_lock:
        before = os.environ.get(_TELEMETRY)
        os.environ[_TELEMETRY] = "1"
        try:
            yield
        finally:
            if before is None:
                del os.environ[_TELEMETRY]
            else:
                os.environ[_TELEMETRY] = before


def share_cores() -> None:
    """Leaves a core to the camera and the window; call it at the start, it loads nothing.

    The threads of PyTorch wait for each other by spinning: on two busy cores, two threads took
    526 ms for two faces where one took 32 ms. The face searches of OpenCV take a few
    milliseconds and gain nothing from more threads, which spin as well. A value of
    ``OMP_NUM_THREADS`` or ``OPENCV_FOR_THREADS_NUM`` in the environment is kept.
    """
    for variable, library, setter, threads in (
        ("OMP_NUM_THREADS", "torch", "set_num_threads", _torch_threads()),
        ("OPENCV_FOR_THREADS_NUM", "cv2", "setNumThreads", 1),
    ):
        if variable in os.environ:
            continue
        os.environ[variable] = str(threads)
        if library in sys.modules:  # it has read the environment already
            getattr(sys.modules[library], setter)(threads)


def open_cameras_quickly(platform: str = sys.platform) -> None:
    """Keeps Media Foundation of Windows from probing hardware transforms; call it at the start.

    OpenCV's reference of environment variables says that they may slow down the probing of a
    camera: seconds for each opening. OpenCV reads the variable when it is imported. A value that
    the user has set is kept.
    """
    if platform == "win32":
        os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")


def allow_megapixels(megapixels: float) -> None:
    """Raises Pillow's limit, which its readers of TIFF and WebP keep to, where ours is higher.

    Args:
        megapixels: Most pixels of one picture, millions.
    """
    from PIL import Image

    if Image.MAX_IMAGE_PIXELS is not None:
        Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS, round(megapixels * 1e6))


def _torch_threads() -> int:
    return max(1, min(MAX_THREADS, usable_cores() - 1))


def end_signals() -> tuple[signal.Signals, ...]:
    """Signals that ask a program to end and close its files.

    SIGTERM, and of a terminal SIGHUP when it closes and SIGQUIT of Ctrl+\\, where the system has
    them and the program was not started to ignore them (``nohup``).
    """
    others = [getattr(signal, name, None) for name in ("SIGHUP", "SIGQUIT")]
    heard = [n for n in others if n is not None and signal.getsignal(n) is not signal.SIG_IGN]
    return signal.SIGTERM, *heard


def end_process(code: int) -> NoReturn:
    """Ends the program when no thread is inside native code any more.

    Python stops daemon threads that return to it while it shuts down, by unwinding their stack.
    In C++ code of ONNX Runtime or OpenCV that aborts the process ("terminate called without an
    active exception"). A thread that hangs is left behind, without Python's own shutdown.

    Args:
        code: The exit code.
    """
    deadline_s = time.monotonic() + _END_S
    for thread in threading.enumerate():
        if thread.daemon and thread.name.startswith(THREAD_PREFIXES):
            thread.join(max(0.0, deadline_s - time.monotonic()))
            if thread.is_alive():
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
    sys.exit(code)
