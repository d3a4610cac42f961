"""The way into the window; loads Qt only after checking that it can work."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from fer_live.core.settings import Settings, load_settings
from fer_live.gui.display import check_display, restore_environment

if TYPE_CHECKING:
    from fer_live.gui.protocols import Services


def run_app(
    settings: Settings | None = None,
    source_override: str | None = None,
    services: "Services | None" = None,
    *,
    record: Path | None = None,
    log: Path | None = None,
    duration_s: float | None = None,
) -> int:
    """Opens the window and stays until it is closed.

    Args:
        settings: The user's, with flags given for this time only, which are not saved; None
            takes the user's as they are.
        source_override: Source for this time only; None takes the one in the settings.
        services: The rest of the program; None takes the real one.
        record, log: Record and log the first source from its first frame on, into these.
        duration_s: Closes the window so long after it has begun.

    Returns:
        The exit code.

    Raises:
        FerLiveError: What was to be recorded or logged could not be; the window has said so.
        DisplayError: There is no screen, or a library that Qt needs is missing.
    """
    restore_environment(os.environ)
    check_display(os.environ)
    chosen, problems = load_settings()
    stored, _ = load_settings(environment={})
    # A missing system library would fail this import; it has been looked for above.
    from fer_live.gui.launch import Wanted, launch

    wanted = Wanted(record, log, duration_s)
    return launch(settings or chosen, stored, problems, source_override, services, wanted)
