"""Exports of a session as corrected: CSV, report, subtitles and annotations for ELAN."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from fer_live.core.errors import ReviewError
from fer_live.core.files import fill_reserved, reserve_free_names, reserve_names
from fer_live.core.records import csv_line
from fer_live.report.page import render
from fer_live.report.summary import summarise
from fer_live.review.corrected import corrected_rows
from fer_live.review.elan import elan_document
from fer_live.review.media import media_of
from fer_live.review.session import Session
from fer_live.review.sidecar import sidecar_of
from fer_live.review.webvtt import webvtt

CSV, REPORT, SUBTITLES, ELAN = ".csv", ".html", ".vtt", ".eaf"
EXPORTS = {
    CSV: "the corrected log",
    REPORT: "the report",
    SUBTITLES: "subtitles (WebVTT)",
    ELAN: "annotations for ELAN",
}
"""What each suffix stands for."""
REVIEWED = "-reviewed"
"""Ends the names of exports, so that they are told from what the program itself wrote."""


def export(
    session: Session,
    suffix: str,
    out: Path | None = None,
    now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
) -> tuple[Path, ...]:
    """Writes an export of a session; nothing is overwritten.

    Subtitles and annotations belong to a video: a session with several videos gives a file for
    each, the later ones with a number.

    Args:
        session: The session.
        suffix: One of `EXPORTS`.
        out: The first file; None is beside the log, under a free name.
        now: Returns the wall time, with time zone.

    Returns:
        The files.

    Raises:
        ReviewError: There is no such export.
        RecordingError: A file exists or cannot be written, or nothing is left of the log.
    """
    if suffix not in EXPORTS:
        known = ", ".join(f"{end} for {what}" for end, what in EXPORTS.items())
        raise ReviewError(f"There is no export named {suffix or 'so'}.", f"Choose {known}.")
    media = media_of(session) if suffix in (SUBTITLES, ELAN) else ()
    paths = _reserved(session, suffix, out, max(1, len(media)))
    with fill_reserved(*paths):
        for number, path in enumerate(paths):
            if suffix == SUBTITLES:
                path.write_text(webvtt(media[number]), "utf-8", errors="replace")
            elif suffix == ELAN:
                path.write_bytes(elan_document(media[number], path.parent, now()))
            elif suffix == REPORT:
                page = render(summarise(session.table), now(), _remark(session))
                path.write_text(page, "utf-8", errors="replace")
            else:
                _write_csv(session, path)
    return paths


def _write_csv(session: Session, path: Path) -> None:
    found = corrected_rows(session.log, session.logged, session.corrections)
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        file.write(csv_line(found.names) + "\n")
        file.writelines(csv_line(row) + "\n" for row in found.rows)


def _reserved(session: Session, suffix: str, out: Path | None, count: int) -> tuple[Path, ...]:
    if out is None:
        return _beside(session, suffix, count)
    paths = (out, *(out.with_stem(f"{out.stem}-{i}") for i in range(2, count + 1)))
    reserve_names(*paths)
    return paths


def _beside(session: Session, suffix: str, count: int = 1) -> tuple[Path, ...]:
    ends = [suffix, *(f"-{number}{suffix}" for number in range(2, count + 1))]
    return reserve_free_names(session.log.parent, f"{session.log.stem}{REVIEWED}", ends)


def _remark(session: Session) -> str:
    """What a report says about the corrections; empty without any."""
    parts = list(_counts(session))
    if not parts:
        return ""
    return f"Corrected in review ({sidecar_of(session.log).name}): {', '.join(parts)}."


def _counts(session: Session) -> Iterator[str]:
    """The corrections in numbers."""
    corrections = session.corrections
    markers = (*corrections.markers_added, *corrections.markers_removed)
    yield from _counted(corrections.labels, "label", "labels")
    yield from _counted(list(corrections.merged), "merged face", "merged faces")
    yield from _counted(list(corrections.names), "named face", "named faces")
    yield from _counted(markers, "marker", "markers")
    if corrections.left_out:
        left_s = sum(span.end_s - span.start_s for span in corrections.left_out)
        yield f"{left_s:.1f} s left out"


def _counted(found: Sequence[object], one: str, many: str) -> Iterator[str]:
    if found:
        yield f"{len(found)} {one if len(found) == 1 else many}"
