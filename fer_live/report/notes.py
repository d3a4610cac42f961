"""How far a report can be relied on, and what it means."""

from html import escape

from fer_live.core.labels import UNSURE
from fer_live.report.elements import table
from fer_live.report.figures import SessionSummary
from fer_live.report.words import count, duration, percent
from fer_live.session_log.schema import COASTING, EDGE, SMALL, SMALL_FACE_PX

BRIEF_S = 1.0
"""A face seen for less may be a false alarm."""


def quality(summary: SessionSummary) -> str:
    """How far the figures can be relied on."""
    frames = summary.frames
    brief = sum(person.seen_s < BRIEF_S for person in summary.people)
    without = summary.frames_without_face
    flags = summary.flags
    rows = [
        ["Frames analysed", f"{count(frames, 'frame')}, {summary.rate_fps:.1f} per second",
         "The median rate."],
        ["Frames without a face", f"{count(without, 'frame')} ({percent(without / frames)})",
         "Nobody there, turned away, too dark, too small or hidden."],
        ["Frames not analysed", count(summary.frames_skipped, "frame"),
         "Given by the source while the machine was busy. A few between two frames do no harm."],
        ["Frames not logged", count(summary.frames_dropped, "frame"),
         "Analysed while the disk was too slow; they are missing from this report."],
        ["Gaps", duration(summary.outages_s),
         "Longer times without any frame: the source was lost. They count as nobody seen."],
        ["Unsure", percent(flags[UNSURE]),
         "Of the time faces were seen: no expression was probable enough to be named."],
        ["Carried on", percent(flags[COASTING]),
         "Of the time faces were seen: not found for a moment, the last expression was kept."],
        ["At the edge", percent(flags[EDGE]),
         "Of the time faces were seen: the face may have been cut by the picture's edge."],
        ["Small faces", percent(flags[SMALL]),
         f"Of the time faces were seen: under {SMALL_FACE_PX} pixels, where models see little."],
        ["Brief faces", count(brief, "face"),
         f"Seen for under {BRIEF_S:.0f} s, often a false alarm."],
    ]  # fmt: skip
    if summary.frames_not_recorded is not None:
        lost = ("" if summary.complete else "at least ") + count(
            summary.frames_not_recorded, "frame"
        )
        rows.append(
            ["Frames not in the video", lost,
             "Analysed while a video ran, but not written to it: there it stands still."]
        )  # fmt: skip
    if summary.damaged:
        rows.append(["Damaged lines", count(summary.damaged, "line"), "Of the log, left out here."])
    listed = table(["", "", "What it means"], rows)
    return f"<section><h2>Quality of the data</h2>{listed}</section>"


def meaning(summary: SessionSummary) -> str:
    """What the figures mean, and what they do not."""
    classes = escape(", ".join(summary.labels)) or "none"
    return f"""<section><h2>What this means, and what it does not</h2><div class="note"><ul>
<li>In every frame each face was found, followed and given a probability for each of these
expressions: {classes}. The label is the one shown on the picture, smoothed over time so that it
does not flicker; “unsure” is shown when none is probable enough.</li>
<li>Shares are shares of time. Each frame counts until the next one.</li>
<li>An expression is not a feeling. People smile without being happy and are angry without
frowning; how a face moves differs between people, cultures and situations (Barrett, Adolphs,
Marsella, Martinez and Pollak, 2019, <i>Psychological Science in the Public Interest</i>
20(1)).</li>
<li>The model makes mistakes, more with poor light, turned or covered faces and people unlike those
it was trained on. Its probabilities are estimates. What it was trained on and how often it was
right is in its model card.</li>
<li>A number is a face that was followed without a break. Nobody was recognised: who leaves and
comes back may have a new number, so there can be more numbers than people.</li>
<li>This report is no ground for decisions about a person.</li>
</ul></div></section>"""
