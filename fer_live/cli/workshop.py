"""The workshop's commands: train, evaluate, compare, release. They need the ``train`` extra."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fer_live.cli import inspect as cli_inspect
from fer_live.cli.options import DataOption, ModelOption, SplitChoice, VotesOption, extra
from fer_live.core.errors import DataError


class HeldOutChoice(StrEnum):
    """Parts of a data set that a model was not fitted to."""

    val = "val"
    test = "test"


class BiasChoice(StrEnum):
    """How class priors are corrected at release."""

    none = "none"
    prior = "prior"
    fitted = "fitted"


def train(
    recipe: Annotated[str, typer.Option("--recipe", help="Name or .toml file.")] = "default",
    data: Annotated[
        Path | None,
        typer.Option("--data", help="FER2013's CSV (plain or .gz), or a folder per class."),
    ] = None,
    votes: VotesOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the run.", show_default="runs/RECIPE")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last epoch.")] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Wins over the recipe, e.g. --set schedule.epochs=10."),
    ] = None,
    accelerator: Annotated[str, typer.Option(help="Lightning's: auto, cpu, gpu.")] = "auto",
    devices: Annotated[str, typer.Option(help="Number of devices or processes.")] = "1",
    nodes: Annotated[int, typer.Option(min=1, help="Number of machines.")] = 1,
    list_recipes: Annotated[
        bool, typer.Option("--list-recipes", help="Print the recipes and stop.")
    ] = False,
) -> None:
    """Trains a recipe; the finished, calibrated model is a .safetensors file in its folder."""
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
    )

    @rank_zero_only
    def finish() -> None:
        device = "cpu" if accelerator == "cpu" else "auto"
        model, cache = result.checkpoint, folder.parent / CACHE_FOLDER
        try:
            calibrate_checkpoint(model, data, votes, model, device=device, cache_dir=cache)
        except DataError as error:
            typer.echo(f"Not calibrated: {error}", err=True)
        typer.echo(json.dumps({"model": str(model), "epochs": result.epochs}))

    finish()


def evaluate(
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", help="Folder for report.json and pictures.")],
    model: ModelOption = None,
    votes: VotesOption = None,
    split: Annotated[SplitChoice, typer.Option("--split")] = SplitChoice.test,
    head: Annotated[str | None, typer.Option("--head", help="Which of the model's heads.")] = None,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda or mps.")] = "auto",
    mirror: Annotated[
        bool, typer.Option("--mirror", help="Average with the mirrored face's answer.")
    ] = False,
) -> None:
    """Measures a model on a data set; with votes, against the FER+ majority."""
    with extra():
        from fer_live.evaluation.evaluate import evaluate_models
    from fer_live.core.paths import find_models

    report = evaluate_models(
        find_models(model),
        data,
        votes,
        out,
        split=split.value,
        head=head,
        device=device,
        mirror=mirror,
        cache_dir=out.parent / "cache",
    )
    headline = ("n", "accuracy", "balanced_accuracy", "macro_f1", "ece", "nll")
    typer.echo(json.dumps({key: report[key] for key in headline}, indent=2))


def compare(
    model: Annotated[
        list[str],
        typer.Option("--model", help="Name or path; two or more. 'A + B' averages A and B."),
    ],
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", help="Folder for compare.html, .md and .json.")],
    votes: VotesOption = None,
    split: Annotated[
        HeldOutChoice, typer.Option("--split", help="Faces of the figures and tests.")
    ] = HeldOutChoice.test,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda or mps.")] = "auto",
    train_faces: Annotated[
        int, typer.Option("--train-faces", min=0, help="Training faces to measure; 0: all.")
    ] = 0,
) -> None:
    """Compares models on the same faces: accuracy by split, classes, cost, significance."""
    with extra():
        from fer_live.evaluation.compare import compare_models

    report = compare_models(
        model,
        data,
        votes,
        out,
        split=split.value,
        device=device,
        train_faces=train_faces,
        cache_dir=out.parent / "cache",
    )
    rows = [
        {
            "name": m["name"],
            "accuracy": m["accuracy"]["value"],
            "gap_train_test": m["gap_train_test"],
            "macro_f1": m["macro_f1"]["value"],
            "latency_ms": m["latency"]["1"]["median_ms"],
        }
        for m in report["models"]
    ]
    typer.echo(json.dumps({"n": report["n"], "split": split.value, "models": rows}, indent=2))


def release(
    checkpoint: Annotated[Path, typer.Argument(help="The .safetensors file of a run.")],
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", help="The released file; names the model.")],
    votes: VotesOption = None,
    bias: Annotated[
        BiasChoice, typer.Option("--bias", help="Correct class priors: none, prior, fitted.")
    ] = BiasChoice.fitted,
    prior_strength: Annotated[
        float,
        typer.Option("--prior-strength", min=0.0, help="Lift rare classes, 0-1."),
    ] = 0.0,
) -> None:
    """Calibrates a trained model on the validation split and stores it in half precision."""
    with extra():
        from fer_live.evaluation.release import release_checkpoint

    meta = release_checkpoint(
        checkpoint,
        data,
        votes,
        out,
        bias=bias.value,
        prior_strength=prior_strength,
        cache_dir=checkpoint.resolve().parent.parent / "cache",
    )
    typer.echo(json.dumps(meta.provenance["calibration"], indent=2))


def register(app: typer.Typer) -> None:
    """Adds the workshop's commands to the command line."""
    for command in (train, evaluate, compare, release):
        app.command()(command)
    cli_inspect.register(app)
