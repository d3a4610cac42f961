"""Trains a recipe on a data set with Lightning and writes a checkpoint that the app can load."""

import json
import logging
import os
import platform
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import lightning as L
import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import (
    Callback,
    EarlyStopping,
    LearningRateMonitor,
    ModelCheckpoint,
    WeightAveraging,
)
from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only
from torch.optim.swa_utils import get_ema_multi_avg_fn

from fer_live import __version__
from fer_live.classification.checkpoint import save_checkpoint
from fer_live.classification.description import CheckpointMeta, HeadSpec
from fer_live.core.errors import ConfigError, DeviceError
from fer_live.training.callbacks import BestCheckpoint, ProgressBar
from fer_live.training.curves import LOG_FOLDER, draw_curves, set_aside_log
from fer_live.training.data.dataset import SPLITS, FaceData
from fer_live.training.distillation import ViewTeachers, with_teachers
from fer_live.training.loaders import FaceLoaders, check_worker_failure
from fer_live.training.module import FaceModule
from fer_live.training.recipe import Recipe
from fer_live.training.setup import check_resumable, make_module

_log = logging.getLogger(__name__)

LAST, BEST = "last", "best"
"""Names of the two resumable checkpoints in a run's folder."""

SETTINGS_FILE = "settings.json"
"""A run's recipe, data and versions."""

TEACHERS_FILE = "teachers.npz"
"""The teachers' answers for the training faces, kept for a resumed run."""

_EXPECTED_WARNINGS = (
    r".*exists and is not empty.*",  # a resumed run continues in its own folder
    r".*does not have many workers.*",  # batches are cut from memory, see data.batches
    r".*module\(s\) in eval mode at the start of training.*",  # frozen layers, on purpose
    r".*number of training batches \(\d+\) is smaller than the logging interval.*",
    r".isinstance\(treespec, LeafSpec\). is deprecated.*",  # Lightning's own use of torch
)


@dataclass(frozen=True)
class FitResult:
    """The result of a run.

    Args:
        checkpoint: The safetensors checkpoint of the best epoch.
        best: Monitored validation figure of that epoch.
        epochs: Epochs trained in total.
    """

    checkpoint: Path
    best: float
    epochs: int


def fit(
    recipe: Recipe,
    data: FaceData,
    out: Path,
    *,
    resume: bool = False,
    accelerator: str = "auto",
    devices: int | str = 1,
    num_nodes: int = 1,
    workers: int | None = None,
    progress: bool = True,
) -> FitResult:
    """Trains a recipe.

    Under ``torchrun``, torchrun sets the number of processes and machines.

    Args:
        recipe: The run's settings; a copy is saved in `out` with versions and data notes.
        data: Faces with splits.
        out: Folder of the run; holds logs, resumable checkpoints and the finished model.
        resume: Continue from the last checkpoint in `out`, if there is one.
        accelerator, devices, num_nodes: As in Lightning's Trainer.
        workers: Processes, for each process of the run, that degrade faces ahead of the network;
            None chooses, see `loaders.worker_count`. The result does not depend on it. A script
            with workers protects its main part by ``if __name__ == "__main__"``.
        progress: Show a progress bar.

    Raises:
        DataError: There are no rows to train or validate on.
        ConfigError: The recipe cannot be built, the folder cannot be written, or the checkpoint
            cannot be resumed.
        ModelError: A pretrained model or a teacher is missing or cannot be read.
        DeviceError: The accelerator is not available, its memory is too small, or a worker process
            failed.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"The run cannot be written to {out} ({error}).", "Choose a folder you can write to."
        ) from error
    previous = out / f"{LAST}.ckpt"
    resumes = resume and previous.is_file()
    module = make_module(recipe, data, pretrained=not resumes)
    if resumes:
        check_resumable(previous, module, out / SETTINGS_FILE, data.crop_margin)
    data = with_teachers(
        data, recipe.loss, "cpu" if accelerator == "cpu" else "auto", out / TEACHERS_FILE
    )
    if recipe.loss.teacher_views:
        module.teachers = ViewTeachers(recipe.loss, module.labels)
    prepare = rank_zero_only(_prepare_folder)
    prepare(recipe, data, out)
    best = BestCheckpoint(
        out,
        BEST,
        monitor=None if recipe.run.best_by == "last" else module.monitor,
        mode=module.monitor_mode,
        save_on_train_epoch_end=True,
        enable_version_counter=False,
    )
    with warnings.catch_warnings():
        for message in _EXPECTED_WARNINGS:
            warnings.filterwarnings("ignore", message=message)
        trainer = _trainer(recipe, module, out, best, accelerator, devices, num_nodes, progress)
        try:
            trainer.fit(
                module,
                FaceLoaders(data, recipe, module.default_head, workers),
                ckpt_path=previous if resumes else None,
                weights_only=True if resumes else None,
            )
        except torch.OutOfMemoryError as error:
            raise DeviceError(
                "The device's memory is too small for this batch.", "Lower run.batch_size."
            ) from error
        except RuntimeError as error:
            check_worker_failure(error)
            raise
    found = best.best_model_score
    if found is None:  # the last epoch, whatever its figure
        found = trainer.callback_metrics.get(module.monitor, torch.tensor(float("nan")))
    score = float(found)
    target = out / f"{recipe.name}.safetensors"
    if trainer.is_global_zero:
        finish(module, recipe, data, out, target, score, trainer.current_epoch)
        draw_curves(out)
    trainer.strategy.barrier()
    return FitResult(target, score, trainer.current_epoch)


def _trainer(
    recipe: Recipe,
    module: FaceModule,
    out: Path,
    best: ModelCheckpoint,
    accelerator: str,
    devices: int | str,
    num_nodes: int,
    progress: bool,
) -> L.Trainer:
    loggers: list[Logger] = [CSVLogger(out, name="", version=LOG_FOLDER)]
    try:
        loggers.append(TensorBoardLogger(out, name="", version="tensorboard"))
    except ModuleNotFoundError:
        _log.warning("TensorBoard is not installed: no TensorBoard log is written")
    last = ModelCheckpoint(
        out, LAST, monitor=None, save_on_train_epoch_end=True, enable_version_counter=False
    )
    callbacks: list[Callback] = [best, last, LearningRateMonitor()]
    if progress:
        callbacks.append(ProgressBar())
    if recipe.run.average_decay:
        # Lightning's EMAWeightAveraging starts three GPU kernels for each weight; this starts a few
        # for all of them.
        average = get_ema_multi_avg_fn(recipe.run.average_decay)  # type: ignore[no-untyped-call]
        callbacks.append(WeightAveraging(use_buffers=True, multi_avg_fn=average))
    if recipe.run.early_stopping:
        callbacks.append(
            EarlyStopping(
                module.monitor,
                mode=module.monitor_mode,
                patience=recipe.run.early_stopping // recipe.run.validate_every,
            )
        )
    if "TORCHELASTIC_RUN_ID" in os.environ:
        devices = int(os.environ["LOCAL_WORLD_SIZE"])
        num_nodes = int(os.environ["WORLD_SIZE"]) // devices
    try:
        return L.Trainer(
            accelerator=accelerator,
            devices=devices,
            num_nodes=num_nodes,
            strategy="ddp" if devices not in (1, "1", "auto") or num_nodes > 1 else "auto",
            max_epochs=recipe.schedule.epochs,
            check_val_every_n_epoch=recipe.run.validate_every,
            precision=recipe.run.precision,
            benchmark=True,  # cuDNN tries its convolutions once: all batches have one size
            logger=loggers,
            callbacks=callbacks,
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
            enable_progress_bar=progress,
            enable_model_summary=False,
            log_every_n_steps=20,
        )
    except (MisconfigurationException, TypeError, ValueError) as error:
        raise DeviceError(
            f"Training cannot start on accelerator {accelerator!r} with devices {devices} "
            f"and precision {recipe.run.precision!r}: {error}",
            'Use --accelerator auto, one device, or run.precision = "32-true".',
        ) from error


def finish(
    module: FaceModule,
    recipe: Recipe,
    data: FaceData,
    out: Path,
    target: Path,
    score: float,
    epochs: int,
) -> None:
    """Writes the safetensors checkpoint of a run's best epoch."""
    stored = torch.load(out / f"{BEST}.ckpt", map_location="cpu", weights_only=True)
    module.load_state_dict(stored["state_dict"])
    meta = CheckpointMeta(
        name=recipe.name,
        architecture=module.architecture,
        heads={name: HeadSpec(label_set) for name, label_set in module.labels.items()},
        default_head=module.default_head,
        input=module.input_spec,
        provenance={
            "recipe": recipe.to_dict(),
            "data": data.source.name,
            "rows": {split: len(data.part(split)) for split in SPLITS},
            "notes": list(data.notes),
            "epochs": epochs,
            "best_epoch": int(stored["epoch"]),
            module.monitor: score,
            "versions": _versions(),
            "trained_at": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )
    save_checkpoint(target, module.network, meta)


def _prepare_folder(recipe: Recipe, data: FaceData, out: Path) -> None:
    set_aside_log(out)
    settings = {
        "recipe": recipe.to_dict(),
        "data": {
            "source": str(data.source),
            "rows": len(data),
            "notes": list(data.notes),
            "crop_margin": data.crop_margin,
        },
        "versions": _versions(),
    }
    (out / SETTINGS_FILE).write_text(json.dumps(settings, indent=2) + "\n", "utf-8")


def _versions() -> dict[str, str]:
    packages = ("torch", "torchvision", "lightning", "numpy")
    return {
        "fer_live": __version__,
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in packages},
    }
