"""Released checkpoints: safetensors weights whose header says how to rebuild and feed the net."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from fer_live.emotion.architectures import Architecture, FaceNet, build
from fer_live.errors import ModelError
from fer_live.labels import LabelSet

FORMAT = "1"
"""Version of the metadata layout; raised when a reader of the old one would misread the new."""

_METADATA_KEY = "fer_live"


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
                "The input description has a size, deviation or margin that is not positive.",
                "Use another checkpoint.",
            )


@dataclass(frozen=True)
class HeadSpec:
    """One output of the network and how its logits become calibrated probabilities.

    ``probabilities = softmax((logits + bias) / temperature)``: `temperature` is temperature
    scaling (Guo et al., 2017), `bias` a class-prior correction (Menon et al., 2021).
    """

    labels: LabelSet
    temperature: float = 1.0
    bias: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.temperature <= 0 or len(self.bias) not in (0, len(self.labels)):
            raise ModelError(
                f"The calibration of head {self.labels.name!r} does not fit its labels.",
                "Use another checkpoint.",
            )


@dataclass(frozen=True)
class CheckpointMeta:
    """All that a checkpoint says about itself besides the weights.

    Args:
        name: Name of the model, shown to the user.
        architecture: How to rebuild the network.
        heads: One description per head of the architecture.
        default_head: The head whose labels the live window shows.
        input: How a crop becomes an input.
        provenance: Where the weights come from: recipe, data, versions, dates.
    """

    name: str
    architecture: Architecture
    heads: Mapping[str, HeadSpec]
    default_head: str
    input: InputSpec
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        outputs = {name: len(head.labels) for name, head in self.heads.items()}
        if outputs != dict(self.architecture.heads) or self.default_head not in outputs:
            raise ModelError(
                f"The heads of {self.name!r} do not agree with its network.",
                "Use another checkpoint.",
            )

    @property
    def labels(self) -> LabelSet:
        """Labels of the default head."""
        return self.heads[self.default_head].labels

    def to_json(self) -> str:
        """One JSON object, stable key order."""
        heads = {
            name: {
                "label_set": head.labels.name,
                "labels": list(head.labels.labels),
                "temperature": head.temperature,
                "bias": list(head.bias),
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
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "CheckpointMeta":
        """Inverse of `to_json`. Raises ModelError if anything is missing or does not fit."""
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
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"The checkpoint's description cannot be read ({error}).",
                "Use a checkpoint written by fer-live.",
            ) from error


def save_checkpoint(
    path: Path, network: FaceNet, meta: CheckpointMeta, *, half: bool = False
) -> None:
    """Writes weights and metadata to a temporary file beside `path`, then renames it.

    Args:
        path: Target, ending in ``.safetensors``.
        network: The network; its weights are copied to the CPU.
        meta: What goes into the header.
        half: Store floating-point weights as float16, half the size.

    Raises:
        ModelError: If the file cannot be written.
    """
    state: dict[str, torch.Tensor] = {}
    for key, value in network.state_dict().items():
        tensor = value.detach().cpu().contiguous()
        state[key] = tensor.half() if half and tensor.is_floating_point() else tensor
    temporary = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(save(state, metadata={_METADATA_KEY: meta.to_json()}))
        temporary.replace(path)
    except (OSError, SafetensorError) as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise ModelError(
            f"The checkpoint {path} could not be written: {error}.",
            "Choose a folder you can write to, with enough free space.",
        ) from error


def read_meta(path: Path) -> CheckpointMeta:
    """Reads only the header of a checkpoint. Raises ModelError if it cannot be read."""
    try:
        with safe_open(path, framework="pt") as handle:
            metadata = handle.metadata() or {}
    except FileNotFoundError as error:
        raise ModelError(
            f"There is no model at {path}.",
            "Name a .safetensors file, or leave --model out to use the default.",
        ) from error
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"{path} is not a readable safetensors checkpoint ({error}).",
            "The file is damaged or incomplete: fetch or train it again.",
        ) from error
    if _METADATA_KEY not in metadata:
        raise ModelError(
            f"{path} holds weights but no fer-live description.",
            "Use a checkpoint written by fer-live: it says which labels and input it needs.",
        )
    return CheckpointMeta.from_json(metadata[_METADATA_KEY])


def load_checkpoint(path: Path) -> tuple[FaceNet, CheckpointMeta]:
    """Rebuilds a network from a checkpoint, in float32 on the CPU and in evaluation mode.

    No code in the file is run.

    Raises:
        ModelError: Missing, damaged or unfit file; never a network with random weights.
    """
    meta = read_meta(path)
    network = build(meta.architecture)
    try:
        with safe_open(path, framework="pt") as handle:
            state = {key: handle.get_tensor(key) for key in handle.keys()}  # noqa: SIM118
        network.load_state_dict(
            {k: v.float() if v.is_floating_point() else v for k, v in state.items()}
        )
    except (OSError, SafetensorError, RuntimeError) as error:
        raise ModelError(
            f"The weights in {path} do not fit the network they describe.",
            "The file is damaged or from another version: fetch or train it again.",
        ) from error
    if not all(bool(torch.isfinite(p).all()) for p in network.parameters()):
        raise ModelError(
            f"The weights in {path} are not finite numbers.", "Fetch or train the model again."
        )
    return network.eval(), meta
