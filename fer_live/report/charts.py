"""The charts of a report, as SVG."""

import math
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from fer_live.core.html import Html
from fer_live.report.figures import Marker, Spell
from fer_live.report.formatting import clock, colour, label_name, percent

WIDTH = 1000
"""Drawing units across; the page scales them to its own width."""
BAND = 22
"""Height of the band of labels."""
AREA = 72
"""Height of the probabilities."""
GAP = 6
AXIS = 20
TOP = 12
"""Room for the numbers of markers."""
TICK_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
MOST_TICKS = 9
LETTER = 8
"""Width of a letter on the axis, drawing units."""
WIDE_ENOUGH = 8.5
"""Width of a letter of a label's name in the band, drawing units."""


def timeline(
    title: str,
    labels: Sequence[str],
    trace: NDArray[np.float64],
    edges_s: NDArray[np.float64],
    markers: Sequence[Marker],
    columns: Sequence[tuple[str | None, int, int]] = (),
) -> Html:
    """Label and probabilities over time.

    Args:
        title: What the chart shows, for readers who cannot see it.
        labels: Classes, K.
        trace: (B, K) probabilities, NaN where there is no face.
        edges_s: (B + 1,) session times at the edges of the steps, seconds.
        markers: Drawn as dashed lines.
        columns: Columns of the band of labels, see `band_columns`; empty draws no band.
    """
    area_top = TOP + (BAND + GAP if columns else 0)
    height = area_top + AREA + AXIS
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">',
        f'<rect class="ground" x="0" y="{area_top}" width="{WIDTH}" height="{AREA}"/>',
    ]
    if columns:
        parts.append(f'<rect class="ground" x="0" y="{TOP}" width="{WIDTH}" height="{BAND}"/>')
        parts += [_band(*column) for column in columns]
    parts += _areas(labels, trace, area_top)
    parts += _axis(edges_s, area_top + AREA)
    parts += _marker_lines(markers, edges_s, area_top + AREA)
    parts.append(
        f'<line class="cursor" x1="0" x2="0" y1="{TOP}" y2="{area_top + AREA}" '
        'visibility="hidden"/></svg>'
    )
    return Html("".join(parts))


def band_columns(
    spells: Sequence[Spell], edges_s: NDArray[np.float64]
) -> list[tuple[str | None, int, int]]:
    """Spells as runs of columns: label, first column, one past the last column, of `WIDTH`.

    A column shows the label that lasted longest in it, so that the page of a long session stays
    small. Columns in which the face is mostly not seen are left out.
    """
    start_s = float(edges_s[0])
    per_s = WIDTH / (float(edges_s[-1]) - start_s)
    names = list(dict.fromkeys(spell.label for spell in spells))
    time = np.zeros((len(names), WIDTH))
    for spell in spells:
        left = max((spell.start_s - start_s) * per_s, 0.0)
        right = min((spell.end_s - start_s) * per_s, float(WIDTH))
        first, last = int(left), min(int(right), WIDTH - 1)
        row = time[names.index(spell.label)]
        row[first : last + 1] += 1
        row[first] -= left - first
        row[last] -= last + 1 - right
    shown = np.where(time.sum(0) > 0.5, time.argmax(0), -1)
    turns = np.flatnonzero(np.diff(shown)) + 1
    starts = [0, *turns.tolist()]
    ends = [*turns.tolist(), WIDTH]
    runs = zip(starts, ends, strict=True)
    return [(names[int(shown[a])], a, b) for a, b in runs if shown[a] >= 0]


def share_bar(shares: Mapping[str | None, float], title: str) -> Html:
    """One bar divided in proportion to the shares."""
    parts = [
        f'<svg class="shares" viewBox="0 0 {WIDTH} 26" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(title)}">'
    ]
    left = 0.0
    for label, share in shares.items():
        words = f"{label_name(label)} {percent(share)}"
        parts.append(
            f'<rect x="{left:.1f}" y="0" width="{share * WIDTH:.1f}" height="26" '
            f'fill="{colour(label)}"><title>{escape(words)}</title></rect>'
        )
        left += share * WIDTH
    return Html("".join((*parts, "</svg>")))


def _band(label: str | None, first: int, end: int) -> str:
    name = label_name(label)
    width = end - first
    rect = f'<rect x="{first}" y="{TOP}" width="{width}" height="{BAND}" fill="{colour(label)}"/>'
    if len(name) * WIDE_ENOUGH > width:
        return rect
    x, y = first + width / 2, TOP + BAND / 2
    return rect + f'<text class="on" x="{x:.0f}" y="{y:.0f}">{escape(name)}</text>'


def _areas(labels: Sequence[str], trace: NDArray[np.float64], top: int) -> list[str]:
    """Probabilities stacked, in the order of the labels; nothing where there is no face."""
    bins = len(trace)
    known = np.isfinite(trace).all(1)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], known.view(np.int8), [0]))))
    parts = []
    paths: dict[str, list[str]] = {label: [] for label in labels}
    for first, end in edges.reshape(-1, 2).tolist():
        run = trace[first:end]
        levels = np.cumsum(np.concatenate((np.zeros((len(run), 1)), run), 1), 1)
        levels = top + AREA * (1 - levels / np.maximum(levels[:, -1:], 1e-9))
        # A step is drawn from its left to its right edge: corners at the middles, flat at the ends.
        x = (np.arange(first, end) + 0.5) * WIDTH / bins
        x = np.concatenate(([first * WIDTH / bins], x, [end * WIDTH / bins]))
        levels = np.pad(levels, ((1, 1), (0, 0)), "edge")
        for place, label in enumerate(labels):
            paths[label].append(_ring(x, levels[:, place], levels[:, place + 1]))
    for label, rings in paths.items():
        if rings:
            parts.append(f'<path fill="{colour(label)}" d="{"".join(rings)}"/>')
    return parts


def _ring(x: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> str:
    there = [f"{a:.1f} {b:.1f}" for a, b in zip(x.tolist(), high.tolist(), strict=True)]
    back = [f"{a:.1f} {b:.1f}" for a, b in zip(x[::-1].tolist(), low[::-1].tolist(), strict=True)]
    return f"M{'L'.join((*there, *back))}Z"


def _axis(edges_s: NDArray[np.float64], y: int) -> list[str]:
    start_s, span_s = float(edges_s[0]), float(edges_s[-1] - edges_s[0])
    fitting = (step for step in TICK_STEPS_S if span_s / step <= MOST_TICKS)
    step_s = next(fitting, TICK_STEPS_S[-1])
    parts = []
    # A session need not begin at 0: a mark before its first moment would lie outside the chart.
    for number in range(math.ceil(start_s / step_s), math.floor((start_s + span_s) / step_s) + 1):
        time_s = number * step_s
        x = (time_s - start_s) * WIDTH / span_s
        half = LETTER * len(clock(time_s)) / 2
        anchor = "start" if x < half else "end" if x > WIDTH - half else "middle"
        parts.append(f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{y}" y2="{y + 4}"/>')
        parts.append(
            f'<text class="axis" x="{x:.1f}" y="{y + 16}" text-anchor="{anchor}">'
            f"{clock(time_s)}</text>"
        )
    return parts


def _marker_lines(
    markers: Sequence[Marker], edges_s: NDArray[np.float64], bottom: int
) -> list[str]:
    start_s, span_s = float(edges_s[0]), float(edges_s[-1] - edges_s[0])
    parts = []
    for marker in markers:
        x = min(max((marker.event.time_s - start_s) * WIDTH / span_s, 0.0), float(WIDTH))
        title = f"{marker.event.marker} {marker.event.text}".strip()
        parts.append(
            f'<g class="marker"><title>{escape(title)}</title>'
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}"/>'
            f'<text x="{min(max(x, 5), WIDTH - 5):.1f}" y="9">{marker.event.marker}</text></g>'
        )
    return parts
