"""The format of a session log: its columns, kinds of row and flags; `rows` fills them.

A log is for programs, so texts are written unchanged. A spreadsheet interprets a cell that begins
with ``=``, ``+``, ``-`` or ``@`` as a formula: import such columns of a CSV file as text.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from fer_live import __version__
from fer_live.core.derived import DERIVED
from fer_live.core.labels import UNSURE
from fer_live.tracking.quality_flags import QUALITY_FLAGS

if TYPE_CHECKING:
    from fer_live.core.types import Face

Value = str | int | float | None
"""One cell; None is empty."""

Row = tuple[Value, ...]
"""One line, in the order of `columns`."""

DIGITS = 6
"""Decimals of times (microseconds, finer than a video's clock) and of probabilities: enough to
reproduce the whole percents shown on the image."""
BOX_DIGITS = 2
"""Decimals of pixels."""
MAX_TEXT = 500
"""Longest text of a marker or event, characters."""

FACE, FRAME = "face", "frame"
SESSION, MARKER, DROPPED, END = "session", "marker", "dropped", "end"
RECORDING, RECORDING_OFF = "recording", "recording_off"
POSITION = "position"
SOURCE_LOST, SOURCE_BACK, SOURCE_FAILED = "source_lost", "source_back", "source_failed"
CLOCK = "clock"
SEEK = "seek"

KINDS = {
    FACE: "a face in an analysed frame; a frame with three faces has three rows",
    FRAME: "an analysed frame without a face",
    SESSION: "begin, and each change of source or model; `text` is JSON with source and model",
    MARKER: "set by the user: `marker` is the key, `text` the note",
    RECORDING: "the video `file` runs from `time_s` on, where its own time is `video_time_s`",
    RECORDING_OFF: "the video pauses or ends at `time_s`; `count` frames before are missing in it",
    POSITION: "the source is the video `file`, which is played from `video_time_s` on",
    SOURCE_LOST: "the source delivers no frames and is being reopened",
    SOURCE_BACK: "the source delivers frames again",
    SOURCE_FAILED: "the source or the analysis has failed",
    SEEK: "the viewer went to another position of a file, see `text`; faces are new from here on",
    CLOCK: "the wall clock jumped: the computer slept or its time was set; `text` is the jump",
    DROPPED: "`count` analysed frames before `time_s` are not logged: the disk was too slow",
    END: "the log was closed properly; `count` is the number of frames in it",
}
"""Values of the column `kind`."""
NOTES = (SOURCE_LOST, SOURCE_BACK, SOURCE_FAILED)
"""Kinds that report the state of the source."""

UNCLASSIFIED, COASTING, CORRECTED = "unclassified", "coasting", "corrected"
FLAGS = {
    UNSURE: "no class is probable enough to be named",
    UNCLASSIFIED: "found, but not yet classified; label and probabilities are empty",
    COASTING: "not found in this frame; place and expression are held over for a moment",
    **{name: flag.meaning for name, flag in QUALITY_FLAGS.items()},
    CORRECTED: "a reviewer replaced the label; in exports of a review only",
}
"""Words of the column `flags`."""


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        name: With its unit.
        kind: Type of its values.
        meaning: One sentence.
    """

    name: str
    kind: Literal["text", "int", "float"]
    meaning: str


COLUMNS = (
    Column("kind", "text", "what the row is, see KINDS"),
    Column("time_s", "float", "seconds since the first logged frame, on the source's clock"),
    Column("wall_time", "text", "ISO 8601 with offset: when it was captured (files: read)"),
    Column("frame", "int", "number of the frame since its source was opened"),
    Column("source", "text", "the camera, file or address"),
    Column("identity", "int", "number of the tracked face, from 1; empty in rows without a face"),
    Column("name", "text", "what the user calls the face; empty without a name"),
    Column("left_px", "float", "left edge of the face's box; may lie outside the image"),
    Column("top_px", "float", "top edge of the face's box"),
    Column("width_px", "float", "width of the face's box"),
    Column("height_px", "float", "height of the face's box"),
    Column("label", "text", "the class with the largest smoothed probability, or 'unsure'"),
    Column("confidence", "float", "the largest of the smoothed probabilities"),
    Column("score", "float", "the detector's score when the face was last found"),
    Column("missed_s", "float", "seconds since the face was last found; 0: in this frame"),
    Column("flags", "text", "words separated by spaces, see FLAGS"),
    Column("marker", "int", "key of a marker, 1-9"),
    Column("text", "text", "note of a marker or text of an event; JSON in a session row"),
    Column("file", "text", "name of the video of a recording or position row"),
    Column("video_time_s", "float", "time in that video at this row"),
    Column("count", "int", "number of frames of a dropped, recording_off or end row"),
)
"""Columns of every log, in this order; then the probabilities, see `columns`."""

SMOOTHED, RAW = "probability_", "raw_probability_"


DERIVED_COLUMNS = tuple(
    Column(name, "float", f"{meaning}, of the smoothed probabilities")
    for name, meaning in zip(
        DERIVED,
        ("P(happy) less the largest of P(sad), P(angry), P(fear), P(disgust)", "entropy, bits"),
        strict=True,
    )
)
"""Columns of the figures in `core.derived`, in logs that have them."""


def columns(labels: Sequence[str], *, derived: bool = False) -> tuple[Column, ...]:
    """All columns of a log.

    Args:
        labels: Class names. Each has two columns: ``probability_LABEL``, smoothed as shown, and
            ``raw_probability_LABEL``, of the face's last classification.
        derived: Add `DERIVED_COLUMNS`.
    """
    return (
        *COLUMNS,
        *(Column(SMOOTHED + x, "float", f"smoothed probability of {x}") for x in labels),
        *(Column(RAW + x, "float", f"last classified probability of {x}") for x in labels),
        *(DERIVED_COLUMNS if derived else ()),
    )


@dataclass(frozen=True)
class Moment:
    """When something happened.

    Args:
        time_s: Seconds since the first logged frame, on the source's clock.
        since_s: Seconds since the log began, on the wall clock.
        frame: Number of the newest frame, or None before the first.
        source: Where the frames come from.
    """

    time_s: float
    since_s: float
    frame: int | None
    source: str

    def wall_time(self, began: datetime) -> str:
        """The wall time, ISO 8601; `began` is that of the log's begin, with its offset from UTC."""
        return (began + timedelta(seconds=self.since_s)).isoformat(timespec="milliseconds")


@dataclass(frozen=True, eq=False)
class FrameEntry:
    """An analysed frame without its image.

    Args:
        moment: When it was captured.
        size: Width and height, pixels.
        faces: The faces shown in it.
        labels: Class names in the order of their probabilities.
    """

    moment: Moment
    size: tuple[int, int]
    faces: "tuple[Face, ...]"
    labels: tuple[str, ...]


@dataclass(frozen=True)
class EventEntry:
    """Any entry but a frame; the fields are the columns of the same name."""

    moment: Moment
    kind: str
    text: str = ""
    marker: int | None = None
    file: str | None = None
    video_time_s: float | None = None
    count: int | None = None


@dataclass(frozen=True)
class SessionAbout:
    """What a session runs on; a field is empty while it is not known.

    Args:
        source: Name of the camera, file or address.
        model: Name of the model.
        device: Name of the device that computes the model.
        path: The video file that is the source; None for any other source.
    """

    source: str = ""
    model: str = ""
    device: str = ""
    path: Path | None = None

    def as_text(self, labels: Sequence[str], size: tuple[int, int], *, live: bool) -> str:
        """JSON for the text of a session row; `live` is False for a video file."""
        return json.dumps(
            {
                "fer_live": __version__,
                "source": self.source,
                "model": self.model,
                "device": self.device,
                "live": live,
                "width_px": size[0],
                "height_px": size[1],
                "labels": list(labels),
            },
            ensure_ascii=False,
        )
