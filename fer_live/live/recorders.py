"""Recorders made from a user's settings, alike for the window and for runs without one."""

from collections.abc import Callable
from pathlib import Path

from fer_live.core.errors import ConfigError
from fer_live.core.settings import Settings
from fer_live.overlay.draw import OverlayOptions
from fer_live.recording.disk import DiskSpace
from fer_live.recording.options import RecordingOptions
from fer_live.recording.recorder import VideoRecorder
from fer_live.recording.video_log import VideoLog


def new_recorder(
    target: Path,
    settings: Callable[[], Settings],
    fps: Callable[[], float | None],
    *,
    log: VideoLog | None = None,
    on_low_space: Callable[[DiskSpace], None] | None = None,
    wait: bool = False,
) -> VideoRecorder:
    """A recorder that is not started.

    Args:
        target, fps, log, on_low_space, wait: As for `VideoRecorder`.
        settings: How to record, asked once; what to draw, asked for each frame.

    Raises:
        ConfigError: The settings cannot be used, or say that no picture is recorded.
    """
    recording = RecordingOptions.from_settings(settings())
    if recording.pictures == "none":
        raise ConfigError(
            "No picture is recorded: only numbers are to be kept.",
            "Write a session log, or choose what to record in the settings "
            "or with --record-pictures.",
        )
    return VideoRecorder(
        target,
        options=lambda: OverlayOptions.from_settings(settings()),
        recording=recording,
        fps=fps,
        log=log,
        on_low_space=on_low_space,
        wait=wait,
    )
