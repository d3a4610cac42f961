"""What several commands have in common: options, and the settings that flags win over."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fer_live.core.errors import ConfigError

if TYPE_CHECKING:
    from fer_live.core.settings import Settings


class DeviceChoice(StrEnum):
    """Compute devices that can be asked for."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"
    mps = "mps"


class DetectorName(StrEnum):
    """Face detectors that can be asked for."""

    auto = "auto"
    haar = "haar"
    yunet = "yunet"


class SplitChoice(StrEnum):
    """Parts of a data set."""

    train = "train"
    val = "val"
    test = "test"
    all = "all"


ModelOption = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        help="Name or path of a model; given again, the answers are averaged.",
        show_default="default",
    ),
]
DataOption = Annotated[
    Path, typer.Option("--data", help="FER2013's CSV (plain or .gz), or a folder per class.")
]
VotesOption = Annotated[Path | None, typer.Option("--votes", help="FER+'s fer2013new.csv.")]
PRIVACY_HELP = (
    "Hides the faces that are found in the video or picture; labels stay. One turned away, "
    "covered, small or dark may not be found."
)
DeviceOption = Annotated[DeviceChoice | None, typer.Option("--device", help="Where to compute.")]

DetectorOption = Annotated[
    DetectorName | None,
    typer.Option(
        "--detector",
        help="What finds faces: a Haar cascade, the network YuNet, or both together (auto).",
        show_default="as in the settings",
    ),
]


@contextmanager
def extra(name: str = "train") -> Iterator[None]:
    """Turns a missing library of an optional part into a sentence. Raises ConfigError."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"This command needs {error.name}, which is not installed.",
            f'Install the optional part: pip install "fer-live[{name}]".',
        ) from error


def read_settings(values: dict[str, Any]) -> "Settings":
    """The user's settings with the flags given; None among these is not given.

    Several models become the one text that settings keep.
    """
    from fer_live.core.paths import join_models
    from fer_live.core.settings import load_settings

    settings, problems = load_settings()
    for problem in problems:
        logging.getLogger(__name__).warning(problem)
    if "model" in values:
        values = {**values, "model": join_models(values["model"])}
    return settings.with_values({k: v for k, v in values.items() if v is not None})
