"""The report's sections on the quality of the data and on the meaning of the figures."""

from fer_live.core.html import Html, section, table, to_html
from fer_live.core.labels import UNSURE
from fer_live.report.figures import SessionSummary
from fer_live.report.formatting import count, duration, percent
from fer_live.session_log.schema import COASTING
from fer_live.tracking.quality_flags import QUALITY_FLAGS

BRIEF_S = 1.0
"""A face seen for less time than this may be a false detection."""


def quality(summary: SessionSummary) -> Html:
    """How reliable the figures are: frames lost, gaps, and the share of each quality flag."""
    frames = summary.frames
    brief = sum(face.seen_s < BRIEF_S for face in summary.faces)
    without = summary.frames_without_face
    flags = summary.flags
    rows = [
        ["Frames analysed", f"{count(frames, 'frame')}, {summary.rate_fps:.1f} per second",
         "The rate is the median."],
        ["Frames without a face", f"{count(without, 'frame')} ({percent(without / frames)})",
         "Nobody present, or the face was turned away, too dark, too small or hidden."],
        ["Frames not analysed", count(summary.frames_skipped, "frame"),
         "The source delivered them while the computer was busy. A few between two analysed frames "
         "do no harm."],
        ["Frames not logged", count(summary.frames_dropped, "frame"),
         "Analysed while the disk was too slow. They are missing from this report."],
        ["Gaps", duration(summary.outages_s),
         "Longer times without frames, because the source was lost. They count as nobody seen."],
        ["Unsure", percent(flags[UNSURE]),
         "Share of the time faces were seen in which no expression was probable enough to be "
         "named."],
        ["Held over", percent(flags[COASTING]),
         "Share of the time faces were seen in which the face was not found for a moment and its "
         "last expression stayed on display."],
        *([flag.title, percent(flags[name]),
           f"Share of the time faces were seen in which {flag.meaning}."]
          for name, flag in QUALITY_FLAGS.items()),
        ["Brief faces", count(brief, "face"),
         f"Seen for less than {BRIEF_S:.0f} s, often a false detection."],
    ]  # fmt: skip
    if summary.frames_not_recorded is not None:
        lost = count(summary.frames_not_recorded, "frame")
        rows.append(
            ["Frames not in the video", lost if summary.complete else f"at least {lost}",
             "Analysed during a recording but not written to it. The video stands still there."]
        )  # fmt: skip
    if summary.damaged:
        rows.append(
            ["Damaged lines", count(summary.damaged, "line"), "Lines of the log left out here."]
        )
    return section("Quality of the data", table(["", "", "What it means"], rows))


def meaning(summary: SessionSummary) -> Html:
    """What the figures mean, and what they do not mean."""
    classes = to_html(", ".join(summary.labels) or "none")
    explained = f"""<div class="note"><ul>
<li>In every frame each face is found, tracked and given a probability for each of these
expressions: {classes}. The label is the one shown on the image, smoothed over time so that it does
not flicker; “unsure” is shown when no expression is probable enough.</li>
<li>Shares are shares of time. Each frame counts until the next one.</li>
<li>An expression is not a feeling. People smile without being happy and are angry without
frowning; how a face moves differs between people, cultures and situations (Barrett, Adolphs,
Marsella, Martinez and Pollak, 2019, <i>Psychological Science in the Public Interest</i>
20(1)).</li>
<li>The model makes mistakes, more with poor light, turned or covered faces and people unlike those
it was trained on. Its probabilities are estimates. Its model card says what it was trained on and
how often it was right.</li>
<li>A number stands for a face tracked without a break. Nobody is recognised: a face who leaves
and comes back may get a new number, so there can be more numbers than people.</li>
<li>Do not base decisions about a face on this report.</li>
</ul></div>"""
    return section("What this means, and what it does not", Html(explained))
