"""Spans of session time, and sets of them."""

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """From `start_s` on and before `end_s`, session time, seconds."""

    start_s: float
    end_s: float

    def holds(self, time_s: float) -> bool:
        """Whether a time lies in it."""
        return self.start_s <= time_s < self.end_s

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share some time."""
        return self.start_s < other.end_s and other.start_s < self.end_s

    def without(self, other: "Span") -> tuple["Span", ...]:
        """What is left of it outside another: none, one or two spans."""
        if not self.overlaps(other):
            return (self,)
        pieces = (Span(self.start_s, other.start_s), Span(other.end_s, self.end_s))
        return tuple(piece for piece in pieces if piece.start_s < piece.end_s)


def united(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time in spans that do not touch, in order."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start_s <= found[-1].end_s:
            found[-1] = Span(found[-1].start_s, max(found[-1].end_s, span.end_s))
        elif span.start_s < span.end_s:
            found.append(span)
    return tuple(found)


def cut_out(spans: Iterable[Span], hole: Span) -> tuple[Span, ...]:
    """The spans without the time of another."""
    return tuple(piece for span in spans for piece in span.without(hole))
