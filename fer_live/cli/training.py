"""Commands that make models: train, release, export. They need the ``train`` extra."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fer_live.cli.options import (
    DataOption,
    FindFacesOption,
    HeadOption,
    ModelOption,
    OptionalDataOption,
    SplitChoice,
    VotesOption,
    extra,
    face_finder,
)
from fer_live.core.errors import DataError


class BiasChoice(StrEnum):
    """Correction of class priors at release."""

    none = "none"
    prior = "prior"
    fitted = "fitted"


class ExportFormat(StrEnum):
    """Formats of exported files."""

    onnx = "onnx"
    torchscript = "torchscript"


def train(
    recipe: Annotated[str, typer.Option("--recipe", help="Name or .toml file.")] = "default",
    data: Annotated[
        Path | None,
        typer.Option("--data", help="FER2013's CSV (plain or .gz), or a folder per class."),
    ] = None,
    votes: VotesOption = None,
    find_faces: FindFacesOption = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the run.", show_default="runs/RECIPE")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue from the last epoch.")] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Replaces a setting of the recipe, e.g. --set schedule.epochs=10."
        ),
    ] = None,
    accelerator: Annotated[
        str, typer.Option(help="Lightning's accelerator: auto, cpu, gpu.")
    ] = "auto",
    devices: Annotated[str, typer.Option(help="Number of devices or processes.")] = "1",
    nodes: Annotated[int, typer.Option(min=1, help="Number of machines.")] = 1,
    workers: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Processes that degrade training faces while the network computes.",
            show_default="auto: 0 on the CPU, up to 8 beside a GPU",
        ),
    ] = None,
    list_recipes: Annotated[
        bool, typer.Option("--list-recipes", help="Print the recipes and exit.")
    ] = False,
) -> None:
    """Trains a recipe and writes the calibrated model as a .safetensors file into its folder."""
    with extra():
        from lightning.pytorch.utilities import rank_zero_only

        from fer_live.evaluation.release import calibrate_checkpoint
        from fer_live.training.recipe_files import load_recipe, recipe_names
        from fer_live.training.train import CACHE_FOLDER
        from fer_live.training.train import train as run_training
    if list_recipes:
        for name in recipe_names():
            typer.echo(f"{name}\t{load_recipe(name).description}")
        return
    if data is None:
        raise typer.BadParameter("--data is needed")
    finder = face_finder(find_faces)
    folder = out or Path("runs") / Path(recipe).stem
    result = run_training(
        recipe,
        data,
        votes,
        folder,
        resume=resume,
        overrides=settings or (),
        accelerator=accelerator,
        devices=int(devices) if devices.isdigit() else devices,
        num_nodes=nodes,
        finder=finder,
        workers=workers,
    )

    @rank_zero_only
    def finish() -> None:
        device = "cpu" if accelerator == "cpu" else "auto"
        model, cache = result.checkpoint, folder.parent / CACHE_FOLDER
        try:
            calibrate_checkpoint(
                model, data, votes, model, device=device, cache_dir=cache, finder=finder
            )
        except DataError as error:
            typer.echo(f"Not calibrated: {error}", err=True)
        typer.echo(json.dumps({"model": str(model), "epochs": result.epochs}))

    finish()


def release(
    checkpoint: Annotated[Path, typer.Argument(help="The .safetensors file of a run.")],
    data: DataOption,
    out: Annotated[
        Path, typer.Option("--out", help="The released file; the model is named after it.")
    ],
    votes: VotesOption = None,
    find_faces: FindFacesOption = False,
    bias: Annotated[
        BiasChoice, typer.Option("--bias", help="Correct class priors: none, prior, fitted.")
    ] = BiasChoice.fitted,
    prior: Annotated[
        str,
        typer.Option(
            "--prior",
            help="Class shares to calibrate for: uniform, balanced, ferplus, or a JSON file.",
            show_default="those of the training faces",
        ),
    ] = "",
    degraded: Annotated[
        bool, typer.Option("--degraded", help="Fit confidence to degraded faces too.")
    ] = False,
    mix: Annotated[
        Path | None,
        typer.Option("--mix", help="Average the weights with this file of the same network."),
    ] = None,
    mix_share: Annotated[
        float, typer.Option("--mix-share", min=0.0, max=1.0, help="Its share of the average.")
    ] = 0.5,
    ranges_only: Annotated[
        bool,
        typer.Option(
            "--ranges-only",
            help="Only measure the ranges for eight-bit arithmetic; all else stays as it is.",
        ),
    ] = False,
) -> None:
    """Calibrates a trained model on the validation split and stores it in half precision."""
    with extra():
        from fer_live.evaluation.release import add_ranges, release_checkpoint

    cache = checkpoint.resolve().parent.parent / "cache"
    finder = face_finder(find_faces)
    if ranges_only:
        meta = add_ranges(checkpoint, data, out, cache_dir=cache, finder=finder)
        typer.echo(json.dumps({"ranges": dict(meta.ranges)}, indent=2))
        return
    meta = release_checkpoint(
        checkpoint,
        data,
        votes,
        out,
        bias=bias.value,
        prior=prior,
        degraded=degraded,
        mix=mix,
        mix_share=mix_share,
        cache_dir=cache,
        finder=finder,
    )
    typer.echo(json.dumps(meta.provenance["calibration"], indent=2))


def export(
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    file_format: Annotated[
        ExportFormat, typer.Option("--format", help="Format of the file.")
    ] = ExportFormat.onnx,
    model: ModelOption = None,
    head: HeadOption = None,
    int8: Annotated[bool, typer.Option("--int8", help="Eight-bit arithmetic for the CPU.")] = False,
    data: OptionalDataOption = None,
    votes: VotesOption = None,
    find_faces: FindFacesOption = False,
    split: Annotated[
        SplitChoice,
        typer.Option("--split", help="Faces for measuring the accuracy lost by --int8."),
    ] = SplitChoice.val,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
) -> None:
    """Exports a model for other programs, with a description of its use, and checks the file."""
    with extra():
        from fer_live.evaluation.export_check import export_model
    from fer_live.core.paths import find_models

    if find_faces and data is None:
        raise typer.BadParameter("--find-faces needs --data")
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
        finder=face_finder(find_faces),
    )
    typer.echo(json.dumps(report, indent=2))


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    for command in (train, release, export):
        app.command()(command)
