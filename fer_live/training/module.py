"""The Lightning module: one network, several heads, random numbers seeded by step."""

import math
import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import lightning as L
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR, ReduceLROnPlateau
from torchmetrics import MeanMetric
from torchmetrics.classification import MulticlassAccuracy, MulticlassF1Score

from fer_live.classification.description import Architecture, InputSpec
from fer_live.classification.networks.architectures import build
from fer_live.core.errors import ConfigError
from fer_live.core.labels import LabelSet
from fer_live.training.data.augmentation import Augmentation, augment, mix, resize, to_channels
from fer_live.training.data.batches import step_seed
from fer_live.training.distillation import ViewTeachers
from fer_live.training.pretrained import freeze, load_pretrained
from fer_live.training.recipe import Recipe, ScheduleRecipe

Batch = tuple[Tensor, dict[str, Tensor]]


class FaceModule(L.LightningModule):
    """Trains the heads of one network together.

    Batches are (N, C, S, S) uint8 faces and, per head, (N, K) float32 target distributions;
    a row of zeros leaves that face out of that head's loss and metrics. For teachers that answer
    in every step, a third item holds the faces before they were degraded.

    Attributes:
        teachers: They answer in every step; None for none, or for teachers that are in the targets.

    Args:
        recipe: The run's settings.
        architecture: The network to build.
        labels: Label set of each head, by name.
        input_spec: Size and normalisation, as stored with the weights.
        class_weights: (K,) float32 weights by head name, or empty.
        pretrained: Load the recipe's pretrained weights; False if a checkpoint replaces them.

    Raises:
        ConfigError: The network cannot be built or initialised with the recipe's settings.
        ModelError: The pretrained model is missing or cannot be read.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        recipe: Recipe,
        architecture: Architecture,
        labels: Mapping[str, LabelSet],
        input_spec: InputSpec,
        class_weights: Mapping[str, Tensor] | None = None,
        *,
        pretrained: bool = True,
    ) -> None:
        super().__init__()
        self.recipe = recipe
        self.architecture = architecture
        self.labels = dict(labels)
        self.input_spec = input_spec
        torch.manual_seed(recipe.run.seed)
        self.network = build(architecture).to(memory_format=torch.channels_last)
        if pretrained:
            load_pretrained(recipe.model.pretrained, self.network, architecture, input_spec)
        self.teachers: ViewTeachers | None = None
        self._frozen = freeze(self.network, recipe.model.frozen_layers)
        self.train()
        channels = (1, -1, 1, 1)
        self.register_buffer("mean", torch.tensor(input_spec.mean).view(channels))
        self.register_buffer("std", torch.tensor(input_spec.std).view(channels))
        for name, weights in (class_weights or {}).items():
            self.register_buffer(f"class_weights_{name}", weights)
        self.metrics = torch.nn.ModuleDict(
            {
                name: torch.nn.ModuleDict(
                    {
                        "acc": MulticlassAccuracy(len(label_set), average="micro"),
                        "macro_f1": MulticlassF1Score(len(label_set), average="macro"),
                    }
                )
                for name, label_set in self.labels.items()
            }
        )
        # A NaN loss stays NaN, as with "disable", for which torchmetrics 1.9 ignores the weights.
        self.losses = torch.nn.ModuleDict(
            {name: MeanMetric(nan_strategy=float("nan")) for name in self.labels}
        )

    @property
    def default_head(self) -> str:
        """The recipe's default head if the data has it, else the first head."""
        wanted = self.recipe.run.default_head
        return wanted if wanted in self.labels else next(iter(self.labels))

    @property
    def monitor(self) -> str:
        """The validation figure that picks the best checkpoint."""
        by_loss = self.recipe.run.best_by == "loss"
        return "val_loss" if by_loss else f"val_acc_{self.default_head}"

    @property
    def monitor_mode(self) -> Literal["min", "max"]:
        """Whether a smaller or a larger figure is better."""
        return "min" if self.recipe.run.best_by == "loss" else "max"

    def train(self, mode: bool = True) -> "FaceModule":
        """As in torch, but frozen layers stay in evaluation mode."""
        super().train(mode)
        for layer in self._frozen:
            layer.eval()
        return self

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Logits per head for (N, C, S, S) float faces in 0-1, enlarged for the network already."""
        return self.network.answers(self.normalised(images))

    def normalised(self, images: Tensor) -> Tensor:
        """Faces (N, C, S, S), float in 0-1, as the network takes them."""
        x = (to_channels(images, self.architecture.in_channels) - self.mean) / self.std
        return x.contiguous(memory_format=torch.channels_last)

    def size_at(self, epoch: int) -> int:
        """Side of an epoch's inputs, pixels."""
        size = self.recipe.model.size
        for first, side in self.recipe.schedule.resolutions:
            if epoch >= first:
                size = side
        return size

    def on_fit_start(self) -> None:
        if self.teachers:
            self.teachers.to(self.device)

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        trainer, seed = self.trainer, self.recipe.run.seed
        torch.manual_seed(
            step_seed(seed, trainer.global_step, trainer.global_rank, trainer.world_size)
        )

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        images, targets, *undegraded = batch
        targets = {name: target.clone() for name, target in targets.items()}
        # The same seed gives the student and the teachers the same view of each face.
        seed = int(torch.randint(2**62, ()))
        if self.teachers:
            whole = replace(self.recipe.augment, erase=0.0)
            targets = self.teachers.mixed(
                targets, lambda side: _view(undegraded[0], whole, side, seed)
            )
        x = _view(images, self.recipe.augment, self.size_at(self.current_epoch), seed)
        x = mix(x, targets, self.recipe.augment)
        loss = self._loss(self(x), targets) + self._penalty()
        self.log("train_loss", loss, on_step=False, on_epoch=True, prog_bar=True, sync_dist=True)
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        images, targets = batch
        logits = self(resize(images.float() / 255, self.size_at(self.current_epoch)))
        losses = self._head_losses(logits, targets)
        for name, target in targets.items():
            known = target.sum(1) > 0
            if known.any():
                self.losses[name].update(losses[name], known.sum())  # type: ignore[operator]
                for metric in self.metrics[name].values():  # type: ignore[operator]
                    metric.update(logits[name][known].float(), target[known].argmax(1))

    def on_validation_epoch_end(self) -> None:
        """Logs metrics over the whole split, across processes and batches."""
        total = torch.zeros((), device=self.device)
        for name, mean_loss in self.losses.items():
            # All processes take part in compute, including one that saw no face of this head.
            seen = self.trainer.strategy.reduce_boolean_decision(
                bool(mean_loss.update_called), all=False
            )
            metrics = dict(self.metrics[name].items())  # type: ignore[operator]
            if seen:
                with warnings.catch_warnings():
                    warnings.filterwarnings("ignore", message=".*was called before the ``update``")
                    total += self._head_weight(name) * mean_loss.compute()  # type: ignore[operator]
                    for kind, metric in metrics.items():
                        value = metric.compute()
                        self.log(
                            f"val_{kind}_{name}", value, prog_bar=kind == "acc", sync_dist=True
                        )
            for metric in (mean_loss, *metrics.values()):
                metric.reset()
        self.log("val_loss", total, prog_bar=True, sync_dist=True)
        if not total.isfinite():
            raise ConfigError(
                f"The loss is not a finite number after epoch {self.current_epoch + 1}.",
                "Lower optimizer.lr, set schedule.warmup_epochs, or use run.precision=32-true.",
            )

    def _head_weight(self, name: str) -> float:
        return self.recipe.loss.head_weights.get(name, 1.0)

    def _loss(self, logits: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> Tensor:
        total = next(iter(logits.values())).new_zeros((), dtype=torch.float32)
        for name, loss in self._head_losses(logits, targets).items():
            total = total + self._head_weight(name) * loss
        return total

    def _penalty(self) -> Tensor:
        """Sum of the squared weights of the heads' hidden layers, times the recipe's `dense_l2`."""
        total = torch.zeros((), device=self.device)
        if self.recipe.loss.dense_l2:
            for head in self.network.heads.values():
                *hidden, _ = (m for m in head.modules() if isinstance(m, torch.nn.Linear))
                for layer in hidden:
                    total = total + layer.weight.float().square().sum()
        return self.recipe.loss.dense_l2 * total

    def _head_losses(
        self, logits: Mapping[str, Tensor], targets: Mapping[str, Tensor]
    ) -> dict[str, Tensor]:
        """Mean loss of each head over the faces that have a target for it."""
        settings = self.recipe.loss
        means = {}
        for name, target in targets.items():
            known = target.sum(1, keepdim=True)
            smoothing = settings.label_smoothing.get(name, 0.0)
            goal = target * (1 - smoothing) + known * smoothing / target.shape[1]
            weights = getattr(self, f"class_weights_{name}", None)
            if weights is not None:
                goal = goal * weights
            losses = -(goal * F.log_softmax(logits[name].float(), dim=1)).sum(1)
            means[name] = losses.sum() / known.sum().clamp(min=1)
        return means

    def configure_optimizers(self) -> Any:
        settings = self.recipe.optimizer
        parameters = [p for p in self.network.parameters() if p.requires_grad]
        optimizer: torch.optim.Optimizer
        if settings.name == "sgd":
            optimizer = torch.optim.SGD(
                parameters,
                settings.lr,
                momentum=settings.momentum,
                nesterov=settings.nesterov,
                weight_decay=settings.weight_decay,
            )
        else:
            kind = torch.optim.Adam if settings.name == "adam" else torch.optim.AdamW
            optimizer = kind(parameters, settings.lr, weight_decay=settings.weight_decay)
        schedule = self.recipe.schedule
        if schedule.name == "plateau":
            plateau = ReduceLROnPlateau(
                optimizer, "min", schedule.factor, schedule.patience, min_lr=schedule.min_lr
            )
            return {
                "optimizer": optimizer,
                "lr_scheduler": {"scheduler": plateau, "monitor": "val_loss"},
            }
        steps = max(int(self.trainer.estimated_stepping_batches), 1)
        per_epoch = max(steps // schedule.epochs, 1)
        scheduler: LRScheduler
        if schedule.name == "one-cycle":
            scheduler = OneCycleLR(optimizer, settings.lr, total_steps=steps)
        else:
            scheduler = LambdaLR(
                optimizer, lambda step: learning_rate_factor(step / per_epoch, schedule)
            )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": scheduler, "interval": "step"},
        }


def _view(images: Tensor, how: Augmentation, size: int, seed: int) -> Tensor:
    """(N, C, S, S) uint8 faces varied as the seed says, (N, C, size, size) float32 in 0-1."""
    torch.manual_seed(seed)
    return augment(images.float() / 255, how, size)


def learning_rate_factor(epoch: float, schedule: ScheduleRecipe) -> float:
    """Factor on the learning rate at a fractional epoch, for constant, cosine and trapezoid."""
    rise = min((epoch + 1e-3) / schedule.warmup_epochs, 1.0) if schedule.warmup_epochs else 1.0
    if schedule.name == "cosine":
        length = max(schedule.epochs - schedule.warmup_epochs, 1e-9)
        done = min(max(epoch - schedule.warmup_epochs, 0.0) / length, 1.0)
        return rise * 0.5 * (1 + math.cos(math.pi * done))
    if schedule.name == "trapezoid" and schedule.decay_epochs:
        return rise * min(max((schedule.epochs - epoch) / schedule.decay_epochs, 0.0), 1.0)
    return rise
