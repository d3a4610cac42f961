"""Child processes of tests, with the signal handling of a program started in a terminal."""

import contextlib
import signal
import subprocess

_ENDING = ("SIGINT", "SIGHUP", "SIGQUIT", "SIGTERM")


@contextlib.contextmanager
def default_signals():
    """Child processes started inside handle the signals that end a program by default.

    Children inherit an ignored signal. Shells ignore SIGINT and SIGQUIT for what they start in the
    background, and ``nohup`` ignores SIGHUP, so that many CI systems could not end a child.
    """
    ending = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    ignored = [number for number in ending if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)


def start_child(command, **options):
    """`subprocess.Popen` for a child that a test sends signals to."""
    with default_signals():
        return subprocess.Popen([str(part) for part in command], **options)
