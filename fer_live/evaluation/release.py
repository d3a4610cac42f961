"""Calibration and release of a trained checkpoint, by path."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from fer_live.classification.checkpoint import (
    load_checkpoint,
    numpy_state,
    rewrite_description,
    save_checkpoint,
)
from fer_live.classification.description import CheckpointMeta, read_meta
from fer_live.classification.networks.architectures import FaceNet
from fer_live.core.errors import ModelError
from fer_live.evaluation.calibration import Bias, calibrate, calibration_crops
from fer_live.evaluation.data import load_for_models
from fer_live.training.data.dataset import FaceData
from fer_live.training.data.open_dataset import warn
from fer_live.training.data.photographs import FaceFinder

if TYPE_CHECKING:
    from fer_live.classification.runtime.graph_builder import Weights

_log = logging.getLogger(__name__)


def calibrate_checkpoint(
    model: Path,
    data: Path,
    votes: Path | None,
    out: Path,
    *,
    bias: Bias = "none",
    prior: str = "",
    degraded: bool = False,
    mix: Path | None = None,
    mix_share: float = 0.5,
    half: bool = False,
    name: str | None = None,
    device: str = "auto",
    cache_dir: Path | None = None,
    finder: FaceFinder | None = None,
) -> CheckpointMeta:
    """Fits a checkpoint's calibration on the validation split and writes a new checkpoint.

    Args:
        model: A checkpoint.
        data: FER2013's CSV or a folder per class.
        votes: FER+'s CSV, or None.
        out: The checkpoint to write; may be `model` itself.
        bias: ``none``, ``prior`` or ``fitted``; see `calibration.calibrate`.
        prior: Class shares that the probabilities shall hold for; see `calibration.calibrate`.
        degraded: Fit the temperature to degraded copies of the faces too.
        mix: Another checkpoint of the same network, mostly the one that training began with: the
            weights become a mean of both, which keeps more of what it knew (Wortsman et al., 2022).
        mix_share: Its share in the mean, 0-1.
        half: Store half-precision weights; the calibration is fitted to the rounded weights.
        name: New name of the model; None keeps it.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        cache_dir: Folder for the parsed CSV; None parses it every time.
        finder: Finds the face in each picture of a folder or list; None takes pictures whole.

    Returns:
        The new description; ``provenance["calibration"]`` records the fit.

    Raises:
        ModelError: The checkpoint cannot be read or written.
        DataError: The data cannot be used.
        DeviceError: The device is not available.
    """
    network, meta = load_checkpoint(model)
    if mix is not None:
        meta = mix_weights(network, meta, mix, mix_share)
    if half:
        with torch.no_grad():
            for value in network.state_dict().values():
                if value.is_floating_point():
                    value.copy_(value.half().float())
    faces = load_for_models([meta], data, votes, cache_dir, finder)
    told = meta.provenance.get("notes", ())
    warn([note for note in faces.notes if note not in told])  # training has told the others
    meta = calibrate(
        network,
        meta,
        faces,
        bias=bias,
        prior=prior,
        degraded=degraded,
        device=device,
    )
    meta = replace(with_ranges(meta, numpy_state(network), faces), name=name or meta.name)
    save_checkpoint(out, network, meta, half=half)
    _log.info("calibrated %s: %s", meta.name, meta.provenance["calibration"]["heads"])
    return meta


def release_checkpoint(
    run_checkpoint: Path,
    data: Path,
    votes: Path | None,
    out: Path,
    *,
    mix: Path | None = None,
    mix_share: float = 0.5,
    half: bool = True,
    bias: Bias = "fitted",
    prior: str = "",
    degraded: bool = False,
    device: str = "auto",
    cache_dir: Path | None = None,
    finder: FaceFinder | None = None,
) -> CheckpointMeta:
    """Writes a run's checkpoint as a released model: calibrated, in half precision.

    The model is named after the file. Arguments and errors are those of `calibrate_checkpoint`.
    The bias is fitted by default, because a head trained on vote shares predicts neutral too
    often compared with the majority class, which no temperature corrects.
    """
    return calibrate_checkpoint(
        run_checkpoint,
        data,
        votes,
        out,
        bias=bias,
        prior=prior,
        degraded=degraded,
        mix=mix,
        mix_share=mix_share,
        half=half,
        name=out.stem,
        device=device,
        cache_dir=cache_dir,
        finder=finder,
    )


def add_ranges(
    model: Path,
    data: Path,
    out: Path,
    *,
    cache_dir: Path | None = None,
    finder: FaceFinder | None = None,
) -> CheckpointMeta:
    """Writes a checkpoint with the ranges for arithmetic in eight bits, else as it is.

    Args:
        model: A checkpoint of a network that `onnx_graph.covers`.
        data: FER2013's CSV or a folder per class; its training faces show the ranges.
        out: The checkpoint to write; may be `model` itself.
        cache_dir: Folder for the parsed CSV; None parses it every time.
        finder: Finds the face in each picture of a folder or list; None takes pictures whole.

    Returns:
        The new description.

    Raises:
        ModelError: The checkpoint cannot be read or written, or there are no eight bits for its
            network.
        DataError: The data cannot be used.
    """
    from fer_live.classification.runtime.onnx import read_weights
    from fer_live.classification.runtime.onnx_graph import covers

    meta = read_meta(model)
    if not covers(meta):
        raise ModelError(
            f"The network {meta.architecture.name} is not computed in eight bits.",
            "Only ResNets are.",
        )
    faces = load_for_models([meta], data, None, cache_dir, finder)
    warn(faces.notes)
    meta = with_ranges(meta, read_weights(model), faces)
    rewrite_description(model, meta, out)
    return meta


def with_ranges(meta: CheckpointMeta, weights: "Weights", data: FaceData) -> CheckpointMeta:
    """The description with the ranges of the network's maps on training faces.

    Without ranges if the network has none in eight bits, the data no training faces, or ONNX
    Runtime, which measures them, is not installed.
    """
    try:
        from fer_live.classification.runtime.map_ranges import measure_ranges
        from fer_live.classification.runtime.onnx_graph import covers
    except ImportError:
        _log.warning(
            "%s has no ranges for eight bits, because onnx and onnxruntime are not installed. "
            "fer-live release --ranges-only adds them.",
            meta.name,
        )
        return replace(meta, ranges={})
    if not covers(meta) or not len(data.part("train")):
        return replace(meta, ranges={})
    return replace(meta, ranges=measure_ranges(meta, weights, calibration_crops(data, meta.input)))


@torch.no_grad()
def mix_weights(
    network: FaceNet, meta: CheckpointMeta, other: Path, share: float
) -> CheckpointMeta:
    """Replaces a network's weights by their mean with another checkpoint's.

    Args:
        network: The network, changed in place.
        meta: Its description.
        other: A checkpoint of the same network.
        share: The other's share, 0-1.

    Returns:
        The description; ``provenance["mixed_with"]`` records it.

    Raises:
        ModelError: The other is missing, damaged or another network.
    """
    second, second_meta = load_checkpoint(other)
    if second_meta.architecture != meta.architecture or second_meta.input != meta.input:
        raise ModelError(
            f"{other.name} holds another network than {meta.name!r}.",
            "Mix checkpoints of the same architecture and input.",
        )
    theirs = second.state_dict()
    for key, value in network.state_dict().items():
        if value.is_floating_point():
            value.lerp_(theirs[key], share)
    record = {"model": second_meta.name, "share": share}
    return replace(meta, provenance={**meta.provenance, "mixed_with": record})
