"""Checkpoints: safetensors weights with a header that describes the network and its input."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from fer_live.classification.description import METADATA_KEY, CheckpointMeta, read_meta
from fer_live.classification.networks.architectures import FaceNet, build
from fer_live.classification.validation import check_weights
from fer_live.core.errors import ModelError
from fer_live.core.files import atomic_write


def save_checkpoint(
    path: Path, network: FaceNet, meta: CheckpointMeta, *, half: bool = False
) -> None:
    """Writes weights and metadata; a file that is there is replaced whole or not at all.

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
    _write(path, state, meta)


def rewrite_description(path: Path, meta: CheckpointMeta, out: Path) -> None:
    """Writes a checkpoint with another description and the same weights, bit for bit.

    Args:
        path: The checkpoint.
        meta: What goes into the header.
        out: The file to write; may be `path` itself.

    Raises:
        ModelError: A file cannot be read or written.
    """
    try:
        with safe_open(path, framework="pt") as handle:
            state = {key: handle.get_tensor(key) for key in handle.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"The weights in {path} cannot be read: {error}.", "Fetch or train the model again."
        ) from error
    _write(out, state, meta)


def numpy_state(network: FaceNet) -> dict[str, NDArray[np.float32]]:
    """A network's weights by name, as `runtime.onnx.read_weights` gives those of a file."""
    state = network.state_dict().items()
    return {k: v.detach().cpu().float().numpy() for k, v in state if v.is_floating_point()}


def _write(path: Path, state: dict[str, torch.Tensor], meta: CheckpointMeta) -> None:
    try:
        with atomic_write(path) as part:
            part.write_bytes(save(state, metadata={METADATA_KEY: meta.to_json()}))
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"The checkpoint {path} could not be written: {error}.",
            "Choose a folder you can write to, with enough free space.",
        ) from error


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
    check_weights(path, ((n, p.ndim, bool(p.any())) for n, p in network.named_parameters()))
    return network.eval(), meta
