"""Choice of the compute device."""

from dataclasses import dataclass

import torch

from fer_live.core.errors import DeviceError

CHOICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True)
class Device:
    """An available device.

    Args:
        kind: ``cpu``, ``cuda`` or ``mps``.
        name: Name for display, with that of the hardware if it is known.
        torch_device: The torch device.
        dtype: Number format of weights and activations: float32, or float16 where that was asked
            for and the GPU has hardware for it.
    """

    kind: str
    name: str
    torch_device: torch.device
    dtype: torch.dtype


HALF_MIN_CAPABILITY = (7, 0)
"""First CUDA compute capability with tensor cores; half precision is no faster before it."""


def choose_device(wanted: str = "auto", *, half: bool = False) -> Device:
    """The named device, or for ``auto`` the first of CUDA, MPS and CPU that is there.

    Args:
        wanted: One of `CHOICES`.
        half: Half precision where a GPU has hardware for it; figures that are to be the same on
            every computer are computed without.

    Raises:
        DeviceError: The name is unknown, or the device is not available.
    """
    if wanted not in CHOICES:
        raise DeviceError(f"Unknown device {wanted!r}.", f"Choose one of: {', '.join(CHOICES)}.")
    if wanted in ("auto", "cuda") and torch.cuda.is_available():
        half = half and torch.cuda.get_device_capability() >= HALF_MIN_CAPABILITY
        return Device(
            "cuda",
            f"CUDA: {torch.cuda.get_device_name()}",
            torch.device("cuda"),
            torch.float16 if half else torch.float32,
        )
    if wanted in ("auto", "mps") and torch.backends.mps.is_available():
        return Device(
            "mps", "MPS: Apple GPU", torch.device("mps"), torch.float16 if half else torch.float32
        )
    if wanted in ("auto", "cpu"):
        return Device("cpu", "CPU", torch.device("cpu"), torch.float32)
    if wanted == "mps":
        raise DeviceError("This computer has no Apple GPU.", "Use --device cpu or auto.")
    why = (
        "this build of PyTorch has no CUDA"
        if torch.version.cuda is None
        else "PyTorch finds no NVIDIA GPU or driver"
    )
    raise DeviceError(
        f"CUDA cannot be used: {why}.",
        "Install the NVIDIA driver and a CUDA build of PyTorch, or use --device cpu.",
    )
