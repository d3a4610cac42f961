"""The classifier on the CPU with ONNX Runtime, which loads faster and smaller than PyTorch."""

import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

from fer_live.classification.description import CheckpointMeta, read_meta
from fer_live.classification.explain.cam import FaceMaps, explain, in_closed_form, no_maps
from fer_live.classification.priors import with_prior
from fer_live.classification.runtime.base import CheckpointClassifier
from fer_live.classification.runtime.graph_builder import INPUT
from fer_live.classification.runtime.onnx_graph import FEATURES, OUTPUT, build_graph
from fer_live.classification.validation import check_weights
from fer_live.core.errors import ModelError
from fer_live.core.process import without_telemetry
from fer_live.core.types import FaceCrops, Probabilities

with without_telemetry():
    import onnxruntime

_log = logging.getLogger(__name__)


class GraphClassifier(CheckpointClassifier):
    """A graph run by ONNX Runtime on the CPU: crops in, calibrated probabilities out.

    Args:
        graph: A graph that takes `INPUT` and gives `OUTPUT`, or its file.
        meta: What the checkpoint that it was made from says of itself.
        head: The head that the graph answers with.
        threads: Threads that share one batch.

    Raises:
        RuntimeError, ValueError: The graph cannot be loaded, or its shapes disagree.
    """

    device_name = "CPU"

    def __init__(
        self, graph: bytes | Path, meta: CheckpointMeta, head: str, threads: int = 1
    ) -> None:
        super().__init__(meta, head)
        self._session = open_session(graph, threads)
        # Inconsistent shapes cause an error only when the graph runs.
        self.classify(self.input.blank(1))

    @property
    def engine_name(self) -> str:
        """Name of the library in use, for display."""
        return f"ONNX Runtime {onnxruntime.__version__}"

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
        (answer,) = self._session.run([OUTPUT], {INPUT: to_nchw(crops)})
        return np.asarray(answer, np.float32)


class OnnxClassifier(GraphClassifier):
    """A checkpoint run by ONNX Runtime; probabilities equal `TorchClassifier`'s to within 1e-4.

    Args:
        path: A checkpoint whose network `onnx_graph.covers`.
        head: Head to answer with; None takes the checkpoint's default.
        threads: Threads that share one batch.
        int8: Compute the convolutions in eight bits; the probabilities then differ by some
            hundredths.
        prior: Class shares that the probabilities hold for, see `priors.shares_of`; empty is the
            checkpoint's default.

    Raises:
        ModelError: The checkpoint is missing or damaged or does not fit, or has no such head or no
            ranges for eight bits.
        ConfigError: The prior cannot be used.
    """

    def __init__(
        self,
        path: Path,
        head: str | None = None,
        threads: int = 1,
        prior: str = "",
        *,
        int8: bool = False,
    ) -> None:
        meta = read_meta(path)
        if int8 and not meta.ranges:
            raise ModelError(
                f"The model {meta.name!r} has no ranges for arithmetic in eight bits.",
                "Leave --precision out, or add them with fer-live release --ranges-only.",
            )
        self.precision = "int8" if int8 else "float32"
        name = meta.choose_head(head)
        meta = with_prior(meta, prior, name)
        self.supports_heat_maps = in_closed_form(meta)
        try:
            weights = read_weights(path)
            graph = build_graph(
                meta,
                weights,
                name,
                features=self.supports_heat_maps,
                ranges=meta.ranges if int8 else None,
            )
            self._map_weights = weights[f"heads.{name}.1.weight"]
            super().__init__(graph, meta, name, threads)
        except ModelError:
            raise
        except Exception as error:  # ONNX Runtime's errors have no common class but this one
            _log.info("no graph from %s: %s", path, error)
            raise ModelError(
                f"The weights in {path} do not fit the network they describe.",
                "The file is damaged or from another version: fetch or train it again.",
            ) from error
        _log.info("model %s on the CPU, by %s", self.meta.name, self.engine_name)

    @property
    def engine_name(self) -> str:
        """Name of the library and its number format, for display."""
        return f"{super().engine_name}, {self.precision}"

    def classify_with_maps(
        self, crops: FaceCrops, label: str | None = None
    ) -> tuple[Probabilities, FaceMaps]:
        """As `classify`, with a heat map of a class for each face.

        Args:
            crops: As for `classify`.
            label: The class; None is the top class of each face.

        Returns:
            (N, K) float32 and (N, h, w) float32, see `cam`.

        Raises:
            ConfigError: The model has no such class, or its heads have no maps in closed form.
            ValueError: The crops are not of the model's size or colour.
        """
        if not self.supports_heat_maps:
            raise no_maps(self.model_name)
        if not len(crops):
            return self.classify(crops), np.zeros((0, 1, 1), np.float32)
        self.input.check(crops)
        answer, features = self._session.run([OUTPUT, FEATURES], {INPUT: to_nchw(crops)})
        probabilities = np.asarray(answer, np.float32)
        weights = self._map_weights
        maps = explain(np.asarray(features), weights, probabilities, self.labels, label)
        return probabilities, maps


def to_nchw(crops: FaceCrops) -> FaceCrops:
    """Converts crops (N, S, S) or (N, S, S, 3) to a contiguous (N, C, S, S), as for `INPUT`."""
    batch = crops[:, None] if crops.ndim == 3 else crops.transpose(0, 3, 1, 2)
    return np.ascontiguousarray(batch)


def read_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """All weights of a checkpoint by name, float32.

    Raises:
        ModelError: They are not finite, or all zero.
        OSError, SafetensorError: The file cannot be read.
    """
    with safe_open(path, framework="np") as handle:
        names = [name for name in handle.keys() if not name.endswith("num_batches_tracked")]  # noqa: SIM118
        weights = {name: handle.get_tensor(name).astype(np.float32) for name in names}
    if not all(np.isfinite(values).all() for values in weights.values()):
        raise ModelError(
            f"The weights in {path} are not finite numbers.", "Fetch or train the model again."
        )
    check_weights(path, ((name, v.ndim, bool(v.any())) for name, v in weights.items()))
    return weights


def open_session(graph: bytes | Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """Loads a graph, or its file, for the CPU.

    Raises:
        RuntimeError, ValueError: It cannot be loaded.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A thread that spins until its next batch occupies a core.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Without a stored memory plan for each batch size: 10 MB less.
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
