"""Numbers, times and labels formatted for a reader."""

from collections.abc import Mapping
from datetime import datetime

from fer_live.core.labels import UNSURE, colour_hex, face_title

_SPACE = "\u00a0"
"""Keeps a number and its unit on one line."""
NOT_CLASSIFIED = "not yet classified"

EVENTS = {
    "session": "Running on",
    "recording": "Recording",
    "recording_off": "Recording paused or ended",
    "position": "Playing",
    "source_lost": "Source lost",
    "source_back": "Source back",
    "source_failed": "Failed",
    "seek": "Went to another position",
    "clock": "Clock jumped",
    "dropped": "Frames not logged",
    "end": "End",
}
"""Names of the kinds of event, see `session_log.schema.KINDS`."""


def label_name(label: str | None) -> str:
    """A label, or the text for a face not yet classified."""
    return NOT_CLASSIFIED if label is None else label


def face_name(identity: int, names: Mapping[int, str]) -> str:
    """What a face is called: its name, or ``Face 3``."""
    return face_title(identity, names.get(identity, ""))


def colour(label: str | None) -> str:
    """CSS colour of a label, ``#rrggbb``."""
    return colour_hex(label or UNSURE)


def percent(share: float) -> str:
    """A share in 0-1 as whole percents; only exactly 0 and 1 become ``0%`` and ``100%``."""
    if 0 < share < 0.005:
        return "<1%"
    if 0.995 <= share < 1 - 1e-9:
        return ">99%"
    return f"{share * 100:.0f}%"


def duration(seconds: float) -> str:
    """A duration: ``4.2 s``, ``3 min 5 s``, ``1 h 2 min``."""
    if seconds < 59.95:
        return f"{seconds:.1f}{_SPACE}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}{_SPACE}min {whole % 60}{_SPACE}s"
    minutes = round(seconds / 60)
    return f"{minutes // 60}{_SPACE}h {minutes % 60}{_SPACE}min"


def clock(seconds: float, *, tenths: bool = False) -> str:
    """A time of the session: ``2:05``, ``1:02:05``, with tenths ``2:05.3``."""
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    tenth = round(seconds * 10) if tenths else int(seconds) * 10
    whole, rest = divmod(tenth, 10)
    hours, minutes = whole // 3600, whole // 60 % 60
    start = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{sign}{start}:{whole % 60:02d}" + (f".{rest}" if tenths else "")


def day_and_time(moment: datetime) -> str:
    """Date, time to the second and offset from UTC."""
    offset = moment.strftime("%z")
    zone = f" (UTC{offset[:3]}:{offset[3:5]})" if offset else ""
    return f"{moment:%Y-%m-%d, %H:%M:%S}{zone}"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return (
        f"{number:,}".replace(",", "\u202f")
        + f"{_SPACE}{one if number == 1 else many or one + 's'}"
    )
