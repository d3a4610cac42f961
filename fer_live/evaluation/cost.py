"""Cost of a model: weights, multiply-adds, file size, and latency on this computer."""

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from fer_live.classification.checkpoint import load_checkpoint
from fer_live.classification.description import InputSpec
from fer_live.classification.networks.architectures import dummy_input, parameter_count
from fer_live.classification.runtime.ensemble import load_models
from fer_live.classification.runtime.loading import Classifier
from fer_live.core.machine import load_average, processor_name, system_name, usable_cores
from fer_live.core.types import FaceCrops

BATCHES = (1, 8)
"""Batch sizes whose latency is measured, in faces: one person, and a small group."""

WARM_UPS = 3
"""Passes before the measurement; the first passes choose kernels and fill caches."""

BUDGET_S = 3.0
"""Time for one batch size of each model; slow models get fewer passes, at least `MIN_PASSES`."""

MIN_PASSES, MAX_PASSES = 5, 200


@dataclass(frozen=True)
class Latency:
    """Wall time from crops in memory to probabilities, milliseconds, over `passes` passes."""

    median_ms: float
    p95_ms: float
    passes: int


@dataclass(frozen=True)
class Cost:
    """Cost of one model, or of all models of an ensemble.

    Args:
        parameters: Weights, before batch norms are folded.
        multiply_adds: Of convolutions and dense layers, for one face.
        file_bytes: Size on disk.
        latency: By batch size.
        engine: The library that computed during the measurement.
        device: The device it ran on.
    """

    parameters: int
    multiply_adds: int
    file_bytes: int
    latency: Mapping[int, Latency]
    engine: str
    device: str


def measure_costs(
    models: Sequence[tuple[Sequence[Path], str | None]], device: str = "auto"
) -> list[Cost]:
    """Measures models with the engine that the window uses.

    Args:
        models: For each model its checkpoints, averaged if several, and the head of the first.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.

    Raises:
        ModelError, DeviceError: See `load_models`.
    """
    classifiers = [load_models(paths, device, head) for paths, head in models]
    by_batch = {batch: measure_latencies(classifiers, batch) for batch in BATCHES}
    return [
        Cost(
            *_count(paths),
            sum(path.stat().st_size for path in paths),
            {batch: latencies[place] for batch, latencies in by_batch.items()},
            classifier.engine_name,
            classifier.device_name,
        )
        for place, ((paths, _), classifier) in enumerate(zip(models, classifiers, strict=True))
    ]


def _count(paths: Sequence[Path]) -> tuple[int, int]:
    """Total weights and multiply-adds of checkpoints."""
    parameters = multiply_adds = 0
    for path in paths:
        network, meta = load_checkpoint(path)
        parameters += parameter_count(network)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network(dummy_input(meta.architecture, meta.input.size))
        multiply_adds += counter.get_total_flops() // 2  # it counts multiplications and additions
        del network
    return parameters, multiply_adds


def measure_latencies(classifiers: Sequence[Classifier], batch: int) -> list[Latency]:
    """Measures classifiers on random crops; latency does not depend on their content.

    Classifiers alternate pass by pass, so that other load on the computer affects all equally.
    """
    crops = [_random_crops(classifier.input, batch) for classifier in classifiers]
    pairs = list(zip(classifiers, crops, strict=True))
    for classifier, shown in pairs * WARM_UPS:
        classifier.classify(shown)
    times_ms: list[list[float]] = [[] for _ in pairs]
    end_s = time.perf_counter() + BUDGET_S * len(pairs)
    for number in range(MAX_PASSES):
        if number >= MIN_PASSES and time.perf_counter() > end_s:
            break
        for (classifier, shown), taken_ms in zip(pairs, times_ms, strict=True):
            start_s = time.perf_counter()
            classifier.classify(shown)
            taken_ms.append((time.perf_counter() - start_s) * 1e3)
    return [
        Latency(
            round(statistics.median(taken_ms), 3),
            round(float(np.quantile(taken_ms, 0.95)), 3),
            len(taken_ms),
        )
        for taken_ms in times_ms
    ]


def _random_crops(spec: InputSpec, batch: int) -> FaceCrops:
    return np.random.default_rng(0).integers(0, 256, spec.blank(batch).shape, np.uint8)


def describe_machine() -> dict[str, Any]:
    """This computer and its load, plain JSON types."""
    return {
        "system": system_name(),
        "processor": processor_name(),
        "cores": usable_cores(),
        "load_average": load_average(),
        "torch_threads": torch.get_num_threads(),
    }
