"""An exported ONNX file with eight-bit weights and arithmetic, for the CPU."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from fer_live.classification.runtime.onnx import to_nchw
from fer_live.classification.runtime.onnx_graph import INPUT
from fer_live.classification.runtime.telemetry import without_telemetry
from fer_live.core.types import FaceCrops

with without_telemetry():
    from onnxruntime.quantization import (
        CalibrationDataReader,
        CalibrationMethod,
        QuantFormat,
        QuantType,
        quantize_dynamic,
        quantize_static,
    )

BATCH = 32
"""Calibration faces at a time; only memory depends on it."""


def quantise_static(path: Path, out: Path, crops: FaceCrops) -> None:
    """Convolutions, dense layers and residual sums in eight bits, ranges measured beforehand.

    Weights have a scale for each channel and seven bits, since older x86 processors overflow in
    sums of eight-bit products. The last dense layer, which costs nothing, stays as it is.

    Args:
        path: An ONNX file with single-precision weights.
        out: The file to write.
        crops: Faces that show the ranges, (N, S, S) or (N, S, S, 3) uint8.
    """
    model = _named(path)
    onnx.save(model, out)
    with _silent():
        quantize_static(
            str(out),
            str(out),
            _Faces(crops),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_quantize=_heavy(model),
            calibrate_method=CalibrationMethod.MinMax,
        )


def quantise_dynamic(path: Path, out: Path) -> None:
    """Dense layers with eight-bit weights, ranges measured at every call.

    Convolutions stay as they are: ONNX Runtime's with ranges measured at every call are slower
    than those in single precision (three times, for the default model).

    Arguments as `quantise_static`, without faces to measure ranges on.
    """
    with _silent():
        # Dense layers become matrix products first, so both names are given.
        quantize_dynamic(
            str(path),
            str(out),
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["Gemm", "MatMul"],
        )


def dense_share(path: Path) -> float:
    """Share of a file's weights that are in dense layers, 0-1: what `quantise_dynamic` shrinks."""
    model = onnx.load(path)
    sizes = {t.name: float(np.prod(t.dims)) for t in model.graph.initializer}
    counts = {
        kind: sum(sizes.get(n.input[1], 0.0) for n in model.graph.node if n.op_type == kind)
        for kind in ("Gemm", "Conv")
    }
    return counts["Gemm"] / max(sum(counts.values()), 1.0)


class _Faces(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, crops: FaceCrops) -> None:
        self._batches = self._cut(crops)

    @staticmethod
    def _cut(crops: FaceCrops) -> Iterator[dict[str, NDArray[np.uint8]]]:
        for start in range(0, len(crops), BATCH):
            yield {INPUT: to_nchw(crops[start : start + BATCH])}

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        return next(self._batches, None)


def _named(path: Path) -> onnx.ModelProto:
    """The model, every operator named: quantisation chooses by name."""
    model = onnx.load(path)
    for node in model.graph.node:
        node.name = node.name or node.output[0]
    return onnx.shape_inference.infer_shapes(model)


def _heavy(model: onnx.ModelProto) -> list[str]:
    """Names of the operators worth quantising: sums of two computed maps, not of a constant."""
    constants = {tensor.name for tensor in model.graph.initializer}
    nodes = model.graph.node
    dense = [node.name for node in nodes if node.op_type == "Gemm"]
    convolutions = [node.name for node in nodes if node.op_type == "Conv"]
    sums = [n.name for n in nodes if n.op_type == "Add" and not constants & set(n.input)]
    return [*convolutions, *sums, *dense[:-1]]


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """The root logger is asked to advise on preprocessing at every call; it was done."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(level)
