"""A model on a GPU, and whether ``auto`` takes it: only if it answers as the CPU does."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fer_live.classification.runtime.base import CheckpointClassifier
from fer_live.classification.runtime.precision import compare
from fer_live.core.errors import DeviceError

if TYPE_CHECKING:  # PyTorch takes seconds to import, and may fail to
    from fer_live.classification.runtime.classifier import TorchClassifier

_log = logging.getLogger(__name__)

MOST_DIFFERENCE = 0.01
"""Difference from the CPU's float32 in the trial above which ``auto`` does not take a GPU. Half
precision changed no probability of 768 faces by more than 0.0044 on an NVIDIA H200."""


def load_on_gpu(
    path: Path, device: str, head: str | None = None, prior: str = "", half: bool = False
) -> "TorchClassifier":
    """Loads a checkpoint onto a GPU (``cuda`` or ``mps``), where it has answered once.

    Raises:
        ModelError, ConfigError: As `TorchClassifier.load`.
        DeviceError: There is no such GPU, or it cannot run the model.
    """
    with _told():
        from fer_live.classification.runtime.classifier import TorchClassifier

        classifier = TorchClassifier.load(path, device, head, prior, half=half)
        answer = classifier.classify(classifier.input.blank(1))
        if not np.isfinite(answer).all():
            raise ArithmeticError("its answers are not finite numbers")
    return classifier


def gpu_if_it_agrees(
    on_cpu: CheckpointClassifier, path: Path, head: str | None, prior: str, half: bool
) -> "TorchClassifier | None":
    """The checkpoint on this computer's GPU; None if that fails or answers unlike `on_cpu`.

    Args:
        on_cpu: The same checkpoint in float32 on the CPU.
        path, head, prior: What it was loaded from.
        half: As for `choose_device`.

    Raises:
        ModelError: As `TorchClassifier.load`.
    """
    try:
        with _told():
            from fer_live.classification.runtime.device import choose_device

            kind = choose_device().kind
            if kind == "cpu":
                _log.info("PyTorch finds no GPU that it can use")
                return None
            on_gpu = load_on_gpu(path, kind, head, prior, half)
            trial = compare(on_cpu, on_gpu)
    except DeviceError as error:
        _log.warning("%s The CPU is used.", error.message)
        return None
    _log.info("%s", trial)
    if not trial.difference <= MOST_DIFFERENCE:  # nor if it is not a number
        _log.warning(
            "The GPU answers otherwise than the CPU (difference %.3f). The CPU is used.",
            trial.difference,
        )
        return None
    return on_gpu


@contextmanager
def _told() -> Iterator[None]:
    """Raises DeviceError for what PyTorch raises: no memory, no code for this GPU, no library."""
    try:
        yield
    except (RuntimeError, ArithmeticError, ImportError, OSError) as error:
        reason = str(error).partition("\n")[0].partition(". ")[0].rstrip(".")
        raise DeviceError(
            f"The GPU cannot run the model: {reason or type(error).__name__}.",
            "Use --device cpu or auto.",
        ) from error
