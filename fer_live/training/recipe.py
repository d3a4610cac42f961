"""Recipes: everything a training run needs to know, as a TOML file with strict names."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_type_hints

from fer_live.core.errors import ConfigError
from fer_live.training.data.augmentation import Augmentation
from fer_live.training.data.splits import EIGHTY_TEN_TEN
from fer_live.training.ranges import check_ranges


@dataclass(frozen=True)
class ModelRecipe:
    """The network and its input; see `emotion.architectures.Architecture` for the first seven.

    Args:
        flatten: Give the heads the whole last feature map, not its average over places.
        color, size: The input's colours and side, pixels.
        normalization: What pixels on the 0-1 scale are shifted and scaled by: ``data`` (mean
            and deviation of the training faces), ``imagenet`` (those of its weights) or
            ``unit`` (nothing).
        pretrained: Weights to begin with: ``none``, ``imagenet``, or a model's name or path.
        frozen_layers: Layers, counted from the input as the names of networks count them, that
            do not learn; see `training.pretrained.freeze`.
    """

    architecture: str = "resnet18"
    stem: str = "small"
    widths: tuple[int, ...] = (64, 128, 256, 512)
    squeeze_excitation: bool = False
    hidden: tuple[int, ...] = ()
    dropout: float = 0.0
    drop_features: bool = True
    flatten: bool = False
    color: Literal["gray", "rgb"] = "gray"
    size: int = 48
    normalization: Literal["data", "imagenet", "unit"] = "data"
    pretrained: str = "none"
    frozen_layers: int = 0


@dataclass(frozen=True)
class LossRecipe:
    """Cross-entropy per head.

    Args:
        head_weights: Weight of each head; a head not named here weighs 1.
        label_smoothing: Share of each target spread over all classes, by head name.
        class_weights: Weigh classes of one-label targets by their inverse frequency.
        oversample: Draw rows so that the default head's classes come equally often.
        dense_l2: Factor of the summed squared weights of the heads' hidden layers that is added
            to the loss in training (Keras's kernel_regularizer).
        teachers: Models, by name or path, whose averaged answers for the training faces are mixed
            into the targets; see `training.distill`.
        teacher_share: Share of the teachers' answers in the targets, by head name.
    """

    head_weights: Mapping[str, float] = field(default_factory=dict)
    label_smoothing: Mapping[str, float] = field(default_factory=dict)
    class_weights: bool = False
    oversample: bool = False
    dense_l2: float = 0.0
    teachers: tuple[str, ...] = ()
    teacher_share: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class OptimizerRecipe:
    """The optimizer; momentum and Nesterov apply to SGD alone."""

    name: Literal["sgd", "adam", "adamw"] = "adam"
    lr: float = 1e-3
    weight_decay: float = 0.0
    momentum: float = 0.9
    nesterov: bool = True


@dataclass(frozen=True)
class ScheduleRecipe:
    """How the learning rate runs.

    Args:
        name: ``constant``, ``cosine``, ``one-cycle``, ``plateau``, or ``trapezoid``: warm-up,
            constant, then linear to zero (Zhai et al., 2022), which lets a run be made longer
            before its decay has begun without changing what it has done so far.
        epochs: Length of the run.
        warmup_epochs: Linear rise from near zero (cosine, trapezoid).
        decay_epochs: Length of the linear fall (trapezoid).
        factor, patience, min_lr: Plateau settings; patience in epochs.
        resolutions: Pairs (first epoch, side): train on smaller faces first. Empty trains at
            the model's size throughout.
    """

    name: Literal["constant", "cosine", "one-cycle", "plateau", "trapezoid"] = "one-cycle"
    epochs: int = 50
    warmup_epochs: float = 0.0
    decay_epochs: float = 0.0
    factor: float = 0.1
    patience: int = 3
    min_lr: float = 0.0
    resolutions: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class RunRecipe:
    """How the run is carried out.

    Args:
        batch_size: Faces per step and process.
        seed: Seed of everything random.
        precision: Number format: weights are float32 throughout, activations may be of half size.
        average_decay: Decay per step of the exponential average of the weights that is
            validated and released; 0 keeps the plain weights.
        early_stopping: Epochs without a better validation figure before the run ends; 0 never.
        best_by: The validation figure that picks the best epoch: ``accuracy`` of the default
            head, or the ``loss`` over all heads.
        crop_margin: Side of the live crop divided by the detector's box, stored in the model.
        default_head: The head shown to users and used to pick the best checkpoint.
        split: Shares of training, validation and test (which may be left out) in a data set
            without splits of its own.
    """

    batch_size: int = 128
    seed: int = 1
    precision: Literal["bf16-mixed", "16-mixed", "32-true"] = "bf16-mixed"
    average_decay: float = 0.0
    early_stopping: int = 0
    best_by: Literal["accuracy", "loss"] = "accuracy"
    crop_margin: float = 1.02
    default_head: str = ""
    split: tuple[float, ...] = EIGHTY_TEN_TEN


@dataclass(frozen=True)
class Recipe:
    """A whole recipe; `load` reads one from a file or by name."""

    name: str
    description: str = ""
    model: ModelRecipe = field(default_factory=ModelRecipe)
    loss: LossRecipe = field(default_factory=LossRecipe)
    augment: Augmentation = field(default_factory=Augmentation)
    optimizer: OptimizerRecipe = field(default_factory=OptimizerRecipe)
    schedule: ScheduleRecipe = field(default_factory=ScheduleRecipe)
    run: RunRecipe = field(default_factory=RunRecipe)

    def to_dict(self) -> dict[str, Any]:
        """Plain types, as they would stand in the TOML file."""
        return asdict(self)


def recipe_names() -> tuple[str, ...]:
    """Names of the recipes that come with the package."""
    folder = resources.files("fer_live.training") / "recipes"
    return tuple(sorted(p.name[:-5] for p in folder.iterdir() if p.name.endswith(".toml")))


def load_recipe(name_or_path: str, overrides: Mapping[str, Any] | None = None) -> Recipe:
    """Reads a recipe that comes with the package, or a TOML file.

    Args:
        name_or_path: One of `recipe_names()`, or a path ending in ``.toml``.
        overrides: Values that win over the file, by dotted name (``schedule.epochs``).

    Raises:
        ConfigError: Unknown recipe, unreadable file, unknown or ill-typed setting.
    """
    if name_or_path in recipe_names():
        text = (
            resources.files("fer_live.training") / "recipes" / f"{name_or_path}.toml"
        ).read_text("utf-8")
    else:
        path = Path(name_or_path)
        if path.suffix != ".toml":
            raise ConfigError(
                f"There is no recipe called {name_or_path!r}.",
                f"Choose one of {', '.join(recipe_names())}, or a path to a .toml file.",
            )
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"The recipe {path} cannot be read: {error}.") from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The recipe {name_or_path} is not valid TOML: {error}.") from error
    data.setdefault("name", Path(name_or_path).stem)
    for dotted, value in (overrides or {}).items():
        table = data
        *parents, last = dotted.split(".")
        for parent in parents:
            table = table.setdefault(parent, {})
            if not isinstance(table, dict):
                raise ConfigError(f"The recipe has no section {parent!r}.", f"Check {dotted!r}.")
        table[last] = value
    recipe: Recipe = _fill(Recipe, data, "")
    check_ranges(recipe)
    return recipe


def _fill(kind: Any, data: Mapping[str, Any], where: str) -> Any:
    hints = get_type_hints(kind)
    unknown = sorted(set(data) - {f.name for f in fields(kind)})
    if unknown:
        known = ", ".join(f.name for f in fields(kind))
        raise ConfigError(
            f"Unknown setting {where}{unknown[0]!r} in the recipe.", f"Known: {known}."
        )
    values: dict[str, Any] = {}
    for name, value in data.items():
        hint = hints[name]
        try:
            values[name] = _fit(hint, value, f"{where}{name}.")
        except (TypeError, ValueError) as error:
            raise ConfigError(f"The recipe's {where}{name} does not fit: {value!r}.") from error
    try:
        return kind(**values)
    except TypeError as error:
        raise ConfigError(f"The recipe is incomplete: {error}.") from error


def _fit(hint: Any, value: Any, where: str) -> Any:
    if is_dataclass(hint):
        return _fill(hint, value, where)
    origin = getattr(hint, "__origin__", None)
    args: tuple[Any, ...] = getattr(hint, "__args__", ())
    if origin is Literal:
        if value not in args:
            raise ConfigError(
                f"The recipe's {where[:-1]} cannot be {value!r}.",
                f"Choose one of: {', '.join(map(str, args))}.",
            )
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise TypeError(value)
        kinds = args[:1] * len(value) if Ellipsis in args else args
        if len(kinds) != len(value):
            raise ValueError(value)
        return tuple(_fit(kind, v, where) for kind, v in zip(kinds, value, strict=True))
    if origin is not None:
        return {str(k): _fit(args[1], v, where) for k, v in dict(value).items()}
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise TypeError(value)
    return value
