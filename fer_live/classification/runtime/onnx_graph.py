"""A checkpoint's network as an ONNX graph, built from its weights without PyTorch.

Covers the ResNets of `networks.architectures`. The graph takes bytes and returns probabilities:
normalisation, calibration and softmax are in it, and batch norms are folded into convolutions.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from fer_live.classification.description import CheckpointMeta

INPUT = "crops"
"""Name of the input: (N, C, S, S) uint8."""

OUTPUT = "probabilities"
"""Name of the output: (N, K) float32."""

FEATURES = "features"
"""Name of the optional second output: the last feature map (N, C, h, w) float32."""

OPSET = 17
"""Version of ONNX's operators; widely supported since 2022."""

IR_VERSION = 8
"""Version of ONNX's file format for `OPSET`."""

_DEPTHS = {"resnet18": (2, 2, 2, 2), "resnet34": (3, 4, 6, 3), "resnet50": (3, 4, 6, 3)}

_NORM_EPS = 1e-5  # of every torchvision batch norm

_Floats = NDArray[np.float32]
Weights = Mapping[str, _Floats]


def covers(meta: CheckpointMeta) -> bool:
    """Whether `build_graph` knows the network."""
    return meta.architecture.name in _DEPTHS


def build_graph(
    meta: CheckpointMeta, weights: Weights, head: str, *, features: bool = False
) -> bytes:
    """The network with one of its heads, serialised.

    Args:
        meta: The checkpoint's description, one that is covered.
        weights: All of its tensors by name, float32.
        head: Which head's probabilities it gives.
        features: Give the last feature map too.

    Raises:
        KeyError: A weight is missing.
        ValueError: A weight does not belong to the network, or has the wrong shape.
    """
    graph = _Graph(weights)
    x = _normalised(graph, meta)
    x = _stem(graph, x, meta.architecture.stem)
    for stage, depth in enumerate(_DEPTHS[meta.architecture.name], start=1):
        for block in range(depth):
            stride = 2 if stage > 1 and block == 0 else 1
            x = _residual(graph, x, f"trunk.layer{stage}.{block}", stride)
    outputs: dict[str, list[int | str]] = {OUTPUT: ["n", len(meta.heads[head].labels)]}
    if features:
        graph.rename_last(FEATURES)
        x = FEATURES
        outputs[FEATURES] = ["n", "channels", "height", "width"]
    if not meta.architecture.flatten_size:
        x = graph.add("GlobalAveragePool", [x])
    x = graph.add("Flatten", [x])
    _calibrated(graph, _head(graph, x, head), meta, head)
    others = tuple(f"heads.{name}." for name in meta.heads if name != head)
    unused = {n for n in weights if n not in graph.used and not n.startswith(others)}
    if unused:
        raise ValueError(f"no place for {sorted(unused)[:3]}")
    return graph.finish(meta, outputs)


class _Graph:
    """Nodes and constants of a graph under construction."""

    def __init__(self, weights: Weights) -> None:
        self.used: set[str] = set()
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def weight(self, name: str) -> _Floats:
        """A tensor of the checkpoint."""
        self.used.add(name)
        return self._weights[name]

    def has(self, name: str) -> bool:
        """Whether the checkpoint holds such a tensor."""
        return name in self._weights

    def constant(self, value: NDArray[np.generic]) -> str:
        """Stores a constant; returns its name."""
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, op: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        """Appends an operator; returns the name of its output."""
        output = output or f"t{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, list(inputs), [output], **attributes))
        return output

    def convolution(self, x: str, name: str, norm: str = "", stride: int = 1) -> str:
        """A convolution by its name, with the batch norm `norm` folded into it."""
        weight = self.weight(f"{name}.weight")
        bias = self.weight(f"{name}.bias") if self.has(f"{name}.bias") else None
        if norm:
            mean, variance = (self.weight(f"{norm}.running_{k}") for k in ("mean", "var"))
            gain = self.weight(f"{norm}.weight") / np.sqrt(variance + _NORM_EPS)
            bias = self.weight(f"{norm}.bias") + ((0 if bias is None else bias) - mean) * gain
            weight = weight * gain[:, None, None, None]
        side = weight.shape[2]
        inputs = [x, self.constant(weight)]
        if bias is not None:
            inputs.append(self.constant(bias))
        return self.add(
            "Conv",
            inputs,
            kernel_shape=[side, side],
            strides=[stride, stride],
            pads=[side // 2] * 4,
        )

    def rename_last(self, output: str) -> None:
        """Renames the output of the last operator."""
        self._nodes[-1].output[0] = output

    def finish(self, meta: CheckpointMeta, outputs: Mapping[str, Sequence[int | str]]) -> bytes:
        """The whole model, with its outputs and their shapes."""
        channels, side = len(meta.input.mean), meta.input.size
        taken = helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["n", channels, side, side])
        given = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
            for name, shape in outputs.items()
        ]
        graph = helper.make_graph(self._nodes, "face", [taken], given, self._constants)
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
        return bytes(model.SerializeToString())


def _normalised(graph: _Graph, meta: CheckpointMeta) -> str:
    mean, std = (np.array(v, np.float32)[:, None, None] for v in (meta.input.mean, meta.input.std))
    x = graph.add("Cast", [INPUT], to=TensorProto.FLOAT)
    x = graph.add("Mul", [x, graph.constant(np.float32(1) / (std * np.float32(255)))])
    return graph.add("Sub", [x, graph.constant(mean / std)])


def _stem(graph: _Graph, x: str, stem: str) -> str:
    if stem == "deep":
        x = graph.convolution(x, "trunk.conv1.0", "trunk.conv1.1")
        x = graph.add("Relu", [x])
        return graph.add("Relu", [graph.convolution(x, "trunk.conv1.3", "trunk.bn1", 2)])
    stride = 1 if stem == "small-stride1" else 2
    x = graph.add("Relu", [graph.convolution(x, "trunk.conv1", "trunk.bn1", stride)])
    if stem == "imagenet":
        x = graph.add("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    return x


def _residual(graph: _Graph, x: str, name: str, stride: int) -> str:
    """A basic block, or a bottleneck if the checkpoint has a third convolution."""
    count = 3 if graph.has(f"{name}.conv3.weight") else 2
    y = x
    for number in range(1, count + 1):
        # torchvision's bottleneck has its stride in the second, 3x3 convolution.
        here = stride if number == count - 1 else 1
        norm = f"{name}.bn{number}"
        excited = graph.has(f"{norm}.0.weight")
        y = graph.convolution(y, f"{name}.conv{number}", f"{norm}.0" if excited else norm, here)
        if excited:
            y = _excitation(graph, y, f"{norm}.1")
        if number < count:
            y = graph.add("Relu", [y])
    if graph.has(f"{name}.downsample.0.weight"):
        x = graph.convolution(x, f"{name}.downsample.0", f"{name}.downsample.1", stride)
    return graph.add("Relu", [graph.add("Add", [x, y])])


def _excitation(graph: _Graph, x: str, name: str) -> str:
    """Squeeze and excitation (Hu et al., 2018), as in torchvision."""
    scale = graph.add("GlobalAveragePool", [x])
    scale = graph.add("Relu", [graph.convolution(scale, f"{name}.fc1")])
    scale = graph.add("Sigmoid", [graph.convolution(scale, f"{name}.fc2")])
    return graph.add("Mul", [x, scale])


def _head(graph: _Graph, x: str, head: str) -> str:
    # Dropout, linear and ReLU layers alternate, so that linear layers have the indices 1, 4, 7 ...
    place = 1
    while True:
        name = f"heads.{head}.{place}"
        weight, bias = (graph.constant(graph.weight(f"{name}.{k}")) for k in ("weight", "bias"))
        x = graph.add("Gemm", [x, weight, bias], transB=1)
        place += 3
        if not graph.has(f"heads.{head}.{place}.weight"):
            return x
        x = graph.add("Relu", [x])


def _calibrated(graph: _Graph, logits: str, meta: CheckpointMeta, head: str) -> None:
    spec = meta.heads[head]
    bias = np.array(spec.bias or [0.0] * len(spec.labels), np.float32)
    x = graph.add("Add", [logits, graph.constant(bias)])
    x = graph.add("Div", [x, graph.constant(np.array(spec.temperature, np.float32))])
    graph.add("Softmax", [x], OUTPUT, axis=1)
