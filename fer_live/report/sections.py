"""The parts of a report's page, each as HTML text."""

from collections.abc import Iterable, Mapping
from html import escape

from fer_live.core.labels import UNSURE
from fer_live.report.charts import band_columns, share_bar, timeline
from fer_live.report.elements import MAX_ROWS, NOTHING, keyed, more, table
from fer_live.report.figures import PersonSummary, SessionSummary
from fer_live.report.notes import meaning, quality
from fer_live.report.summary import MAX_CHARTS
from fer_live.report.words import (
    EVENTS,
    clock,
    count,
    day_and_time,
    duration,
    label_name,
    percent,
)
from fer_live.session_log.schema import RECORDING, RECORDING_OFF, SESSION


def heading(summary: SessionSummary) -> str:
    """What was measured, when, where, by what; in one sentence what came out."""
    about = summary.about
    facts = {
        "Source": ", ".join(summary.sources),
        "Picture": f"{about['width_px']} \u00d7 {about['height_px']}"
        if {"width_px", "height_px"} <= about.keys()
        else "",
        "Model": str(about.get("model", "")),
        "Computed on": str(about.get("device", "")),
    }
    known = " · ".join(f"{name}: {escape(value)}" for name, value in facts.items() if value)
    return (
        "<header><h1>Facial expressions over time</h1>"
        f'<p class="soft">{_when(summary)}'
        f"{f'<br>{known}' if known else ''}</p>"
        f'<p class="lead">{_in_short(summary)}</p>{_unfinished(summary)}{_tiles(summary)}</header>'
    )


def shares(summary: SessionSummary) -> str:
    """Share of each label over all faces."""
    if not summary.shares:
        return ""
    rows = [
        [
            keyed(label),
            percent(share),
            duration(share * summary.seen_s),
            percent(summary.means[label]) if label and label in summary.means else NOTHING,
        ]
        for label, share in summary.shares.items()
    ]
    names = ["Shown as", "Share of time", "Time", "Mean probability"]
    whom = "all faces together" if len(summary.people) > 1 else "the one face"
    return (
        f"<section><h2>Share of each expression</h2><p>Of the {duration(summary.seen_s)} in which "
        f"faces were seen, {whom}.</p><figure>{share_bar(summary.shares, 'Shares')}</figure>"
        f"{table(names, rows, numbers={1, 2, 3})}</section>"
    )


def over_time(summary: SessionSummary) -> str:
    """The curves: all faces, then each."""
    if not summary.people:
        return "<section><h2>Over time</h2><p>No face was found.</p></section>"
    shown = [person for person in summary.people if person.identity in summary.traces]
    parts = [
        "<section><h2>Over time</h2><p>The upper band is the label that was on the picture. Below "
        "it are the smoothed probabilities of all expressions, stacked to 100 %. Where both are "
        "blank the face was not seen. Dashed lines are markers.</p>",
        _legend(summary),
    ]
    if len(summary.people) > 1:
        chart = timeline(
            "All faces over time", summary.labels, summary.trace, summary.edges_s, summary.markers
        )
        parts.append(
            "<h3>All faces <span>· mean probability of the faces seen at the time</span></h3>"
            f'<figure data-trace="all">{chart}</figure>'
        )
    for person in shown:
        name = f"Face {person.identity}"
        chart = timeline(
            f"{name} over time",
            summary.labels,
            summary.traces[person.identity],
            summary.edges_s,
            summary.markers,
            band_columns(person.spells, summary.edges_s),
        )
        seen = f"seen {duration(person.seen_s)}, {clock(person.first_s)} to {clock(person.last_s)}"
        changes = count(person.changes, "change of label", "changes of label")
        parts.append(
            f"<h3>{name} <span>· {seen} · {changes}</span></h3>"
            f'<figure data-trace="{person.identity}">{chart}</figure>'
        )
    if len(summary.people) > len(shown):
        rest = len(summary.people) - len(shown)
        parts.append(f'<p class="soft">{count(rest, "more face")} seen for a shorter time.</p>')
    return "".join((*parts, "</section>"))


def people(summary: SessionSummary) -> str:
    """Shares, changes and dwell times of each face."""
    if not summary.people:
        return ""
    labels = [label for label in summary.shares if label is not None]
    longest = sorted(summary.people, key=lambda person: -person.seen_s)[:MAX_ROWS]
    chosen = sorted(longest, key=lambda person: person.identity)
    rows = [
        [
            f"Face {p.identity}",
            duration(p.seen_s),
            str(p.changes),
            *(percent(p.shares[x]) if x in p.shares else NOTHING for x in labels),
        ]
        for p in chosen
    ]
    names = ["", "Seen", "Changes", *map(keyed, labels)]
    parts = [
        "<section><h2>Face by face</h2>",
        table(names, rows, "Share of the time each face was seen", set(range(1, len(names)))),
        "<h3>How long an expression stayed</h3>",
        table(
            ["", "Shown as", "Times", "Median", "Longest"],
            _dwell_rows(chosen[:MAX_CHARTS]),
            numbers={2, 3, 4},
        ),
    ]
    if len(chosen) < len(summary.people):
        parts.append(f'<p class="soft">The {len(chosen)} faces seen longest.</p>')
    return "".join((*parts, "</section>"))


def markers(summary: SessionSummary) -> str:
    """What the user marked, and what was to be seen then."""
    if not summary.markers:
        return ""
    videos = any(marker.video for marker in summary.markers)
    rows = [
        [
            str(m.event.marker),
            clock(m.event.time_s, tenths=True),
            f"{m.event.wall_time:%H:%M:%S}",
            escape(m.event.text) or NOTHING,
            ", ".join(f"face {i}: {escape(label_name(x))}" for i, x in m.shown.items()) or NOTHING,
            *([_in_video(m.video)] if videos else []),
        ]
        for m in summary.markers[:MAX_ROWS]
    ]
    names = ["Key", "Time", "Clock", "Text", "Shown then", *(["In the video"] if videos else [])]
    return f"<section><h2>Markers</h2>{table(names, rows)}{more(summary.markers)}</section>"


def events(summary: SessionSummary) -> str:
    """What happened to the session itself."""
    rows = []
    for event in summary.events[:MAX_ROWS]:
        text = event.text
        if event.kind == SESSION:
            text = event.source
        elif event.kind == RECORDING:
            text = f"{event.file}, from {clock(event.video_time_s or 0.0, tenths=True)} in it"
        elif event.kind == RECORDING_OFF:
            text = f"{count(event.count, 'frame')} missing in the video" if event.count else ""
        elif event.count is not None:
            text = count(event.count, "frame")
        name = EVENTS.get(event.kind, event.kind)
        place = clock(event.time_s, tenths=True)
        rows.append([place, f"{event.wall_time:%H:%M:%S}", escape(name), escape(text)])
    if not rows:
        return ""
    listed = table(["Time", "Clock", "Event", ""], rows)
    return f"<section><h2>Events</h2>{listed}{more(summary.events)}</section>"


ALL = (heading, shares, over_time, people, markers, quality, events, meaning)
"""The page's parts, in order."""


def _when(summary: SessionSummary) -> str:
    span = f"{day_and_time(summary.began)} to {summary.ended:%H:%M:%S}"
    if summary.about.get("live", True):
        return span
    return f"Analysed {span}. Times are those of the film; when it was taken is not known here."


def _in_short(summary: SessionSummary) -> str:
    lasted = f"The session lasted {duration(summary.duration_s)}"
    if not summary.people:
        return f"{lasted}. No face was found."
    named = [(x, s) for x, s in summary.shares.items() if x not in (None, UNSURE)][:3]
    most = ", ".join(f"{escape(label_name(x))} ({percent(s)})" for x, s in named)
    faces = count(len(summary.people), "face was followed", "faces were followed")
    return f"{lasted}; {faces}. " + (f"Shown most: {most} of the time." if most else "")


def _unfinished(summary: SessionSummary) -> str:
    if summary.complete:
        return ""
    return (
        '<div class="note warn"><p>The log was not closed properly: the program ended unexpectedly '
        "or is still running. Up to its last second everything is here.</p></div>"
    )


def _tiles(summary: SessionSummary) -> str:
    with_face_s = summary.duration_s - summary.without_face_s - summary.outages_s
    share = with_face_s / summary.duration_s if summary.duration_s else 0.0
    tiles = {
        "Duration": duration(summary.duration_s),
        "Faces followed": str(len(summary.people)),
        "With a face": percent(max(0.0, share)),
        "Changes of label": str(summary.changes),
        "Unsure": percent(summary.flags[UNSURE]),
        "Markers": str(len(summary.markers)),
    }
    inner = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in tiles.items())
    return f'<dl class="tiles">{inner}</dl>'


def _legend(summary: SessionSummary) -> str:
    labels = [*summary.labels, *(x for x in summary.shares if x not in summary.labels)]
    inner = "".join(f"<li>{keyed(label)}</li>" for label in labels)
    return f'<ul class="legend">{inner}</ul>'


def _dwell_rows(chosen: Iterable[PersonSummary]) -> list[list[str]]:
    rows = []
    for person in chosen:
        by_time: Mapping[str | None, float] = person.shares or dict.fromkeys(person.dwell, 0.0)
        for place, label in enumerate(by_time):
            dwell = person.dwell[label]
            name = f"Face {person.identity}" if place == 0 else ""
            lasted = [duration(dwell.median_s), duration(dwell.longest_s)]
            rows.append([name, keyed(label), str(dwell.times), *lasted])
    return rows


def _in_video(video: tuple[object, float] | None) -> str:
    if video is None:
        return NOTHING
    name = str(video[0]).replace("\\", "/").rsplit("/", 1)[-1]
    return f"{escape(name)}, {clock(video[1], tenths=True)}"
