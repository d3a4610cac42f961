"""Training on a machine that has no window, no camera and no web libraries."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_live.classification.checkpoint import load_checkpoint

MISSING = ("PySide6", "pyqtgraph", "av", "cv2_enumerate_cameras", "onnx", "onnxruntime", "flask")
"""What a GPU box does not have, beside the tools that training does not need."""

START = f"""
import sys
sys.modules.update(dict.fromkeys({MISSING!r}))  # None: importing it fails as if it were not there
from fer_live.cli.main import main
main()
"""


LIMIT_S = 300
"""Each of the two commands loads PyTorch and Lightning again."""


@pytest.mark.timeout(2 * LIMIT_S)
def test_training_and_evaluation_need_no_qt(tmp_path):
    rng = np.random.default_rng(0)
    for level, name in enumerate(("happy", "sad")):
        (tmp_path / "set" / name).mkdir(parents=True)
        for number in range(100):
            image = rng.integers(0, 40, (16, 16), np.uint8) + np.uint8(level * 80)
            cv2.imwrite(str(tmp_path / "set" / name / f"{number}.png"), image)

    def command(*arguments):
        line = [sys.executable, "-c", START, *map(str, arguments)]
        done = subprocess.run(line, capture_output=True, text=True, timeout=LIMIT_S, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    settings = ("model.widths=[8,8,8,8]", "model.size=16", "schedule.resolutions=[]")
    settings += ("schedule.epochs=1", "run.batch_size=8", "run.precision=32-true")
    trained = command(
        *("train", "--recipe", "default-start", "--accelerator", "cpu"),
        *("--data", tmp_path / "set", "--out", tmp_path / "run"),
        *(word for setting in settings for word in ("--set", setting)),
    )
    _, meta = load_checkpoint(Path(trained["model"]))
    assert meta.provenance["calibration"], "fitted on the validation faces"
    report = command(
        *("evaluate", "--model", trained["model"], "--device", "cpu"),
        *("--data", tmp_path / "set", "--out", tmp_path / "report"),
    )
    assert report["n"] == 20
