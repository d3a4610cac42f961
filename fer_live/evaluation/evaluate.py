"""Evaluation of models on a data set, both by path."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fer_live.classification.description import read_meta
from fer_live.evaluation.data import load_for_models
from fer_live.evaluation.report import EvalSplit, evaluate
from fer_live.training.data.open_dataset import warn
from fer_live.training.data.photographs import FaceFinder


def evaluate_models(
    models: Sequence[Path],
    data: Path,
    votes: Path | None,
    out: Path,
    *,
    split: EvalSplit = "test",
    head: str | None = None,
    device: str = "auto",
    prior: str = "",
    int8: bool = False,
    mirror: bool = False,
    degrade: bool = False,
    groups: Path | None = None,
    copies: bool = False,
    cache_dir: Path | None = None,
    finder: FaceFinder | None = None,
) -> dict[str, Any]:
    """Evaluates models on a data set, both by path; see `report.evaluate`.

    Args:
        models: One checkpoint, or several whose probabilities are averaged.
        data: FER2013's CSV or a folder per class; see `load_data`.
        votes: FER+'s CSV, or None.
        out: Folder for ``report.json`` and the plots.
        split: ``train``, ``val``, ``test`` or ``all``.
        head: Head of the model; None chooses the one that fits the truth best.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        prior: Class shares that the probabilities hold for; see `priors.shares_of`.
        int8: Compute in eight bits; see `precision.load_onnx`.
        mirror: Average each prediction with that of the mirrored face.
        degrade: Also measure the faces under each of `degradations.DEGRADATIONS`.
        groups: A CSV with groups of the faces; see `groups.read_groups`.
        copies: Also measure without the faces that have a copy among the training faces.
        cache_dir: Folder for the parsed CSV; None parses it every time.
        finder: Finds the face in each picture of a folder or list; None takes pictures whole.

    Raises:
        ModelError: A checkpoint cannot be used.
        DataError: The data cannot be used, or `out` cannot be written.
        DeviceError: The device is not available.
    """
    faces = load_for_models([read_meta(path) for path in models], data, votes, cache_dir, finder)
    report = evaluate(
        models,
        faces,
        out,
        split=split,
        head=head,
        device=device,
        prior=prior,
        int8=int8,
        mirror=mirror,
        degrade=degrade,
        groups=groups,
        copies=copies,
    )
    warn((*faces.notes, *_differences(report)))
    return report


def _differences(report: dict[str, Any]) -> list[str]:
    """One sentence if data and model have different classes, else none."""
    unknown = [f"{name} ({n})" for name, n in report["left_out"].items() if name != "no_class"]
    parts = [f"the model does not know {', '.join(unknown)}: left out"] if unknown else []
    if report["unknown_to_data"]:
        parts.append(f"the data does not have {', '.join(report['unknown_to_data'])}")
    shared = ", ".join(report["compared_on"])
    return [f"Compared on the shared classes ({shared}): {'; '.join(parts)}"] * bool(parts)
