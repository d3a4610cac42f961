"""File names made from a pattern and the time."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from string import Formatter
from unicodedata import category

from fer_live.core.errors import ConfigError
from fer_live.core.files import reserve_free_names, reserve_names

FIELDS = {
    "date": "year, month and day, as in 20260131",
    "time": "hour, minute and second in local time, as in 235959",
    "ms": "the milliseconds, as in 042",
}
"""Fields of a pattern, in braces, with their meaning."""
MAX_PATTERN = 120
"""Longest pattern, characters: leaves room for fields, number and suffix in the usual 255."""
FORBIDDEN = frozenset('<>:"/\\|?*')
"""Characters that some operating systems do not allow in file names, or that separate folders."""
UNWRITABLE = frozenset(("Cc", "Cs"))
"""Unicode's categories of control characters and of lone surrogates."""
RESERVED = frozenset(
    ("con", "prn", "aux", "nul", *(f"{n}{i}" for n in ("com", "lpt") for i in range(1, 10)))
)
"""Names of devices on Windows, which cannot be file names."""


def check_pattern(pattern: str) -> None:
    """Checks that a pattern makes names that every operating system accepts.

    Raises:
        ConfigError: It does not; the message says why.
    """
    known = ", ".join(f"{{{name}}}" for name in FIELDS)
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError as error:
        raise _unfit(
            pattern, f"its braces do not match ({error})", f"Placeholders: {known}."
        ) from error
    for _, field, spec, conversion in parts:
        if field is not None and (field not in FIELDS or spec or conversion):
            raise _unfit(pattern, f"{{{field}}} is not a placeholder", f"Placeholders: {known}.")
    check_name(pattern)


def check_name(name: str) -> None:
    """Checks that a name is a file name, not a path, that every operating system accepts.

    Raises:
        ConfigError: It is not; the message says why.
    """
    wrong = sorted({c for c in name if c in FORBIDDEN or category(c) in UNWRITABLE})
    if wrong:
        raise _unfit(
            name,
            f"not every system allows {' '.join(map(repr, wrong))} in a file name",
            "The folder is chosen separately.",
        )
    if not name.strip(" .") or name != name.strip() or name.endswith("."):
        raise _unfit(name, "it is empty, or begins or ends with a space or dot", "")
    if len(name) > MAX_PATTERN:
        raise _unfit(name, f"it is longer than {MAX_PATTERN} characters", "")
    if name.split(".")[0].lower() in RESERVED:
        raise _unfit(name, "Windows keeps this name for a device", "")


def expand(pattern: str, moment: datetime) -> str:
    """The name that a pattern makes at a time."""
    return pattern.format(
        date=f"{moment:%Y%m%d}",
        time=f"{moment:%H%M%S}",
        ms=f"{moment.microsecond // 1000:03d}",
    )


def reserve_target(
    target: Path, pattern: str, suffixes: Sequence[str], now: Callable[[], datetime]
) -> tuple[Path, ...]:
    """Reserves the files of a target that is a file or a folder; they are empty.

    Args:
        target: The first file itself, or a folder for files named by the pattern.
        pattern: See `expand`.
        suffixes: One for each file; a target with the first one's ending is a file.
        now: Source of the wall time.

    Raises:
        RecordingError: As `reserve_names` and `reserve_free_names`.
    """
    if target.suffix.lower() == suffixes[0] and not target.is_dir():
        others = [target.with_name(f"{target.stem}{end}") for end in suffixes[1:]]
        reserve_names(target, *others)
        return (target, *others)
    return reserve_free_names(target, expand(pattern, now()), suffixes)


def _unfit(pattern: str, why: str, hint: str) -> ConfigError:
    return ConfigError(f"The name {pattern!r} cannot be used: {why}.", hint)
