"""What a model costs: weights, multiply-adds, file size, and time on this machine."""

import os
import platform
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
from fer_live.core.types import FaceCrops

BATCHES = (1, 8)
"""Faces at once whose latency is measured: one person, and a small group."""

WARM_UPS = 3
"""The first passes choose kernels and fill caches."""

BUDGET_S = 3.0
"""Time spent on one batch size for each model; slow models get fewer passes, but `MIN_PASSES`."""

MIN_PASSES, MAX_PASSES = 5, 200


@dataclass(frozen=True)
class Latency:
    """Wall time from crops in memory to probabilities, milliseconds, over so many passes."""

    median_ms: float
    p95_ms: float
    passes: int


@dataclass(frozen=True)
class Cost:
    """What one model, or all of an ensemble, costs.

    Args:
        parameters: Weights, before batch norms are folded.
        multiply_adds: For one face; convolutions and dense layers.
        file_bytes: Size on disk.
        latency: By batch size.
        engine: The library that computed when time was measured.
        device: Where it ran.
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
    """Measures models with the engine that the live window uses.

    Args:
        models: Checkpoints that answer together, and the head of the first; for each model.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.

    Raises:
        ModelError, DeviceError: As `load_models`.
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
    """Weights and multiply-adds of checkpoints together."""
    parameters = multiply_adds = 0
    for path in paths:
        network, meta = load_checkpoint(path)
        parameters += parameter_count(network)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network(dummy_input(meta.architecture, meta.input.size))
        multiply_adds += counter.get_total_flops() // 2  # it counts both
        del network
    return parameters, multiply_adds


def measure_latencies(classifiers: Sequence[Classifier], batch: int) -> list[Latency]:
    """Times classifiers on random crops; what these show costs nothing.

    They take turns, pass by pass, so that whatever else the machine does slows all alike.
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
    """This machine and how busy it is, plain JSON types."""
    affinity = getattr(os, "sched_getaffinity", None)
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": len(affinity(0)) if affinity else os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "torch_threads": torch.get_num_threads(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
