"""The helper that starts child processes."""

import signal
import subprocess
import sys

import pytest

from tests.children import start_child

SLEEP = "import time; print('ready', flush=True); time.sleep(60)"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP", "SIGQUIT", "SIGTERM"])
def test_a_child_can_be_ended_where_the_tests_ignore_the_signal(name):
    number = getattr(signal, name)
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with start_child(
            [sys.executable, "-c", SLEEP],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as child:
            assert child.stdout.readline() == "ready\n"
            child.send_signal(number)
            assert child.wait(30) != 0
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)
