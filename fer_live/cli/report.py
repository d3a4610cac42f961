"""``fer-live report``: creates a report from a session log."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(report)


def report(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="A session log, written with --log.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The HTML file to write.", show_default="LOG's name with .html"),
    ] = None,
) -> None:
    """Creates a report from a session log: one HTML page."""
    from fer_live.report.page import write_report

    typer.echo(str(write_report(log, out)))
