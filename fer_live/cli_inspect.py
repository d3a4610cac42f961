"""Commands that look into data and models, or hand models on: export, explore, explain."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fer_live.cli_options import SplitChoice, VotesOption, extra

OneModelOption = Annotated[
    str | None, typer.Option("--model", help="Name or path of a model.", show_default="default")
]
HeadOption = Annotated[str | None, typer.Option("--head", help="Which of the model's heads.")]
OptionalDataOption = Annotated[
    Path | None,
    typer.Option("--data", help="FER2013's CSV (plain or .gz), or a folder per class."),
]


class ExportFormat(StrEnum):
    """Files that other programs read."""

    onnx = "onnx"
    torchscript = "torchscript"


def export(
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    file_format: Annotated[
        ExportFormat, typer.Option("--format", help="Kind of file.")
    ] = ExportFormat.onnx,
    model: OneModelOption = None,
    head: HeadOption = None,
    int8: Annotated[
        bool, typer.Option("--int8", help="Eight-bit arithmetic for the CPU; needs --data.")
    ] = False,
    data: OptionalDataOption = None,
    votes: VotesOption = None,
    split: Annotated[
        SplitChoice, typer.Option("--split", help="Faces that the loss by --int8 is measured on.")
    ] = SplitChoice.val,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
) -> None:
    """Writes a model for other programs; the file says how to use it, and is checked."""
    with extra():
        from fer_live.evaluation.export import export_model
    from fer_live.paths import find_model

    report = export_model(
        find_model(model),
        out,
        file_format.value,
        head=head,
        int8=int8,
        data=data,
        votes=votes,
        split=split.value,
        force=force,
        cache_dir=out.absolute().parent / "cache" if data else None,
    )
    typer.echo(json.dumps(report, indent=2))


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    app.command()(export)
