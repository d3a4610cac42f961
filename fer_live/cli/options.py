"""Options and settings that several commands share."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fer_live.core.errors import ConfigError
from fer_live.core.process import allow_megapixels

if TYPE_CHECKING:
    from fer_live.core.settings import Settings
    from fer_live.training.data.photographs import FaceFinder


class DeviceChoice(StrEnum):
    """Compute devices."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"
    mps = "mps"


class DetectorName(StrEnum):
    """Face detectors that can be asked for."""

    auto = "auto"
    haar = "haar"
    yunet = "yunet"


class PrecisionChoice(StrEnum):
    """Arithmetic of the model on the CPU."""

    auto = "auto"
    float32 = "float32"
    int8 = "int8"


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
        help="Name or path of a model; several are averaged.",
        show_default="default",
    ),
]
DataOption = Annotated[
    Path, typer.Option("--data", help="FER2013's CSV (plain or .gz), or a folder per class.")
]
OptionalDataOption = Annotated[
    Path | None,
    typer.Option("--data", help="FER2013's CSV (plain or .gz), or a folder per class."),
]
FindFacesOption = Annotated[
    bool,
    typer.Option(
        "--find-faces",
        help="--data has photographs: cut out the largest face in each, as predict does.",
    ),
]
VotesOption = Annotated[Path | None, typer.Option("--votes", help="FER+'s fer2013new.csv.")]
PRIVACY_HELP = (
    "Hides the detected faces in the video or picture; labels stay. A face that is turned away, "
    "covered, small or dark may not be detected."
)
HeadOption = Annotated[str | None, typer.Option("--head", help="Head of the model.")]
DeviceOption = Annotated[DeviceChoice | None, typer.Option("--device", help="Compute device.")]

PrecisionOption = Annotated[
    PrecisionChoice | None,
    typer.Option(
        "--precision",
        help="Arithmetic: float32, eight bits (int8), or what is faster and agrees (auto).",
        show_default="as in the settings",
    ),
]

DetectorOption = Annotated[
    DetectorName | None,
    typer.Option(
        "--detector",
        help="What finds faces: a Haar cascade, the network YuNet, or both together (auto).",
        show_default="as in the settings",
    ),
]

PriorOption = Annotated[
    str | None,
    typer.Option(
        "--prior",
        help="How often each expression is expected: uniform, balanced, ferplus, or a JSON file of "
        "shares by label.",
        show_default="the model's",
    ),
]

MaxMegapixelsOption = Annotated[
    float | None,
    typer.Option(
        "--max-megapixels",
        min=0.1,
        max=1000.0,
        help="Most pixels of a picture file, millions: a larger JPEG or WebP is read at reduced "
        "size, another larger picture is refused. Decoding takes up to 10 bytes a pixel.",
        show_default="89",
    ),
]


@contextmanager
def extra(name: str = "train") -> Iterator[None]:
    """Reports a missing library of an optional part. Raises ConfigError."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"This command needs {error.name}, which is not installed.",
            f'Install the optional part: pip install "fer-live[{name}]".',
        ) from error


def face_finder(wanted: bool) -> "FaceFinder | None":
    """What finds the faces of --data. Raises DetectorError if it is not available."""
    if not wanted:
        return None
    from fer_live.training.data.photographs import FaceFinder

    return FaceFinder()


def read_settings(values: dict[str, Any]) -> "Settings":
    """The user's settings, replaced by the given flags; None is a flag that was not given.

    Several models are joined to the text that the settings store.
    """
    from fer_live.core.paths import join_models
    from fer_live.core.settings import Settings, load_settings

    settings, problems = load_settings()
    for problem in problems:
        logging.getLogger(__name__).warning(problem)
    if "model" in values:
        values = {**values, "model": join_models(values["model"])}
    chosen = settings.with_values({k: v for k, v in values.items() if v is not None})
    if chosen.max_megapixels > Settings.max_megapixels:
        allow_megapixels(chosen.max_megapixels)
    return chosen
