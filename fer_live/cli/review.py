"""``fer-live review``: opens a session in the review window, or exports it as corrected."""

from pathlib import Path
from typing import Annotated

import typer

EXPORT_HELP = (
    "File to write; repeat the flag for several files. The suffix "
    "decides: .csv, .html (report), .vtt (subtitles), .eaf (ELAN)."
)


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(review)


def review(
    log: Annotated[
        Path,
        typer.Argument(
            metavar="LOG", help="A session log, or a video with a log of its name beside it."
        ),
    ],
    export: Annotated[list[Path], typer.Option("--export", metavar="FILE", help=EXPORT_HELP)],
) -> None:
    """Exports a session with the corrections of its review."""
    from fer_live.review.exports import export as write
    from fer_live.review.session import open_session

    session, problem = open_session(log)
    if problem:
        typer.echo(f"fer-live: {problem}", err=True)
    for out in export:
        for path in write(session, out.suffix.lower(), out):
            typer.echo(str(path))
