"""Settings of the whole process, in a process of their own."""

import os
import subprocess
import sys

import pytest

VARIABLES = ("OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
PRINT = "import cv2, torch; print(torch.get_num_threads(), cv2.getNumThreads())"
SHARE = "import fer_live.core.process as p; p._torch_threads = lambda: 1; p.share_cores(); "


def threads(code, **environment):
    """Threads of PyTorch and OpenCV that a program ends with."""
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", code], env=kept | environment, capture_output=True, check=True,
        text=True, timeout=120,
    )  # fmt: skip
    return tuple(map(int, done.stdout.split()))


@pytest.mark.parametrize("imported", ["", "import cv2, torch; cv2.setNumThreads(5); "])
def test_cores_are_left_to_others_in_every_thread(imported):
    in_a_thread = f"import threading; t = threading.Thread(target=lambda: exec({PRINT!r}))"
    code = f"{imported}{SHARE}{in_a_thread}; t.start(); t.join()"
    assert threads(code) == (1, 1)


def test_what_the_user_set_is_kept():
    environment = {"OMP_NUM_THREADS": "2", "OPENCV_FOR_THREADS_NUM": "4"}
    assert threads(SHARE + PRINT, **environment) == (2, 4)


@pytest.mark.parametrize(
    ("cores", "count"), [({0}, 1), ({0, 1}, 1), ({0, 1, 2}, 2), (set(range(64)), 4)]
)
def test_one_core_is_left_free(monkeypatch, cores, count):
    from fer_live.core import process

    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: cores, raising=False)
    monkeypatch.setattr(sys, "modules", {})
    process.share_cores()
    assert os.environ["OMP_NUM_THREADS"] == str(count)
