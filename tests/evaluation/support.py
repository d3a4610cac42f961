"""A tiny model with two heads, as a checkpoint file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from fer_live.classification.checkpoint import save_checkpoint
from fer_live.classification.description import Architecture, CheckpointMeta, HeadSpec, InputSpec
from fer_live.classification.networks.architectures import build
from fer_live.core.labels import FER2013, FERPLUS


def tiny_checkpoint(
    path: Path,
    color: str = "gray",
    size: int = 16,
    *,
    name: str = "tiny",
    seed: int = 11,
    run: Mapping[str, Any] | None = None,
    enlarge_to: int = 0,
    crop_margin: float = 1.0,
) -> Path:
    """Writes a network with fixed weights; its answers depend on the face, no more."""
    torch.manual_seed(seed)
    channels = 1 if color == "gray" else 3
    architecture = Architecture(
        heads={"ferplus": 8, "fer2013": 7},
        in_channels=channels,
        widths=(8, 8, 8, 8),
        enlarge_to=enlarge_to,
    )
    network = build(architecture).eval()
    for head in network.heads.values():
        head[-1].weight.data.mul_(40)  # sure of itself, as uncalibrated networks are
    meta = CheckpointMeta(
        name,
        architecture,
        {"ferplus": HeadSpec(FERPLUS), "fer2013": HeadSpec(FER2013)},
        "ferplus",
        InputSpec(size, color, (0.4,) * channels, (0.25,) * channels, crop_margin),
        {"recipe": {"run": dict(run or {})}},
    )
    save_checkpoint(path, network, meta)
    return path


def gray_and_rgb(folder: Path, rgb_margin: float = 1.0) -> tuple[Path, Path]:
    """Two models of other sizes and colours, and maybe other crop margins."""
    return (
        tiny_checkpoint(folder / "gray.safetensors", name="gray"),
        tiny_checkpoint(
            folder / "rgb.safetensors", "rgb", 24, name="rgb", seed=12, crop_margin=rgb_margin
        ),
    )
