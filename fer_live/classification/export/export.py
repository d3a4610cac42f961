"""Export of a checkpoint as an ONNX or TorchScript file with a description of its use.

The file takes bytes and returns probabilities: it includes normalisation, class bias, temperature
and softmax. Its metadata give the rest: labels, input size, colour mode, crop margin.
"""

import contextlib
import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, cast

import numpy as np
import onnx
import torch
from onnx import helper
from torch import Tensor, nn

from fer_live import __version__
from fer_live.classification.checkpoint import load_checkpoint
from fer_live.classification.description import InputSpec
from fer_live.classification.export.members import Member, metadata_of
from fer_live.classification.networks.architectures import FaceNet
from fer_live.classification.runtime.classifier import TorchClassifier, fold_batch_norm
from fer_live.classification.runtime.ensemble import load_models
from fer_live.classification.runtime.graph_builder import INPUT, OPSET
from fer_live.classification.runtime.loading import Classifier
from fer_live.classification.runtime.onnx import GraphClassifier, read_weights, to_nchw
from fer_live.classification.runtime.onnx_graph import OUTPUT, build_graph, covers
from fer_live.core.errors import ModelError
from fer_live.core.files import atomic_write
from fer_live.core.types import FaceCrops, Probabilities

Format = Literal["onnx", "torchscript"]

TOLERANCE = 1e-4
"""Largest allowed difference of a probability from PyTorch's, without quantisation."""

TORCHSCRIPT_METADATA = "fer_live.json"
"""Name of the extra file inside a TorchScript archive that holds the metadata as JSON."""

CHECK_BATCHES = (3, 1)
"""Batch sizes of the check, because the file must accept any number of faces."""


def export_onnx(members: Sequence[Member], out: Path) -> float:
    """Writes a model, or the mean of several, as an ONNX file and checks it against PyTorch.

    Args:
        members: From `choose_members`.
        out: The file; an existing one is replaced after the check.

    Returns:
        The largest difference of a probability from PyTorch's.

    Raises:
        ModelError: A checkpoint does not fit, the file's probabilities differ, or it cannot be
            written.
    """
    first = members[0]
    with write_model(out) as part:
        if len(members) == 1 and covers(first.meta):
            part.write_bytes(build_graph(first.meta, read_weights(first.path), first.head))
        else:
            _trace_onnx(members, part)
        describe_onnx(part, metadata_of(members))
        exported = GraphClassifier(part, first.meta, first.head)
        return _check(exported.classify, _reference(members))


def export_torchscript(members: Sequence[Member], out: Path) -> float:
    """As `export_onnx`, as a TorchScript archive."""
    with write_model(out) as part, _quiet():
        example = _example(members[0].meta.input)
        traced = torch.jit.trace(_whole_network(members), example)  # type: ignore[no-untyped-call]
        metadata = json.dumps(metadata_of(members))
        torch.jit.save(traced, str(part), _extra_files={TORCHSCRIPT_METADATA: metadata})
        loaded = torch.jit.load(str(part), map_location="cpu")  # type: ignore[no-untyped-call]

        def answer(crops: FaceCrops) -> Probabilities:
            with torch.inference_mode():
                return cast(Probabilities, loaded(torch.from_numpy(to_nchw(crops))).numpy())

        return _check(answer, _reference(members))


def describe_onnx(path: Path, metadata: Mapping[str, str]) -> None:
    """Writes metadata into an ONNX file, replacing its own."""
    model = onnx.load(path)
    del model.metadata_props[:]
    helper.set_model_props(model, dict(metadata))
    model.producer_name, model.producer_version = "fer-live", __version__
    onnx.checker.check_model(model)
    onnx.save(model, path)


def check_crops(spec: InputSpec, count: int) -> FaceCrops:
    """Crops for the comparison of two engines: random patches, so that probabilities differ.

    Args:
        spec: The model's input.
        count: Number of crops.
    """
    rng = np.random.default_rng(count)
    coarse = rng.integers(0, 256, spec.blank(count)[:, :8, :8].shape, np.uint8)
    times = -(-spec.size // 8)
    return np.ascontiguousarray(
        coarse.repeat(times, 1).repeat(times, 2)[:, : spec.size, : spec.size]
    )


class _CalibratedNetwork(nn.Module):
    """(N, C, S, S) uint8 to (N, K) calibrated probabilities, through one head."""

    scale: Tensor
    shift: Tensor
    bias: Tensor

    def __init__(self, network: FaceNet, member: Member) -> None:
        super().__init__()
        given, spec = member.meta.input, member.spec
        mean, std = (torch.tensor(v).view(1, -1, 1, 1) for v in (given.mean, given.std))
        self.register_buffer("scale", 1 / (255 * std))
        self.register_buffer("shift", mean / std)
        self.register_buffer("bias", torch.tensor(spec.offsets))
        self.temperature = spec.temperature
        fold_batch_norm(network)
        self.network, self.head = network, network.heads[member.head]
        for other in set(network.heads) - {member.head}:
            del network.heads[other]

    def forward(self, crops: Tensor) -> Tensor:
        x = self.network.enlarged(crops.float() * self.scale - self.shift)
        logits = self.head(self.network.trunk(x))
        return torch.softmax((logits + self.bias) / self.temperature, 1)


class _MeanNetwork(nn.Module):
    """The mean of several models, each with its classes in the order of the first."""

    def __init__(self, members: Sequence[nn.Module], orders: Sequence[Sequence[int]]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.orders = orders

    def forward(self, crops: Tensor) -> Tensor:
        pairs = zip(self.members, self.orders, strict=True)
        return torch.stack([member(crops)[:, order] for member, order in pairs]).mean(0)


def _whole_network(members: Sequence[Member]) -> nn.Module:
    parts: list[nn.Module] = [_CalibratedNetwork(load_checkpoint(m.path)[0], m) for m in members]
    orders = [member.order(members[0].spec.labels.labels) for member in members]
    whole = parts[0] if len(parts) == 1 else _MeanNetwork(parts, orders)
    return whole.eval().requires_grad_(False)


def _reference(members: Sequence[Member]) -> Classifier:
    paths = [member.path for member in members]
    return load_models(paths, "cpu", members[0].head, TorchClassifier.load)


def _trace_onnx(members: Sequence[Member], out: Path) -> None:
    with _quiet():
        # This exporter needs no library besides torch; the graphs have no control flow.
        torch.onnx.export(
            _whole_network(members),
            (_example(members[0].meta.input),),
            str(out),
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {0: "n"}, OUTPUT: {0: "n"}},
            opset_version=OPSET,
            dynamo=False,
        )


def _example(spec: InputSpec) -> Tensor:
    return torch.from_numpy(to_nchw(check_crops(spec, 2)))


def _check(answer: Callable[[FaceCrops], Probabilities], reference: Classifier) -> float:
    worst = 0.0
    for count in CHECK_BATCHES:
        crops = check_crops(reference.input, count)
        given, wanted = answer(crops), reference.classify(crops)
        fits = given.shape == wanted.shape and bool(np.isfinite(given).all())
        worst = max(worst, float(np.abs(given - wanted).max()) if fits else np.inf)
    if worst > TOLERANCE:
        raise ModelError(
            f"The exported file's probabilities differ from the model's by {worst:.2g}.",
            "Nothing was written. Try the other --format.",
        )
    return worst


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hides the deprecation warnings that TorchScript and its ONNX exporter emit at every call."""
    with warnings.catch_warnings():
        for category in (DeprecationWarning, FutureWarning):
            warnings.simplefilter("ignore", category)
        yield


@contextlib.contextmanager
def write_model(out: Path) -> Iterator[Path]:
    """`atomic_write` for an exported model. Raises ModelError if the file cannot be written."""
    try:
        with atomic_write(out) as part:
            yield part
    except OSError as error:
        raise ModelError(
            f"{out} cannot be written: {error.strerror or error}.",
            "Choose a folder you can write to, with enough free space.",
        ) from error
