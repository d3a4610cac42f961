"""What the window says about recordings and logs: pure functions from figures to words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fer_live.core.errors import FerLiveError, RecordingError
from fer_live.gui.protocols import LogLike, RecorderLike
from fer_live.gui.widgets.notice import Notice
from fer_live.report.formatting import clock, count

if TYPE_CHECKING:
    from fer_live.recording.disk import DiskSpace
    from fer_live.recording.recorder import RecordingSummary
    from fer_live.session_log.log import LogSummary

NO_SOURCE = Notice("There is nothing to record yet.", "Start a source first.", kind="warning")
NUMBERS_ONLY = Notice(
    "Only numbers are kept: no picture is saved.",
    "Choose what to record in the settings to change that.",
    kind="warning",
)

NOT_SEARCHED = Notice(
    "This picture was not searched for faces yet, so none could be hidden.",
    "Wait until faces are found, then take the snapshot again.",
    kind="warning",
)
HIDDEN_NOW = Notice(
    "The recording hides faces from now on, in a new part.",
    "What was recorded before is as it was.",
    kind="warning",
)
VIDEO_ENDED = Notice(
    "Only numbers are kept from now on: the video ends here.",
    "What was recorded before is as it was.",
    kind="warning",
)
STILL_HIDDEN = Notice(
    "The recording that runs goes on hiding faces.",
    "End it and record again to show them.",
    kind="warning",
)


def recording_words(elapsed_s: float, dropped: int) -> str:
    """Elapsed time, and drops if there are any, for the record button."""
    return f"{clock(elapsed_s)} · {dropped} dropped" if dropped else clock(elapsed_s)


def size_text(size_bytes: float) -> str:
    """A size in decimal units, as disks are sold."""
    units = ("B", "kB", "MB", "GB", "TB")
    step = 0
    while size_bytes >= 999.5 and step < len(units) - 1:
        size_bytes, step = size_bytes / 1000, step + 1
    return f"{size_bytes:.{1 if step and size_bytes < 9.95 else 0}f} {units[step]}"


def recording_line(recorder: RecorderLike, size_bytes: int, *, hidden: bool = False) -> str:
    """Size, free space, part, and whether faces are hidden, for the line below the tool bar."""
    parts = [size_text(size_bytes)]
    space = recorder.space
    if space is not None:
        parts.append(f"{size_text(space.free_bytes)} free")
    if recorder.part > 1:
        parts.append(f"part {recorder.part}")
    if hidden:
        parts.append("faces hidden")
    return " · ".join(parts)


def log_line(log: LogLike) -> str:
    """Rows and markers, and drops if there are any."""
    parts = [count(log.rows, "row"), count(log.markers, "marker")]
    if log.frames_dropped:
        parts.append(f"{log.frames_dropped} dropped")
    return " · ".join(parts)


def replay_line(seconds: float, memory_bytes: int) -> str:
    """Length and memory of the instant replay, for the status bar."""
    return f"Replay {seconds:.0f} s · {size_text(memory_bytes)}"


def marked(key: int, text: str, elapsed_s: float, kept: Sequence[str], refusal: str) -> str:
    """How a marker went.

    Args:
        key, text: The marker's.
        elapsed_s: Of what runs.
        kept: What has it: the log, the recording.
        refusal: Why something else has not; empty if all have.
    """
    if not refusal:
        return f"Marker {key}{f'  {text}' if text else ''}   {clock(elapsed_s)}"
    if kept:
        return f"Marker {key} is in the {kept[0]} only: {refusal}"
    return f"Marker {key} was not set: {refusal}"


def low_space(space: "DiskSpace") -> Notice:
    """The warning that the disk will soon be full."""
    left_s = space.left_s or 0.0
    left = f"{left_s / 60:.0f} min" if left_s >= 90 else f"{left_s:.0f} s"
    return Notice(
        f"The disk is nearly full: about {left} of recording left.",
        f"{size_text(space.free_bytes)} free. Make room, or stop; when it is full the recording "
        "is closed properly and can be played.",
        kind="warning",
    )


def recorded(summary: "RecordingSummary", verb: str = "Recorded") -> Notice:
    """How a recording went."""
    names = ", ".join(path.name for path in summary.paths)
    if summary.error is not None:
        kept = f" Kept: {names}." if names else ""
        return Notice(summary.error.message, f"{summary.error.hint}{kept}".strip())
    if not summary.paths:
        return Notice("Nothing was recorded: no frame came.", kind="warning")
    lost = f", {summary.frames_dropped} dropped" if summary.frames_dropped else ""
    parts = len(summary.parts)
    what = f" in {parts} parts" if parts > 1 else ""
    return Notice(
        f"{verb} {names}." if parts < 3 else f"{verb} {parts} parts, {summary.paths[0].name} …",
        f"{count(summary.frames_written, 'frame')}, {summary.duration_s:.0f} s{what}{lost}.",
        kind="done",
    )


def failure(summary: "RecordingSummary | LogSummary | None") -> FerLiveError | None:
    """Why a recording or log is not what was asked for, or None; no summary is that of nothing."""
    if summary is None or not (summary.error or summary.frames_written):
        return RecordingError(
            "Nothing was recorded: no frame came.", "Give it more time: the model is loaded first."
        )
    return summary.error


def logged(summary: "LogSummary") -> Notice:
    """How a log went."""
    if summary.error is not None:
        kept = f" Kept: {summary.path.name}." if summary.path else ""
        return Notice(summary.error.message, f"{summary.error.hint}{kept}".strip())
    if summary.path is None:
        return Notice("Nothing was logged: no frame came.", kind="warning")
    lost = f", {summary.frames_dropped} frames dropped" if summary.frames_dropped else ""
    return Notice(
        f"Logged {summary.path.name}.",
        f"{count(summary.rows, 'row')}, {count(summary.markers, 'marker')}, "
        f"{summary.duration_s:.0f} s{lost}.",
        kind="done",
    )
