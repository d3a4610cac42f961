"""Whether heat maps tell the truth: what they mark must matter more than what they do not.

The places that a map marks are covered and the model is asked again. Its probability must fall
further than after covering as many pixels elsewhere (deletion; Petsiuk et al., 2018, at one size).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap

from fer_live import __version__
from fer_live.classification.description import read_meta
from fer_live.classification.explain.cam import FaceMaps
from fer_live.classification.runtime.ensemble import Ensemble
from fer_live.classification.runtime.loading import HeatMapClassifier, load_explainer
from fer_live.core.errors import DataError
from fer_live.core.files import results_folder
from fer_live.core.records import report_json
from fer_live.core.types import FaceCrops, Probabilities
from fer_live.evaluation.data import load_for_models
from fer_live.evaluation.metrics import RESAMPLES, SEED
from fer_live.evaluation.plots import draw_mistakes, most_confident_mistakes
from fer_live.evaluation.report import EvalSplit, choose_part, load_for, match_classes
from fer_live.training.data.dataset import FaceData
from fer_live.training.data.open_dataset import warn
from fer_live.training.data.photographs import FaceFinder
from fer_live.training.inference import BATCH, to_crops

NAME = "faithfulness.json"
GALLERY = "mistakes-explained.png"

COVERED_SHARE = 0.2
"""Share of a face that is covered: about mouth and chin, or both eyes."""

SHIFTS = 5
"""Random places that are tried for each face; their mean is compared."""


def check_faithfulness(
    model: Path | Sequence[Path],
    data: Path,
    votes: Path | None,
    out: Path,
    *,
    split: EvalSplit = "test",
    faces: int = 0,
    head: str | None = None,
    device: str = "auto",
    cache_dir: Path | None = None,
    finder: FaceFinder | None = None,
) -> dict[str, Any]:
    """Measures the maps of a model, and writes ``faithfulness.json`` and a sheet of mistakes.

    Args:
        model: A checkpoint, or several whose probabilities are averaged.
        data: FER2013's CSV or a folder per class.
        votes: FER+'s CSV, or None.
        out: Folder for both files; created.
        split: Which faces.
        faces: So many of them, drawn at random; 0 takes all.
        head: Head of the (first) model; None chooses the one that fits the labels.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        cache_dir: Where the parsed CSV is kept; None parses it every time.
        finder: Finds the face in each picture of a folder or list; None takes pictures whole.

    Returns:
        What was written into ``faithfulness.json``.

    Raises:
        ModelError, DataError, DeviceError: What cannot be used, and why.
    """
    models = [model] if isinstance(model, Path) else list(model)
    metas = [read_meta(path) for path in models]
    everything = load_for_models(metas, data, votes, cache_dir, finder)
    warn(everything.notes)
    part = choose_part(everything, split)
    if 0 < faces < len(part):
        rows = np.random.default_rng(SEED).permutation(len(part))[:faces]
        part = part.select(np.sort(rows))
    loaded, target, head = load_for(models, part, device, head, load_explainer)
    classifier = loaded
    if isinstance(loaded, Ensemble) and part.crop_margin is None:
        classifier = loaded.framed_alike()
    assert isinstance(classifier, HeatMapClassifier)
    crops = to_crops(part.images, classifier.input)
    probabilities, maps = explain_all(classifier, crops)
    report = {
        "model": classifier.model_name,
        "head": head,
        "data": str(part.source),
        "split": split,
        "map_side": int(maps.shape[1]),
        **measure_maps(classifier, crops, probabilities, maps),
        "engine": classifier.engine_name,
        "notes": list(part.notes),
        "fer_live": __version__,
    }
    with results_folder(out, "The figures"):
        report["mistakes_shown"] = _draw_gallery(
            classifier, part, target, crops, probabilities, out / GALLERY
        )
        (out / NAME).write_text(report_json(report), "utf-8")
    return report


def explain_all(
    classifier: HeatMapClassifier, crops: FaceCrops, label: str | None = None
) -> tuple[Probabilities, FaceMaps]:
    """`classify_with_maps` in batches; N at least 1."""
    parts = [
        classifier.classify_with_maps(crops[start : start + BATCH], label)
        for start in range(0, len(crops), BATCH)
    ]
    return np.concatenate([p for p, _ in parts]), np.concatenate([m for _, m in parts])


def measure_maps(
    classifier: HeatMapClassifier, crops: FaceCrops, probabilities: Probabilities, maps: FaceMaps
) -> dict[str, Any]:
    """How far the top class's probability falls when a part of each face is covered.

    ``marked`` covers the `COVERED_SHARE` of the pixels that the face's own map marks most,
    ``random`` the same shape at `SHIFTS` random places (what leaves on one side comes back on the
    other), ``other_face`` what the map of another face marks: that is as often on mouth and eyes.
    What is covered becomes the mean of the face.

    Args:
        classifier: The model.
        crops: (N, S, S) or (N, S, S, 3) uint8, N at least 2.
        probabilities: (N, K) for them.
        maps: (N, h, w) for their top classes.

    Raises:
        DataError: Fewer than two faces.
    """
    if len(crops) < 2:
        raise DataError("One face says nothing about a model's maps.", "Use more faces.")
    rng = np.random.default_rng(SEED)
    top = probabilities.argmax(1)
    before = probabilities.max(1)
    marked = marked_places(maps, crops.shape[1])

    def drop(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
        after = _classify(classifier, cover(crops, masks))
        return np.asarray(before - after[np.arange(len(top)), top], np.float64)

    own = drop(marked)
    elsewhere = np.mean([drop(_shifted(marked, rng)) for _ in range(SHIFTS)], axis=0)
    other = drop(np.roll(marked, 1, axis=0))
    return {
        "n": len(crops),
        "covered_share": COVERED_SHARE,
        "mean_probability": round(float(before.mean()), 4),
        "drop": {
            name: _mean(values)
            for name, values in (("marked", own), ("random", elsewhere), ("other_face", other))
        },
        "marked_minus_random": _mean(own - elsewhere),
        "marked_minus_other_face": _mean(own - other),
        "marked_matters_more_than_random": round(float((own > elsewhere).mean()), 4),
        "faithful": _mean(own - elsewhere)["ci95"][0] > 0,
    }


def marked_places(maps: FaceMaps, side: int) -> NDArray[np.bool_]:
    """(N, side, side) the pixels that each map marks most, equally many for each face."""
    count = round(COVERED_SHARE * side * side)
    marked = np.zeros((len(maps), side * side), bool)
    for row, heat in enumerate(maps):
        fine = cv2.resize(heat, (side, side), interpolation=cv2.INTER_LINEAR).ravel()
        marked[row, np.argsort(-fine, kind="stable")[:count]] = True
    return marked.reshape(-1, side, side)


def cover(crops: FaceCrops, masks: NDArray[np.bool_]) -> FaceCrops:
    """The crops with the masked pixels replaced by each face's mean, channel by channel."""
    mean = np.rint(crops.mean((1, 2), keepdims=True)).astype(np.uint8)
    masks = masks if crops.ndim == 3 else masks[..., None]
    return np.where(masks, mean, crops)


def _shifted(masks: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
    side = masks.shape[1]
    shifts = rng.integers(0, side, (len(masks), 2))
    return np.stack([np.roll(m, tuple(s), (0, 1)) for m, s in zip(masks, shifts, strict=True)])


def _classify(classifier: HeatMapClassifier, crops: FaceCrops) -> Probabilities:
    starts = range(0, len(crops), BATCH)
    return np.concatenate([classifier.classify(crops[s : s + BATCH]) for s in starts])


def _mean(values: NDArray[np.float64]) -> dict[str, Any]:
    """A mean over faces with its 95 % bootstrap interval."""
    ends = bootstrap(
        (values,), np.mean, n_resamples=RESAMPLES, method="percentile", batch=100, rng=SEED
    ).confidence_interval
    low, high = round(float(ends.low), 4), round(float(ends.high), 4)
    return {"mean": round(float(values.mean()), 4), "ci95": [low, high]}


def _draw_gallery(
    classifier: HeatMapClassifier,
    part: FaceData,
    target: str,
    crops: FaceCrops,
    probabilities: Probabilities,
    path: Path,
) -> int:
    """The most confident mistakes, each with the map of the answer that was given."""
    given = part.targets[target].labels
    compared = match_classes(probabilities, classifier.labels, part.classes(target), given)
    shown = most_confident_mistakes(compared.truth, compared.probabilities)
    answers = compared.probabilities.argmax(1)[shown]
    images = crops[compared.rows]
    maps = np.zeros((len(shown), 1, 1), np.float32)
    for answer in np.unique(answers):
        places = np.flatnonzero(answers == answer)
        label = compared.labels[answer]
        _, of_label = explain_all(classifier, images[shown[places]], label)
        if maps.shape[1:] != of_label.shape[1:]:
            maps = np.zeros((len(shown), *of_label.shape[1:]), np.float32)
        maps[places] = of_label
    return draw_mistakes(
        images, compared.truth, compared.probabilities, compared.labels, path, maps
    )
