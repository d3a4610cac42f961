"""The classifier on the CPU: ONNX Runtime, loaded in a fraction of PyTorch's time and memory."""

import logging
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from fer_live.emotion.description import InputSpec, read_meta
from fer_live.emotion.onnx_graph import INPUT, OUTPUT, build_graph
from fer_live.errors import ModelError
from fer_live.labels import LabelSet
from fer_live.types import FaceCrops, Probabilities

_log = logging.getLogger(__name__)


class OnnxClassifier:
    """A checkpoint run by ONNX Runtime; the answers are `TorchClassifier`'s to within 1e-4.

    Args:
        path: A checkpoint whose network `onnx_graph.covers`.
        head: Head to answer with; None takes the checkpoint's default.
        threads: Threads that share one batch.

    Raises:
        ModelError: Missing, damaged or unfit checkpoint, or it has no such head.
    """

    device_name = "CPU"

    def __init__(self, path: Path, head: str | None = None, threads: int = 1) -> None:
        self.meta = read_meta(path)
        name = self.meta.choose_head(head)
        self._spec = self.meta.heads[name]
        try:
            graph = build_graph(self.meta, _weights(path), name)
            self._session = onnxruntime.InferenceSession(
                graph, _options(threads), providers=["CPUExecutionProvider"]
            )
            # Shapes that disagree show only when it runs.
            self.classify(self.input.blank(1))
        except (OSError, SafetensorError, KeyError, ValueError, RuntimeError) as error:
            _log.info("no graph from %s: %s", path, error)
            raise ModelError(
                f"The weights in {path} do not fit the network they describe.",
                "The file is damaged or from another version: fetch or train it again.",
            ) from error
        _log.info("model %s on the CPU, by %s", self.meta.name, self.engine_name)

    @property
    def engine_name(self) -> str:
        """The library that computes, for people to read."""
        return f"ONNX Runtime {onnxruntime.__version__}"

    @property
    def labels(self) -> LabelSet:
        return self._spec.labels

    @property
    def input(self) -> InputSpec:
        return self.meta.input

    @property
    def model_name(self) -> str:
        return self.meta.name

    def classify(self, crops: FaceCrops) -> Probabilities:
        """Calibrated probabilities (N, K) float32 of one batch.

        Args:
            crops: (N, S, S) grey or (N, S, S, 3) RGB uint8, as `input` says; N may be 0.

        Raises:
            ValueError: The crops are not of the model's size or colour.
        """
        if not len(crops):
            return np.zeros((0, len(self.labels)), np.float32)
        self.input.check(crops)
        batch = crops[:, None] if self.input.color == "gray" else crops.transpose(0, 3, 1, 2)
        (answer,) = self._session.run([OUTPUT], {INPUT: np.ascontiguousarray(batch)})
        return np.asarray(answer, np.float32)


def _weights(path: Path) -> dict[str, NDArray[np.float32]]:
    with safe_open(path, framework="np") as handle:
        names = [name for name in handle.keys() if not name.endswith("num_batches_tracked")]  # noqa: SIM118
        weights = {name: handle.get_tensor(name).astype(np.float32) for name in names}
    if not all(np.isfinite(values).all() for values in weights.values()):
        raise ModelError(
            f"The weights in {path} are not finite numbers.", "Fetch or train the model again."
        )
    return weights


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A thread that spins for its next batch keeps a core hot and from the others.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Blocks of memory are kept for the largest batch only, not doubled in advance.
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return options
