"""Label sets, synonyms and colours: the single source for every name the project shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

UNSURE = "unsure"
"""Shown in place of a class when the calibrated probability is too low to name one."""


@dataclass(frozen=True)
class LabelSet:
    """An ordered set of classes.

    Args:
        name: Short identifier, used in checkpoints and reports.
        labels: Canonical class names, in the order of a model's outputs.

    Raises:
        ValueError: If the set is empty or a label occurs twice.
    """

    name: str
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.labels or len(set(self.labels)) != len(self.labels):
            raise ValueError(f"label set {self.name!r} is empty or repeats a label: {self.labels}")

    def __len__(self) -> int:
        return len(self.labels)

    def index(self, label: str) -> int:
        """Position of a canonical label. Raises ValueError if it is not in the set."""
        return self.labels.index(label)


FER2013 = LabelSet("fer2013", ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"))
"""Order of the ``emotion`` column of FER2013 (Goodfellow et al., 2013)."""

FERPLUS = LabelSet(
    "ferplus",
    ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt"),
)
"""Order of the vote columns of FER+ (Barsoum et al., 2016), without unknown and not-a-face."""

SIX_WITH_PAIN = LabelSet("six", ("angry", "disgust", "fear", "happy", "pain", "sad"))

RAFDB_FOLDERS = {
    "1": "surprise",
    "2": "fear",
    "3": "disgust",
    "4": "happy",
    "5": "sad",
    "6": "angry",
    "7": "neutral",
}
"""Numbered class folders of RAF-DB (Li et al., 2017)."""

_SYNONYMS = {
    "anger": "angry",
    "mad": "angry",
    "disgusted": "disgust",
    "fearful": "fear",
    "afraid": "fear",
    "scared": "fear",
    "happiness": "happy",
    "joy": "happy",
    "sadness": "sad",
    "surprised": "surprise",
    "neutrality": "neutral",
    "contemptuous": "contempt",
    "painful": "pain",
}

_NEAR_SYNONYMS = {
    "annoyed": "angry",
    "rage": "angry",
    "disgusting": "disgust",
    "fearfull": "fear",
    "frightened": "fear",
    "joyful": "happy",
    "smile": "happy",
    "smiling": "happy",
    "unhappy": "sad",
    "astonished": "surprise",
    "calm": "neutral",
    "normal": "neutral",
    "scorn": "contempt",
}
"""Words that are suggested only: ``calm`` and ``smile`` may be classes of their own."""

# Wong (2011), "Points of view: Color blindness", the Okabe-Ito palette; red, green, blue.
_COLOURS_RGB = {
    "happy": (240, 228, 66),
    "surprise": (230, 159, 0),
    "neutral": (187, 187, 187),
    "sad": (86, 180, 233),
    "angry": (213, 94, 0),
    "fear": (204, 121, 167),
    "disgust": (0, 158, 115),
    "contempt": (0, 114, 178),
    "pain": (170, 68, 153),
    UNSURE: (136, 136, 136),
}

_KNOWN = frozenset(_COLOURS_RGB) - {UNSURE}

_LIKENESS = 0.75
"""How alike a misspelt name must be, 0-1 (`difflib`): ``suprise`` is, ``sleepy`` is not."""


def canonical(name: str) -> str | None:
    """The canonical class for a folder or column name, or None if it is not an expression."""
    key = name.strip().lower()
    key = _SYNONYMS.get(key, key)
    return key if key in _KNOWN else None


def closest(name: str) -> str | None:
    """The class that a misspelt or shortened name probably means, or None.

    It is for a suggestion: a guess must not label images.
    """
    key = name.strip().lower()
    spellings = {word: word for word in _KNOWN} | _SYNONYMS | _NEAR_SYNONYMS
    begun = {label for word, label in spellings.items() if len(key) > 1 and word.startswith(key)}
    if len(begun) == 1:
        return begun.pop()
    return next((spellings[m] for m in get_close_matches(key, spellings, 1, _LIKENESS)), None)


def with_suggestions(names: Iterable[str]) -> str:
    """Names in one text; those that are probably a misspelt class say which one."""
    means = {name: closest(name.replace("\\", "/").rpartition("/")[2]) for name in names}
    return ", ".join(f"{n} (rename it to {m}?)" if m else n for n, m in means.items())


def colour_rgb(label: str) -> tuple[int, int, int]:
    """Colour of a label as red, green, blue in 0-255; grey for a label with none of its own."""
    return _COLOURS_RGB.get(label, _COLOURS_RGB[UNSURE])


def colour_hex(label: str) -> str:
    """`colour_rgb` as CSS writes it, ``#rrggbb``."""
    red, green, blue = colour_rgb(label)
    return f"#{red:02x}{green:02x}{blue:02x}"


def shared_labels(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    """Labels known to both sides, in the order of the first."""
    known = set(second)
    return tuple(label for label in first if label in known)


MAX_NAME = 40
"""Longest name of a face, characters."""


def clean_name(text: str) -> str:
    """What the user typed as the name of a face, as one line of at most `MAX_NAME` characters."""
    return one_line(text, MAX_NAME)


def one_line(text: str, most: int) -> str:
    """A text on one line, without spaces around it, at most so many characters long."""
    return " ".join(text.split())[:most].rstrip()


def face_title(track_id: int, name: str) -> str:
    """A face in words: its name, or ``Face 3``."""
    return name or f"Face {track_id}"
