"""What the command line calls to export a model: the file, its check, and what eight bits cost."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fer_live.classification.export.export import (
    TOLERANCE,
    Format,
    check_crops,
    describe_onnx,
    export_onnx,
    export_torchscript,
    write_model,
)
from fer_live.classification.export.members import Member, choose_members, metadata_of
from fer_live.classification.export.quantise import dense_share, quantise_dynamic, quantise_static
from fer_live.classification.runtime.map_ranges import measure_ranges
from fer_live.classification.runtime.onnx import GraphClassifier, read_weights
from fer_live.classification.runtime.onnx_graph import build_graph, covers
from fer_live.core.errors import ConfigError, ModelError
from fer_live.core.types import FaceCrops
from fer_live.evaluation.calibration import calibration_crops
from fer_live.evaluation.cost import BATCHES, describe_machine, measure_latencies
from fer_live.evaluation.data import load_for_models
from fer_live.evaluation.report import EvalSplit, choose_part, match_classes, truth_rule
from fer_live.training.data.dataset import FaceData
from fer_live.training.data.open_dataset import warn
from fer_live.training.data.photographs import FaceFinder
from fer_live.training.inference import predict

MIN_AGREEMENT = 0.9
"""Share of faces that must get the same answer in eight bits; below it something is broken."""

CHECK_FACES = 64
"""Made-up crops that the two are compared on where there are no faces."""


def export_model(
    model: Path | Sequence[Path],
    out: Path,
    kind: Format = "onnx",
    *,
    head: str | None = None,
    int8: bool = False,
    data: Path | None = None,
    votes: Path | None = None,
    split: EvalSplit = "val",
    force: bool = False,
    cache_dir: Path | None = None,
    finder: FaceFinder | None = None,
) -> dict[str, Any]:
    """Writes a model for other programs, and says what was checked and measured.

    Args:
        model: A checkpoint, or several whose probabilities are averaged in the one file.
        out: The file to write.
        kind: ``onnx`` or ``torchscript``.
        head: Head of the (first) model to export; None chooses.
        int8: Quantise to eight bits; ONNX only.
        data: FER2013's CSV or a folder per class: its training faces show the ranges of eight
            bits, those of `split` measure what they cost. A released model has its ranges already.
        votes: FER+'s CSV, or None.
        split: Faces that the accuracy is measured on.
        force: Replace a file that is there.
        cache_dir: Where the parsed CSV is kept; None parses it every time.
        finder: Finds the face in each picture of a folder or list; None takes pictures whole.

    Returns:
        Plain JSON types.

    Raises:
        ConfigError: `out` exists, or the wishes do not go together.
        ModelError, DataError: What cannot be used, and why; nothing is written then.
    """
    if out.exists() and not force:
        raise ConfigError(f"{out} exists already.", "Name another file, or replace it by --force.")
    if int8 and kind != "onnx":
        raise ConfigError("Eight-bit models are written as ONNX only.", "Leave out --int8.")
    members = choose_members([model] if isinstance(model, Path) else model, head)
    metadata = metadata_of(members, "int8" if int8 else "float32")
    told = {key: metadata[key] for key in ("model", "head")}
    answer: dict[str, Any] = {"file": str(out), "format": kind, **told}
    if int8:
        metas = [member.meta for member in members]
        faces = load_for_models(metas, data, votes, cache_dir, finder) if data else None
        warn(faces.notes if faces is not None else ())
        with write_model(out) as part:
            plain = part.with_name(f"{part.name}.float32")
            try:
                difference = export_onnx(members, plain)
                answer["int8"] = _quantise(plain, part, members, metadata, faces, split)
            finally:
                plain.unlink(missing_ok=True)
    else:
        export = export_onnx if kind == "onnx" else export_torchscript
        difference = export(members, out)
    answer["check"] = {"largest_difference": difference, "allowed": TOLERANCE}
    return {**answer, "bytes": out.stat().st_size, "metadata": metadata}


def _quantise(
    plain: Path,
    out: Path,
    members: Sequence[Member],
    metadata: Mapping[str, str],
    data: FaceData | None,
    split: EvalSplit,
) -> dict[str, Any]:
    """Quantises a checked file into `out` and measures both."""
    path, meta, head = members[0].path, members[0].meta, members[0].head
    crops = calibration_crops(data, meta.input) if data is not None else None
    method = "static"
    # The graph builder leaves dense layers as they are.
    built = len(members) == 1 and covers(meta) and not meta.architecture.hidden
    if built and (meta.ranges or crops is not None):
        weights = read_weights(path)
        ranges = meta.ranges if crops is None else measure_ranges(meta, weights, crops)
        out.write_bytes(build_graph(meta, weights, head, ranges=ranges))
    elif crops is not None:
        quantise_static(plain, out, crops)
    elif dense_share(plain) > 0.5:
        method = "dynamic"
        quantise_dynamic(plain, out)
    else:
        raise ConfigError(
            "The convolutions of this model need faces to be quantised with.",
            "Name a data set with --data.",
        )
    describe_onnx(out, metadata)
    both = {
        "float32": GraphClassifier(plain, meta, head),
        "int8": GraphClassifier(out, meta, head),
    }
    if data is None:
        accuracy, agreement = None, _agreement(both, check_crops(meta.input, CHECK_FACES))
    else:
        accuracy, agreement = _accuracy(both, data, split)
    if agreement < MIN_AGREEMENT:
        raise ModelError(
            f"In eight bits the model answers differently: the same for {agreement:.0%} only.",
            "Nothing was written. Use faces like those it will see, or leave out --int8.",
        )
    return {
        "method": method,
        "calibration_faces": 0 if crops is None else len(crops),
        "bytes_float32": plain.stat().st_size,
        "same_answer": agreement,
        "accuracy": accuracy,
        "latency_ms": _latency(both),
        "machine": describe_machine(),
    }


def _latency(both: Mapping[str, GraphClassifier]) -> dict[str, dict[str, float]]:
    """Median milliseconds of each, by batch size."""
    taken: dict[str, dict[str, float]] = {kind: {} for kind in both}
    for batch in BATCHES:
        latencies = measure_latencies(list(both.values()), batch)
        for kind, latency in zip(both, latencies, strict=True):
            taken[kind][str(batch)] = latency.median_ms
    return taken


def _accuracy(
    both: dict[str, GraphClassifier], data: FaceData, split: EvalSplit
) -> tuple[dict[str, Any], float]:
    """Accuracy of both on the same faces, and the share with the same answer."""
    part = choose_part(data, split)
    target = next(iter(part.targets))
    given = part.targets[target].labels
    answers = {kind: predict(classifier, part) for kind, classifier in both.items()}
    right: dict[str, float] = {}
    faces = 0
    for kind, probabilities in answers.items():
        compared = match_classes(probabilities, both[kind].labels, part.classes(target), given)
        faces = len(compared.truth)
        right[kind] = float((compared.probabilities.argmax(1) == compared.truth).mean())
    first, second = answers.values()
    return {
        "split": split,
        "faces": faces,
        "truth": truth_rule(part),
        **right,
        "loss_points": round(100 * (right["float32"] - right["int8"]), 3),
        "mean_difference": float(np.abs(first - second).mean()),
    }, float((first.argmax(1) == second.argmax(1)).mean())


def _agreement(both: dict[str, GraphClassifier], crops: FaceCrops) -> float:
    first, second = (c.classify(crops).argmax(1) for c in both.values())
    return float((first == second).mean())
