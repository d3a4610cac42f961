"""Texts about recordings, logs and the instant replay; pure functions from figures to text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fer_live.core.errors import FerLiveError, RecordingError
from fer_live.gui.error_texts import localised
from fer_live.gui.language import number, tr
from fer_live.gui.protocols import LiveOutputLike, LogLike, RecorderLike
from fer_live.gui.widgets.notice import Notice
from fer_live.report.formatting import clock

if TYPE_CHECKING:
    from fer_live.recording.disk import DiskSpace
    from fer_live.recording.recorder import RecordingSummary
    from fer_live.session_log.log import LogSummary


def no_source() -> Notice:
    """That nothing plays."""
    return Notice(
        tr("Nothing is playing."),
        tr("Start a source first."),
        kind="warning",
    )


def no_image() -> Notice:
    """That there is no picture."""
    return Notice(
        tr("There is no picture to save yet."),
        tr("Start a source first."),
        kind="warning",
    )


def numbers_only() -> Notice:
    """That saving pictures is turned off."""
    return Notice(
        tr("Saving pictures is turned off."),
        tr("Turn it on in the settings, on the Recording page."),
        kind="warning",
    )


def not_searched() -> Notice:
    """That a snapshot cannot hide faces yet."""
    return Notice(
        tr("This picture has not been searched for faces yet, so they can't be hidden."),
        tr("Wait a moment, then take the snapshot again."),
        kind="warning",
    )


def faces_hidden() -> Notice:
    """That the running recording hides faces from now on."""
    return Notice(
        tr("The recording hides faces from now on, in a new part."),
        tr("Faces in the parts before stay visible."),
        kind="warning",
    )


def video_ended() -> Notice:
    """That the recording ended because saving pictures was turned off."""
    return Notice(
        tr("Saving pictures is turned off, so the recording has ended."),
        tr("The part recorded before is kept."),
        kind="warning",
    )


def faces_stay_hidden() -> Notice:
    """That the running recording goes on hiding faces."""
    return Notice(
        tr("The running recording keeps hiding faces."),
        tr("To show them, stop it and start a new one."),
        kind="warning",
    )


def record_button_text(elapsed_s: float, dropped: int) -> str:
    """Elapsed time, and dropped frames if there are any."""
    time = clock(elapsed_s)
    return f"{time} · {dropped_text(dropped)}" if dropped else time


def dropped_text(frames: int) -> str:
    """How many frames were dropped, in two words."""
    return tr("%Ln dropped", "frames", frames)


def size_text(size_bytes: float) -> str:
    """A size in decimal units, as disks state it."""
    units = ("B", "kB", "MB", "GB", "TB")
    power = 0
    while size_bytes >= 999.5 and power < len(units) - 1:
        size_bytes, power = size_bytes / 1000, power + 1
    return f"{number(size_bytes, 1 if power and size_bytes < 9.95 else 0)} {units[power]}"


def recording_figures(recorder: RecorderLike, size_bytes: int, *, hidden: bool = False) -> str:
    """Size, free space, part, and whether faces are hidden, for the session bar."""
    parts = [size_text(size_bytes)]
    space = recorder.space
    if space is not None:
        parts.append(tr("{size} free").format(size=size_text(space.free_bytes)))
    if recorder.part > 1:
        parts.append(tr("part {number}").format(number=recorder.part))
    if hidden:
        parts.append(tr("faces hidden"))
    return " · ".join(parts)


def rows_text(rows: int) -> str:
    """A number of rows of a log."""
    return tr("%Ln row(s)", "of a log", rows)


def markers_text(markers: int) -> str:
    """A number of markers."""
    return tr("%Ln marker(s)", None, markers)


def log_figures(log: LogLike) -> str:
    """Rows and markers, and dropped frames if there are any, for the session bar."""
    parts = [rows_text(log.rows), markers_text(log.markers)]
    if log.frames_dropped:
        parts.append(dropped_text(log.frames_dropped))
    return " · ".join(parts)


def replay_figures(seconds: float, memory_bytes: int) -> str:
    """Length and memory of the instant replay, for the status bar."""
    length = tr("Replay {seconds} s").format(seconds=number(seconds))
    return f"{length} · {size_text(memory_bytes)}"


def marker_text(key: int, text: str, elapsed_s: float, marked: Sequence[str], refusal: str) -> str:
    """Where a marker was set, and why not elsewhere.

    Args:
        key, text: Key and text of the marker.
        elapsed_s: Elapsed time of the recording, the log or the live outputs, seconds.
        marked: Where it was set, in words: ``in the log``.
        refusal: Why it was not set elsewhere; empty if it was.
    """
    if not refusal:
        name = tr("Marker {number}").format(number=key)
        return f"{name}{f'  {text}' if text else ''}   {clock(elapsed_s)}"
    if marked:
        return tr("Marker {number} is {place} only: {reason}").format(
            number=key, place=marked[0], reason=refusal
        )
    return tr("Marker {number} was not set: {reason}").format(number=key, reason=refusal)


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
            parts.append(tr("%Ln client(s)", None, output.clients))
        if output.dropped:
            parts.append(dropped_text(output.dropped))
        lines.append(", ".join(parts))
    return "\n".join(lines)


def low_space(space: "DiskSpace") -> Notice:
    """Warning that the disk will soon be full."""
    left_s = space.left_s or 0.0
    left = f"{number(left_s / 60)} min" if left_s >= 90 else f"{number(left_s)} s"
    return Notice(
        tr("The disk is nearly full: about {time} of recording left.").format(time=left),
        tr(
            "{size} free. Delete files, or stop recording. When the disk is full, the recording "
            "ends and stays playable."
        ).format(size=size_text(space.free_bytes)),
        kind="warning",
    )


def recorded(summary: "RecordingSummary", *, replay: bool = False) -> Notice:
    """Outcome of a recording, or of saving the instant replay."""
    names = ", ".join(path.name for path in summary.paths)
    if summary.error is not None:
        return Notice(localised(summary.error.message), _hint_and_kept(summary.error, names))
    if not summary.paths:
        return Notice(tr("Nothing was recorded: no frame arrived."), kind="warning")
    parts = len(summary.parts)
    if replay:
        message = tr("Saved {files}.").format(files=names)
    elif parts < 3:
        message = tr("Recorded {files}.").format(files=names)
    else:
        message = tr("Recorded {number} parts, {first} …").format(
            number=parts, first=summary.paths[0].name
        )
    figures = [tr("%Ln frame(s)", None, summary.frames_written), f"{summary.duration_s:.0f} s"]
    if parts > 1:
        figures.append(tr("%Ln part(s)", "of a recording", parts))
    if summary.frames_dropped:
        figures.append(dropped_text(summary.frames_dropped))
    return Notice(message, f"{', '.join(figures)}.", kind="done")


def _hint_and_kept(error: FerLiveError, names: str) -> str:
    kept = tr("Kept: {files}.").format(files=names) if names else ""
    return f"{localised(error.hint)} {kept}".strip()


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
        name = summary.path.name if summary.path else ""
        return Notice(localised(summary.error.message), _hint_and_kept(summary.error, name))
    if summary.path is None:
        return Notice(tr("Nothing was logged: no frame arrived."), kind="warning")
    figures = [rows_text(summary.rows), markers_text(summary.markers)]
    figures.append(f"{summary.duration_s:.0f} s")
    if summary.frames_dropped:
        figures.append(tr("%Ln frame(s) dropped", None, summary.frames_dropped))
    return Notice(
        tr("Logged {file}.").format(file=summary.path.name),
        f"{', '.join(figures)}.",
        kind="done",
    )
