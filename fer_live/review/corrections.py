"""What a reviewer corrects in a session: markers, labels, faces and spans to leave out.

Corrections are values: every change returns new ones, so that undoing is going back to old ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from fer_live.core.errors import ReviewError
from fer_live.core.labels import clean_name, one_line
from fer_live.review.spans import Span, cut_out, united
from fer_live.session_log.schema import DIGITS, MAX_TEXT


@dataclass(frozen=True, order=True)
class MarkerNote:
    """A marker.

    Args:
        time_s: Session time, seconds; rounded to the digits of a log.
        key: 1 to 9.
        text: Its note; one line.
    """

    time_s: float
    key: int
    text: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "time_s", round(self.time_s, DIGITS))
        object.__setattr__(self, "text", one_line(self.text, MAX_TEXT))


@dataclass(frozen=True)
class LabelSpan:
    """A label that replaces the logged ones.

    Args:
        identities: Logged identities, in order.
        span: When it holds.
        label: A class or `labels.UNSURE`.
    """

    identities: tuple[int, ...]
    span: Span
    label: str


@dataclass(frozen=True)
class Corrections:
    """All corrections of a session.

    Args:
        markers_removed: Logged markers that are not wanted.
        markers_added: New markers, by time. A marker that was moved is removed and added.
        labels: Corrected labels; spans of one face do not overlap.
        merged: The face that a logged identity belongs to, where it is another one.
        names: Names of faces, by identity after merging; an empty one takes a logged name away.
        left_out: Spans whose rows count nowhere; in order, without overlap.
        video: The video that the user chose for the log; empty if none.
    """

    markers_removed: tuple[MarkerNote, ...] = ()
    markers_added: tuple[MarkerNote, ...] = ()
    labels: tuple[LabelSpan, ...] = ()
    merged: Mapping[int, int] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    left_out: tuple[Span, ...] = ()
    video: str = ""

    def face_of(self, identity: int) -> int:
        """The face that a logged identity belongs to."""
        return self.merged.get(identity, identity)

    def is_left_out(self, time_s: float) -> bool:
        """Whether a time is left out."""
        return any(span.holds(time_s) for span in self.left_out)

    def label_at(self, identity: int, time_s: float) -> str | None:
        """The corrected label of a logged identity; None if it stays as logged."""
        for one in self.labels:
            if identity in one.identities and one.span.holds(time_s):
                return one.label
        return None

    def add_marker(self, marker: MarkerNote) -> "Corrections":
        """Adds a marker, or takes back the removal of a logged one that is the same."""
        if marker in self.markers_removed:
            kept = tuple(one for one in self.markers_removed if one != marker)
            return replace(self, markers_removed=kept)
        if marker in self.markers_added:
            return self
        return replace(self, markers_added=tuple(sorted((*self.markers_added, marker))))

    def remove_marker(self, marker: MarkerNote) -> "Corrections":
        """Removes an added marker or a logged one."""
        if marker in self.markers_added:
            kept = tuple(one for one in self.markers_added if one != marker)
            return replace(self, markers_added=kept)
        return replace(self, markers_removed=tuple(sorted({*self.markers_removed, marker})))

    def replace_marker(self, old: MarkerNote, new: MarkerNote) -> "Corrections":
        """Moves a marker, or changes its key or text."""
        return self if old == new else self.remove_marker(old).add_marker(new)

    def set_label(
        self, identities: tuple[int, ...], span: Span, label: str | None
    ) -> "Corrections":
        """Gives logged identities a label over a span; None restores the logged labels."""
        chosen, kept = frozenset(identities), []
        for one in self.labels:
            others = tuple(i for i in one.identities if i not in chosen)
            own = tuple(i for i in one.identities if i in chosen)
            if others:
                kept.append(replace(one, identities=others))
            if own:
                kept += [LabelSpan(own, piece, one.label) for piece in one.span.without(span)]
        if label is not None:
            kept.append(LabelSpan(tuple(sorted(chosen)), span, label))
        return replace(self, labels=tuple(sorted(kept, key=lambda one: (one.span, one.identities))))

    def merge(self, face: int, into: int) -> "Corrections":
        """Makes one face of two, with the identity and name of `into`, if it has a name.

        The caller checks that they are never in the picture together, see `corrected.check_merge`.
        """
        moved = {identity: into for identity, to in self.merged.items() if to == face}
        merged = {**self.merged, **moved, face: into}
        names = {identity: name for identity, name in self.names.items() if identity != face}
        if into not in names and face in self.names:
            names[into] = self.names[face]
        return replace(self, merged=merged, names=names)

    def split(self, face: int) -> "Corrections":
        """Takes back all merging into a face."""
        return replace(self, merged={i: to for i, to in self.merged.items() if to != face})

    def rename(
        self, face: int, name: str, logged: Mapping[int, str] = MappingProxyType({})
    ) -> "Corrections":
        """Names a face; an empty name removes it.

        Args:
            face: Its identity.
            name: Its name.
            logged: The names that faces have without a correction.

        Raises:
            ReviewError: Another face has the name.
        """
        name = clean_name(name)
        others = {i: given for i, given in self.names.items() if i != face}
        taken = {i: given for i, given in {**logged, **others}.items() if i != face}
        if name and name in taken.values():
            raise ReviewError(
                f"Another face is named {name} already.",
                "Choose another name, or merge the two faces if they are one person.",
            )
        return replace(
            self, names=others if name == logged.get(face, "") else {**others, face: name}
        )

    def leave_out(self, span: Span) -> "Corrections":
        """Leaves a span out."""
        return replace(self, left_out=united((*self.left_out, span)))

    def take_in(self, span: Span) -> "Corrections":
        """Takes a span back in."""
        return replace(self, left_out=cut_out(self.left_out, span))
