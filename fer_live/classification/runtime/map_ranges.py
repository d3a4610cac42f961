"""Ranges of a network's maps, which arithmetic in eight bits needs."""

import numpy as np

from fer_live.classification.description import CheckpointMeta
from fer_live.classification.runtime.graph_builder import INPUT, LEAST, MOST, Weights
from fer_live.classification.runtime.onnx import open_session, to_nchw
from fer_live.classification.runtime.onnx_graph import OUTPUT, build_graph
from fer_live.core.types import FaceCrops

BATCH = 32
"""Faces per batch; only memory depends on it."""

DIGITS = 4
"""Significant digits that are kept of a range's ends."""


def measure_ranges(
    meta: CheckpointMeta, weights: Weights, crops: FaceCrops
) -> dict[str, tuple[float, float]]:
    """Smallest and largest value of each map, zero included, by the map's name.

    Args:
        meta: The description of a network that `onnx_graph.covers`.
        weights: All of its tensors by name.
        crops: Faces like those it will see, (N, S, S) or (N, S, S, 3) RGB uint8, N at least 1.
    """
    session = open_session(build_graph(meta, weights, meta.default_head, extremes=True))
    names = [output.name for output in session.get_outputs() if output.name != OUTPUT]
    batches = [crops[start : start + BATCH] for start in range(0, len(crops), BATCH)]
    values = np.array([session.run(names, {INPUT: to_nchw(batch)}) for batch in batches])
    least = dict(zip(names, np.minimum(values.min(0), 0), strict=True))
    most = dict(zip(names, np.maximum(values.max(0), 0), strict=True))
    maps = [name.removesuffix(LEAST) for name in names if name.endswith(LEAST)]
    return {
        name: (_rounded(least[f"{name}{LEAST}"]), _rounded(most[f"{name}{MOST}"])) for name in maps
    }


def _rounded(value: np.float32) -> float:
    return float(f"{value:.{DIGITS}g}")
