"""Several models on the same faces: figures by split, costs, and tests of the differences."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from fer_live import __version__
from fer_live.classification.description import CheckpointMeta, read_meta
from fer_live.classification.runtime.loading import Classifier
from fer_live.core.errors import ConfigError, DataError
from fer_live.core.labels import LabelSet
from fer_live.core.paths import find_models
from fer_live.evaluation.compare_page import write_comparison
from fer_live.evaluation.cost import Cost, describe_machine, measure_costs
from fer_live.evaluation.data import load_for_models
from fer_live.evaluation.metrics import Metrics, measure
from fer_live.evaluation.report import (
    MatchedPredictions,
    choose_part,
    load_for,
    match_classes,
    report_metrics,
    truth_rule,
)
from fer_live.training.data.dataset import SPLITS, FaceData, Split
from fer_live.training.data.open_dataset import warn
from fer_live.training.data.photographs import FaceFinder
from fer_live.training.inference import predict

_log = logging.getLogger(__name__)

SAMPLE_SEED = 1
"""Seed of the sample of training faces, the same for every model."""


@dataclass(frozen=True)
class Contender:
    """One model, or ensemble, to be compared.

    Args:
        name: For people to read; no two are the same.
        paths: Its checkpoints.
        metas: Their descriptions.
        head: Head of the first that answers.
        classifier: On PyTorch, as `evaluate` runs it.
    """

    name: str
    paths: tuple[Path, ...]
    metas: tuple[CheckpointMeta, ...]
    head: str
    classifier: Classifier


@dataclass(frozen=True)
class Entry:
    """What was measured of one contender.

    Args:
        metrics: Of the compared split.
        accuracy: By split; None where the split has no face.
        faces: Number of faces behind each accuracy.
        correct: (N,) whether each face of the compared split was named rightly.
        left_out: Faces of the compared split that were left out, by reason.
    """

    contender: Contender
    metrics: Metrics
    accuracy: Mapping[Split, float | None]
    faces: Mapping[Split, int]
    correct: NDArray[np.bool_]
    left_out: Mapping[str, int]


def compare_models(
    models: Sequence[str],
    data: Path,
    votes: Path | None,
    out: Path,
    *,
    split: Literal["val", "test"] = "test",
    device: str = "auto",
    train_faces: int = 0,
    cache_dir: Path | None = None,
    finder: FaceFinder | None = None,
) -> dict[str, Any]:
    """Compares models on one data set and writes ``compare.json``, ``.md``, ``.html``, plots.

    All are measured on the same faces and over the classes that all of them and the data know;
    the truth is that of `report.evaluate`.

    Args:
        models: Names or paths; several joined by ``" + "`` are averaged and compared as one.
        data: FER2013's CSV or a folder per class.
        votes: FER+'s CSV, or None.
        out: Folder for the results; created.
        split: Faces that the figures and tests are of.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        train_faces: Training faces to measure, drawn at random; 0 takes all.
        cache_dir: Where the parsed CSV is kept; None parses it every time.
        finder: Finds the face in each picture of a folder or list; None takes pictures whole.

    Returns:
        What was written into ``compare.json``.

    Raises:
        ConfigError: Fewer than two models.
        ModelError, DataError, DeviceError: What cannot be used, and why.
    """
    if len(models) < 2:
        raise ConfigError("There is nothing to compare with.", "Name --model twice or more.")
    paths = [find_models(model) for model in models]
    metas = [tuple(read_meta(path) for path in group) for group in paths]
    every = [meta for group in metas for meta in group]
    faces = load_for_models(every, data, votes, cache_dir, finder)
    warn(faces.notes)
    contenders = _contenders(paths, metas, faces, device)
    labels = _common_labels(contenders, faces)
    choose_part(faces, split)
    entries = []
    for contender in contenders:
        _log.info("measuring %s", contender.name)
        own = faces
        if not faces.source.is_file():  # a folder's pictures are cut and sized for each model
            own = load_for_models(contender.metas, data, votes, cache_dir, finder)
            own = replace(own, split=faces.split)
        entries.append(_measure(contender, own, labels, split, train_faces))
    _log.info("measuring what they cost")
    costs = measure_costs([(c.paths, c.head) for c in contenders], device)
    report = _report(entries, costs, faces, labels, split)
    write_comparison(out, report)
    return report


def mcnemar(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> tuple[int, int, float]:
    """McNemar's exact test (1947) of two models on the same faces.

    Args:
        a, b: (N,) whether each face was named rightly.

    Returns:
        Faces that only the first, and only the second, named rightly, and the two-sided
        binomial probability of so uneven a division if neither were better.
    """
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    if not only_a + only_b:
        return 0, 0, 1.0
    return only_a, only_b, float(binomtest(only_a, only_a + only_b).pvalue)


def holm(p: Sequence[float]) -> list[float]:
    """Probabilities of several tests, adjusted for their number (Holm, 1979), in their order."""
    adjusted = [0.0] * len(p)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        largest = max(largest, min(1.0, p[place] * (len(p) - rank)))
        adjusted[place] = largest
    return adjusted


def _contenders(
    paths: Sequence[tuple[Path, ...]],
    metas: Sequence[tuple[CheckpointMeta, ...]],
    faces: FaceData,
    device: str,
) -> list[Contender]:
    found: list[Contender] = []
    for group, described in zip(paths, metas, strict=True):
        classifier, _, head = load_for(group, faces, device)
        name = classifier.model_name
        if name in (other.name for other in found):
            name = f"{name} ({', '.join(str(path) for path in group)})"
        found.append(Contender(name, group, described, head, classifier))
    if len({contender.name for contender in found}) < len(found):
        raise ConfigError("A model is named twice.", "Name different models.")
    return found


def _common_labels(contenders: Sequence[Contender], faces: FaceData) -> LabelSet:
    given = next(iter(faces.targets.values())).labels
    known = [set(contender.classifier.labels.labels) for contender in contenders]
    common = tuple(label for label in given.labels if all(label in k for k in known))
    if len(common) < 2:
        raise DataError(
            f"The models and {faces.source} share {len(common)} classes; two are needed.",
            "Compare models that know the same classes.",
        )
    return LabelSet("common", common)


def _measure(
    contender: Contender,
    faces: FaceData,
    labels: LabelSet,
    split: Split,
    train_faces: int,
) -> Entry:
    accuracy: dict[Split, float | None] = {}
    counts: dict[Split, int] = {}
    compared: dict[Split, MatchedPredictions] = {}
    for name in SPLITS:
        part = faces.part(name)
        if name == "train" and 0 < train_faces < len(part):
            rng = np.random.default_rng(SAMPLE_SEED)
            part = part.select(np.sort(rng.permutation(len(part))[:train_faces]))
        if not len(part):
            accuracy[name], counts[name] = None, 0
            continue
        compared[name] = answer = _matched(contender.classifier, part, labels)
        accuracy[name] = float((answer.probabilities.argmax(1) == answer.truth).mean())
        counts[name] = len(answer.truth)
    chosen = compared[split]
    return Entry(
        contender,
        measure(chosen.truth, chosen.probabilities, chosen.labels),
        accuracy,
        counts,
        chosen.probabilities.argmax(1) == chosen.truth,
        chosen.left_out,
    )


def _matched(classifier: Classifier, part: FaceData, labels: LabelSet) -> MatchedPredictions:
    target, given = next((name, head.labels) for name, head in part.targets.items())
    columns = [classifier.labels.index(label) for label in labels.labels]
    return match_classes(predict(classifier, part)[:, columns], labels, part.classes(target), given)


def _report(
    entries: Sequence[Entry],
    costs: Sequence[Cost],
    faces: FaceData,
    labels: LabelSet,
    split: Split,
) -> dict[str, Any]:
    pairs = list(combinations(entries, 2))
    tests = [mcnemar(a.correct, b.correct) for a, b in pairs]
    adjusted = holm([p for _, _, p in tests])
    return {
        "data": str(faces.source),
        "split": split,
        "truth": truth_rule(faces),
        "compared_on": list(labels.labels),
        "n": entries[0].metrics.n,
        "left_out": dict(entries[0].left_out),
        "notes": list(faces.notes),
        "machine": describe_machine(),
        "models": [_model(*each) for each in zip(entries, costs, strict=True)],
        "pairs": [
            {
                "a": a.contender.name,
                "b": b.contender.name,
                "only_a_right": only_a,
                "only_b_right": only_b,
                "p": p,
                "p_holm": p_holm,
            }
            for (a, b), (only_a, only_b, p), p_holm in zip(pairs, tests, adjusted, strict=True)
        ],
        "fer_live": __version__,
    }


def _model(entry: Entry, measured: Cost) -> dict[str, Any]:
    cost = asdict(measured)
    train, test = entry.accuracy["train"], entry.accuracy["test"]
    return {
        "name": entry.contender.name,
        "files": [path.name for path in entry.contender.paths],
        "head": entry.contender.head,
        "input": [f"{m.input.size} px {m.input.color}" for m in entry.contender.metas],
        "accuracy_by_split": dict(entry.accuracy),
        "faces_by_split": dict(entry.faces),
        "gap_train_test": None if train is None or test is None else train - test,
        **report_metrics(entry.metrics),
        **{**cost, "latency": {str(batch): value for batch, value in cost["latency"].items()}},
    }
