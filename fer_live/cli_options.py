"""What several commands have in common: options, and the settings that flags win over."""

import logging
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from fer_live.config import Settings


class DeviceChoice(StrEnum):
    """Compute devices that can be asked for."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"
    mps = "mps"


ModelOption = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        help="Name or path of a model; given again, the answers are averaged.",
        show_default="default",
    ),
]
DeviceOption = Annotated[DeviceChoice | None, typer.Option("--device", help="Where to compute.")]


def read_settings(values: dict[str, Any]) -> "Settings":
    """The user's settings with the flags given; None among these is not given.

    Several models become the one text that settings keep.
    """
    from fer_live.config import load_settings
    from fer_live.paths import join_models

    settings, problems = load_settings()
    for problem in problems:
        logging.getLogger(__name__).warning(problem)
    if "model" in values:
        values = {**values, "model": join_models(values["model"])}
    return settings.with_values({k: v for k, v in values.items() if v is not None})
