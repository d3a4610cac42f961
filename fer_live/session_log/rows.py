"""Turns results and events into the rows of a log."""

import re
from collections.abc import Sequence
from datetime import datetime

from fer_live.core.derived import derived_figures
from fer_live.core.labels import UNSURE, one_line
from fer_live.core.types import Box, Face, Probabilities
from fer_live.session_log.schema import (
    BOX_DIGITS,
    COASTING,
    DERIVED_COLUMNS,
    DIGITS,
    FACE,
    FRAME,
    MAX_TEXT,
    SESSION,
    UNCLASSIFIED,
    EventEntry,
    FrameEntry,
    Moment,
    Row,
)

_NO_TEXT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def frame_rows(
    entry: FrameEntry, began: datetime, labels: Sequence[str], *, derived: bool = False
) -> list[Row]:
    """The rows of a frame: one per face, or a single one without a face.

    Args:
        entry: The frame; its labels are all among `labels`.
        began: Wall time of the log's begin, with its offset from UTC.
        labels: Classes that the log has columns for.
        derived: The log has columns for derived figures.
    """
    if not entry.faces:
        return [_row(FRAME, entry.moment, began, _no_figures(labels, derived=derived))]
    return [
        _row(
            FACE,
            entry.moment,
            began,
            _by_class(face.probabilities, entry.labels, labels)
            + _by_class(face.raw_probabilities, entry.labels, labels)
            + (_derived(face, entry.labels) if derived else ()),
            identity=face.track_id,
            name=face.name,
            box=_rounded(face.box_xywh),
            label=face.label,
            confidence=None if face.label is None else round(face.confidence, DIGITS),
            score=round(face.score, DIGITS),
            missed_s=round(face.missed_s, DIGITS),
            flags=" ".join(flags_of(face)),
        )
        for face in entry.faces
    ]


def event_row(
    entry: EventEntry, began: datetime, labels: Sequence[str], *, derived: bool = False
) -> Row:
    """The row of an event; its text becomes one line. Arguments as for `frame_rows`."""
    return _row(
        entry.kind,
        entry.moment,
        began,
        _no_figures(labels, derived=derived),
        marker=entry.marker,
        text=entry.text if entry.kind == SESSION else one_line(entry.text, MAX_TEXT),
        file=entry.file,
        video_time_s=None if entry.video_time_s is None else round(entry.video_time_s, DIGITS),
        count=entry.count,
    )


def flags_of(face: Face) -> list[str]:
    """Flags of a face, see `schema.FLAGS`."""
    found = {
        UNSURE: face.label == UNSURE,
        UNCLASSIFIED: face.label is None,
        COASTING: face.missed_s > 0,
    }
    return [flag for flag, applies in found.items() if applies] + list(face.quality)


def _row(
    kind: str,
    moment: Moment,
    began: datetime,
    figures: Row,
    *,
    identity: int | None = None,
    name: str | None = None,
    box: Box | tuple[None, None, None, None] = (None, None, None, None),
    label: str | None = None,
    confidence: float | None = None,
    score: float | None = None,
    missed_s: float | None = None,
    flags: str | None = None,
    marker: int | None = None,
    text: str | None = None,
    file: str | None = None,
    video_time_s: float | None = None,
    count: int | None = None,
) -> Row:
    return (
        kind, round(moment.time_s, DIGITS), moment.wall_time(began), moment.frame,
        _plain(moment.source), identity, _plain(name), *box, label, confidence, score, missed_s,
        flags or None, marker, _plain(text), _plain(file), video_time_s, count, *figures,
    )  # fmt: skip


def _plain(text: str | None) -> str | None:
    """Replaces control characters and unpaired surrogates, found in some file names, by ``?``."""
    return _NO_TEXT.sub("?", text) if text else None


def _rounded(box: Box) -> Box:
    left, top, width, height = (round(v, BOX_DIGITS) for v in box)
    return left, top, width, height


def _no_figures(labels: Sequence[str], *, derived: bool) -> Row:
    """Empty cells for the columns after those that every log has."""
    return (None,) * (2 * len(labels) + (len(DERIVED_COLUMNS) if derived else 0))


def _derived(face: Face, labels: Sequence[str]) -> tuple[float | None, ...]:
    figures = derived_figures(face.probabilities, labels)
    return tuple(None if value is None else round(value, DIGITS) for value in figures)


def _by_class(
    values: Probabilities | None, own: Sequence[str], labels: Sequence[str]
) -> tuple[float | None, ...]:
    if values is None:
        return (None,) * len(labels)
    found = {name: round(float(v), DIGITS) for name, v in zip(own, values, strict=True)}
    return tuple(found.get(label) for label in labels)
