"""A checkpoint as a file for other programs, ONNX or TorchScript, that says how to use it.

The file takes bytes and gives probabilities: normalisation, class bias, temperature and softmax
are inside. Its metadata hold everything else that is needed: labels, size, colour, crop.
"""

import contextlib
import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal, cast

import numpy as np
import onnx
import torch
from onnx import helper
from torch import Tensor, nn

from fer_live import __version__
from fer_live.emotion.architectures import FaceNet
from fer_live.emotion.checkpoint import load_checkpoint
from fer_live.emotion.classifier import TorchClassifier, fold_batch_norm
from fer_live.emotion.description import CheckpointMeta, InputSpec, read_meta
from fer_live.emotion.onnx_engine import GraphClassifier, read_weights, to_nchw
from fer_live.emotion.onnx_graph import INPUT, OPSET, OUTPUT, build_graph, covers
from fer_live.errors import ModelError
from fer_live.types import FaceCrops, Probabilities

Format = Literal["onnx", "torchscript"]

TOLERANCE = 1e-4
"""Largest difference of a probability from PyTorch's in an export that is not quantised."""

TORCHSCRIPT_METADATA = "fer_live.json"
"""Name of the extra file inside a TorchScript archive that holds the metadata as JSON."""

CHECK_BATCHES = (3, 1)
"""Batch sizes of the check: the number of faces must be free."""

USAGE = (
    "Cut a square around the centre of the face's box, crop_margin times the mean of the box's "
    "sides; resize it to input_size; convert it to color; pass it as uint8 0-255 in the layout "
    "N, C, H, W. Do not normalise: mean and std, bias and temperature are applied inside. The "
    "output is one row of probabilities for each face, in the order of labels."
)


def metadata_of(meta: CheckpointMeta, head: str, precision: str = "float32") -> dict[str, str]:
    """What an exported file says of itself; lists and numbers are JSON.

    Args:
        meta: The checkpoint's description.
        head: The head that is exported.
        precision: ``float32`` or ``int8``.
    """
    spec = meta.heads[head]
    values = {
        "input_size": meta.input.size,
        "crop_margin": meta.input.crop_margin,
        "mean": meta.input.mean,
        "std": meta.input.std,
        "labels": spec.labels.labels,
        "temperature": spec.temperature,
        "bias": spec.bias or [0.0] * len(spec.labels),
    }
    return {
        "model": meta.name,
        "head": head,
        "color": meta.input.color,
        "precision": precision,
        "input_name": INPUT,
        "output_name": OUTPUT,
        "usage": USAGE,
        "producer": f"fer-live {__version__}",
        **{key: json.dumps(value) for key, value in values.items()},
    }


def export_onnx(path: Path, out: Path, head: str | None = None) -> float:
    """Writes a checkpoint as an ONNX file and checks it against PyTorch.

    Args:
        path: The checkpoint.
        out: The file; replaced if it is there, and only after the check.
        head: Head to export; None is the default.

    Returns:
        The largest difference of a probability from PyTorch's.

    Raises:
        ModelError: Unfit checkpoint, no such head, answers that differ, or a file that cannot be
            written.
    """
    meta = read_meta(path)
    name = meta.choose_head(head)
    reference = TorchClassifier.load(path, "cpu", name)
    with part_of(out) as part:
        if covers(meta):
            part.write_bytes(build_graph(meta, read_weights(path), name))
        else:
            _trace_onnx(path, name, part)
        describe_onnx(part, metadata_of(meta, name))
        exported = GraphClassifier(part, meta, name)
        return _check(exported.classify, reference)


def export_torchscript(path: Path, out: Path, head: str | None = None) -> float:
    """As `export_onnx`, as a TorchScript archive."""
    meta = read_meta(path)
    name = meta.choose_head(head)
    reference = TorchClassifier.load(path, "cpu", name)
    with part_of(out) as part, _quiet():
        traced = torch.jit.trace(_answering(path, name), _example(meta.input))  # type: ignore[no-untyped-call]
        metadata = json.dumps(metadata_of(meta, name))
        torch.jit.save(traced, str(part), _extra_files={TORCHSCRIPT_METADATA: metadata})
        loaded = torch.jit.load(str(part), map_location="cpu")  # type: ignore[no-untyped-call]

        def answer(crops: FaceCrops) -> Probabilities:
            with torch.inference_mode():
                return cast(Probabilities, loaded(torch.from_numpy(to_nchw(crops))).numpy())

        return _check(answer, reference)


def describe_onnx(path: Path, metadata: Mapping[str, str]) -> None:
    """Puts metadata into an ONNX file, in place of any it has."""
    model = onnx.load(path)
    del model.metadata_props[:]
    helper.set_model_props(model, dict(metadata))
    model.producer_name, model.producer_version = "fer-live", __version__
    onnx.checker.check_model(model)
    onnx.save(model, path)


def check_crops(spec: InputSpec, count: int) -> FaceCrops:
    """Crops to compare two engines on: random blotches, so that the answers differ."""
    rng = np.random.default_rng(count)
    coarse = rng.integers(0, 256, spec.blank(count)[:, :8, :8].shape, np.uint8)
    times = -(-spec.size // 8)
    return np.ascontiguousarray(
        coarse.repeat(times, 1).repeat(times, 2)[:, : spec.size, : spec.size]
    )


class _Answering(nn.Module):
    """(N, C, S, S) uint8 to (N, K) calibrated probabilities, through one head."""

    scale: Tensor
    shift: Tensor
    bias: Tensor

    def __init__(self, network: FaceNet, meta: CheckpointMeta, head: str) -> None:
        super().__init__()
        spec = meta.heads[head]
        mean, std = (torch.tensor(v).view(1, -1, 1, 1) for v in (meta.input.mean, meta.input.std))
        self.register_buffer("scale", 1 / (255 * std))
        self.register_buffer("shift", mean / std)
        self.register_buffer("bias", torch.tensor(spec.bias or [0.0] * len(spec.labels)))
        self.temperature = spec.temperature
        fold_batch_norm(network)
        self.trunk, self.head = network.trunk, network.heads[head]

    def forward(self, crops: Tensor) -> Tensor:
        logits = self.head(self.trunk(crops.float() * self.scale - self.shift))
        return torch.softmax((logits + self.bias) / self.temperature, 1)


def _answering(path: Path, head: str) -> nn.Module:
    network, meta = load_checkpoint(path)
    answering = _Answering(network, meta, head).eval()
    return answering.requires_grad_(False)


def _trace_onnx(path: Path, head: str, out: Path) -> None:
    with _quiet():
        # The exporter that needs no library beside torch; the graphs have no control flow.
        torch.onnx.export(
            _answering(path, head),
            (_example(read_meta(path).input),),
            str(out),
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {0: "n"}, OUTPUT: {0: "n"}},
            opset_version=OPSET,
            dynamo=False,
        )


def _example(spec: InputSpec) -> Tensor:
    return torch.from_numpy(to_nchw(check_crops(spec, 2)))


def _check(answer: Callable[[FaceCrops], Probabilities], reference: TorchClassifier) -> float:
    worst = 0.0
    for count in CHECK_BATCHES:
        crops = check_crops(reference.input, count)
        given, wanted = answer(crops), reference.classify(crops)
        fits = given.shape == wanted.shape and bool(np.isfinite(given).all())
        worst = max(worst, float(np.abs(given - wanted).max()) if fits else np.inf)
    if worst > TOLERANCE:
        raise ModelError(
            f"The exported file does not answer as the model does (by {worst:.2g}).",
            "Nothing was written. Try the other --format.",
        )
    return worst


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """TorchScript and its ONNX exporter are told to be old at every call."""
    with warnings.catch_warnings():
        for category in (DeprecationWarning, FutureWarning):
            warnings.simplefilter("ignore", category)
        yield


@contextlib.contextmanager
def part_of(out: Path) -> Iterator[Path]:
    """A file beside `out` that takes its place if all went well, and else goes."""
    part = out.with_name(f"{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(out)
    except OSError as error:
        raise ModelError(
            f"{out} cannot be written: {error.strerror or error}.",
            "Choose a folder you can write to, with enough free space.",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
