"""Builds an ONNX graph node by node, with convolutions in eight bits where ranges are given.

Eight-bit maps are written as QuantizeLinear and DequantizeLinear around operators in float32;
ONNX Runtime makes integer operators of them when it loads the graph.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

INPUT = "crops"
"""Name of the input: (N, C, S, S) uint8."""

OPSET = 17
"""Version of ONNX's operators; widely supported since 2022."""

IR_VERSION = 8
"""Version of ONNX's file format for `OPSET`."""

LEAST, MOST = ".least", ".most"
"""Endings of the outputs that give the extremes of a map."""

WEIGHT_LIMIT = 63
"""Largest magnitude of a quantised weight: seven bits. On x86 processors without VNNI, sums of two
eight-bit products overflow."""

MAP_STEPS = 255
"""Steps between the two ends of a map's range in eight bits."""

_NORM_EPS = 1e-5  # of every torchvision batch norm
_SMALLEST_SCALE = 1e-12  # for a filter or a map of zeros only

Floats = NDArray[np.float32]
Weights = Mapping[str, Floats]
Ranges = Mapping[str, tuple[float, float]]
"""Smallest and largest value of each map that is kept in eight bits, by the map's name."""


class GraphBuilder:
    """Nodes and constants of a graph under construction.

    Args:
        weights: The checkpoint's tensors by name.
        ranges: The maps to keep in eight bits; empty computes in float32.
    """

    def __init__(self, weights: Weights, ranges: Ranges) -> None:
        self.used: set[str] = set()
        self._weights = weights
        self._ranges = ranges
        self._maps: dict[str, str] = {}
        self._scales: dict[str, tuple[np.float32, np.uint8]] = {}
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def weight(self, name: str) -> Floats:
        """A tensor of the checkpoint."""
        self.used.add(name)
        return self._weights[name]

    def has(self, name: str) -> bool:
        """Whether the checkpoint holds such a tensor."""
        return name in self._weights

    def constant(self, value: NDArray[np.generic]) -> str:
        """Stores a constant; returns its name."""
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def add(self, op: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        """Appends an operator; returns the name of its output."""
        output = output or f"t{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, list(inputs), [output], **attributes))
        return output

    def convolution(
        self, x: str, name: str, norm: str = "", stride: int = 1, pad: int | None = None
    ) -> str:
        """A convolution by its name, with the batch norm `norm` folded into it.

        It is padded by half its side unless `pad` says otherwise. On a map in eight bits it has
        eight-bit weights, with one scale for each output channel.
        """
        weight = self.weight(f"{name}.weight")
        bias = self.weight(f"{name}.bias") if self.has(f"{name}.bias") else None
        if norm:
            mean, variance = (self.weight(f"{norm}.running_{k}") for k in ("mean", "var"))
            gain = self.weight(f"{norm}.weight") / np.sqrt(variance + _NORM_EPS)
            bias = self.weight(f"{norm}.bias") + ((0 if bias is None else bias) - mean) * gain
            weight = weight * gain[:, None, None, None]
        side = weight.shape[2]
        return self.add(
            "Conv",
            [x, *self._filters(x, weight, bias)],
            kernel_shape=[side, side],
            strides=[stride, stride],
            pads=[side // 2 if pad is None else pad] * 4,
        )

    def eight_bits(self, x: str, name: str) -> str:
        """Names a map, and keeps it in eight bits if its range is known."""
        self._maps[name] = x
        if name not in self._ranges:
            return x
        low, high = self._ranges[name]
        scale = np.float32(max((high - low) / MAP_STEPS, _SMALLEST_SCALE))
        return self._quantised(x, scale, np.uint8(np.clip(round(-low / scale), 0, MAP_STEPS)))

    def rearrange(self, op: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Appends pooling or padding, whose result has the range of the map it takes."""
        y = self.add(op, inputs, **attributes)
        return self._quantised(y, *self._scales[inputs[0]]) if inputs[0] in self._scales else y

    def rename_last(self, output: str) -> None:
        """Renames the output of the last operator."""
        self._nodes[-1].output[0] = output

    def extremes(self) -> list[str]:
        """Adds the smallest and the largest value of every named map; returns their names."""
        pairs = (("ReduceMin", LEAST), ("ReduceMax", MOST))
        return [
            self.add(op, [x], f"{name}{end}", keepdims=0)
            for name, x in self._maps.items()
            for op, end in pairs
        ]

    def finish(self, channels: int, side: int, outputs: Mapping[str, Sequence[int | str]]) -> bytes:
        """The whole model for crops (N, channels, side, side), with its outputs' shapes."""
        taken = helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["n", channels, side, side])
        given = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
            for name, shape in outputs.items()
        ]
        graph = helper.make_graph(self._nodes, "face", [taken], given, self._constants)
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
        return bytes(model.SerializeToString())

    def _filters(self, x: str, weight: Floats, bias: Floats | None) -> list[str]:
        """Constants of a convolution of the map `x`."""
        if x not in self._scales:
            return [self.constant(value) for value in (weight, bias) if value is not None]
        peaks = np.abs(weight).max((1, 2, 3))
        scales = np.maximum(peaks / WEIGHT_LIMIT, _SMALLEST_SCALE).astype(np.float32)
        steps = np.rint(weight / scales[:, None, None, None]).astype(np.int8)
        filters = [self._dequantised(steps, scales, np.zeros(len(scales), np.int8))]
        if bias is not None:
            sums = scales * self._scales[x][0]
            limit = np.iinfo(np.int32)
            counts = np.clip(np.rint(bias / sums.astype(np.float64)), limit.min, limit.max)
            zeros = np.zeros(len(sums), np.int32)
            filters.append(self._dequantised(counts.astype(np.int32), sums, zeros))
        return filters

    def _dequantised(
        self, steps: NDArray[np.generic], scales: Floats, zeros: NDArray[np.generic]
    ) -> str:
        inputs = [self.constant(value) for value in (steps, scales, zeros)]
        return self.add("DequantizeLinear", inputs, axis=0)

    def _quantised(self, x: str, scale: np.float32, zero: np.uint8) -> str:
        constants = [self.constant(np.array(value)) for value in (scale, zero)]
        y = self.add("DequantizeLinear", [self.add("QuantizeLinear", [x, *constants]), *constants])
        self._scales[y] = scale, zero
        return y
