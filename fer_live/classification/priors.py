"""Which expressions are expected how often, and what that makes of a model's probabilities.

A calibrated probability holds for the class shares of the faces it was fitted on. Other faces have
other shares: by Bayes' rule the probability of each class is then multiplied by its new share over
its old one, and the row is brought back to a sum of 1 (Saerens et al., 2002; as logits: Menon et
al., 2021). As an offset on the logits it costs nothing and is part of every exported file.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from fer_live.classification.description import CheckpointMeta, HeadSpec
from fer_live.core.errors import ConfigError

FERPLUS_SHARES = {
    "neutral": 0.3488,
    "happy": 0.2908,
    "surprise": 0.1257,
    "sad": 0.1203,
    "angry": 0.0838,
    "disgust": 0.0047,
    "fear": 0.0212,
    "contempt": 0.0047,
}
"""Shares of the classes among FER+'s training faces, by the majority of the votes."""

BALANCED_STRENGTH = 0.8
"""How far ``balanced`` goes from FER+'s shares (0) to even ones (1), in the logarithm."""

CAUTIOUS_STRENGTH = 0.4
"""The same for `CAUTIOUS`."""

CAUTIOUS = "contempt"
"""A class that FER+'s voters agree on too rarely to be learnt well: expected as often as the
others, it is named on faces of every other class, four times in five wrongly."""

SMALLEST_SHARE = 1e-6
"""A class that a file gives no share is nearly, but not wholly, ruled out."""

PRIORS = ("uniform", "balanced", "ferplus")
"""Names that `shares_of` knows; any other text is a file."""


def shares_of(prior: str, labels: tuple[str, ...]) -> tuple[float, ...]:
    """The share of each class under a prior, by name or file.

    Args:
        prior: ``uniform`` (every class as often), ``ferplus`` (mostly neutral and happy, as in
            FER+'s crowd-voted web pictures), ``balanced`` (nearly even, contempt rare), or a JSON
            file with an object of shares by label, in any unit.
        labels: The model's K classes.

    Returns:
        K shares above 0 that sum to 1.

    Raises:
        ConfigError: Neither a name nor a readable file, or shares that cannot be used.
    """
    if prior == "uniform":
        weights = [1.0] * len(labels)
    elif prior in ("ferplus", "balanced"):
        unknown = [label for label in labels if label not in FERPLUS_SHARES]
        if unknown:
            raise ConfigError(
                f"FER+ has no class {unknown[0]!r}, so its shares do not fit this model.",
                "Use --prior uniform, or a file with a share for each class.",
            )
        weights = [FERPLUS_SHARES[label] ** _power(prior, label) for label in labels]
    else:
        given = _read(Path(prior).expanduser(), labels)
        weights = [max(given.get(label, 0.0), 0.0) for label in labels]
        weights = [max(w / sum(weights), SMALLEST_SHARE) for w in weights]
    return tuple(w / sum(weights) for w in weights)


def with_prior(meta: CheckpointMeta, prior: str, head: str) -> CheckpointMeta:
    """The model's description, one head's probabilities holding for other class shares.

    Args:
        meta: The description.
        prior: As for `shares_of`; empty is the model's own default.
        head: The head.

    Raises:
        ConfigError: The prior cannot be used, or the head does not say which shares it holds for.
    """
    if not prior:
        return meta
    if not meta.heads[head].prior:
        raise ConfigError(
            f"The model {meta.name!r} does not say which class shares it was calibrated for.",
            "Calibrate it again with this version, or leave --prior out.",
        )
    return replace(meta, heads={**meta.heads, head: moved(meta.heads[head], prior)})


def moved(spec: HeadSpec, prior: str) -> HeadSpec:
    """One head's calibration, moved to other class shares; see `with_prior`."""
    wanted = shares_of(prior, spec.labels.labels)
    bias = [
        offset + spec.temperature * math.log(new / old)
        for offset, new, old in zip(spec.offsets, wanted, spec.prior, strict=True)
    ]
    centre = sum(bias) / len(bias)
    return replace(spec, bias=tuple(round(b - centre, 6) for b in bias), prior=wanted)


def _power(prior: str, label: str) -> float:
    if prior == "ferplus":
        return 1.0
    return 1 - (CAUTIOUS_STRENGTH if label == CAUTIOUS else BALANCED_STRENGTH)


def _read(path: Path, labels: tuple[str, ...]) -> Mapping[str, float]:
    hint = (
        f"Name {', '.join(PRIORS)}, or a JSON file such as "
        '{"neutral": 5, "happy": 3} with shares of the classes.'
    )
    try:
        given = json.loads(path.read_text("utf-8"))
        if not isinstance(given, dict):
            raise ValueError("it is not an object of shares by label")
        shares = {str(label): float(value) for label, value in given.items()}
    except OSError as error:
        raise ConfigError(f"There is no prior {str(path)!r}.", hint) from error
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise ConfigError(f"The prior {path} cannot be read ({error}).", hint) from error
    unknown = sorted(set(shares) - set(labels))
    if unknown:
        raise ConfigError(
            f"The prior {path} names {unknown[0]!r}, which the model does not know.",
            f"It knows {', '.join(labels)}.",
        )
    if not all(math.isfinite(v) and v >= 0 for v in shares.values()) or not any(shares.values()):
        raise ConfigError(f"The shares in {path} must be 0 or more, and one above 0.", hint)
    return shares
