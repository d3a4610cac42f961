"""The classifier on PyTorch: the reference implementation, and the one for GPUs."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from fer_live.classification.checkpoint import load_checkpoint
from fer_live.classification.description import CheckpointMeta
from fer_live.classification.explain.cam import FaceMaps, explain, in_closed_form, no_maps
from fer_live.classification.priors import with_prior
from fer_live.classification.runtime.base import CheckpointClassifier
from fer_live.classification.runtime.device import Device, choose_device
from fer_live.core.types import FaceCrops, Probabilities

_log = logging.getLogger(__name__)


class TorchClassifier(CheckpointClassifier):
    """A checkpoint on a torch device, with batch norms folded into the convolutions.

    Args:
        network: A `FaceNet` in evaluation mode.
        meta: Its checkpoint's description.
        device: Where to run; see `choose_device`.
        head: Head whose classes are returned; None is the checkpoint's default.

    Raises:
        ModelError: The checkpoint has no such head.
    """

    def __init__(
        self, network: nn.Module, meta: CheckpointMeta, device: Device, head: str | None = None
    ) -> None:
        self._head = meta.choose_head(head)
        super().__init__(meta, self._head)
        self._device = device
        channels = (1, -1, 1, 1)
        to = {"device": device.torch_device, "dtype": device.dtype}
        self._scale = torch.tensor(meta.input.std).view(channels).mul(255).reciprocal().to(**to)  # type: ignore[call-overload]
        self._shift = (
            (torch.tensor(meta.input.mean) / torch.tensor(meta.input.std)).view(channels).to(**to)  # type: ignore[call-overload]
        )
        self._bias = torch.tensor(self._spec.offsets).to(device.torch_device)
        self._network = fold_batch_norm(network).to(memory_format=torch.channels_last, **to)

    @classmethod
    def load(
        cls,
        path: Path,
        device: str = "auto",
        head: str | None = None,
        prior: str = "",
        *,
        half: bool = False,
    ) -> "TorchClassifier":
        """Loads a checkpoint onto a device (``auto``, ``cpu``, ``cuda`` or ``mps``).

        With a `prior`, the probabilities hold for its class shares; see `priors.shares_of`. `half`
        is as for `choose_device`.

        Raises:
            ModelError: The checkpoint is missing or damaged, or does not fit.
            DeviceError: The device is not available.
            ConfigError: The prior cannot be used.
        """
        chosen = choose_device(device, half=half)
        network, meta = load_checkpoint(path)
        _log.info("model %s on %s", meta.name, chosen.name)
        name = meta.choose_head(head)
        return cls(network, with_prior(meta, prior, name), chosen, name)

    @property
    def device_name(self) -> str:
        return self._device.name

    @property
    def precision(self) -> str:
        """The number format: ``float32`` or ``float16``."""
        return str(self._device.dtype).removeprefix("torch.")

    @property
    def engine_name(self) -> str:
        """Name of the library and its number format, for display."""
        return f"PyTorch {torch.__version__}, {self.precision}"

    def classify(self, crops: FaceCrops) -> Probabilities:
        """Calibrated probabilities of one batch.

        Args:
            crops: (N, S, S) grey or (N, S, S, 3) RGB uint8, as `input` describes.

        Returns:
            (N, K) float32.

        Raises:
            ValueError: The crops do not have the model's size or colour mode.
        """
        if not len(crops):
            return np.zeros((0, len(self.labels)), np.float32)
        return self.calibrated(self.logits(crops)[self._head]).softmax(1).cpu().numpy()

    def calibrated(self, logits: Tensor) -> Tensor:
        """(N, K) logits of the head with the class bias added, over the temperature, float32."""
        return (logits.float() + self._bias) / self._spec.temperature

    @property
    def supports_heat_maps(self) -> bool:
        """Whether `classify_with_maps` works for this model."""
        return in_closed_form(self.meta)

    def classify_with_maps(
        self, crops: FaceCrops, label: str | None = None
    ) -> tuple[Probabilities, FaceMaps]:
        """As `OnnxClassifier.classify_with_maps`."""
        if not self.supports_heat_maps:
            raise no_maps(self.model_name)
        seen: list[Tensor] = []
        hook = self.pooling.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
        try:
            probabilities = self.classify(crops)
        finally:
            hook.remove()
        if not seen:
            return probabilities, np.zeros((0, 1, 1), np.float32)
        head = cast(nn.ModuleDict, self._network.heads)[self._head]
        weights = cast(nn.Linear, cast(nn.Sequential, head)[-1]).weight
        features, rows = (t.detach().float().cpu().numpy() for t in (seen[0], weights))
        return probabilities, explain(features, rows, probabilities, self.labels, label)

    @property
    def pooling(self) -> nn.Module:
        """The layer that pools the last feature map."""
        return cast(nn.Module, cast(nn.Module, self._network.trunk).avgpool)

    @torch.inference_mode()
    def logits(self, crops: FaceCrops) -> Mapping[str, Tensor]:
        """Logits (N, K) of every head, on the device. Arguments as `classify`."""
        with _exact_float32():
            return self._network(self.normalised(crops))  # type: ignore[no-any-return]

    def normalised(self, crops: FaceCrops) -> Tensor:
        """The network's input (N, C, S, S), on the device. Arguments as `classify`."""
        self.input.check(crops)
        batch = torch.from_numpy(np.ascontiguousarray(crops)).to(self._device.torch_device)
        batch = batch[:, None] if self.input.color == "gray" else batch.permute(0, 3, 1, 2)
        x = batch.to(self._device.dtype) * self._scale - self._shift
        return x.contiguous(memory_format=torch.channels_last)  # type: ignore[no-any-return]


@contextmanager
def _exact_float32() -> Iterator[None]:
    """Keeps cuDNN from rounding the factors of float32 convolutions to 10 bits (TF32)."""
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = before


def fold_batch_norm(network: nn.Module) -> nn.Module:
    """Folds every batch norm after a convolution into the convolution, in place, for inference.

    Finds them by torchvision's names (``convN`` and ``bnN``; ``convN`` may be a Sequential that
    ends with the layer, ``bnN`` one that begins with it) and as neighbours in a Sequential.
    """
    for module in network.modules():
        previous = ""
        for name, child in list(module.named_children()):
            norm = child[0] if name.startswith("bn") and isinstance(child, nn.Sequential) else child
            if isinstance(norm, nn.BatchNorm2d):
                partner = f"conv{name[2:]}" if name.startswith("bn") else previous
                if _fold_into(module, partner, norm):
                    rest = child[1:] if isinstance(child, nn.Sequential) else nn.Identity()
                    setattr(module, name, rest)
            previous = name
    return network


def _fold_into(module: nn.Module, name: str, norm: nn.BatchNorm2d) -> bool:
    conv = getattr(module, name, None)
    if isinstance(conv, nn.Sequential) and isinstance(conv[-1], nn.Conv2d):
        conv[-1] = fuse_conv_bn_eval(conv[-1], norm)
        return True
    if isinstance(conv, nn.Conv2d):
        setattr(module, name, fuse_conv_bn_eval(conv, norm))
        return True
    return False
