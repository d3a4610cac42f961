"""Runs a recipe on a data set with Lightning and leaves a checkpoint the app can load."""

import json
import logging
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import torch
from lightning.pytorch.callbacks import (
    Callback,
    EarlyStopping,
    EMAWeightAveraging,
    LearningRateMonitor,
    ModelCheckpoint,
)
from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger

from fer_live import __version__
from fer_live.emotion.architectures import Architecture
from fer_live.emotion.checkpoint import CheckpointMeta, HeadSpec, InputSpec, save_checkpoint
from fer_live.errors import DataError
from fer_live.training.data import SPLITS, FaceData
from fer_live.training.loader import batches
from fer_live.training.module import FaceModule
from fer_live.training.recipe import Recipe

_log = logging.getLogger(__name__)

LAST, BEST = "last", "best"
"""Names of the two resumable checkpoints in a run's folder."""

EVAL_BATCH = 256
"""Faces per validation batch; only memory depends on it."""


@dataclass(frozen=True)
class FitResult:
    """What a run left behind.

    Args:
        checkpoint: The released-format checkpoint of the best epoch.
        best: Validation figure of that epoch.
        epochs: Epochs trained in all.
    """

    checkpoint: Path
    best: float
    epochs: int


class FaceLoaders(L.LightningDataModule):
    """Train and validation batches, dealt out among the processes of a run."""

    def __init__(self, data: FaceData, recipe: Recipe) -> None:
        super().__init__()
        self._train, self._val = data.part("train"), data.part("val")
        self._recipe = recipe

    def train_dataloader(self) -> Any:
        trainer = self.trainer
        assert trainer is not None
        run = self._recipe.run
        return batches(
            self._train, run.batch_size, run.seed, trainer.global_rank, trainer.world_size
        )

    def val_dataloader(self) -> Any:
        trainer = self.trainer
        assert trainer is not None
        return batches(self._val, EVAL_BATCH, None, trainer.global_rank, trainer.world_size)


def make_module(recipe: Recipe, data: FaceData) -> FaceModule:
    """The untrained module for a recipe and the label sets and pixel statistics of its data."""
    train = data.part("train")
    if not len(train) or not len(data.part("val")):
        raise DataError(
            f"{data.source} has no pictures for training or none for validation.",
            "Add pictures, or give the data set train and val splits.",
        )
    model = recipe.model
    channels = 3 if model.color == "rgb" else 1
    pixels = train.images.reshape(-1, channels if train.images.ndim == 4 else 1) / np.float32(255)
    mean = tuple(round(float(v), 4) for v in np.broadcast_to(pixels.mean(0), channels))
    std = tuple(round(max(float(v), 1e-3), 4) for v in np.broadcast_to(pixels.std(0), channels))
    spec = InputSpec(model.size, model.color, mean, std, recipe.run.crop_margin)
    labels = {name: target.labels for name, target in data.targets.items()}
    architecture = Architecture(
        name=model.architecture,
        heads={name: len(label_set) for name, label_set in labels.items()},
        in_channels=channels,
        stem=model.stem,  # type: ignore[arg-type]
        widths=model.widths,  # type: ignore[arg-type]
        squeeze_excitation=model.squeeze_excitation,
        hidden=model.hidden,
        dropout=model.dropout,
    )
    weights = {}
    if recipe.loss.class_weights:
        for name, target in train.targets.items():
            counts = np.maximum(target.probabilities.sum(0), 1.0)
            weights[name] = torch.from_numpy((counts.sum() / (len(counts) * counts)).astype("f4"))
    return FaceModule(recipe, architecture, labels, spec, weights)


def fit(
    recipe: Recipe,
    data: FaceData,
    out: Path,
    *,
    resume: bool = False,
    accelerator: str = "auto",
    devices: int | str = 1,
    num_nodes: int = 1,
    progress: bool = True,
) -> FitResult:
    """Trains a recipe.

    Args:
        recipe: The run's settings; a copy is saved in `out` with versions and data notes.
        data: Faces with splits.
        out: Folder of the run; holds logs, resumable checkpoints and the finished model.
        resume: Go on from the last checkpoint in `out`, if there is one.
        accelerator, devices, num_nodes: As in Lightning's Trainer.
        progress: Show a progress bar.

    Raises:
        DataError: No rows to train or validate on.
        ConfigError: A recipe that cannot be built.
    """
    out.mkdir(parents=True, exist_ok=True)
    module = make_module(recipe, data)
    _save_settings(recipe, data, out)
    loggers: list[Logger] = [CSVLogger(out, name="", version="csv")]
    try:
        loggers.append(TensorBoardLogger(out, name="", version="tensorboard"))
    except ModuleNotFoundError:
        _log.warning("TensorBoard is not installed: no TensorBoard log is written")
    best = ModelCheckpoint(out, BEST, monitor=module.monitor, mode="max", enable_version_counter=False)
    last = ModelCheckpoint(out, LAST, monitor=None, enable_version_counter=False)
    callbacks: list[Callback] = [best, last, LearningRateMonitor()]
    if recipe.run.average_decay:
        callbacks.append(EMAWeightAveraging(decay=recipe.run.average_decay))
    if recipe.run.early_stopping:
        callbacks.append(
            EarlyStopping(module.monitor, mode="max", patience=recipe.run.early_stopping)
        )
    trainer = L.Trainer(
        accelerator=accelerator,
        devices=devices,
        num_nodes=num_nodes,
        strategy="ddp" if devices not in (1, "1", "auto") or num_nodes > 1 else "auto",
        max_epochs=recipe.schedule.epochs,
        precision=recipe.run.precision,  # type: ignore[arg-type]
        logger=loggers,
        callbacks=callbacks,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        enable_progress_bar=progress,
        enable_model_summary=False,
        log_every_n_steps=20,
    )
    previous = out / f"{LAST}.ckpt"
    trainer.fit(
        module,
        FaceLoaders(data, recipe),
        ckpt_path=previous if resume and previous.is_file() else None,
        weights_only=True if resume and previous.is_file() else None,
    )
    score = float(best.best_model_score) if best.best_model_score is not None else float("nan")
    target = out / f"{recipe.name}.safetensors"
    if trainer.is_global_zero:
        finish(module, recipe, data, out, target, score, trainer.current_epoch)
    trainer.strategy.barrier()
    return FitResult(target, score, trainer.current_epoch)


def finish(
    module: FaceModule,
    recipe: Recipe,
    data: FaceData,
    out: Path,
    target: Path,
    score: float,
    epochs: int,
) -> None:
    """Writes the released-format checkpoint from the best epoch of a run."""
    stored = torch.load(out / f"{BEST}.ckpt", map_location="cpu", weights_only=True)
    module.load_state_dict(stored["state_dict"])
    network = module.network
    default = recipe.run.default_head or next(iter(module.labels))
    meta = CheckpointMeta(
        name=recipe.name,
        architecture=module.architecture,
        heads={name: HeadSpec(label_set) for name, label_set in module.labels.items()},
        default_head=default,
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
    save_checkpoint(target, network, meta)


def _save_settings(recipe: Recipe, data: FaceData, out: Path) -> None:
    settings = {
        "recipe": recipe.to_dict(),
        "data": {"source": str(data.source), "rows": len(data), "notes": list(data.notes)},
        "versions": _versions(),
    }
    (out / "settings.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")


def _versions() -> dict[str, str]:
    packages = ("torch", "torchvision", "lightning", "numpy")
    return {
        "fer_live": __version__,
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in packages},
    }
