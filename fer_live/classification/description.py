"""A checkpoint's description: network, heads, input. Reading it does not need PyTorch."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from safetensors import SafetensorError, safe_open

from fer_live.classification.validation import check_description
from fer_live.core.errors import ModelError
from fer_live.core.labels import LabelSet
from fer_live.core.types import FaceCrops

FORMAT = "1"
"""Version of the metadata layout; it rises when older readers would misread new files."""

METADATA_KEY = "fer_live"

Stem = Literal["imagenet", "small", "small-stride1", "deep"]


@dataclass(frozen=True)
class Architecture:
    """What is needed to rebuild a network, as stored in a checkpoint.

    Args:
        name: One of `architectures()`.
        heads: Number of classes of each head, by head name, in order.
        in_channels: 1 for grey input, 3 for colour.
        stem: ``imagenet`` (7x7 stride 2, max-pool), ``small`` (3x3 stride 2),
            ``small-stride1`` (3x3 stride 1) or ``deep`` (3x3 stride 1, then 3x3 stride 2);
            only the first keeps the max-pool. Only ResNets have a choice of stem.
        widths: Channels of the four stages before expansion; EfficientNet keeps its own.
        squeeze_excitation: Add a squeeze-and-excitation block to every residual block (ResNets).
        hidden: Widths of dense layers with ReLU and dropout before each head's output.
        dropout: Dropout probability before every linear layer of the heads.
        drop_features: Put dropout before the first linear layer too, which reads the features.
        flatten_size: Side in pixels of the only input size, whose last feature map is flattened
            for the heads; 0 averages the map over its positions and takes any size.
        enlarge_to: Side in pixels to which the network enlarges its input before the first layer
            (bilinear); 0 takes the input as it is.
    """

    name: str = "resnet18"
    heads: Mapping[str, int] = field(default_factory=dict)
    in_channels: int = 1
    stem: Stem = "small"
    widths: tuple[int, int, int, int] = (64, 128, 256, 512)
    squeeze_excitation: bool = False
    hidden: tuple[int, ...] = ()
    dropout: float = 0.0
    drop_features: bool = True
    flatten_size: int = 0
    enlarge_to: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {**asdict(self), "heads": dict(self.heads)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Architecture":
        """Inverse of `to_dict`. Raises ModelError for unknown or missing fields."""
        try:
            values = dict(data)
            for key in ("widths", "hidden"):
                if key in values:
                    values[key] = tuple(int(v) for v in values[key])
            return cls(**values)
        except (TypeError, ValueError) as error:
            raise ModelError(
                f"The network's description cannot be read: {error}.",
                "Use a checkpoint written by this version of fer-live.",
            ) from error


@dataclass(frozen=True)
class InputSpec:
    """How a face crop becomes a network input.

    Args:
        size: Side of the square input, pixels.
        color: ``gray`` (one channel) or ``rgb`` (three).
        mean: Per-channel mean, on the 0-1 scale.
        std: Per-channel standard deviation, on the 0-1 scale.
        crop_margin: Side of the crop divided by the side of the detector's box, same centre.
    """

    size: int
    color: Literal["gray", "rgb"]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    crop_margin: float

    def __post_init__(self) -> None:
        channels = {"gray": 1, "rgb": 3}.get(self.color)
        if channels is None or len(self.mean) != channels or len(self.std) != channels:
            raise ModelError(
                f"The input description does not fit: colour {self.color!r}, "
                f"{len(self.mean)} means, {len(self.std)} deviations.",
                "Use another checkpoint.",
            )
        if self.size < 8 or min(self.std) <= 0 or self.crop_margin <= 0:
            raise ModelError(
                "The input description has a size below 8 pixels, or a deviation or margin that is "
                "not positive.",
                "Use another checkpoint.",
            )

    def blank(self, count: int) -> FaceCrops:
        """Black crops, (count, S, S) grey or (count, S, S, 3) RGB uint8."""
        shape = (count, self.size, self.size)
        return np.zeros(shape if self.color == "gray" else (*shape, 3), np.uint8)

    def check(self, crops: FaceCrops) -> None:
        """Raises ValueError if the crops differ from `blank` in shape or dtype."""
        shape = self.blank(0).shape[1:]
        if crops.dtype != np.uint8 or crops.shape[1:] != shape:
            raise ValueError(f"crops are (N, {shape}) uint8, not {crops.shape} {crops.dtype}")


@dataclass(frozen=True)
class HeadSpec:
    """One output of the network and how its logits become calibrated probabilities.

    ``probabilities = softmax((logits + bias) / temperature)``: `temperature` is temperature
    scaling (Guo et al., 2017), `bias` a class-prior correction (Menon et al., 2021).

    Args:
        labels: The K classes.
        temperature: Above 0.
        bias: K offsets, or none.
        prior: Share of each class among the faces that the probabilities hold for, so that they
            can be moved to others (see `priors`); empty where nobody knows.
    """

    labels: LabelSet
    temperature: float = 1.0
    bias: tuple[float, ...] = ()
    prior: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        fits = all(len(values) in (0, len(self.labels)) for values in (self.bias, self.prior))
        if self.temperature <= 0 or not fits or min(self.prior, default=1.0) <= 0:
            raise ModelError(
                f"The calibration of head {self.labels.name!r} does not fit its labels.",
                "Use another checkpoint.",
            )

    @property
    def offsets(self) -> tuple[float, ...]:
        """The bias (K,), zeros if it has none."""
        return self.bias or (0.0,) * len(self.labels)


@dataclass(frozen=True)
class CheckpointMeta:
    """The description in a checkpoint: everything but the weights.

    Args:
        name: Name of the model, shown to the user.
        architecture: How to rebuild the network.
        heads: Description of each head of the architecture, by name.
        default_head: The head whose labels the window shows.
        input: How a crop becomes an input.
        provenance: Where the weights come from: recipe, data, versions, dates.
        ranges: Smallest and largest value of each of the network's maps on training faces, by the
            map's name, for arithmetic in eight bits (see `runtime.graph_builder`); empty where
            they were not measured.
    """

    name: str
    architecture: Architecture
    heads: Mapping[str, HeadSpec]
    default_head: str
    input: InputSpec
    provenance: Mapping[str, Any] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        outputs = {name: len(head.labels) for name, head in self.heads.items()}
        if outputs != dict(self.architecture.heads) or self.default_head not in outputs:
            raise ModelError(
                f"The heads of {self.name!r} do not match its network.",
                "Use another checkpoint.",
            )
        check_description(self)

    @property
    def labels(self) -> LabelSet:
        """Labels of the default head."""
        return self.heads[self.default_head].labels

    @property
    def network_side(self) -> int:
        """Side of the first layer's input, pixels: the crop's, or that to which it is enlarged."""
        return self.architecture.enlarge_to or self.input.size

    def choose_head(self, wanted: str | None) -> str:
        """`wanted`, or the default head for None. Raises ModelError if there is no such head."""
        head = wanted or self.default_head
        if head not in self.heads:
            raise ModelError(
                f"The model {self.name!r} has no head {head!r}.",
                f"Choose one of: {', '.join(self.heads)}.",
            )
        return head

    def to_json(self) -> str:
        """One JSON object, stable key order."""
        heads = {
            name: {
                "label_set": head.labels.name,
                "labels": list(head.labels.labels),
                "temperature": head.temperature,
                "bias": list(head.bias),
                "prior": list(head.prior),
            }
            for name, head in self.heads.items()
        }
        return json.dumps(
            {
                "format": FORMAT,
                "name": self.name,
                "architecture": self.architecture.to_dict(),
                "heads": heads,
                "default_head": self.default_head,
                "input": asdict(self.input),
                "provenance": dict(self.provenance),
                "ranges": {name: list(ends) for name, ends in self.ranges.items()},
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "CheckpointMeta":
        """Inverse of `to_json`. Raises ModelError if anything is missing or inconsistent."""
        try:
            data = json.loads(text)
            if data["format"] != FORMAT:
                raise ModelError(
                    f"The checkpoint has format {data['format']}, this version reads {FORMAT}.",
                    "Update fer-live or use another checkpoint.",
                )
            spec = data["input"]
            return cls(
                name=data["name"],
                architecture=Architecture.from_dict(data["architecture"]),
                heads={
                    name: HeadSpec(
                        LabelSet(head["label_set"], tuple(head["labels"])),
                        float(head["temperature"]),
                        tuple(float(b) for b in head["bias"]),
                        tuple(float(share) for share in head.get("prior", ())),
                    )
                    for name, head in data["heads"].items()
                },
                default_head=data["default_head"],
                input=InputSpec(
                    int(spec["size"]),
                    spec["color"],
                    tuple(float(v) for v in spec["mean"]),
                    tuple(float(v) for v in spec["std"]),
                    float(spec["crop_margin"]),
                ),
                provenance=data["provenance"],
                ranges={
                    name: (float(low), float(high))
                    for name, (low, high) in data.get("ranges", {}).items()
                },
            )
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            RecursionError,
            TypeError,
            ValueError,
        ) as error:
            raise ModelError(
                f"The checkpoint's description cannot be read ({error}).",
                "Use a checkpoint written by fer-live.",
            ) from error


def read_meta(path: Path) -> CheckpointMeta:
    """Reads only the header of a checkpoint. Raises ModelError if it cannot be read."""
    try:
        # safe_open names every failure to open a file FileNotFoundError.
        with path.open("rb"):
            pass
        with safe_open(path, framework="np") as handle:
            metadata = handle.metadata() or {}
    except FileNotFoundError as error:
        raise ModelError(
            f"There is no model at {path}.",
            "Name a .safetensors file, or leave --model out to use the default.",
        ) from error
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read: {error.strerror or error}.",
            "Check the permissions of file and folder.",
        ) from error
    except SafetensorError as error:
        hint = "The file is damaged or incomplete: fetch or train it again."
        if path.suffix.lower() != ".safetensors":
            hint = "Name a .safetensors file, which models are kept in."
        raise ModelError(
            f"{path} is not a readable safetensors checkpoint ({error}).", hint
        ) from error
    if METADATA_KEY not in metadata:
        raise ModelError(
            f"{path} holds weights but no fer-live description.",
            "Use a checkpoint written by fer-live: it says which labels and input it needs.",
        )
    return CheckpointMeta.from_json(metadata[METADATA_KEY])
