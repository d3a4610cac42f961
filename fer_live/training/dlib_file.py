"""Reading the file in which dlib keeps its face-recognition network.

dlib writes its networks as a stream of layers, input first. A layer is its name, then a tensor with
all its numbers, then settings; integers are packed into as few bytes as they need, and the numbers
of a tensor are float32 in little-endian order (``dlib/serialize.h``, ``dlib/cuda/tensor.h``). The
reader goes from one layer's name to the next, so that it needs no dlib and executes nothing.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from fer_live.classification.networks.dlib_stages import STAGES

_LAYER = re.compile(rb"\x01\x05con_4|\x01\x07affine_")
"""A convolution's or an affine layer's name, after its length as a packed integer."""

_TENSOR_VERSION = 2
_FIRST_CHANNELS, _FIRST_SIDE = 3, 7


def read_dlib_weights(path: Path) -> dict[str, Tensor]:
    """The weights of dlib's face network, under the names of `DlibResNet29`'s layers.

    Args:
        path: ``dlib_face_recognition_resnet_model_v1.dat``, as the package
            ``face_recognition_models`` on PyPI (CC0 1.0) holds it.

    Returns:
        float32 by name: ``conv`` and ``bn``, then ``blocks.N.conv1``, ``bn1``, ``conv2``, ``bn2``,
        each with ``.weight`` and ``.bias``; a convolution's weight is (out, in, side, side).

    Raises:
        OSError: The file cannot be read.
        ValueError: It holds another network.
    """
    data = path.read_bytes()
    found = (_numbers(data, match.end()) for match in _LAYER.finditer(data))
    weights: dict[str, Tensor] = {}
    for name, shape in _layers():
        count = int(np.prod(shape))
        numbers = next(found, None)
        outputs = shape[0]
        if numbers is None or numbers.size != count + outputs:
            raise ValueError(f"no {name} of {count + outputs} numbers")
        weights[f"{name}.weight"] = torch.from_numpy(numbers[:count].reshape(shape))
        weights[f"{name}.bias"] = torch.from_numpy(numbers[count:])
    return weights


def _layers() -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and weight shapes, in the file's order; a bias has the first dimension's length."""
    width = STAGES[0][0]
    yield "conv", (width, _FIRST_CHANNELS, _FIRST_SIDE, _FIRST_SIDE)
    yield "bn", (width,)
    blocks = [channels for channels, count in STAGES for _ in range(count)]
    for number, channels in enumerate(blocks):
        for place, inner in ((1, width), (2, channels)):
            yield f"blocks.{number}.conv{place}", (channels, inner, 3, 3)
            yield f"blocks.{number}.bn{place}", (channels,)
        width = channels


def _numbers(data: bytes, at: int) -> np.ndarray:
    """The float32 numbers of the tensor that begins at a byte."""
    version, at = _integer(data, at)
    if version != _TENSOR_VERSION:
        raise ValueError(f"tensors of version {version}")
    count = 1
    for _ in range(4):
        size, at = _integer(data, at)
        count *= size
    if count * 4 > len(data) - at:
        raise ValueError("the file ends too early")
    return np.frombuffer(data, "<f4", count, at).astype(np.float32)


def _integer(data: bytes, at: int) -> tuple[int, int]:
    """A packed integer without sign, and where it ends: its length in bytes, then its bytes."""
    end = at + 1 + (data[at] if at < len(data) else 0)
    if end > len(data) or end > at + 9:
        raise ValueError("the file ends too early")
    return int.from_bytes(data[at + 1 : end], "little"), end
