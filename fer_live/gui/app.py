"""Entry point of the window; checks the display before it loads Qt."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from fer_live.core.process import open_cameras_quickly, share_cores
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
    json_lines: str | None = None,
    duration_s: float | None = None,
    review: Path | None = None,
) -> int:
    """Opens the window and returns when it is closed.

    Args:
        settings: Settings for this run only, which are not saved; None takes those of the user.
        source_override: Source for this run only; None takes the one in the settings.
        services: Stands in for the rest of the program; None takes the program itself.
        record, log: Files for a recording and a log of the first source, from its first frame.
        json_lines: File for JSON lines, or ``-`` for standard output.
        duration_s: Time after which the window closes by itself, seconds; None is never.
        review: A session log to review, in a window of its own instead of this one.

    Returns:
        The exit code.

    Raises:
        FerLiveError: `record` or `log` could not be written; the window has shown the reason.
        RecordingError: `review` cannot be read.
        DisplayError: There is no screen, or a system library that Qt needs is missing.
    """
    restore_environment(os.environ)
    share_cores()
    open_cameras_quickly()
    check_display(os.environ)
    loaded, problems = load_settings()
    stored, _ = load_settings(environment={})
    # Imported here, because a missing system library would make the import of Qt fail.
    from fer_live.gui.garbage import collected_between_events
    from fer_live.gui.launch import LaunchOptions, application, launch, launch_review

    with collected_between_events(application()):
        if review is not None:
            return launch_review(settings or loaded, review)
        options = LaunchOptions(source_override, record, log, json_lines or "", duration_s)
        return launch(settings or loaded, stored, problems, services, options)
