"""What live outputs tell: a session, its frames, and its markers and events.

The words are those of the session log: kinds of message are kinds of row, times are the log's.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fer_live.core.derived import DERIVED, derived_figures
from fer_live.core.labels import colour_hex
from fer_live.core.records import PROBABILITY_DIGITS, face_record
from fer_live.core.types import Face, FrameResult
from fer_live.session_log.rows import flags_of
from fer_live.session_log.schema import DIGITS, FRAME, SESSION, Moment, SessionAbout

FORMAT = 1
"""Version of the messages; it rises when a key changes its meaning or goes away."""


@dataclass(frozen=True, eq=False)
class SessionMessage:
    """What the frames that follow come from.

    Args:
        about: Source, model and device.
        labels: Class names, in the order of the probabilities.
        size: Width and height of the first frame, pixels.
        live: The frames have no timeline of their own.
        derived: Faces carry derived figures too.
    """

    about: SessionAbout
    labels: tuple[str, ...]
    size: tuple[int, int]
    live: bool
    derived: bool

    @cached_property
    def json(self) -> str:
        """The message as one line."""
        about = json.loads(self.about.as_text(self.labels, self.size, live=self.live))
        colours = {label: colour_hex(label) for label in self.labels}
        more = {"colours": colours, "derived": list(DERIVED) if self.derived else []}
        return _line({"kind": SESSION, "format": FORMAT, **about, **more})


@dataclass(frozen=True, eq=False)
class FrameMessage:
    """An analysed frame.

    Args:
        session: What it belongs to.
        moment: When it was captured, on the session's clock.
        wall_time: The same, ISO 8601 with offset.
        captured_s: The same, on the `time.perf_counter` clock, seconds.
        latency_ms: From the capture to the end of the analysis, milliseconds.
        size: Width and height, pixels.
        faces: The faces shown in it, in the order of their identities.
        result: The result with its picture, for outputs that show pictures; else None.
    """

    session: SessionMessage
    moment: Moment
    wall_time: str
    captured_s: float
    latency_ms: float
    size: tuple[int, int]
    faces: tuple[Face, ...]
    result: FrameResult | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Class names, in the order of the faces' probabilities."""
        return self.session.labels

    def derived(self, face: Face) -> tuple[float | None, ...]:
        """The derived figures of a face, in the order of `DERIVED`; empty if they are off."""
        return derived_figures(face.probabilities, self.labels) if self.session.derived else ()

    def json(self, dropped: int) -> str:
        """The message as one line; `dropped` counts what its receiver has missed so far."""
        return f'{self._most}"dropped":{dropped}}}'

    @cached_property
    def _most(self) -> str:
        """The message up to what differs between receivers."""
        text = _line(
            {
                "kind": FRAME,
                "time_s": round(self.moment.time_s, DIGITS),
                "wall_time": self.wall_time,
                "frame": self.moment.frame,
                "width_px": self.size[0],
                "height_px": self.size[1],
                "latency_ms": round(self.latency_ms, 2),
                "faces": [self._face(face) for face in self.faces],
            }
        )
        return f"{text[:-1]},"

    def _face(self, face: Face) -> dict[str, Any]:
        record = face_record(face, self.labels)
        record["missed_s"] = round(face.missed_s, DIGITS)
        record["flags"] = flags_of(face)
        figures = zip(DERIVED, self.derived(face), strict=False)
        return record | {
            name: None if value is None else round(value, PROBABILITY_DIGITS)
            for name, value in figures
        }


@dataclass(frozen=True, eq=False)
class EventMessage:
    """A marker, or what happened to the session.

    Args:
        kind: One of the kinds of row that are no frame.
        moment, wall_time, captured_s: When it happened, as for `FrameMessage`.
        text: One line.
        marker: Key of a marker, 1-9.
    """

    kind: str
    moment: Moment
    wall_time: str
    captured_s: float
    text: str = ""
    marker: int | None = None

    @cached_property
    def json(self) -> str:
        """The message as one line."""
        values = {
            "kind": self.kind,
            "time_s": round(self.moment.time_s, DIGITS),
            "wall_time": self.wall_time,
            "frame": self.moment.frame,
            "marker": self.marker,
            "text": self.text,
        }
        return _line({name: value for name, value in values.items() if value not in (None, "")})

    @property
    def words(self) -> str:
        """The message for programs that take a single text: kind, key and text."""
        key = () if self.marker is None else (str(self.marker),)
        return " ".join((self.kind, *key, *((self.text,) if self.text else ())))


Message = FrameMessage | EventMessage


def by_class(face: Face, labels: Sequence[str]) -> dict[str, float]:
    """A face's probabilities by class name; empty before its first classification."""
    if face.probabilities is None:
        return {}
    return dict(zip(labels, map(float, face.probabilities), strict=True))


def _line(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
