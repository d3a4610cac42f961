"""Commands that examine models and data sets: evaluate, compare, explore, explain."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fer_live.cli.options import (
    DataOption,
    DetectorOption,
    DeviceOption,
    FindFacesOption,
    HeadOption,
    ModelOption,
    OptionalDataOption,
    PriorOption,
    SplitChoice,
    VotesOption,
    extra,
    face_finder,
    read_settings,
)
from fer_live.cli.predict import print_pictures

if TYPE_CHECKING:
    from fer_live.core.settings import DetectorChoice


class HeldOutChoice(StrEnum):
    """Splits that a model was not trained on."""

    val = "val"
    test = "test"


def evaluate(
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", help="Folder for report.json and plots.")],
    model: ModelOption = None,
    votes: VotesOption = None,
    find_faces: FindFacesOption = False,
    split: Annotated[SplitChoice, typer.Option("--split")] = SplitChoice.test,
    head: HeadOption = None,
    device: DeviceOption = None,
    int8: Annotated[
        bool, typer.Option("--int8", help="In eight bits, as in a live run on the CPU.")
    ] = False,
    mirror: Annotated[
        bool, typer.Option("--mirror", help="Average with the prediction for the mirrored face.")
    ] = False,
    prior: PriorOption = None,
    degrade: Annotated[
        bool,
        typer.Option("--degrade", help="Also with noise, blur, JPEG, bad light, covers."),
    ] = False,
    groups: Annotated[
        Path | None,
        typer.Option("--groups", help="CSV with a column name and one for each kind of group."),
    ] = None,
    copies: Annotated[
        bool,
        typer.Option("--without-copies", help="Also without faces that training pictures repeat."),
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
        device=device.value if device else "auto",
        prior=prior or "",
        int8=int8,
        mirror=mirror,
        degrade=degrade,
        groups=groups,
        copies=copies,
        cache_dir=out.parent / "cache",
        finder=face_finder(find_faces),
    )
    headline = ("n", "accuracy", "balanced_accuracy", "macro_f1", "ece", "nll")
    shown = {key: report[key] for key in headline}
    if "without_copies" in report:
        shown["without_copies"] = {key: report["without_copies"][key] for key in headline}
    typer.echo(json.dumps(shown, indent=2))


def compare(
    model: Annotated[
        list[str],
        typer.Option("--model", help="Name or path; two or more. 'A + B' averages A and B."),
    ],
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", help="Folder for compare.html, .md and .json.")],
    votes: VotesOption = None,
    find_faces: FindFacesOption = False,
    split: Annotated[
        HeldOutChoice, typer.Option("--split", help="Split for the metrics and tests.")
    ] = HeldOutChoice.test,
    device: DeviceOption = None,
    train_faces: Annotated[
        int,
        typer.Option("--train-faces", min=0, help="Number of training faces to measure; 0: all."),
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
        device=device.value if device else "auto",
        train_faces=train_faces,
        cache_dir=out.parent / "cache",
        finder=face_finder(find_faces),
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


def explore(
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", help="Folder for explore.html and .json.")],
    votes: VotesOption = None,
    find_faces: FindFacesOption = False,
    size: Annotated[
        int,
        typer.Option("--size", min=16, help="Side to which a folder's images are resized, pixels."),
    ] = 48,
    color: Annotated[bool, typer.Option("--color", help="Read a folder in colour.")] = False,
) -> None:
    """Explores a data set: classes, pixels, duplicates across splits, votes; writes a page."""
    with extra():
        from fer_live.evaluation.explore import explore as run_exploration

    report = run_exploration(
        data,
        votes,
        out,
        size=size,
        color="rgb" if color else "gray",
        cache_dir=out.absolute().parent / "cache",
        finder=face_finder(find_faces),
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
        str | None, typer.Option("--label", help="Explain this label instead of each face's own.")
    ] = None,
    device: DeviceOption = None,
    detector: DetectorOption = None,
    prior: PriorOption = None,
    no_detect: Annotated[
        bool, typer.Option("--no-detect", help="Treat each whole picture as one face.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Measure on --data whether the heat maps are faithful.")
    ] = False,
    data: OptionalDataOption = None,
    votes: VotesOption = None,
    find_faces: FindFacesOption = False,
    split: Annotated[
        SplitChoice, typer.Option("--split", help="Split for the check.")
    ] = SplitChoice.test,
    faces: Annotated[
        int,
        typer.Option(
            "--faces", min=0, help="Number of faces for the check, drawn at random; 0: all."
        ),
    ] = 0,
) -> None:
    """Shows which areas of the face support the label; prints one JSON line per picture.

    With --check: covers the marked areas of a data set's faces, and equal areas elsewhere, and
    reports how far the model's probability falls; mistakes-explained.png shows the most confident
    mistakes.
    """
    if out is None:
        raise typer.BadParameter("--out is needed")
    if check == bool(paths) or check != (data is not None):
        raise typer.BadParameter("name pictures, or --check and --data")
    if detector is not None and (check or no_detect):
        raise typer.BadParameter("--detector does not go with --check or --no-detect")
    if find_faces and not check:
        raise typer.BadParameter("--find-faces goes with --check; pictures are searched anyway")
    where = device.value if device else "auto"
    if not check:
        found_by = read_settings({"detector": detector.value if detector else None}).detector
        _explain_pictures(
            *(paths or [], out, model, head, label, where, prior or "", not no_detect, found_by)
        )
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
            finder=face_finder(find_faces),
        )
    typer.echo(json.dumps(report, indent=2))


def _explain_pictures(
    paths: list[Path],
    out: Path,
    model: list[str] | None,
    head: str | None,
    label: str | None,
    device: str,
    prior: str,
    detect: bool,
    detector: "DetectorChoice",
) -> None:
    with extra("explain"):
        from fer_live.batch.explain import explain_paths

        results = explain_paths(
            paths,
            out,
            model=model,
            device=device,
            head=head,
            prior=prior,
            label=label,
            detect=detect,
            detector=detector,
        )
        failure = print_pictures(results, lambda result: typer.echo(json.dumps(result)))
    if failure:
        typer.echo(f"fer-live: {failure}", err=True)
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    for command in (evaluate, compare, explore, explain):
        app.command()(command)
