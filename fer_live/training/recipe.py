"""The settings of a training run; `recipe_files.load_recipe` reads them from TOML."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from fer_live.core.naming import check_name
from fer_live.training.data.augmentation import Augmentation
from fer_live.training.data.degradation import Degradation
from fer_live.training.data.splits import DEFAULT_SHARES


@dataclass(frozen=True)
class ModelRecipe:
    """The network and its input; `description.Architecture` explains the first seven settings.

    Args:
        flatten: Give the heads the whole last feature map instead of its spatial mean.
        color, size: The input's colour mode, and the side in pixels that the first layer sees.
        crop_size: Side in pixels of the crops that the finished network takes and enlarges to
            `size` itself: that of the training faces, so that live crops are no sharper than what
            it was trained on; 0 takes crops of `size`.
        normalization: Mean and standard deviation for pixels on the 0-1 scale: ``data`` (those
            of the training faces), ``imagenet`` (those of the ImageNet weights) or ``unit``
            (mean 0, deviation 1).
        pretrained: Initial weights: ``none``, ``imagenet``, ``dlib-face``, or a model's name or
            path.
        frozen_layers: Number of layers, counted from the input, that are not trained; see
            `training.pretrained.freeze`.
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
    crop_size: int = 0
    normalization: Literal["data", "imagenet", "unit"] = "data"
    pretrained: str = "none"
    frozen_layers: int = 0


@dataclass(frozen=True)
class LossRecipe:
    """Cross-entropy per head.

    Args:
        head_weights: Weight of each head's loss; 1 for a head not named here.
        label_smoothing: Share of each target that is spread over all classes, by head name.
        class_weights: Weight classes of one-label targets by their inverse frequency.
        oversample: How far rarer classes of the default head are drawn more often: 0 draws every
            row once, 1 all classes equally often, and powers between weight a row by its class's
            count to the power of minus this.
        dense_l2: Factor of the summed squared weights of the heads' hidden layers that is added
            to the loss in training (Keras's kernel_regularizer).
        teachers: Models, by name or path, whose mean predictions for the training faces are mixed
            into the targets; see `training.distillation`.
        teacher_share: Share of the teachers' predictions in the targets, by head name.
        teacher_views: The teachers answer in every step for the view that the student sees,
            before it is degraded or erased, instead of once for each face and its mirror image.
    """

    head_weights: Mapping[str, float] = field(default_factory=dict)
    label_smoothing: Mapping[str, float] = field(default_factory=dict)
    class_weights: bool = False
    oversample: float = 0.0
    dense_l2: float = 0.0
    teachers: tuple[str, ...] = ()
    teacher_share: Mapping[str, float] = field(default_factory=dict)
    teacher_views: bool = False


@dataclass(frozen=True)
class OptimizerRecipe:
    """The optimizer; momentum and Nesterov apply to SGD only."""

    name: Literal["sgd", "adam", "adamw"] = "adam"
    lr: float = 1e-3
    weight_decay: float = 0.0
    momentum: float = 0.9
    nesterov: bool = True


@dataclass(frozen=True)
class ScheduleRecipe:
    """The learning rate over the run.

    Args:
        name: ``constant``, ``cosine``, ``one-cycle``, ``plateau``, or ``trapezoid``: warm-up,
            constant, then linear to zero (Zhai et al., 2022), so that a run can be
            made longer until its decay begins without a change to the epochs already trained.
        epochs: Length of the run.
        warmup_epochs: Linear rise from near zero (cosine, trapezoid).
        decay_epochs: Length of the linear fall (trapezoid).
        factor, patience, min_lr: Plateau settings; patience in epochs.
        resolutions: Pairs (first epoch, side in pixels): train on smaller faces first. Empty:
            train at the model's size throughout.
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
    """Batches, precision, stopping and splits of a run.

    Args:
        batch_size: Faces per step and process.
        seed: Seed of everything random.
        precision: Number format of activations; weights are float32 throughout.
        average_decay: Decay per step of the exponential average of the weights that is
            validated and released; 0 uses the weights themselves.
        validate_every: Epochs from one validation to the next; the last epoch is validated in any
            case. The best epoch is sought among those that are validated. The plateau schedule
            looks at every epoch and needs 1.
        early_stopping: Epochs without a better validation figure before the run ends, a multiple
            of `validate_every`; 0: never.
        best_by: The validation figure that picks the best epoch: ``accuracy`` of the default
            head, or the ``loss`` over all heads; or simply the ``last`` epoch.
        crop_margin: Side of the live crop divided by the detector's box, stored in the model.
        default_head: The head shown to users and used to pick the best checkpoint.
        split: Shares of training, validation and, optionally, test in a data set without splits
            of its own.
    """

    batch_size: int = 128
    seed: int = 1
    precision: Literal["bf16-mixed", "16-mixed", "32-true"] = "bf16-mixed"
    average_decay: float = 0.0
    validate_every: int = 1
    early_stopping: int = 0
    best_by: Literal["accuracy", "loss", "last"] = "accuracy"
    crop_margin: float = 1.02
    default_head: str = ""
    split: tuple[float, ...] = DEFAULT_SHARES


@dataclass(frozen=True)
class Recipe:
    """All settings of a training run.

    Args:
        name: Names the model and its file in the run's folder.

    Raises:
        ConfigError: `name` is no file name.
    """

    name: str
    description: str = ""
    model: ModelRecipe = field(default_factory=ModelRecipe)
    loss: LossRecipe = field(default_factory=LossRecipe)
    augment: Augmentation = field(default_factory=Augmentation)
    degrade: Degradation = field(default_factory=Degradation)
    optimizer: OptimizerRecipe = field(default_factory=OptimizerRecipe)
    schedule: ScheduleRecipe = field(default_factory=ScheduleRecipe)
    run: RunRecipe = field(default_factory=RunRecipe)

    def __post_init__(self) -> None:
        check_name(self.name)

    def to_dict(self) -> dict[str, Any]:
        """Plain types, with the names of the TOML file."""
        return asdict(self)
