"""The command that measures this computer."""

import json
from pathlib import Path
from typing import Annotated

import typer

from fer_live.cli.options import (
    DetectorOption,
    DeviceOption,
    ModelOption,
    PrecisionOption,
    PriorOption,
    read_settings,
)
from fer_live.core.errors import ConfigError
from fer_live.core.process import share_cores


def bench(
    source: Annotated[
        str | None,
        typer.Option(
            "--source", help="Source to measure with, as for run.", show_default="a built-in clip"
        ),
    ] = None,
    model: ModelOption = None,
    device: DeviceOption = None,
    precision: PrecisionOption = None,
    detector: DetectorOption = None,
    prior: PriorOption = None,
    seconds: Annotated[
        float, typer.Option("--seconds", min=1.0, help="Length of the analysed video, seconds.")
    ] = 10.0,
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write the measurements as JSON.")
    ] = None,
) -> None:
    """Measures this computer: every stage, and the whole from frame to label."""
    if json_path is not None:
        _check_writable(json_path)
    from rich.console import Console

    from fer_live.bench.run import measure
    from fer_live.bench.table import show

    share_cores()
    settings = read_settings(
        {
            "model": model,
            "device": device.value if device else None,
            "precision": precision.value if precision else None,
            "detector": detector.value if detector else None,
            "prior": prior,
        }
    )
    console = Console(stderr=True)
    with console.status("Measuring …") as status:
        report = measure(
            settings, source, seconds, lambda what: status.update(f"Measuring: {what} …")
        )
    show(report, console)
    if json_path is not None:
        try:
            json_path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise _unwritable(json_path, error) from error


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""
    app.command()(bench)


def _check_writable(path: Path) -> None:
    # Checked before the measurement, which takes half a minute.
    is_new = not path.exists()
    try:
        with path.open("a", encoding="utf-8"):
            pass
        if is_new:
            path.unlink()
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"The measurements cannot be written to {path}: {error.strerror or error}.",
        "Choose a file in a folder you can write to.",
    )
