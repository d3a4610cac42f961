"""Temperature scaling and class-prior correction, fitted on validation faces."""

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from fer_live.classification.description import CheckpointMeta, HeadSpec
from fer_live.classification.networks.architectures import FaceNet
from fer_live.classification.runtime.classifier import TorchClassifier
from fer_live.classification.runtime.device import choose_device
from fer_live.core.errors import DataError
from fer_live.evaluation.metrics import calibration_error
from fer_live.training.data.dataset import FaceData
from fer_live.training.data.degradation import Degradation, degrade
from fer_live.training.inference import predict_logits

Bias = Literal["none", "prior", "fitted"]

TEMPERATURES = (0.05, 20.0)
"""Limits of a fitted temperature; a fit beyond them has too little data to be meaningful."""

BIAS_PENALTY = 1e-3
"""Weight of the squared bias in the fit; it keeps the bias of a class without faces finite."""

MIN_FACES = 20
"""Fewest validation faces for a fit; fewer do not determine even one parameter."""

FIT_DEGRADATION = Degradation(share=1.0)
"""How the degraded copies are made to which a temperature is fitted."""

FIT_SEED = 2013
"""Seed of these."""

_STEPS = 100  # far more than LBFGS needs for one temperature and eight offsets
_HALVINGS = 40  # of the temperatures' range: a finer step than any data resolves


@dataclass(frozen=True)
class Calibration:
    """How one head's logits become probabilities: ``softmax((logits + bias) / temperature)``."""

    temperature: float
    bias: tuple[float, ...]


def fit_bias(logits: Tensor, truth: NDArray[np.int64]) -> Calibration:
    """Minimises the negative log-likelihood (vector scaling's offset; Guo et al., 2017).

    Args:
        logits: (N, K) float32.
        truth: (N,) classes.

    Returns:
        A bias with mean zero, and the temperature in whose units it was fitted.
    """
    z, y = logits.double(), torch.from_numpy(truth)
    offset = torch.zeros(z.shape[1], dtype=torch.float64, requires_grad=True)
    log_t = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_t, offset], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy((z + offset) / log_t.exp(), y)
        value = value + BIAS_PENALTY * offset.square().mean()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    temperature = float(log_t.detach().exp().clamp(*TEMPERATURES))
    centred = (offset - offset.mean()).detach()
    return Calibration(temperature, _rounded(centred.numpy()))


def fit_temperature(
    logits: Tensor,
    truth: NDArray[np.int64],
    bias: tuple[float, ...] = (),
) -> Calibration:
    """The temperature at which the mean confidence equals the accuracy.

    The temperature of the greatest likelihood fits the most confident faces best and leaves the
    others overconfident, by 1.5 points on FER2013's labels. Fitted on one half of FER2013's
    validation faces and measured on the other, this one lowers the expected calibration error
    from 3.7 to 3.5 % (mean of twelve random halves).

    Args:
        logits: (N, K) float32.
        truth: (N,) classes.
        bias: (K,) offset added to the logits; empty: none.
    """
    z = _shifted(logits.double(), bias)
    accuracy = float((z.argmax(1) == torch.from_numpy(truth)).double().mean())
    low, high = TEMPERATURES
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        too_sure = float((z / middle).softmax(1).amax(1).mean()) > accuracy
        low, high = (middle, high) if too_sure else (low, middle)
    return Calibration(math.sqrt(low * high), bias)


def class_shares(truth: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """Share (K,) of each class, one without a face counting as one face.

    Args:
        truth: (N,) classes, -1 for none.
        classes: How many there are.
    """
    counts = np.maximum(np.bincount(truth[truth >= 0], minlength=classes), 1)
    return np.asarray(counts / counts.sum(), np.float64)


def evened(shares: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
    """Shares brought nearer to each other: 0 leaves them, 1 makes them equal, in the logarithm."""
    powers = shares ** (1 - strength)
    return np.asarray(powers / powers.sum(), np.float64)


def calibrate(
    network: FaceNet,
    meta: CheckpointMeta,
    data: FaceData,
    *,
    bias: Bias = "none",
    prior_strength: float = 0.0,
    degraded: bool = False,
    device: str = "auto",
) -> CheckpointMeta:
    """Fits every head whose classes the data has, on its validation split.

    Heads trained on FER+ votes are fitted to the majority class (see `fer2013.majority`), so that
    their confidence is the probability of agreeing with it. Other heads keep their calibration.

    Args:
        network: The network; it is not changed.
        meta: Its description.
        data: Faces with splits.
        bias: ``none``, ``prior`` (logit adjustment; Menon et al., 2021) or ``fitted``.
        prior_strength: How far the probabilities are moved from the class shares of the training
            split (0) to even ones (1), for ``prior`` or on top of ``fitted``: rare classes are
            found more often.
        degraded: Fit the temperature to a degraded copy of each face too (see
            `training.data.degradation`), so that confidence falls with the quality of the picture.
        device: Where to run; see `choose_device`.

    Returns:
        The description with the new calibration; ``provenance["calibration"]`` records it.

    Raises:
        DataError: There is no head that can be fitted.
    """
    val, train = data.part("val"), data.part("train")
    classifier = TorchClassifier(copy.deepcopy(network), meta, choose_device(device))
    logits = predict_logits(classifier, val) if len(val) else {}
    worse = predict_logits(classifier, _degraded(val)) if degraded and len(val) else {}
    heads: dict[str, HeadSpec] = dict(meta.heads)
    done: dict[str, Any] = {}
    for name, spec in meta.heads.items():
        target = data.targets.get(name)
        if target is None or target.labels.labels != spec.labels.labels or not logits:
            continue
        truth = val.classes(name)
        known = np.flatnonzero(truth >= 0)
        if len(known) < MIN_FACES:
            continue
        z, y = logits[name][torch.from_numpy(known)], truth[known]
        shares = class_shares(train.classes(name), len(spec.labels))
        wanted = shares if bias == "none" else evened(shares, prior_strength)
        offset: tuple[float, ...] = ()
        if bias != "none":
            likely = fit_bias(z, y) if bias == "fitted" else Calibration(1.0, (0.0,) * len(shares))
            # The shares are in units of log-probability, the bias in units of logits.
            shift = np.log(wanted / shares)
            offset = _rounded(np.array(likely.bias) + likely.temperature * (shift - shift.mean()))
        if degraded:
            also = torch.cat([z, worse[name][torch.from_numpy(known)]])
            fitted = fit_temperature(also, np.tile(y, 2), offset)
        else:
            fitted = fit_temperature(z, y, offset)
        prior = tuple(wanted.round(6).tolist())
        heads[name] = HeadSpec(spec.labels, fitted.temperature, fitted.bias, prior)
        done[name] = {
            "n": len(known),
            "before": _quality(z, y, HeadSpec(spec.labels)),
            "after": _quality(z, y, heads[name]),
        }
    if not done:
        raise DataError(
            f"{data.source} has too few validation faces for any head of {meta.name!r}.",
            f"At least {MIN_FACES} faces with the model's own classes are needed.",
        )
    record: dict[str, Any] = {"split": "val", "data": data.source.name, "bias": bias, "heads": done}
    if bias != "none":
        record["prior_strength"] = prior_strength
    if degraded:
        record["degraded"] = asdict(FIT_DEGRADATION)
    return replace(meta, heads=heads, provenance={**meta.provenance, "calibration": record})


def _degraded(data: FaceData) -> FaceData:
    rng = np.random.default_rng(FIT_SEED)
    return replace(data, images=degrade(data.images, FIT_DEGRADATION, rng))


def _shifted(logits: Tensor, bias: Sequence[float]) -> Tensor:
    return logits + torch.tensor(bias or [0.0] * logits.shape[1], dtype=logits.dtype)


def _rounded(bias: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(bias.round(6).tolist())


def _quality(logits: Tensor, truth: NDArray[np.int64], spec: HeadSpec) -> Mapping[str, float]:
    scaled = _shifted(logits, spec.bias) / spec.temperature
    return {
        "nll": round(float(F.cross_entropy(scaled, torch.from_numpy(truth))), 4),
        "ece": round(calibration_error(truth, scaled.softmax(1).numpy()), 4),
        "accuracy": round(float((scaled.argmax(1).numpy() == truth).mean()), 4),
    }
