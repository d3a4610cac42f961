"""Settings of the whole process, in a process of their own."""

import os
import subprocess
import sys
import threading
import time

import pytest

from fer_live.core.process import without_telemetry

VARIABLES = ("OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
PRINT = "import cv2, torch; print(torch.get_num_threads(), cv2.getNumThreads())"
SHARE = "import fer_live.core.process as p; p._torch_threads = lambda: 1; p.share_cores(); "


def threads(code, **environment):
    """Threads of PyTorch and OpenCV that a program ends with."""
    unwanted = (*VARIABLES, "MKL_NUM_THREADS")  # Dask sets the last; PyTorch obeys it too
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
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


START = """
import pathlib, sys, threading, time
from fer_live.core import process
def work():
    time.sleep({work_s})
    pathlib.Path(sys.argv[1]).touch()
threading.Thread(target=work, name={name!r}, daemon=True).start()
process._END_S = {wait_s}
print("before")
process.end_process({code})
"""


@pytest.mark.parametrize("name", ["fer-live-inference", "fer-gui-engines", "capture Camera"])
@pytest.mark.parametrize("code", [0, 3])
def test_a_thread_in_native_code_is_waited_for(tmp_path, name, code):
    text = START.format(work_s=0.5, wait_s=30, name=name, code=code)
    done = subprocess.run([sys.executable, "-c", text, str(tmp_path / "done")], timeout=60)
    assert done.returncode == code
    assert (tmp_path / "done").exists()


def test_a_thread_that_hangs_is_left_behind(tmp_path):
    text = START.format(work_s=10_000, wait_s=0.1, name="capture Camera", code=3)
    command = [sys.executable, "-c", text, str(tmp_path / "done")]
    done = subprocess.run(command, timeout=60, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (3, "before\n", "")


@pytest.mark.parametrize(("platform", "value"), [("win32", "0"), ("linux", None), ("darwin", None)])
def test_cameras_of_windows_open_without_hardware_transforms(monkeypatch, platform, value):
    from fer_live.core.process import open_cameras_quickly

    name = "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS"
    monkeypatch.delenv(name, raising=False)
    open_cameras_quickly(platform)
    assert os.environ.get(name) == value
    monkeypatch.setenv(name, "1")
    open_cameras_quickly(platform)
    assert os.environ[name] == "1"


@pytest.mark.parametrize(
    "use",
    [
        "from fer_live import Analyzer; Analyzer().close()",
        "from fer_live.live.assembly import processor_for; "
        "from fer_live.core.settings import Settings; processor_for(Settings())",
        "from fer_live.detection.yunet import YuNetDetector; YuNetDetector()",
        "import fer_live.classification.runtime.onnx",
        "import fer_live.classification.export.quantise",
    ],
)
def test_the_import_of_onnx_runtime_leaves_nothing_behind(use, tmp_path):
    kept = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    code = f"{use}; import os, sys; print('onnxruntime' in sys.modules, dict(os.environ))"
    before, after = (
        subprocess.run(
            [sys.executable, "-c", one], env=kept | home, capture_output=True, text=True, check=True
        ).stdout
        for one in ("import cv2, os; print(True, dict(os.environ))", code)
    )
    assert after == before
    assert list(tmp_path.iterdir()) == []


def test_threads_that_import_onnx_runtime_at_once_leave_the_environment_alone(monkeypatch):
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    seen = []

    def work():
        for _ in range(300):
            with without_telemetry():
                time.sleep(0)
                seen.append(os.environ.get("ORT_DISABLE_TELEMETRY"))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
    assert seen == ["1"] * 1200
    assert "ORT_DISABLE_TELEMETRY" not in os.environ
