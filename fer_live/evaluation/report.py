"""A model on a data set: figures, intervals and pictures."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fer_live import __version__
from fer_live.classification.description import CheckpointMeta, read_meta
from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.classification.runtime.ensemble import Loader, common_heads, load_models
from fer_live.classification.runtime.loading import Classifier
from fer_live.core.errors import DataError, ModelError
from fer_live.core.labels import LabelSet, shared_labels
from fer_live.core.paths import MODEL_SEPARATOR
from fer_live.core.types import Probabilities
from fer_live.evaluation.metrics import HEADLINES, Figures, measure
from fer_live.evaluation.plots import draw_confusion, draw_mistakes, draw_reliability, draw_roc
from fer_live.evaluation.predict import predict
from fer_live.training.data.dataset import SPLITS, FaceData
from fer_live.training.data.fer2013 import PLURALITY

EvalSplit = Literal["train", "val", "test", "all"]

REPORT_FILE = "report.json"

_RULES = {
    "ferplus": "class with more than half of the FER+ votes, single votes dropped; faces without "
    "such a class, or whose class is unknown or not-a-face, are left out",
    PLURALITY: "class with the most FER+ votes; faces with a tie at the top, or whose top vote is "
    "unknown or not-a-face, are left out",
}


@dataclass(frozen=True)
class Comparison:
    """Predictions and truth over the classes both sides know.

    Args:
        labels: The shared classes, in the model's order.
        rows: Numbers of the compared faces.
        truth: (M,) class of each of them.
        probabilities: (M, K), renormalised over the shared classes.
        left_out: How many faces were left out, by reason.
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
    mirror: bool = False,
) -> dict[str, Any]:
    """Measures a model on one split and writes ``report.json`` and four pictures.

    The truth is the data's first head: the FER+ majority where there are votes, else the label.
    The model answers with `head`, or with the head whose classes fit the truth best.

    Args:
        model: A checkpoint, or several whose probabilities are averaged.
        data: Faces with splits.
        out: Folder for the report; created.
        split: Which faces; ``all`` ignores splits.
        head: Head of the model; None chooses.
        device: See `choose_device`.
        mirror: Average each answer with the mirrored face's.

    Returns:
        What was written into ``report.json``.

    Raises:
        ModelError: Unfit checkpoint, or no such head.
        DataError: Nothing to compare, or a folder that cannot be written.
    """
    models = [model] if isinstance(model, Path) else list(model)
    classifier, target, answers = load_for(models, data, device, head)
    part = choose_part(data, split)
    probabilities = predict(classifier, part, mirror=mirror)
    given = part.targets[target].labels
    compared = compare(probabilities, classifier.labels, part.classes(target), given)
    figures = measure(compared.truth, compared.probabilities, compared.labels)
    report = {
        **report_figures(figures),
        "model": classifier.model_name,
        "model_file": MODEL_SEPARATOR.join(path.name for path in models),
        "head": answers,
        "data": str(data.source),
        "split": split,
        "truth": truth_rule(part),
        "compared_on": list(compared.labels),
        "left_out": compared.left_out,
        "unknown_to_data": [x for x in classifier.labels.labels if x not in given.labels],
        "mirror_averaged": mirror,
        "device": classifier.device_name,
        "notes": list(data.notes),
        "fer_live": __version__,
    }
    if target == "ferplus" and PLURALITY in part.truth:
        wide = compare(probabilities, classifier.labels, part.truth[PLURALITY], given)
        also = report_figures(measure(wide.truth, wide.probabilities, wide.labels))
        keys = ("n", *HEADLINES, "ece", "nll")
        report["plurality"] = {"truth": _RULES[PLURALITY], **{k: also[k] for k in keys}}
    _write(out, report, part, compared, figures)
    return report


def truth_rule(data: FaceData) -> str:
    """What counts as right: the data's first head, in words."""
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


def load_for(
    models: Sequence[Path],
    data: FaceData,
    device: str = "auto",
    head: str | None = None,
    load: Loader = TorchClassifier.load,
) -> tuple[Classifier, str, str]:
    """A classifier with the head that fits the data's truth, and the names of truth and head.

    Args:
        models: A checkpoint, or several whose probabilities are averaged.
        data: The faces.
        device: See `choose_device`.
        head: Head of the first model; None chooses.
        load: Loads each of them.

    Raises:
        ModelError: Unfit checkpoint, no such head, or models that cannot be averaged.
        DataError: Model and data share fewer than two classes.
    """
    target = next(iter(data.targets))
    given = data.targets[target].labels
    metas = [read_meta(path) for path in models]
    if head is None:
        head = choose_head(metas[0], given, [heads[0] for heads in common_heads(metas)])
    classifier = load_models(models, device, head, load)
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
    """The head that shares most classes with the truth and has fewest beside; the default first.

    With `among`, one of these heads. Raises ModelError if there is none.
    """
    heads = meta.heads if among is None else among
    if not heads:
        raise ModelError(f"The model {meta.name!r} has no heads.", "Use another checkpoint.")

    def fit(name: str) -> tuple[int, int, bool]:
        own = meta.heads[name].labels.labels
        shared = len(shared_labels(own, given.labels))
        return shared, shared - len(own), name == meta.default_head

    return max(heads, key=fit)


def compare(
    probabilities: Probabilities, known: LabelSet, truth: NDArray[np.int64], given: LabelSet
) -> Comparison:
    """Restricts answers and truth to the classes both sides know.

    Args:
        probabilities: (N, K) over `known`.
        known: The model's classes.
        truth: (N,) index into `given`, -1 for a face without a class.
        given: The data's classes.

    Raises:
        DataError: No face is left.
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
    return Comparison(labels, rows, mapped[rows].astype(np.int64), scaled, left_out)


def report_figures(figures: Figures) -> dict[str, Any]:
    """Figures in the layout of ``report.json``, plain JSON types."""
    ends = {name: list(pair) if pair else None for name, pair in figures.ci95.items()}
    rest = [name for name in figures.values if name not in HEADLINES]
    return {
        "n": figures.n,
        **{name: {"value": figures.values[name], "ci95": ends[name]} for name in HEADLINES},
        "labels": list(figures.labels),
        "per_class": {label: dict(row) for label, row in figures.per_class.items()},
        "confusion": figures.confusion.tolist(),
        **{name: figures.values[name] for name in rest},
        "ci95": {name: ends[name] for name in rest},
    }


def _write(
    out: Path, report: dict[str, Any], part: FaceData, compared: Comparison, figures: Figures
) -> None:
    truth, probabilities = compared.truth, compared.probabilities
    try:
        out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        (out / REPORT_FILE).write_text(text, "utf-8")
        draw_confusion(figures, out / "confusion.png")
        draw_roc(truth, probabilities, figures, out / "roc.png")
        draw_reliability(truth, probabilities, figures, out / "reliability.png")
        images = part.images[compared.rows]
        draw_mistakes(images, truth, probabilities, compared.labels, out / "mistakes.png")
    except OSError as error:
        raise DataError(
            f"The report cannot be written to {out} ({error}).", "Choose a folder you can write to."
        ) from error
