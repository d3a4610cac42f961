"""Numbers and names as a reader wants them."""

from datetime import datetime

from fer_live.core.labels import UNSURE, colour_rgb

_SPACE = "\u00a0"
"""Keeps a number and its unit on one line."""
NOT_CLASSIFIED = "not yet classified"

EVENTS = {
    "session": "Running on",
    "recording": "Recording",
    "recording_off": "Recording paused or ended",
    "source_lost": "Source lost",
    "source_back": "Source back",
    "source_failed": "Failed",
    "clock": "Clock jumped",
    "dropped": "Frames not logged",
    "end": "End",
}
"""Kinds of event, see `recording.log_rows.KINDS`."""


def label_name(label: str | None) -> str:
    """A label, or what stands in its place."""
    return NOT_CLASSIFIED if label is None else label


def colour(label: str | None) -> str:
    """CSS colour of a label."""
    red, green, blue = colour_rgb(label or UNSURE)
    return f"#{red:02x}{green:02x}{blue:02x}"


def percent(share: float) -> str:
    """A share as whole percents; a small one is never shown as none, nor almost all as all."""
    if 0 < share < 0.005:
        return f"<{_SPACE}1{_SPACE}%"
    if 0.995 <= share < 1 - 1e-9:
        return f">{_SPACE}99{_SPACE}%"
    return f"{share * 100:.0f}{_SPACE}%"


def duration(seconds: float) -> str:
    """How long something lasted: ``4.2 s``, ``3 min 5 s``, ``1 h 2 min``."""
    if seconds < 59.95:
        return f"{seconds:.1f}{_SPACE}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}{_SPACE}min {whole % 60}{_SPACE}s"
    minutes = round(seconds / 60)
    return f"{minutes // 60}{_SPACE}h {minutes % 60}{_SPACE}min"


def clock(seconds: float, *, tenths: bool = False) -> str:
    """A place in the session: ``2:05``, ``1:02:05``, with tenths ``2:05.3``."""
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    tenth = round(seconds * 10) if tenths else int(seconds) * 10
    whole, rest = divmod(tenth, 10)
    hours, minutes = whole // 3600, whole // 60 % 60
    start = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{sign}{start}:{whole % 60:02d}" + (f".{rest}" if tenths else "")


def day_and_time(moment: datetime) -> str:
    """Date, time to the second and offset."""
    offset = moment.strftime("%z")
    zone = f" (UTC{offset[:3]}:{offset[3:5]})" if offset else ""
    return f"{moment:%Y-%m-%d, %H:%M:%S}{zone}"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return (
        f"{number:,}".replace(",", "\u202f")
        + f"{_SPACE}{one if number == 1 else many or one + 's'}"
    )
