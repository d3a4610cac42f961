"""What makes a face hard to read, in words: flags of the log, and advice in the picture."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SMALL_FACE_PX = 48
"""A face whose shorter side is below this has less detail than the images that FER models are
trained on (FER2013: 48x48 pixels)."""

SMALL, EDGE, DARK, BRIGHT = "small", "edge", "dark", "bright"
BACKLIT, BLURRED, TURNED, TURN_UNKNOWN = "backlit", "blurred", "turned", "turn_unknown"


@dataclass(frozen=True)
class QualityFlag:
    """One flag.

    Args:
        title: Name in the report.
        advice: Two words for the picture; empty if nothing is said there.
        meaning: One sentence for the documentation of the log.
    """

    title: str
    advice: str
    meaning: str


QUALITY_FLAGS: Mapping[str, QualityFlag] = {
    EDGE: QualityFlag("At the edge", "cut off", "the box touches the edge of the image"),
    SMALL: QualityFlag(
        "Small faces", "too small", f"the shorter side of the box is below {SMALL_FACE_PX} pixels"
    ),
    BACKLIT: QualityFlag(
        "Light behind", "light behind", "the face is dark before an overexposed background"
    ),
    DARK: QualityFlag("Too dark", "too dark", "even the brightest parts of the face are dark"),
    BRIGHT: QualityFlag("Too bright", "too bright", "a large part of the face is overexposed"),
    TURNED: QualityFlag(
        "Turned away", "turned away", "the nose lies far from the middle between eyes and mouth"
    ),
    BLURRED: QualityFlag(
        "Not sharp", "not sharp", "the face has no fine detail: out of focus or moving"
    ),
    TURN_UNKNOWN: QualityFlag(
        "Turn unknown", "", "no eyes, nose and mouth were found to tell where it looks"
    ),
}
"""The most important first: the picture shows the advice of the first one that a face has."""


def advice(flags: Iterable[str]) -> str:
    """The advice shown for a face with these flags; empty if there is nothing to say."""
    found = set(flags)
    return next((f.advice for name, f in QUALITY_FLAGS.items() if name in found and f.advice), "")
