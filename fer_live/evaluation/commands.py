"""What the command line calls to evaluate, calibrate and release models."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from fer_live.classification.checkpoint import load_checkpoint, save_checkpoint
from fer_live.classification.description import CheckpointMeta, read_meta
from fer_live.evaluation import report
from fer_live.evaluation.calibration import Bias
from fer_live.evaluation.calibration import calibrate as fit_heads
from fer_live.training.data.dataset import NO_SPLIT, FaceData
from fer_live.training.data.open_dataset import load_data
from fer_live.training.data.splits import DEFAULT_SHARES
from fer_live.training.ranges import MIN_SIZE

_log = logging.getLogger(__name__)


def evaluate(
    model: Path | Sequence[Path],
    data: Path,
    votes: Path | None,
    out: Path,
    *,
    split: report.EvalSplit = "test",
    head: str | None = None,
    device: str = "auto",
    mirror: bool = False,
    cache_dir: Path | None = None,
) -> dict[str, Any]:
    """Evaluates a checkpoint on a data set by path; see `report.evaluate`.

    Args:
        model: A checkpoint, or several whose probabilities are averaged.
        data: FER2013's CSV or a folder per class; see `load_data`.
        votes: FER+'s CSV, or None.
        out: Folder for ``report.json`` and the pictures.
        split: ``train``, ``val``, ``test`` or ``all``.
        head: Head of the model; None chooses the one that fits the truth.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        mirror: Average each answer with the mirrored face's.
        cache_dir: Where the parsed CSV is kept; None parses it every time.

    Raises:
        ModelError, DataError, DeviceError: What cannot be used, and why.
    """
    models = [model] if isinstance(model, Path) else model
    faces = load_for_models([read_meta(path) for path in models], data, votes, cache_dir)
    done = report.evaluate(model, faces, out, split=split, head=head, device=device, mirror=mirror)
    for note in (*faces.notes, *_differences(done)):
        _log.warning("%s", note)
    return done


def _differences(done: dict[str, Any]) -> list[str]:
    """One sentence if data and model know different classes, else none."""
    unknown = [f"{name} ({n})" for name, n in done["left_out"].items() if name != "no_class"]
    parts = [f"the model does not know {', '.join(unknown)}, left out"] if unknown else []
    if done["unknown_to_data"]:
        parts.append(f"the data does not have {', '.join(done['unknown_to_data'])}")
    shared = ", ".join(done["compared_on"])
    return [f"Compared on the classes that both know ({shared}): {'; '.join(parts)}"] * bool(parts)


def calibrate(
    model: Path,
    data: Path,
    votes: Path | None,
    out: Path,
    *,
    bias: Bias = "none",
    prior_strength: float = 0.0,
    half: bool = False,
    name: str | None = None,
    device: str = "auto",
    cache_dir: Path | None = None,
) -> CheckpointMeta:
    """Fits the calibration on the validation split and writes a new checkpoint.

    Args:
        model: A checkpoint.
        data: FER2013's CSV or a folder per class.
        votes: FER+'s CSV, or None.
        out: The checkpoint to write; may be `model` itself.
        bias: ``none``, ``prior`` or ``fitted``; see `calibrate.calibrate`.
        prior_strength: Strength of ``prior``.
        half: Store half-precision weights; the calibration is fitted to the rounded ones.
        name: New name of the model; None keeps it.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        cache_dir: Where the parsed CSV is kept; None parses it every time.

    Returns:
        The new description; ``provenance["calibration"]`` says what it did.

    Raises:
        ModelError, DataError, DeviceError: What cannot be used, and why.
    """
    network, meta = load_checkpoint(model)
    if half:
        with torch.no_grad():
            for value in network.state_dict().values():
                if value.is_floating_point():
                    value.copy_(value.half().float())
    faces = load_for_models([meta], data, votes, cache_dir)
    meta = fit_heads(network, meta, faces, bias=bias, prior_strength=prior_strength, device=device)
    meta = replace(meta, name=name or meta.name)
    save_checkpoint(out, network, meta, half=half)
    _log.info("calibrated %s: %s", meta.name, meta.provenance["calibration"]["heads"])
    return meta


def release(
    run_checkpoint: Path,
    data: Path,
    votes: Path | None,
    out: Path,
    *,
    half: bool = True,
    bias: Bias = "fitted",
    prior_strength: float = 0.0,
    device: str = "auto",
    cache_dir: Path | None = None,
) -> CheckpointMeta:
    """Turns a run's checkpoint into a released file: calibrated, half precision, own name.

    The model is named after the file. Arguments and errors as `calibrate`; the bias is fitted
    too, because a head trained on vote shares leans to neutral when it is held against the
    majority, which no temperature mends.
    """
    return calibrate(
        run_checkpoint,
        data,
        votes,
        out,
        bias=bias,
        prior_strength=prior_strength,
        half=half,
        name=out.stem,
        device=device,
        cache_dir=cache_dir,
    )


def load_for_models(
    metas: Sequence[CheckpointMeta], data: Path, votes: Path | None, cache_dir: Path | None = None
) -> FaceData:
    """Loads a data set as large and colourful as any of the models needs it.

    A folder without splits is divided as the training of the models divided it. Where they were
    trained on different divisions, a face stands in a split only if it does so for all of them,
    so that none is measured on faces it has learnt.
    """
    divisions = list(dict.fromkeys(_division(meta) for meta in metas))
    gray = all(meta.input.color == "gray" for meta in metas)
    faces = load_data(
        data,
        votes,
        size=max(meta.input.size for meta in metas),
        color="gray" if gray else "rgb",
        seed=divisions[0][0],
        shares=divisions[0][1],
        cache_dir=cache_dir,
    )
    agreed = faces.split.copy()
    for seed, shares in divisions[1:]:
        other = load_data(
            data, votes, size=MIN_SIZE, seed=seed, shares=shares, cache_dir=cache_dir
        ).split
        agreed[other != faces.split] = NO_SPLIT
    lost = int((agreed == NO_SPLIT).sum())
    if not lost:
        return faces
    note = f"{lost} faces are in no split: the models were trained on different divisions"
    return replace(faces, split=agreed, notes=(*faces.notes, note))


def _division(meta: CheckpointMeta) -> tuple[int, tuple[float, ...]]:
    run = meta.provenance.get("recipe", {}).get("run", {})
    return int(run.get("seed", 1)), tuple(run.get("split", DEFAULT_SHARES))
