"""``fer-live report``: a session log as a page to read."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(report)


def report(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="A log that --log has written.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The page to write.", show_default="LOG's name with .html"),
    ] = None,
) -> None:
    """Writes a page that shows a session to somebody who was not there."""
    from fer_live.report.page import write_report

    typer.echo(str(write_report(log, out)))
