"""Child processes of tests, with the signal handling of a program started in a terminal."""

import contextlib
import signal
import subprocess


@contextlib.contextmanager
def default_interrupt():
    """Child processes started inside handle SIGINT by default.

    Children inherit an ignored signal. Shells ignore SIGINT for what they start in the background
    (``nohup pytest &``, many CI systems), and a child could then not be interrupted.
    """
    inherited = signal.getsignal(signal.SIGINT)
    if inherited is not signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, inherited)


def start_child(command, **options):
    """`subprocess.Popen` for a child that a test sends signals to."""
    with default_interrupt():
        return subprocess.Popen([str(part) for part in command], **options)
