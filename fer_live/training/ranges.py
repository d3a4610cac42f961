"""Ranges of a recipe's settings."""

from fer_live.core.errors import ConfigError
from fer_live.training.data.splits import are_split_shares
from fer_live.training.recipe import Recipe

MIN_SIZE = 8
"""Smallest side of a network's input that a checkpoint may have, pixels."""

Rule = tuple[str, bool, str]
"""Name of a setting, whether it is in its range, and the range in words."""


def check_ranges(recipe: Recipe) -> None:
    """Raises ConfigError for the first setting that is out of its range."""
    for name, holds, allowed in (*_shares(recipe), *_model_and_run(recipe), *_learning(recipe)):
        if not holds:
            raise ConfigError(f"The recipe's {name} is out of range.", f"It must be {allowed}.")


def _shares(recipe: Recipe) -> list[Rule]:
    augment, loss = recipe.augment, recipe.loss
    shares = {
        "model.dropout": recipe.model.dropout,
        "augment.flip": augment.flip,
        "augment.erase": augment.erase,
        "augment.zoom_extent": augment.zoom_extent,
        "augment.saturation": augment.saturation,
        **{f"loss.label_smoothing.{k}": v for k, v in loss.label_smoothing.items()},
        **{f"loss.teacher_share.{k}": v for k, v in loss.teacher_share.items()},
    }
    return [(name, 0 <= value <= 1, "0 to 1") for name, value in shares.items()]


def _model_and_run(recipe: Recipe) -> list[Rule]:
    model, run, schedule = recipe.model, recipe.run, recipe.schedule
    return [
        ("model.size", model.size >= MIN_SIZE, f"{MIN_SIZE} or more"),
        (
            "model.crop_size",
            model.crop_size == 0
            or (MIN_SIZE <= model.crop_size < model.size and not model.flatten),
            f"0, or from {MIN_SIZE} to below model.size, without model.flatten",
        ),
        ("model.widths", len(model.widths) == 4, "four numbers"),
        ("run.batch_size", run.batch_size >= 1, "1 or more"),
        ("run.seed", run.seed >= 0, "0 or more"),
        ("run.average_decay", 0 <= run.average_decay < 1, "0 or more and below 1"),
        ("run.validate_every", run.validate_every >= 1, "1 or more"),
        (
            "run.validate_every",
            run.validate_every == 1 or schedule.name != "plateau",
            '1 with schedule.name = "plateau", which looks at the validation loss of every epoch',
        ),
        (
            "run.early_stopping",
            run.early_stopping >= 0 and run.early_stopping % max(run.validate_every, 1) == 0,
            "0 or more, and a multiple of run.validate_every",
        ),
        ("run.crop_margin", run.crop_margin > 0, "above 0"),
        ("run.split", are_split_shares(run.split), "two or three shares above 0 that sum to 1"),
        ("augment.crop", 0 < recipe.augment.crop <= 1, "above 0 and at most 1"),
        ("augment.zoom", 0 <= recipe.augment.zoom < 1, "0 or more and below 1"),
        (
            "schedule.resolutions",
            all(first >= 0 and side >= MIN_SIZE for first, side in schedule.resolutions),
            f"pairs of an epoch and a side of {MIN_SIZE} or more",
        ),
        (
            "schedule.resolutions",
            not (model.flatten and schedule.resolutions),
            "empty with model.flatten, whose heads take one size",
        ),
    ]


def _learning(recipe: Recipe) -> list[Rule]:
    loss, optimizer, schedule = recipe.loss, recipe.optimizer, recipe.schedule
    return [
        ("loss.dense_l2", loss.dense_l2 >= 0, "0 or more"),
        (
            "loss.teacher_share",
            bool(loss.teachers) == any(loss.teacher_share.values()),
            "above 0 for some head if there are loss.teachers, and empty if there are none",
        ),
        (
            "loss.teacher_views",
            bool(loss.teachers) or not loss.teacher_views,
            "true only with loss.teachers",
        ),
        ("optimizer.lr", optimizer.lr > 0, "above 0"),
        ("optimizer.weight_decay", optimizer.weight_decay >= 0, "0 or more"),
        ("optimizer.momentum", 0 <= optimizer.momentum < 1, "0 or more and below 1"),
        (
            "optimizer.momentum",
            optimizer.momentum > 0 or optimizer.name != "sgd" or not optimizer.nesterov,
            "above 0 with optimizer.nesterov",
        ),
        ("schedule.epochs", schedule.epochs >= 1, "1 or more"),
        ("schedule.warmup_epochs", schedule.warmup_epochs >= 0, "0 or more"),
        ("schedule.decay_epochs", schedule.decay_epochs >= 0, "0 or more"),
        ("schedule.factor", 0 < schedule.factor < 1, "above 0 and below 1"),
        ("schedule.patience", schedule.patience >= 0, "0 or more"),
        ("schedule.min_lr", schedule.min_lr >= 0, "0 or more"),
    ]
