"""Checks of a checkpoint from somebody else: its description and its weights.

The texts of a description are shown in a terminal, a window and web pages, and are written into
tables; its sizes decide how much memory is taken.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from fer_live.core.errors import ModelError

MAX_NAME = 200
"""Longest name of a model, head or label set, characters."""
MAX_LABEL = 40
"""Longest label, characters: more does not fit beside a face."""
MAX_HEADS = 32
MAX_LABELS = 1000
"""Most labels of a head; ImageNet has as many classes."""
MAX_SIZE = 1024
"""Largest side of an input, pixels."""
MAX_CROP_MARGIN = 10.0
MAX_WIDTH = 1024
"""Most channels of a stage: twice those of the widest standard ResNet."""
MAX_HIDDEN = 8192
MAX_HIDDEN_LAYERS = 8
TEMPERATURES = (0.01, 100.0)
"""Range of a temperature. Beyond it all classes are equally likely, or one has all the probability;
a fitted one is at most 20."""
MAX_BIAS = 1000.0
"""Largest class-prior correction, either sign; float32 probabilities are 0 from about 100 on."""
MAX_RANGES = 1000
"""Most maps with a range; a ResNet of 50 layers has 70."""
MAX_VALUE = 1e6
"""Largest magnitude in a map; batch norms keep those of a sound network far below."""
MARKUP = frozenset("<>")
"""Characters that begin markup in a web page or a window."""
FORMULA = tuple("=+-@")
"""A spreadsheet takes a cell that begins with one of these for a formula."""


def check_description(meta: Any) -> None:
    """Checks that a description is harmless to show and makes a network that can be built.

    Args:
        meta: A `description.CheckpointMeta`, whose fields may have any type.

    Raises:
        ModelError: It is not; names the value.
    """
    _text("model's name", meta.name, MAX_NAME)
    _require(isinstance(meta.provenance, Mapping), "provenance", "a JSON object")
    _require(1 <= len(meta.heads) <= MAX_HEADS, "number of heads", f"1 to {MAX_HEADS}")
    for name, head in meta.heads.items():
        _text("name of a head", name, MAX_NAME)
        _text("name of a label set", head.labels.name, MAX_NAME)
        _require(len(head.labels) <= MAX_LABELS, "number of labels", f"at most {MAX_LABELS}")
        for label in head.labels.labels:
            _text("labels", label, MAX_LABEL)
        _number("temperature", head.temperature, *TEMPERATURES)
        for bias in head.bias:
            _number("class-prior correction", bias, -MAX_BIAS, MAX_BIAS)
    _check_input(meta)
    _check_architecture(meta)
    _require(len(meta.ranges) <= MAX_RANGES, "number of ranges", f"at most {MAX_RANGES}")
    for low, high in meta.ranges.values():
        # Padding is zero, so that eight bits must be able to say it.
        _number("lower end of a range", low, -MAX_VALUE, 0)
        _number("upper end of a range", high, 0, MAX_VALUE)


def check_weights(path: object, tensors: Iterable[tuple[str, int, bool]]) -> None:
    """Checks that the backbone and each head of a checkpoint have weights other than zero.

    Args:
        path: The checkpoint, for the message.
        tensors: Name, number of dimensions, and whether any value differs from zero.

    Raises:
        ModelError: The answer would be the same for every face.
    """
    learned: dict[str, bool] = {}
    for name, dimensions, nonzero in tensors:
        if dimensions > 1:  # convolutions and linear layers; biases and norms have one dimension
            parts = name.split(".")
            group = ".".join(parts[: 2 if parts[0] == "heads" else 1])
            learned[group] = learned.get(group, False) or nonzero
    if not all(learned.values()):
        raise ModelError(
            f"The weights in {path} are all zero: the answer is the same for every face.",
            "Fetch or train the model again.",
        )


def _check_input(meta: Any) -> None:
    spec = meta.input
    _number("input size", spec.size, 8, MAX_SIZE)
    _number("crop margin", spec.crop_margin, 0, MAX_CROP_MARGIN)
    for value in (*spec.mean, *spec.std):
        _number("mean or deviation", value, -1000, 1000)
    channels = len(spec.mean)
    _require(
        meta.architecture.in_channels == channels,
        "number of the network's channels",
        f"{channels}, as its input is {spec.color}",
    )


def _check_architecture(meta: Any) -> None:
    network = meta.architecture
    _text("network's name", network.name, MAX_NAME)
    _text("network's stem", network.stem, MAX_NAME)
    _require(len(network.widths) == 4, "number of widths", "4")
    for width in network.widths:
        _number("widths", width, 1, MAX_WIDTH)
    _require(
        len(network.hidden) <= MAX_HIDDEN_LAYERS,
        "number of hidden layers",
        f"at most {MAX_HIDDEN_LAYERS}",
    )
    for width in network.hidden:
        _number("hidden layers", width, 1, MAX_HIDDEN)
    _number("dropout", network.dropout, 0, 1)
    _require(
        network.flatten_size in (0, meta.input.size), "flatten size", "0 or the size of the input"
    )


def _text(what: str, value: Any, longest: int) -> None:
    _require(
        isinstance(value, str)
        and 0 < len(value) <= longest
        and value.isprintable()
        and value == value.strip()
        and MARKUP.isdisjoint(value)
        and not value.startswith(FORMULA),
        what,
        f"1 to {longest} printable characters, without < and >, and not begin with = + - or @",
        "have",
    )


def _number(what: str, value: Any, low: float, high: float) -> None:
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    _require(fits and math.isfinite(value) and low <= value <= high, what, f"{low:g} to {high:g}")


def _require(holds: bool, what: str, allowed: str, verb: str = "be") -> None:
    # The value itself is left out: it may hold control characters or be of any length.
    if not holds:
        raise ModelError(
            f"The checkpoint's description cannot be used: the {what} must {verb} {allowed}.",
            "Use another checkpoint.",
        )
