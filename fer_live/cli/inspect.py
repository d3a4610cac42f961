"""Commands that look into data and models, or hand models on: export, explore, explain."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fer_live.cli.options import (
    DataOption,
    DeviceOption,
    ModelOption,
    SplitChoice,
    VotesOption,
    extra,
)

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
    model: ModelOption = None,
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
        from fer_live.evaluation.export_check import export_model
    from fer_live.core.paths import find_models

    report = export_model(
        find_models(model),
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


def explore(
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", help="Folder for explore.html and .json.")],
    votes: VotesOption = None,
    size: Annotated[
        int, typer.Option("--size", min=16, help="Pixels that a folder's pictures are brought to.")
    ] = 48,
    color: Annotated[bool, typer.Option("--color", help="Read a folder in colour.")] = False,
) -> None:
    """Looks through a data set: classes, pixels, copies across splits, votes; writes a page."""
    with extra():
        from fer_live.evaluation.explore import explore as run_exploration

    report = run_exploration(
        data,
        votes,
        out,
        size=size,
        color="rgb" if color else "gray",
        cache_dir=out.absolute().parent / "cache",
    )
    found = {key: value for key, value in report["copies"].items() if key != "list"}
    shown = {"faces": report["faces"], "counts": report["counts"], "copies": found}
    typer.echo(json.dumps({**shown, "class_weights": report["class_weights"]}, indent=2))


def explain(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Pictures and folders of pictures.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for pictures, or for the check.")
    ] = None,
    model: ModelOption = None,
    head: HeadOption = None,
    label: Annotated[
        str | None, typer.Option("--label", help="Explain this label, not each face's own.")
    ] = None,
    device: DeviceOption = None,
    no_detect: Annotated[
        bool, typer.Option("--no-detect", help="Take each whole picture as one face.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Measure on --data whether the maps are faithful.")
    ] = False,
    data: OptionalDataOption = None,
    votes: VotesOption = None,
    split: Annotated[
        SplitChoice, typer.Option("--split", help="Faces of the check.")
    ] = SplitChoice.test,
    faces: Annotated[
        int, typer.Option("--faces", min=0, help="So many of them, at random; 0: all.")
    ] = 0,
) -> None:
    """Shows which places of a face speak for its label; one JSON line per picture.

    With --check: covers what the maps mark on a data set's faces, and as much elsewhere, and says
    how far the model's probability falls; mistakes-explained.png shows its surest mistakes.
    """
    if out is None:
        raise typer.BadParameter("--out is needed")
    if check == bool(paths) or check != (data is not None):
        raise typer.BadParameter("name pictures, or --check and --data")
    where = device.value if device else "auto"
    if not check:
        _explain_pictures(paths or [], out, model, head, label, where, not no_detect)
        return
    with extra():
        from fer_live.evaluation.faithfulness import check_faithfulness
    from fer_live.core.paths import find_models

    assert data is not None
    with extra("explain"):  # heads without a closed form need Captum
        report = check_faithfulness(
            find_models(model),
            data,
            votes,
            out,
            split=split.value,
            faces=faces,
            head=head,
            device=where,
            cache_dir=out.absolute().parent / "cache",
        )
    typer.echo(json.dumps(report, indent=2))


def _explain_pictures(
    paths: list[Path],
    out: Path,
    model: list[str] | None,
    head: str | None,
    label: str | None,
    device: str,
    detect: bool,
) -> None:
    with extra("explain"):
        from fer_live.batch.explain import explain_paths

        answers = explain_paths(
            paths, out, model=model, device=device, head=head, label=label, detect=detect
        )
        failed = 0
        for answer in answers:
            failed += answer["error"] is not None
            typer.echo(json.dumps(answer))
    if failed:
        typer.echo(f"fer-live: {failed} of the pictures could not be read.", err=True)
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    for command in (explore, explain, export):
        app.command()(command)
