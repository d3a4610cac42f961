import os
import subprocess
import sys
from pathlib import Path

import lightning as L
import numpy as np
import pytest
import torch

from fer_live.classification.checkpoint import load_checkpoint
from fer_live.training.curves import read_history
from fer_live.training.distillation import with_teachers
from fer_live.training.loaders import FaceLoaders
from fer_live.training.recipe import LossRecipe
from fer_live.training.setup import make_module
from tests.evaluation.support import tiny_checkpoint
from tests.training import ddp_run
from tests.training.support import THIRD_PARTY, documented_steps

ROOT = Path(__file__).parents[2]

LIMIT_S = 240
"""Two processes that wait for each other for ever must fail this test, not hang it."""


@pytest.mark.slow
@pytest.mark.timeout(LIMIT_S + 60)
@pytest.mark.skipif(
    not torch.distributed.is_available() or sys.platform == "win32",
    reason="this PyTorch has no gloo processes",
)
@pytest.mark.filterwarnings(THIRD_PARTY)
@pytest.mark.filterwarnings("ignore:.*does not have many workers")
def test_two_processes_train_and_evaluate_as_one(tmp_path):
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    teacher = tiny_checkpoint(tmp_path / "teacher.safetensors")
    out = tmp_path / "run"
    done = subprocess.run(
        [*command, "-m", "tests.training.ddp_run", str(out), str(teacher)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    history = read_history(out)
    assert history["epoch"].tolist() == [0, 1]
    load_checkpoint(out / "default-start.safetensors")

    loss = LossRecipe(teachers=(str(teacher),), teacher_share=ddp_run.SHARE)
    taught = with_teachers(ddp_run.uneven_data(), loss, "cpu").part("train").targets["ferplus"]
    for rank in range(2):
        given = np.load(out / f"targets-{rank}.npy")
        np.testing.assert_allclose(given, taught.probabilities, atol=1e-5)
        steps = documented_steps(ddp_run.uneven_data(), ddp_run.RECIPE, range(2), 0, rank, 2)
        assert len(steps) == 4
        for number, faces in enumerate(steps):
            assert np.array_equal(np.load(out / f"step-{rank}-{number}.npy"), faces)

    module = make_module(ddp_run.RECIPE, ddp_run.uneven_data())
    stored = torch.load(out / "last.ckpt", weights_only=True)
    assert stored["global_step"] == 2 * (64 // (16 * 2))
    module.load_state_dict(stored["state_dict"])
    trainer = L.Trainer(accelerator="cpu", logger=False, enable_progress_bar=False, devices=1)
    loaders = FaceLoaders(ddp_run.uneven_data(), ddp_run.RECIPE, "ferplus")
    loaders.trainer = trainer
    (alone,) = trainer.validate(module, loaders.val_dataloader(), verbose=False)
    together = history.iloc[-1].to_dict()
    assert {"val_loss", "val_acc_fer2013", "val_macro_f1_ferplus"} <= set(alone)
    assert {k: together[k] for k in alone} == pytest.approx(alone, abs=1e-5)
