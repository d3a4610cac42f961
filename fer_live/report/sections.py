"""The sections of a report's page."""

from collections.abc import Iterable, Mapping, Sequence

from fer_live.core.html import NO_VALUE, Html, heading, paragraph, section, table, to_html
from fer_live.core.labels import UNSURE
from fer_live.report.charts import band_columns, share_bar, timeline
from fer_live.report.figures import FaceSummary, SessionSummary
from fer_live.report.formatting import (
    EVENTS,
    clock,
    colour,
    count,
    day_and_time,
    duration,
    face_name,
    label_name,
    percent,
)
from fer_live.report.reliability import meaning, quality
from fer_live.report.summary import MAX_CHARTS
from fer_live.session_log.schema import POSITION, RECORDING, RECORDING_OFF, SESSION

MAX_ROWS = 200
"""Most rows of a table; the log has the others."""


def overview(summary: SessionSummary) -> Html:
    """When, on which source and with which model; the outcome in one sentence."""
    about = summary.about
    facts = {
        "Source": ", ".join(summary.sources),
        "Image": f"{about['width_px']} \u00d7 {about['height_px']}"
        if {"width_px", "height_px"} <= about.keys()
        else "",
        "Model": str(about.get("model", "")),
        "Computed on": str(about.get("device", "")),
    }
    known = " · ".join(f"{name}: {value}" for name, value in facts.items() if value)
    lines = [_when(summary), *([known] if known else [])]
    return Html(
        "<header><h1>Facial expressions over time</h1>"
        f'<p class="soft">{"<br>".join(map(to_html, lines))}</p>'
        f'<p class="lead">{to_html(_in_short(summary))}</p>'
        f"{_unfinished(summary)}{_tiles(summary)}</header>"
    )


def shares(summary: SessionSummary) -> Html:
    """Share of each label over all faces."""
    if not summary.shares:
        return Html()
    rows = [
        [
            _keyed(label),
            percent(share),
            duration(share * summary.seen_s),
            percent(summary.means[label]) if label and label in summary.means else NO_VALUE,
        ]
        for label, share in summary.shares.items()
    ]
    names = ["Shown as", "Share of time", "Time", "Mean probability"]
    seen = duration(summary.seen_s)
    whole = f"Share of the {seen} in which the face was visible."
    if len(summary.faces) > 1:
        whole = f"Share of the {seen} in which faces were visible, summed over all faces."
    return section(
        "Share of each expression",
        paragraph(whole),
        Html(f"<figure>{share_bar(summary.shares, 'Shares')}</figure>"),
        table(names, rows, numbers={1, 2, 3}),
    )


def over_time(summary: SessionSummary) -> Html:
    """Label and probabilities over time: all faces, then each face."""
    if not summary.faces:
        return section("Over time", paragraph("No face was found."))
    shown = [face for face in summary.faces if face.identity in summary.traces]
    parts = [
        paragraph(
            "The upper band is the label shown on the image. Below it are the smoothed "
            "probabilities of all expressions, stacked to 100%. Where both are blank the face was "
            "not seen. Dashed lines are markers."
        ),
        _legend(summary),
    ]
    if len(summary.faces) > 1:
        chart = timeline(
            "All faces over time", summary.labels, summary.trace, summary.edges_s, summary.markers
        )
        parts += _chart("all", "All faces", "mean probability of the faces seen at the time", chart)
    for face in shown:
        name = face_name(face.identity, summary.names)
        chart = timeline(
            f"{name} over time",
            summary.labels,
            summary.traces[face.identity],
            summary.edges_s,
            summary.markers,
            band_columns(face.spells, summary.edges_s),
        )
        seen = f"seen {duration(face.seen_s)}, {clock(face.first_s)} to {clock(face.last_s)}"
        changes = count(face.changes, "change of label", "changes of label")
        parts += _chart(str(face.identity), name, f"{seen} · {changes}", chart)
    if len(summary.faces) > len(shown):
        rest = len(summary.faces) - len(shown)
        parts.append(_soft(f"{count(rest, 'more face')} seen for a shorter time."))
    return section("Over time", *parts)


def each_face(summary: SessionSummary) -> Html:
    """Shares, label changes and dwell times of each face."""
    if not summary.faces:
        return Html()
    labels = [label for label in summary.shares if label is not None]
    longest = sorted(summary.faces, key=lambda face: -face.seen_s)[:MAX_ROWS]
    chosen = sorted(longest, key=lambda face: face.identity)
    rows = [
        [
            face_name(p.identity, summary.names),
            duration(p.seen_s),
            str(p.changes),
            *(percent(p.shares[x]) if x in p.shares else NO_VALUE for x in labels),
        ]
        for p in chosen
    ]
    names = ["", "Seen", "Changes", *map(_keyed, labels)]
    parts = [
        table(names, rows, "Share of the time each face was seen", set(range(1, len(names)))),
        heading("How long an expression stayed", 3),
        table(
            ["", "Shown as", "Times", "Median", "Longest"],
            _dwell_rows(summary, chosen[:MAX_CHARTS]),
            numbers={2, 3, 4},
        ),
    ]
    if len(chosen) < len(summary.faces):
        parts.append(_soft(f"The {len(chosen)} faces seen longest."))
    return section("Face by face", *parts)


def markers(summary: SessionSummary) -> Html:
    """The user's markers, and the labels shown at those times."""
    if not summary.markers:
        return Html()
    videos = any(marker.video for marker in summary.markers)
    rows = [
        [
            str(m.event.marker),
            clock(m.event.time_s, tenths=True),
            f"{m.event.wall_time:%H:%M:%S}",
            m.event.text or NO_VALUE,
            ", ".join(_shown_as(summary, *shown) for shown in m.shown.items()) or NO_VALUE,
            *([_in_video(m.video)] if videos else []),
        ]
        for m in summary.markers[:MAX_ROWS]
    ]
    names = ["Key", "Time", "Clock", "Text", "Shown then", *(["In the video"] if videos else [])]
    return section("Markers", table(names, rows), _rest(summary.markers))


def events(summary: SessionSummary) -> Html:
    """Events of the session itself, such as a lost source or a recording."""
    rows = []
    for event in summary.events[:MAX_ROWS]:
        text = event.text
        if event.kind == SESSION:
            text = event.source
        elif event.kind in (RECORDING, POSITION):
            text = f"{event.file}, from {clock(event.video_time_s or 0.0, tenths=True)} in it"
        elif event.kind == RECORDING_OFF:
            text = f"{count(event.count, 'frame')} missing in the video" if event.count else ""
        elif event.count is not None:
            text = count(event.count, "frame")
        name = EVENTS.get(event.kind, event.kind)
        place = clock(event.time_s, tenths=True)
        rows.append([place, f"{event.wall_time:%H:%M:%S}", name, text])
    if not rows:
        return Html()
    return section("Events", table(["Time", "Clock", "Event", ""], rows), _rest(summary.events))


ALL = (overview, shares, over_time, each_face, markers, quality, events, meaning)
"""The page's sections, in order."""


def _shown_as(summary: SessionSummary, face: int, label: str | None) -> str:
    name = summary.names.get(face) or f"face {face}"
    return f"{name}: {label_name(label)}"


def _keyed(label: str | None) -> Html:
    """A label with its colour."""
    return Html(
        f'<span class="key" style="background:{colour(label)}"></span>{to_html(label_name(label))}'
    )


def _soft(text: str) -> Html:
    return Html(f'<p class="soft">{to_html(text)}</p>')


def _rest(entries: Sequence[object]) -> Html:
    """How many entries a table leaves out because of `MAX_ROWS`."""
    rest = len(entries) - MAX_ROWS
    return _soft(f"The log has {rest} more.") if rest > 0 else Html()


def _chart(trace: str, title: str, details: str, svg: str) -> list[Html]:
    """A chart with its heading; `trace` is its key in the page's figures."""
    return [
        Html(f"<h3>{to_html(title)} <span>· {to_html(details)}</span></h3>"),
        Html(f'<figure data-trace="{trace}">{svg}</figure>'),
    ]


def _when(summary: SessionSummary) -> str:
    span = f"{day_and_time(summary.began)} to {summary.ended:%H:%M:%S}"
    if summary.about.get("live", True):
        return span
    return f"Analysed {span}. Times are positions in the video; its recording date is not known."


def _in_short(summary: SessionSummary) -> str:
    lasted = f"The session lasted {duration(summary.duration_s)}"
    if not summary.faces:
        return f"{lasted}. No face was found."
    named = [(x, s) for x, s in summary.shares.items() if x not in (None, UNSURE)][:3]
    most = ", ".join(f"{label_name(x)} ({percent(s)})" for x, s in named)
    faces = count(len(summary.faces), "face was tracked", "faces were tracked")
    return f"{lasted}; {faces}. " + (f"Shown most: {most} of the time." if most else "")


def _unfinished(summary: SessionSummary) -> Html:
    if summary.complete:
        return Html()
    return Html(
        '<div class="note warn"><p>The log was not closed properly: the program ended unexpectedly '
        "or is still running. Everything up to its last second is here.</p></div>"
    )


def _tiles(summary: SessionSummary) -> Html:
    with_face_s = summary.duration_s - summary.without_face_s - summary.outages_s
    share = with_face_s / summary.duration_s if summary.duration_s else 0.0
    tiles = {
        "Duration": duration(summary.duration_s),
        "Faces tracked": str(len(summary.faces)),
        "With a face": percent(max(0.0, share)),
        "Changes of label": str(summary.changes),
        "Unsure": percent(summary.flags[UNSURE]),
        "Markers": str(len(summary.markers)),
    }
    inner = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in tiles.items())
    return Html(f'<dl class="tiles">{inner}</dl>')


def _legend(summary: SessionSummary) -> Html:
    labels = [*summary.labels, *(x for x in summary.shares if x not in summary.labels)]
    inner = "".join(f"<li>{_keyed(label)}</li>" for label in labels)
    return Html(f'<ul class="legend">{inner}</ul>')


def _dwell_rows(summary: SessionSummary, chosen: Iterable[FaceSummary]) -> list[list[str]]:
    rows = []
    for face in chosen:
        by_time: Mapping[str | None, float] = face.shares or dict.fromkeys(face.dwell, 0.0)
        for place, label in enumerate(by_time):
            dwell = face.dwell[label]
            name = face_name(face.identity, summary.names) if place == 0 else ""
            lasted = [duration(dwell.median_s), duration(dwell.longest_s)]
            rows.append([name, _keyed(label), str(dwell.times), *lasted])
    return rows


def _in_video(video: tuple[object, float] | None) -> str:
    if video is None:
        return NO_VALUE
    name = str(video[0]).replace("\\", "/").rsplit("/", 1)[-1]
    return f"{name}, {clock(video[1], tenths=True)}"
