"""The labels and markers of a session on the time line of a video."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fer_live.report.summary import spells_by_face
from fer_live.review.corrections import MarkerNote
from fer_live.review.session import Session, VideoStretch
from fer_live.review.spans import Span

SHORTEST_S = 1e-3
"""Subtitles and annotations count milliseconds; a shorter label cannot be told in them."""


@dataclass(frozen=True)
class Shown:
    """A label of a face in a video.

    Args:
        face: Its identity.
        label: A class or `labels.UNSURE`.
        span: Time in the video, seconds.
    """

    face: int
    label: str
    span: Span


@dataclass(frozen=True, eq=False)
class Medium:
    """A video and what its session shows in it, or a session without a video.

    Args:
        session: The session.
        video: The file; None for a session without one, whose times count from its start.
        stretches: Where the session is in it.
    """

    session: Session
    video: Path | None
    stretches: tuple[VideoStretch, ...]

    def labels(self) -> tuple[Shown, ...]:
        """The labels, by time and face; faces not yet classified are left out."""
        found = [
            Shown(face, spell.label, span)
            for face, spells in spells_by_face(self.session.table).items()
            for spell in spells
            if spell.label is not None
            for span in self._placed(Span(spell.start_s, spell.end_s))
            if span.end_s - span.start_s >= SHORTEST_S
        ]
        return tuple(sorted(found, key=lambda one: (one.span, one.face)))

    def markers(self) -> tuple[tuple[float, MarkerNote], ...]:
        """The markers with their time in the video, seconds, by time."""
        found = [
            (max(one.in_video(marker.time_s), 0.0), marker)
            for marker in self.session.markers
            for one in self.stretches
            if one.start_s <= marker.time_s < one.end_s
        ]
        return tuple(sorted(found))

    def _placed(self, span: Span) -> Iterator[Span]:
        for one in self.stretches:
            first, last = max(span.start_s, one.start_s), min(span.end_s, one.end_s)
            if first < last:
                yield Span(max(one.in_video(first), 0.0), one.in_video(last))


def media_of(session: Session) -> tuple[Medium, ...]:
    """The videos of a session in their order; one medium without a file if there is none."""
    videos = dict.fromkeys(one.video for one in session.stretches)
    if not videos:
        whole = VideoStretch(session.log, session.start_s, session.end_s, 0.0)
        return (Medium(session, None, (whole,)),)
    return tuple(
        Medium(session, video, tuple(one for one in session.stretches if one.video == video))
        for video in videos
    )
