"""Data sets for the evaluation of given models."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fer_live.classification.description import CheckpointMeta
from fer_live.classification.runtime.ensemble import common_input
from fer_live.training.data.dataset import NO_SPLIT, FaceData
from fer_live.training.data.open_dataset import load_data
from fer_live.training.data.photographs import FaceFinder, Framing
from fer_live.training.data.splits import DEFAULT_SHARES
from fer_live.training.ranges import MIN_SIZE


def load_for_models(
    metas: Sequence[CheckpointMeta],
    data: Path,
    votes: Path | None,
    cache_dir: Path | None = None,
    finder: FaceFinder | None = None,
) -> FaceData:
    """Loads a data set at the largest input size of the models, in colour if one needs it.

    With `finder` the faces are found and cut out as `predict` does it for these models: one crop,
    as wide and fine as any of them needs.

    A folder without splits gets the splits of the models' training. If the models were trained
    on different splits, a face is in a split only if it is so for all of them: no model is
    measured on faces that it was trained on.
    """
    splits = list(dict.fromkeys(_split_settings(meta) for meta in metas))
    common = common_input([meta.input for meta in metas])
    framing = None if finder is None else Framing(finder, common.crop_margin)
    faces = load_data(
        data,
        votes,
        size=common.size if framing else max(meta.input.size for meta in metas),
        color=common.color,
        seed=splits[0][0],
        shares=splits[0][1],
        cache_dir=cache_dir,
        framing=framing,
    )
    agreed = faces.split.copy()
    for seed, shares in splits[1:]:
        other = load_data(
            data,
            votes,
            size=MIN_SIZE,
            seed=seed,
            shares=shares,
            cache_dir=cache_dir,
            framing=framing,
        )
        agreed[other.split != faces.split] = NO_SPLIT
    lost = int((agreed == NO_SPLIT).sum())
    if not lost:
        return faces
    note = f"{lost} faces are in no split: the models were trained on different splits"
    return replace(faces, split=agreed, notes=(*faces.notes, note))


def _split_settings(meta: CheckpointMeta) -> tuple[int, tuple[float, ...]]:
    """Seed and shares of the splits that a model was trained on."""
    run = meta.provenance.get("recipe", {}).get("run", {})
    return int(run.get("seed", 1)), tuple(run.get("split", DEFAULT_SHARES))
