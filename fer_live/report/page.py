"""A session report: one HTML file that refers to no other file."""

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_live import __version__
from fer_live.core import html
from fer_live.core.files import fill_reserved, reserve_free_names, reserve_names
from fer_live.report import sections
from fer_live.report.figures import SessionSummary
from fer_live.report.formatting import day_and_time, label_name
from fer_live.report.summary import summarise
from fer_live.session_log.reader import read_log


def write_report(log: Path, out: Path | None = None) -> Path:
    """Reads a log and writes its report.

    Args:
        log: The path of the log.
        out: A file that must not exist; None is the log's name with ``.html``, and with a number
            if that name is taken.

    Returns:
        The path of the report.

    Raises:
        RecordingError: The log cannot be read or has no frame, or the report cannot be written.
    """
    text = render(summarise(read_log(log)), datetime.now().astimezone())
    if out is None:
        out = reserve_free_names(log.parent, log.stem, (".html",))[0]
    else:
        reserve_names(out)
    with fill_reserved(out):
        # A name may contain bytes that are not text; "?" replaces them.
        out.write_text(text, encoding="utf-8", errors="replace")
    return out


def render(summary: SessionSummary, made: datetime, remark: str = "") -> str:
    """The page as HTML text.

    Args:
        summary: The figures shown.
        made: When the page is made, with time zone.
        remark: A sentence for its end; empty for none.
    """
    folder = Path(__file__).parent
    made_by = f"Made from the log {summary.name} on {day_and_time(made)} by fer-live {__version__}."
    body = [
        *(section(summary) for section in sections.ALL),
        html.Html(f"<footer>{html.to_html(f'{remark} {made_by}'.strip())}</footer>"),
        html.json_script("figures", figures(summary)),
    ]
    return html.page(
        f"Expressions on {summary.began:%Y-%m-%d, %H:%M}",
        body,
        style=(folder / "page.css").read_text("utf-8"),
        script=(folder / "page.js").read_text("utf-8"),
    )


def figures(summary: SessionSummary) -> dict[str, Any]:
    """The figures as JSON values, for programs; times in seconds, shares in 0-1."""
    return {
        "log": summary.name,
        "began": summary.began.isoformat(timespec="milliseconds"),
        "start_s": round(float(summary.edges_s[0]), 6),
        "duration_s": round(summary.duration_s, 6),
        "frames": summary.frames,
        "rate_fps": round(summary.rate_fps, 3),
        "frames_without_face": summary.frames_without_face,
        "frames_dropped": summary.frames_dropped,
        "frames_skipped": summary.frames_skipped,
        "frames_not_recorded": summary.frames_not_recorded,
        "seen_s": round(summary.seen_s, 6),
        "shares": _shares(summary.shares),
        "changes": summary.changes,
        "flags": _shares(summary.flags),
        "faces": [
            {
                "identity": face.identity,
                "name": summary.names.get(face.identity, ""),
                "first_s": round(face.first_s, 6),
                "last_s": round(face.last_s, 6),
                "seen_s": round(face.seen_s, 6),
                "frames": face.frames,
                "shares": _shares(face.shares),
                "changes": face.changes,
                "flags": _shares(face.flags),
            }
            for face in summary.faces
        ],
        "markers": [
            {
                "time_s": marker.event.time_s,
                "wall_time": marker.event.wall_time.isoformat(timespec="milliseconds"),
                "marker": marker.event.marker,
                "text": marker.event.text,
            }
            for marker in summary.markers
        ],
        "labels": list(summary.labels),
        "traces": {"all": _percents(summary.trace)}
        | {str(i): _percents(summary.traces[i]) for i in sorted(summary.traces)},
    }


def _shares(shares: Any) -> dict[str, float]:
    return {label_name(label): round(share, 6) for label, share in shares.items()}


def _percents(trace: NDArray[np.float64]) -> list[list[int] | None]:
    """Whole percents, shown at the mouse pointer; None where there is no face."""
    return [
        None if np.isnan(row).any() else [round(100 * p) for p in row.tolist()] for row in trace
    ]
