"""Loading of a checkpoint: on the CPU with ONNX Runtime, or on a GPU with PyTorch."""

import ctypes
import importlib.util
import logging
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from fer_live.classification.description import CheckpointMeta, InputSpec, read_meta
from fer_live.classification.explain.cam import FaceMaps, in_closed_form
from fer_live.classification.runtime.base import FaceClassifier
from fer_live.core.errors import DeviceError, ModelError
from fer_live.core.settings import Precision
from fer_live.core.types import FaceCrops, Probabilities

if TYPE_CHECKING:
    from fer_live.classification.runtime.classifier import TorchClassifier
    from fer_live.classification.runtime.onnx import OnnxClassifier

_log = logging.getLogger(__name__)

_CUDA_DRIVERS = {"win32": "nvcuda.dll", "linux": "libcuda.so.1"}


class Classifier(FaceClassifier, Protocol):
    """Classifies the expression of every crop of a checkpoint's input. N may be 0."""

    @property
    def input(self) -> InputSpec:
        """Description of the crops: size, colour mode, margin."""
        ...


@runtime_checkable
class HeatMapClassifier(Classifier, Protocol):
    """A classifier that can also compute heat maps."""

    @property
    def supports_heat_maps(self) -> bool:
        """Whether `classify_with_maps` works for this model."""
        ...

    def classify_with_maps(
        self, crops: FaceCrops, label: str | None = None
    ) -> tuple[Probabilities, FaceMaps]:
        """Probabilities (N, K), and heat maps (N, h, w) of a label; None: of each top class."""
        ...


def load_classifier(
    path: Path,
    device: str = "auto",
    head: str | None = None,
    prior: str = "",
    threads: int = 1,
    precision: Precision = "float32",
) -> Classifier:
    """Loads a checkpoint onto a device.

    PyTorch takes seconds and half a gigabyte to load: it is used only for a GPU, for a network that
    the ONNX graph does not cover, or where ONNX Runtime cannot be imported. ``auto`` keeps to a CPU
    that computes in eight bits, which is as fast as a GPU for the few faces of a frame; otherwise
    it takes a GPU that answers as the CPU does, see `placement`.

    Args:
        path: The checkpoint.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        head: Head whose classes are returned; None is the model's default.
        prior: Class shares that the probabilities hold for, see `priors.shares_of`; empty is the
            model's default.
        threads: Threads on the CPU.
        precision: ``float32`` on any device; ``auto`` is eight bits on a CPU where they pay, see
            `load_onnx`, and half precision on a GPU with hardware for it; ``int8`` is for the CPU.

    Raises:
        ModelError: The checkpoint is missing or damaged, or does not fit.
        DeviceError: The device is not available, cannot run the model, or does not compute in
            eight bits.
        ConfigError: The prior cannot be used.
    """
    if precision == "int8":
        if device not in ("auto", "cpu"):
            raise DeviceError(
                f"The device {device} does not compute in eight bits.",
                "Use --device cpu, or leave --precision out.",
            )
        device = "cpu"
    half = precision == "auto"
    if device not in ("auto", "cpu"):
        _need_torch(f"the device {device}")
        from fer_live.classification.runtime.placement import load_on_gpu

        return load_on_gpu(path, device, head, prior, half)
    # Before the libraries are imported, so that a missing model is reported at once.
    meta = read_meta(path)
    on_cpu = _load_on_cpu(path, meta, head, prior, threads, precision)
    if on_cpu.precision == "int8":
        return on_cpu
    if device == "cpu" or not may_have_gpu():
        return on_cpu
    from fer_live.classification.runtime.placement import gpu_if_it_agrees

    return gpu_if_it_agrees(on_cpu, path, head, prior, half) or on_cpu


def _load_on_cpu(
    path: Path,
    meta: CheckpointMeta,
    head: str | None,
    prior: str,
    threads: int,
    precision: Precision,
) -> "OnnxClassifier | TorchClassifier":
    """With ONNX Runtime where it can be imported and knows the network, else with PyTorch."""
    needed_for = f"the network in {path.name}"
    try:
        from fer_live.classification.runtime.onnx_graph import covers
        from fer_live.classification.runtime.precision import load_onnx

        if covers(meta):
            return load_onnx(path, head, threads, prior, precision)
    except ImportError as error:  # not installed, or a library of the system is missing
        _log.info("PyTorch computes on the CPU, because ONNX Runtime cannot: %s", error)
        if precision == "int8":
            raise DeviceError(
                f"Eight bits need onnx and onnxruntime, which cannot be imported ({error}).",
                "Install both with pip, or leave --precision out.",
            ) from error
        needed_for = "a computer without ONNX Runtime"
    if precision == "int8":
        raise ModelError(
            f"The network in {path.name} is not computed in eight bits.",
            "Leave --precision out, or use a released model.",
        )
    _need_torch(needed_for)
    from fer_live.classification.runtime.classifier import TorchClassifier

    return TorchClassifier.load(path, "cpu", head, prior)


def _has_torch() -> bool:
    return importlib.util.find_spec("torch") is not None


def _need_torch(what: str) -> None:
    """Raises DeviceError where PyTorch is not installed."""
    if not _has_torch():
        raise DeviceError(
            f"This installation has no PyTorch, which {what} needs.",
            "Use a released model with --device cpu, or install fer-live with pip.",
        )


def may_have_gpu() -> bool:
    """Whether there is an NVIDIA driver with a GPU, or an Apple GPU, that PyTorch could use.

    PyTorch is not imported. A bundle for the CPU does not have it.
    """
    if not _has_torch():
        return False
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    try:
        driver = ctypes.CDLL(_CUDA_DRIVERS[sys.platform])
    except (KeyError, OSError):
        return False
    count = ctypes.c_int(0)
    found = driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0
    return found and count.value > 0


def load_explainer(
    path: Path, device: str = "auto", head: str | None = None, prior: str = ""
) -> HeatMapClassifier:
    """Loads a checkpoint with heat maps: in closed form if possible, else by gradients.

    Gradients need Captum from the ``explain`` extra. Arguments and errors as `load_classifier`.
    """
    if in_closed_form(read_meta(path)):
        classifier = load_classifier(path, device, head, prior)
        assert isinstance(classifier, HeatMapClassifier)
        return classifier
    from fer_live.classification.explain.gradcam import GradCamClassifier

    return GradCamClassifier.load(path, device, head, prior)
