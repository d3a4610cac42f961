"""``fer-live review``: opens a session in the review window, or exports it as corrected."""

from pathlib import Path
from typing import Annotated

import typer

from fer_live.cli.options import read_settings
from fer_live.cli.window import open_window

EXPORT_HELP = (
    "Open no window, write this file; repeat it for several files. The suffix "
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
    export: Annotated[
        list[Path] | None, typer.Option("--export", metavar="FILE", help=EXPORT_HELP)
    ] = None,
) -> None:
    """Opens a session, to look through and correct it; or exports it as corrected."""
    if not export:
        open_window(read_settings({}), review=log)
        return
    from fer_live.review.exports import export as write
    from fer_live.review.session import open_session

    session, problem = open_session(log)
    if problem:
        typer.echo(f"fer-live: {problem}", err=True)
    for out in export:
        for path in write(session, out.suffix.lower(), out):
            typer.echo(str(path))
