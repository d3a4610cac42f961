"""Texts about recordings, logs and the instant replay; pure functions from figures to text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fer_live.core.errors import FerLiveError, RecordingError
from fer_live.gui.protocols import LiveOutputLike, LogLike, RecorderLike
from fer_live.gui.widgets.notice import Notice
from fer_live.report.formatting import clock, count

if TYPE_CHECKING:
    from fer_live.recording.disk import DiskSpace
    from fer_live.recording.recorder import RecordingSummary
    from fer_live.session_log.log import LogSummary

NO_SOURCE = Notice("Nothing is playing.", "Start a source first.", kind="warning")
NO_IMAGE = Notice("There is no picture to save yet.", "Start a source first.", kind="warning")
NUMBERS_ONLY = Notice(
    "Saving pictures is turned off.",
    "Turn it on in the settings, on the Recording page.",
    kind="warning",
)
NOT_SEARCHED = Notice(
    "This picture has not been searched for faces yet, so they can't be hidden.",
    "Wait a moment, then take the snapshot again.",
    kind="warning",
)
FACES_HIDDEN = Notice(
    "The recording hides faces from now on, in a new part.",
    "Faces in the parts before stay visible.",
    kind="warning",
)
VIDEO_ENDED = Notice(
    "Saving pictures is turned off, so the recording has ended.",
    "The part recorded before is kept.",
    kind="warning",
)
FACES_STAY_HIDDEN = Notice(
    "The running recording keeps hiding faces.",
    "To show them, stop it and start a new one.",
    kind="warning",
)


def record_button_text(elapsed_s: float, dropped: int) -> str:
    """Elapsed time, and dropped frames if there are any."""
    return f"{clock(elapsed_s)} · {dropped} dropped" if dropped else clock(elapsed_s)


def size_text(size_bytes: float) -> str:
    """A size in decimal units, as disks state it."""
    units = ("B", "kB", "MB", "GB", "TB")
    power = 0
    while size_bytes >= 999.5 and power < len(units) - 1:
        size_bytes, power = size_bytes / 1000, power + 1
    return f"{size_bytes:.{1 if power and size_bytes < 9.95 else 0}f} {units[power]}"


def recording_figures(recorder: RecorderLike, size_bytes: int, *, hidden: bool = False) -> str:
    """Size, free space, part, and whether faces are hidden, for the session bar."""
    parts = [size_text(size_bytes)]
    space = recorder.space
    if space is not None:
        parts.append(f"{size_text(space.free_bytes)} free")
    if recorder.part > 1:
        parts.append(f"part {recorder.part}")
    if hidden:
        parts.append("faces hidden")
    return " · ".join(parts)


def log_figures(log: LogLike) -> str:
    """Rows and markers, and dropped frames if there are any, for the session bar."""
    parts = [count(log.rows, "row"), count(log.markers, "marker")]
    if log.frames_dropped:
        parts.append(f"{log.frames_dropped} dropped")
    return " · ".join(parts)


def replay_figures(seconds: float, memory_bytes: int) -> str:
    """Length and memory of the instant replay, for the status bar."""
    return f"Replay {seconds:.0f} s · {size_text(memory_bytes)}"


def marker_text(key: int, text: str, elapsed_s: float, marked: Sequence[str], refusal: str) -> str:
    """Where a marker was set, and why not elsewhere.

    Args:
        key, text: Key and text of the marker.
        elapsed_s: Elapsed time of the recording, the log or the live outputs, seconds.
        marked: Where it was set: ``log``, ``recording``, ``live outputs``.
        refusal: Why it was not set elsewhere; empty if it was.
    """
    if not refusal:
        return f"Marker {key}{f'  {text}' if text else ''}   {clock(elapsed_s)}"
    if marked:
        return f"Marker {key} is in the {marked[0]} only: {refusal}"
    return f"Marker {key} was not set: {refusal}"


def live_output_figures(outputs: Sequence[LiveOutputLike]) -> str:
    """The live outputs that run, with the clients of those that know them."""
    return " · ".join(
        output.name if output.clients is None else f"{output.name} {output.clients}"
        for output in outputs
    )


def live_output_tip(outputs: Sequence[LiveOutputLike]) -> str:
    """A line for each live output: where it is found, its clients and what it lost."""
    lines = []
    for output in outputs:
        parts = [f"{output.name}: {output.place}"]
        if output.clients is not None:
            parts.append(count(output.clients, "client"))
        if output.dropped:
            parts.append(f"{output.dropped} dropped")
        lines.append(", ".join(parts))
    return "\n".join(lines)


def low_space(space: "DiskSpace") -> Notice:
    """Warning that the disk will soon be full."""
    left_s = space.left_s or 0.0
    left = f"{left_s / 60:.0f} min" if left_s >= 90 else f"{left_s:.0f} s"
    return Notice(
        f"The disk is nearly full: about {left} of recording left.",
        f"{size_text(space.free_bytes)} free. Delete files, or stop recording. When the disk is "
        "full, the recording ends and stays playable.",
        kind="warning",
    )


def recorded(summary: "RecordingSummary", verb: str = "Recorded") -> Notice:
    """Outcome of a recording."""
    names = ", ".join(path.name for path in summary.paths)
    if summary.error is not None:
        kept = f" Kept: {names}." if names else ""
        return Notice(summary.error.message, f"{summary.error.hint}{kept}".strip())
    if not summary.paths:
        return Notice("Nothing was recorded: no frame arrived.", kind="warning")
    dropped = f", {summary.frames_dropped} dropped" if summary.frames_dropped else ""
    parts = len(summary.parts)
    split = f" in {parts} parts" if parts > 1 else ""
    return Notice(
        f"{verb} {names}." if parts < 3 else f"{verb} {parts} parts, {summary.paths[0].name} …",
        f"{count(summary.frames_written, 'frame')}, {summary.duration_s:.0f} s{split}{dropped}.",
        kind="done",
    )


def failure(summary: "RecordingSummary | LogSummary | None") -> FerLiveError | None:
    """Why a recording or log failed, or None; no summary and no frame are failures too."""
    if summary is None or not (summary.error or summary.frames_written):
        return RecordingError(
            "Nothing was recorded: no frame arrived.",
            "Choose a longer duration, because the model is loaded first.",
        )
    return summary.error


def logged(summary: "LogSummary") -> Notice:
    """Outcome of a session log."""
    if summary.error is not None:
        kept = f" Kept: {summary.path.name}." if summary.path else ""
        return Notice(summary.error.message, f"{summary.error.hint}{kept}".strip())
    if summary.path is None:
        return Notice("Nothing was logged: no frame arrived.", kind="warning")
    dropped = f", {summary.frames_dropped} frames dropped" if summary.frames_dropped else ""
    return Notice(
        f"Logged {summary.path.name}.",
        f"{count(summary.rows, 'row')}, {count(summary.markers, 'marker')}, "
        f"{summary.duration_s:.0f} s{dropped}.",
        kind="done",
    )
