"""Quantisation of an exported ONNX file to eight-bit weights and arithmetic, for the CPU."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from fer_live.classification.runtime.graph_builder import INPUT
from fer_live.classification.runtime.onnx import to_nchw
from fer_live.core.process import errors_only, without_telemetry
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
"""Calibration faces per batch; only memory depends on it."""


def quantise_static(path: Path, out: Path, crops: FaceCrops) -> None:
    """Quantises convolutions, dense layers and residual sums, with ranges measured in advance.

    Weights have one scale per channel and seven bits, because sums of eight-bit products overflow
    on older x86 processors. The last dense layer takes no notable time and stays in float32.

    Args:
        path: An ONNX file with single-precision weights.
        out: The file to write.
        crops: Faces for the measurement of ranges, (N, S, S) or (N, S, S, 3) RGB uint8.
    """
    model = _named(path)
    onnx.save(model, out)
    with errors_only():  # each call advises to preprocess, which is done
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
    """Quantises dense layers, with ranges measured at every call.

    Convolutions stay in float32: with ranges measured at every call, ONNX Runtime's convolutions
    take longer (three times as long for the default model).

    Arguments as `quantise_static`, without crops.
    """
    with errors_only():  # each call advises to preprocess, which is done
        # Dense layers become matrix products first, so both names are given.
        quantize_dynamic(
            str(path),
            str(out),
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["Gemm", "MatMul"],
        )


def dense_share(path: Path) -> float:
    """Share of a file's weights in dense layers, 0-1, which `quantise_dynamic` reduces."""
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
    """The model with a name for every operator, because quantisation selects by name."""
    model = onnx.load(path)
    for node in model.graph.node:
        node.name = node.name or node.output[0]
    return onnx.shape_inference.infer_shapes(model)


def _heavy(model: onnx.ModelProto) -> list[str]:
    """Names of the operators to quantise; of sums, those of two computed maps."""
    constants = {tensor.name for tensor in model.graph.initializer}
    nodes = model.graph.node
    dense = [node.name for node in nodes if node.op_type == "Gemm"]
    convolutions = [node.name for node in nodes if node.op_type == "Conv"]
    sums = [n.name for n in nodes if n.op_type == "Add" and not constants & set(n.input)]
    return [*convolutions, *sums, *dense[:-1]]
