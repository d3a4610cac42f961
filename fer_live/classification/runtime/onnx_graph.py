"""A checkpoint's network as an ONNX graph, built from its weights without PyTorch.

Covers the ResNets of `networks.architectures`, dlib's among them. The graph takes bytes and
returns probabilities: normalisation, calibration and softmax are in it, and batch norms are folded
into convolutions.
"""

import numpy as np
from onnx import TensorProto

from fer_live.classification.description import Architecture, CheckpointMeta
from fer_live.classification.networks.dlib_stages import STAGES
from fer_live.classification.runtime.graph_builder import INPUT, GraphBuilder, Ranges, Weights

OUTPUT = "probabilities"
"""Name of the output: (N, K) float32."""

FEATURES = "features"
"""Name of the optional second output: the last feature map (N, C, h, w) float32."""

_DEPTHS = {"resnet18": (2, 2, 2, 2), "resnet34": (3, 4, 6, 3), "resnet50": (3, 4, 6, 3)}

DLIB = "dlib_resnet29"


def covers(meta: CheckpointMeta) -> bool:
    """Whether `build_graph` knows the network."""
    return meta.architecture.name in (*_DEPTHS, DLIB)


def build_graph(
    meta: CheckpointMeta,
    weights: Weights,
    head: str,
    *,
    features: bool = False,
    ranges: Ranges | None = None,
    extremes: bool = False,
) -> bytes:
    """The network with one of its heads, serialised.

    Args:
        meta: The checkpoint's description, one that is covered.
        weights: All of its tensors by name, float32.
        head: Which head's probabilities it gives.
        features: Give the last feature map too.
        ranges: Compute the convolutions in eight bits, with maps in these ranges; None computes in
            float32.
        extremes: Also give the smallest and the largest value of every map that has a range in
            eight bits, as scalars named by the map and `LEAST` or `MOST`.

    Raises:
        KeyError: A weight is missing.
        ValueError: A weight does not belong to the network, or has the wrong shape.
    """
    graph = GraphBuilder(weights, ranges or {})
    x = _normalised(graph, meta)
    if meta.architecture.enlarge_to:
        x = _enlarged(graph, x, meta.input.size, meta.architecture.enlarge_to)
    x = graph.eight_bits(x, "trunk")
    if meta.architecture.name == DLIB:
        x = _dlib(graph, x, meta.network_side)
    else:
        x = _resnet(graph, x, meta.architecture)
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
    if extremes:
        outputs.update({name: [] for name in graph.extremes()})
    return graph.finish(len(meta.input.mean), meta.input.size, outputs)


def _normalised(graph: GraphBuilder, meta: CheckpointMeta) -> str:
    mean, std = (np.array(v, np.float32)[:, None, None] for v in (meta.input.mean, meta.input.std))
    x = graph.add("Cast", [INPUT], to=TensorProto.FLOAT)
    x = graph.add("Mul", [x, graph.constant(np.float32(1) / (std * np.float32(255)))])
    return graph.add("Sub", [x, graph.constant(mean / std)])


def _enlarged(graph: GraphBuilder, x: str, side: int, to: int) -> str:
    """Bilinear interpolation as two matrix products, which every engine computes alike."""
    places = np.clip((np.arange(to) + 0.5) * side / to - 0.5, 0, side - 1)
    low = np.minimum(places.astype(int), side - 2)
    matrix = np.zeros((to, side), np.float32)
    matrix[np.arange(to), low] = 1 - (places - low)
    matrix[np.arange(to), low + 1] = places - low
    x = graph.add("MatMul", [graph.constant(matrix), x])
    return graph.add("MatMul", [x, graph.constant(matrix.T)])


def _dlib(graph: GraphBuilder, x: str, side: int) -> str:
    """dlib's network, see `dlib_resnet`; sides of maps are needed to fill up the smaller ones."""
    x = graph.add("Relu", [graph.convolution(x, "trunk.conv", "trunk.bn", 2, 0)])
    x = graph.eight_bits(x, "trunk.blocks.0")
    x = graph.rearrange("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2])
    side = ((side - 7) // 2 + 1 - 3) // 2 + 1
    channels, number = STAGES[0][0], 0
    for stage, (width, count) in enumerate(STAGES):
        for place in range(count):
            name, halve = f"trunk.blocks.{number}", stage > 0 and place == 0
            stride, pad = (2, 0) if halve else (1, 1)
            if number:
                x = graph.eight_bits(x, name)
            y = graph.add(
                "Relu", [graph.convolution(x, f"{name}.conv1", f"{name}.bn1", stride, pad)]
            )
            y = graph.eight_bits(y, f"{name}.conv2")
            y = graph.eight_bits(
                graph.convolution(y, f"{name}.conv2", f"{name}.bn2"), f"{name}.sum"
            )
            if halve:
                x = graph.rearrange("AveragePool", [x], kernel_shape=[2, 2], strides=[2, 2])
                pooled, strided = side // 2, (side - 3) // 2 + 1
                side = max(pooled, strided)
                x = _filled(graph, x, width - channels, side - pooled)
                y = _filled(graph, y, 0, side - strided)
            x = graph.add("Relu", [graph.add("Add", [x, y])])
            channels, number = width, number + 1
    return x


def _filled(graph: GraphBuilder, x: str, channels: int, pixels: int) -> str:
    if not channels and not pixels:
        return x
    pads = np.array([0, 0, 0, 0, 0, channels, pixels, pixels], np.int64)
    return graph.rearrange("Pad", [x, graph.constant(pads)])


def _resnet(graph: GraphBuilder, x: str, architecture: Architecture) -> str:
    x = _stem(graph, x, architecture.stem)
    for stage, depth in enumerate(_DEPTHS[architecture.name], start=1):
        for block in range(depth):
            name = f"trunk.layer{stage}.{block}"
            if stage > 1 or block > 0:
                x = graph.eight_bits(x, name)
            x = _residual(graph, x, name, 2 if stage > 1 and block == 0 else 1)
    return x


def _stem(graph: GraphBuilder, x: str, stem: str) -> str:
    if stem == "deep":
        x = graph.add("Relu", [graph.convolution(x, "trunk.conv1.0", "trunk.conv1.1")])
        x = graph.convolution(graph.eight_bits(x, "trunk.conv1.3"), "trunk.conv1.3", "trunk.bn1", 2)
    else:
        stride = 1 if stem == "small-stride1" else 2
        x = graph.convolution(x, "trunk.conv1", "trunk.bn1", stride)
    x = graph.eight_bits(graph.add("Relu", [x]), "trunk.layer1.0")
    if stem == "imagenet":
        x = graph.rearrange("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    return x


def _residual(graph: GraphBuilder, x: str, name: str, stride: int) -> str:
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
            y = _excitation(graph, graph.eight_bits(y, f"{norm}.1"), f"{norm}.1")
        if number < count:
            y = graph.eight_bits(graph.add("Relu", [y]), f"{name}.conv{number + 1}")
    y = graph.eight_bits(y, f"{name}.sum")
    if graph.has(f"{name}.downsample.0.weight"):
        x = graph.convolution(x, f"{name}.downsample.0", f"{name}.downsample.1", stride)
        x = graph.eight_bits(x, f"{name}.shortcut")
    return graph.add("Relu", [graph.add("Add", [x, y])])


def _excitation(graph: GraphBuilder, x: str, name: str) -> str:
    """Squeeze and excitation (Hu et al., 2018), as in torchvision."""
    scale = graph.add("GlobalAveragePool", [x])
    scale = graph.add("Relu", [graph.convolution(scale, f"{name}.fc1")])
    scale = graph.add("Sigmoid", [graph.convolution(scale, f"{name}.fc2")])
    return graph.add("Mul", [x, scale])


def _head(graph: GraphBuilder, x: str, head: str) -> str:
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


def _calibrated(graph: GraphBuilder, logits: str, meta: CheckpointMeta, head: str) -> None:
    spec = meta.heads[head]
    x = graph.add("Add", [logits, graph.constant(np.array(spec.offsets, np.float32))])
    x = graph.add("Div", [x, graph.constant(np.array(spec.temperature, np.float32))])
    graph.add("Softmax", [x], OUTPUT, axis=1)
