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

from fer_live.emotion.architectures import dummy_input, parameter_count
from fer_live.emotion.checkpoint import load_checkpoint
from fer_live.emotion.engines import Classifier
from fer_live.emotion.ensemble import load_models

BATCHES = (1, 8)
"""Faces at once whose latency is measured: one person, and a small group."""

WARM_UPS = 3
"""The first passes choose kernels and fill caches."""

BUDGET_S = 3.0
"""Time spent on one batch size; a slow model gets fewer passes, but `MIN_PASSES`."""

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


def measure_cost(paths: Sequence[Path], head: str | None = None, device: str = "auto") -> Cost:
    """Measures checkpoints that answer together, with the engine that the live window uses.

    Raises:
        ModelError, DeviceError: As `load_models`.
    """
    parameters = multiply_adds = 0
    for path in paths:
        network, meta = load_checkpoint(path)
        parameters += parameter_count(network)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network(dummy_input(meta.architecture, meta.input.size))
        multiply_adds += counter.get_total_flops() // 2  # it counts both
        del network
    classifier = load_models(paths, device, head)
    return Cost(
        parameters,
        multiply_adds,
        sum(path.stat().st_size for path in paths),
        {batch: measure_latency(classifier, batch) for batch in BATCHES},
        classifier.engine_name,
        classifier.device_name,
    )


def measure_latency(classifier: Classifier, batch: int) -> Latency:
    """Times a classifier on random crops; what they show costs nothing."""
    spec = classifier.input
    shape = (batch, spec.size, spec.size) + ((3,) if spec.color == "rgb" else ())
    crops = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    for _ in range(WARM_UPS):
        classifier.classify(crops)
    times_ms: list[float] = []
    end_s = time.perf_counter() + BUDGET_S
    while len(times_ms) < MIN_PASSES or (
        len(times_ms) < MAX_PASSES and time.perf_counter() < end_s
    ):
        start_s = time.perf_counter()
        classifier.classify(crops)
        times_ms.append((time.perf_counter() - start_s) * 1e3)
    return Latency(
        round(statistics.median(times_ms), 3),
        round(float(np.quantile(times_ms, 0.95)), 3),
        len(times_ms),
    )


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
