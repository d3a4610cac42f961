"""Contents of an exported file, one model or the mean of several, and its metadata."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_live import __version__
from fer_live.classification.description import CheckpointMeta, HeadSpec, read_meta
from fer_live.classification.runtime.ensemble import common_heads
from fer_live.classification.runtime.graph_builder import INPUT
from fer_live.classification.runtime.onnx_graph import OUTPUT
from fer_live.core.errors import ModelError
from fer_live.core.paths import MODEL_SEPARATOR

USAGE = (
    "Cut a square around the centre of the face's box, crop_margin times the mean of the box's "
    "sides; resize it to input_size; convert it to color; pass it as uint8 0-255 in the layout "
    "N, C, H, W. Do not normalise: mean and std, bias and temperature are applied inside. The "
    "output is one row of probabilities for each face, in the order of labels."
)


@dataclass(frozen=True)
class Member:
    """One of the models whose mean is exported; usually there is one.

    Args:
        path: The checkpoint.
        meta: Its description.
        head: The exported head.
    """

    path: Path
    meta: CheckpointMeta
    head: str

    @property
    def spec(self) -> HeadSpec:
        """The head's classes and calibration."""
        return self.meta.heads[self.head]

    def order(self, labels: Sequence[str]) -> list[int]:
        """Indices of these classes among the head's own."""
        return [self.spec.labels.index(label) for label in labels]


def choose_members(paths: Sequence[Path], head: str | None = None) -> tuple[Member, ...]:
    """The models for one file, with heads of the same classes.

    Args:
        paths: Checkpoints, one or more.
        head: Head of the first model; None chooses as `ensemble.load_models` does.

    Raises:
        ModelError: A checkpoint does not fit, there is no such head, or the models take different
            crops or classes.
    """
    metas = [read_meta(path) for path in paths]
    heads = common_heads(metas, head)[0]
    if len({(m.input.size, m.input.color, m.input.crop_margin) for m in metas}) > 1:
        kinds = "; ".join(
            f"{m.name}: {m.input.size} px {m.input.color}, margin {m.input.crop_margin:g}"
            for m in metas
        )
        raise ModelError(
            f"These models take different crops, and one file takes one kind ({kinds}).",
            "Export each model by itself, and average their probabilities.",
        )
    return tuple(Member(*each) for each in zip(paths, metas, heads, strict=True))


def metadata_of(members: Sequence[Member], precision: str = "float32") -> dict[str, str]:
    """Metadata of an exported file; lists and numbers are JSON.

    For several models, mean, std, temperature and bias are lists with one entry per model.

    Args:
        members: The exported models.
        precision: ``float32`` or ``int8``.
    """
    first = members[0].meta.input
    labels = members[0].spec.labels.labels

    def each(value: Callable[[Member], Any]) -> Any:
        values = [value(member) for member in members]
        return values[0] if len(values) == 1 else values

    values = {
        "input_size": first.size,
        "crop_margin": first.crop_margin,
        "mean": each(lambda m: m.meta.input.mean),
        "std": each(lambda m: m.meta.input.std),
        "labels": labels,
        "temperature": each(lambda m: m.spec.temperature),
        "bias": each(lambda m: [m.spec.offsets[i] for i in m.order(labels)]),
    }
    return {
        "model": MODEL_SEPARATOR.join(member.meta.name for member in members),
        "head": MODEL_SEPARATOR.join(dict.fromkeys(member.head for member in members)),
        "color": first.color,
        "precision": precision,
        "input_name": INPUT,
        "output_name": OUTPUT,
        "usage": USAGE,
        "producer": f"fer-live {__version__}",
        **{key: json.dumps(value) for key, value in values.items()},
    }
