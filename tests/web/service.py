"""The real service in a process of its own, as the command starts it."""

import contextlib
import queue
import re
import subprocess
import sys
import threading

from tests.children import start_child

START_S = 60
"""Longest wait for the model to be loaded; a machine that is busy takes long to import torch."""

END_S = 10

_NO_TEMPORARY_FILES = """
import tempfile
def refused(*args, **kwargs): raise AssertionError("a temporary file was asked for")
tempfile.TemporaryFile = tempfile.SpooledTemporaryFile = refused
"""


class Service:
    """A running `fer-live serve` on a free port; a temporary file for an upload would fail it."""

    def __init__(self, *options):
        code = f"{_NO_TEMPORARY_FILES}\nfrom fer_live.cli.main import main; main()"
        command = [sys.executable, "-c", code, "serve", "--port", "0", "--device", "cpu", *options]
        self.process = start_child(command, stderr=subprocess.PIPE, text=True)
        self.said = []
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        try:
            self.address = re.search(r"Serving on (\S+) ", self._wait_for("Serving on"))[1]
            self._wait_for("Ctrl-C")  # a signal before this line would end it without the line
        except BaseException:
            self.end()
            raise

    def end(self, signal_number=None):
        """Ends it; gives its exit code."""
        if signal_number is not None:
            self.process.send_signal(signal_number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(END_S)
        self.process.kill()
        code = self.process.wait()
        self._reader.join()
        self.process.stderr.close()
        return code

    def _read(self):
        for line in self.process.stderr:
            self.said.append(line.rstrip())
            self._lines.put(line)
        self._lines.put("")

    def _wait_for(self, words):
        while line := self._lines.get(timeout=START_S):
            if words in line:
                return line
        raise AssertionError(f"the service has ended: {self.said}")
