"""Opens the window for a command, and says what kept it from opening."""

import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

import typer

from fer_live.core.errors import FerLiveError

if TYPE_CHECKING:
    from fer_live.core.settings import Settings


def tell(error: FerLiveError) -> None:
    """Prints an error to standard error."""
    typer.echo(f"fer-live: {error}", err=True)


def open_window(settings: "Settings", source: str | None = None, **wanted: Any) -> None:
    """Runs the window, then ends the process.

    Args:
        settings: For this run.
        source: As for `gui.app.run_app`.
        wanted: Further arguments of `run_app`.
    """
    from fer_live.gui.app import run_app

    try:
        code = run_app(settings, source, **wanted)
    except FerLiveError as error:
        tell(error)
        code = 1
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    if threading.active_count() > 1:
        # A thread that hangs in a driver, or is still importing torch, cannot be ended; letting
        # the interpreter take itself down around it can crash.
        os._exit(code)
    sys.exit(code)
