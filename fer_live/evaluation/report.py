"""Evaluation of a model on a data set: metrics, intervals and plots."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from fer_live import __version__
from fer_live.classification.description import CheckpointMeta, read_meta
from fer_live.classification.runtime.ensemble import Loader, common_heads, load_models
from fer_live.classification.runtime.loading import Classifier, load_classifier
from fer_live.core.errors import DataError, ModelError
from fer_live.core.files import results_folder
from fer_live.core.labels import LabelSet, shared_labels
from fer_live.core.paths import MODEL_SEPARATOR
from fer_live.core.records import report_json
from fer_live.core.types import Probabilities
from fer_live.evaluation.breakdowns.degradations import draw_degradations, measure_degradations
from fer_live.evaluation.breakdowns.groups import measure_groups, read_groups
from fer_live.evaluation.duplicates import find_duplicates, group, has_copy
from fer_live.evaluation.metrics import HEADLINES, Metrics, measure, with_interval
from fer_live.evaluation.plots import draw_confusion, draw_mistakes, draw_reliability, draw_roc
from fer_live.training.data.dataset import SPLITS, FaceData
from fer_live.training.data.fer2013 import PLURALITY
from fer_live.training.inference import predict

EvalSplit = Literal["train", "val", "test", "all"]

REPORT_FILE = "report.json"

_RULES = {
    "ferplus": "class with more than half of the FER+ votes, single votes dropped; faces without "
    "such a class, or whose class is unknown or not-a-face, are left out",
    PLURALITY: "class with the most FER+ votes; faces with a tie at the top, or whose top vote is "
    "unknown or not-a-face, are left out",
}


@dataclass(frozen=True)
class MatchedPredictions:
    """Predictions and truth over the classes that model and data share.

    Args:
        labels: The shared classes, in the model's order.
        rows: (M,) indices of the faces that have one of these classes.
        truth: (M,) class of each of them.
        probabilities: (M, K), renormalised over the shared classes.
        left_out: Number of faces left out, by reason.
    """

    labels: tuple[str, ...]
    rows: NDArray[np.int64]
    truth: NDArray[np.int64]
    probabilities: Probabilities
    left_out: dict[str, int]


def evaluate(
    model: Path | Sequence[Path],
    data: FaceData,
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
) -> dict[str, Any]:
    """Measures a model on one split and writes ``report.json`` and four plots.

    The truth is the data's first head: the FER+ majority if there are votes, else the label. The
    predictions are those of `head`, or of the head whose classes fit the truth best.

    Args:
        model: A checkpoint, or several whose probabilities are averaged.
        data: Faces with splits.
        out: Folder for the report; created.
        split: Which faces; ``all`` ignores splits.
        head: Head of the model; None chooses the one that fits the truth best.
        device: See `choose_device`.
        prior: Class shares that the probabilities hold for; see `priors.shares_of`.
        int8: Compute in eight bits; see `precision.load_onnx`.
        mirror: Average each prediction with that of the mirrored face.
        degrade: Also measure up to a thousand of the faces under each of `DEGRADATIONS`.
        groups: A CSV with groups of the faces, see `groups.read_groups`.
        copies: Also measure without the faces of ``val`` or ``test`` that have a copy in ``train``.

    Returns:
        The contents of ``report.json``.

    Raises:
        ModelError: The checkpoint does not fit, or there is no such head.
        DataError: There is nothing to measure, or the folder cannot be written.
    """
    models = [model] if isinstance(model, Path) else list(model)
    table = None if groups is None else read_groups(groups)
    load = partial(load_classifier, precision="int8") if int8 else load_float32
    classifier, target, head_name = load_for(models, data, device, head, load, prior)
    part = choose_part(data, split)
    probabilities = predict(classifier, part, mirror=mirror)
    given = part.targets[target].labels
    matched = match_classes(probabilities, classifier.labels, part.classes(target), given)
    metrics = measure(matched.truth, matched.probabilities, matched.labels)
    report = {
        **report_metrics(metrics),
        "model": classifier.model_name,
        "model_file": MODEL_SEPARATOR.join(path.name for path in models),
        "head": head_name,
        "data": str(data.source),
        "split": split,
        "truth": truth_rule(part),
        "compared_on": list(matched.labels),
        "left_out": matched.left_out,
        "unknown_to_data": [x for x in classifier.labels.labels if x not in given.labels],
        "prior": prior or None,
        "mirror_averaged": mirror,
        "device": classifier.device_name,
        "engine": classifier.engine_name,
        "notes": list(data.notes),
        "fer_live": __version__,
    }
    if target == "ferplus" and PLURALITY in part.truth:
        wide = match_classes(probabilities, classifier.labels, part.truth[PLURALITY], given)
        also = report_metrics(measure(wide.truth, wide.probabilities, wide.labels))
        keys = ("n", *HEADLINES, "ece", "nll")
        report["plurality"] = {"truth": _RULES[PLURALITY], **{k: also[k] for k in keys}}
    if table is not None:
        names = part.names[matched.rows] if len(part.names) else part.names
        report["groups"] = measure_groups(
            names, matched.truth, matched.probabilities, matched.labels, table
        )
    if copies and split in ("val", "test"):
        same = group(find_duplicates(data.images), len(data))
        unique = ~has_copy(same, data, split, "train")[matched.rows]
        few = measure(matched.truth[unique], matched.probabilities[unique], matched.labels)
        report["without_copies"] = report_metrics(few)
    if degrade:
        place = [classifier.labels.index(label) for label in matched.labels]
        truth = np.full(len(part), -1, np.int64)
        truth[matched.rows] = np.array(place)[matched.truth]
        report["degradations"] = measure_degradations(classifier, part, truth)
    _write(out, report, part, matched, metrics)
    return report


def truth_rule(data: FaceData) -> str:
    """Which class counts as correct, in words, for the data's first head."""
    target = next(iter(data.targets))
    rule = target if target in data.truth else ""
    return _RULES.get(rule, f"labels of {data.targets[target].labels.name}")


def choose_part(data: FaceData, split: EvalSplit) -> FaceData:
    """The faces of one split, or all. Raises DataError if there are none."""
    part = data if split == "all" else data.part(split)
    if not len(part):
        counts = ", ".join(f"{s}: {int((data.split == i).sum())}" for i, s in enumerate(SPLITS))
        raise DataError(f"{data.source} has no {split} faces ({counts}).", "Choose another split.")
    return part


def load_float32(
    path: Path, device: str = "auto", head: str | None = None, prior: str = ""
) -> Classifier:
    """Loads a checkpoint in float32, with all the threads that PyTorch would use.

    On the CPU ONNX Runtime computes `default` in three quarters of PyTorch's time. Arguments and
    errors as `load_classifier`.
    """
    return load_classifier(path, device, head, prior, threads=torch.get_num_threads())


def load_for(
    models: Sequence[Path],
    data: FaceData,
    device: str = "auto",
    head: str | None = None,
    load: Loader = load_float32,
    prior: str = "",
) -> tuple[Classifier, str, str]:
    """A classifier with the head that fits the data's truth, and the names of target and head.

    Args:
        models: A checkpoint, or several whose probabilities are averaged.
        data: The faces.
        device: See `choose_device`.
        head: Head of the first model; None chooses the one that fits the truth best.
        load: Loads each of the models.
        prior: See `load_models`.

    Raises:
        ModelError: A checkpoint does not fit, there is no such head, or the models cannot be
            averaged.
        DataError: Model and data share fewer than two classes.
    """
    target = next(iter(data.targets))
    given = data.targets[target].labels
    metas = [read_meta(path) for path in models]
    if head is None:
        head = choose_head(metas[0], given, [heads[0] for heads in common_heads(metas)])
    classifier = load_models(models, device, head, load, prior)
    shared = shared_labels(classifier.labels.labels, given.labels)
    if len(shared) < 2:
        raise DataError(
            f"The model {classifier.model_name!r} and {data.source} share "
            f"{len(shared)} classes; two are needed to compare.",
            f"The model knows {', '.join(classifier.labels.labels)}; "
            f"the data {', '.join(given.labels)}.",
        )
    return classifier, target, head


def choose_head(meta: CheckpointMeta, given: LabelSet, among: Collection[str] | None = None) -> str:
    """The head that shares most classes with the truth and has fewest others.

    The default head wins a tie. `among` limits the choice. Raises ModelError if there is none.
    """
    heads = meta.heads if among is None else among
    if not heads:
        raise ModelError(f"The model {meta.name!r} has no heads.", "Use another checkpoint.")

    def fit(name: str) -> tuple[int, int, bool]:
        own = meta.heads[name].labels.labels
        shared = len(shared_labels(own, given.labels))
        return shared, shared - len(own), name == meta.default_head

    return max(heads, key=fit)


def match_classes(
    probabilities: Probabilities, known: LabelSet, truth: NDArray[np.int64], given: LabelSet
) -> MatchedPredictions:
    """Restricts predictions and truth to the classes that model and data share.

    Args:
        probabilities: (N, K) over `known`.
        known: The model's classes.
        truth: (N,) index into `given`, -1 for a face without a class.
        given: The data's classes.

    Raises:
        DataError: No face has a shared class.
    """
    labels = shared_labels(known.labels, given.labels)
    place = np.array([labels.index(x) if x in labels else -1 for x in given.labels] + [-1])
    mapped = place[truth]
    rows = np.flatnonzero(mapped >= 0)
    left_out = {"no_class": int((truth < 0).sum())}
    for k, label in enumerate(given.labels):
        if label not in labels:
            left_out[label] = int((truth == k).sum())
    if not len(rows):
        raise DataError("No face has a class that the model knows.", "Use other data.")
    shared = probabilities[rows][:, [known.index(x) for x in labels]]
    total = shared.sum(1, keepdims=True)
    even = np.full_like(shared, 1 / len(labels))
    scaled = np.divide(shared, total, out=even, where=total > 0)
    return MatchedPredictions(labels, rows, mapped[rows].astype(np.int64), scaled, left_out)


def report_metrics(metrics: Metrics) -> dict[str, Any]:
    """Metrics in the layout of ``report.json``, plain JSON types."""
    ends = {name: list(pair) if pair else None for name, pair in metrics.ci95.items()}
    rest = [name for name in metrics.values if name not in HEADLINES]
    return {
        "n": metrics.n,
        **{name: with_interval(metrics, name) for name in HEADLINES},
        "labels": list(metrics.labels),
        "per_class": {label: dict(row) for label, row in metrics.per_class.items()},
        "confusion": metrics.confusion.tolist(),
        **{name: metrics.values[name] for name in rest},
        "ci95": {name: ends[name] for name in rest},
    }


def _write(
    out: Path, report: dict[str, Any], part: FaceData, matched: MatchedPredictions, metrics: Metrics
) -> None:
    truth, probabilities = matched.truth, matched.probabilities
    with results_folder(out, "The report"):
        (out / REPORT_FILE).write_text(report_json(report), "utf-8")
        draw_confusion(metrics, out / "confusion.png")
        draw_roc(truth, probabilities, metrics, out / "roc.png")
        draw_reliability(truth, probabilities, metrics, out / "reliability.png")
        images = part.images[matched.rows]
        if "degradations" in report:
            draw_degradations(report["degradations"], out / "degradations.png")
        draw_mistakes(images, truth, probabilities, matched.labels, out / "mistakes.png")
