"""The helper that starts child processes."""

import signal
import subprocess
import sys

import pytest

from tests.children import start_child

SLEEP = "import time; print('ready', flush=True); time.sleep(60)"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT")
def test_a_child_can_be_interrupted_where_the_tests_ignore_the_signal():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with start_child(
            [sys.executable, "-c", SLEEP],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as child:
            assert child.stdout.readline() == "ready\n"
            child.send_signal(signal.SIGINT)
            assert child.wait(30) != 0
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
