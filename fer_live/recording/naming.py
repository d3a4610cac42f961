"""File names by pattern and time that never take the place of another file."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from string import Formatter

from fer_live.core.errors import ConfigError, RecordingError

MAX_SAME_NAME = 10_000
"""Tries before giving up on a free name: far more than files made in one millisecond."""
FIELDS = {
    "date": "year, month and day, as in 20260131",
    "time": "hour, minute and second in local time, as in 235959",
    "ms": "the milliseconds, as in 042",
}
"""What a pattern may name in braces."""
MAX_PATTERN = 120
"""Characters: leaves room for the fields, a number and an ending within a name's usual 255."""
FORBIDDEN = frozenset('<>:"/\\|?*')
"""Characters that some system does not allow in names, or that name a folder."""
RESERVED = frozenset(
    ("con", "prn", "aux", "nul", *(f"{n}{i}" for n in ("com", "lpt") for i in range(1, 10)))
)
"""Names of devices on Windows."""


def check_pattern(pattern: str) -> None:
    """Sees to it that a pattern makes names which every system takes.

    Raises:
        ConfigError: It does not; says what is wrong with it.
    """
    known = ", ".join(f"{{{name}}}" for name in FIELDS)
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError as error:
        raise _unfit(pattern, f"its braces do not match ({error})", f"Known: {known}.") from error
    for _, field, spec, conversion in parts:
        if field is not None and (field not in FIELDS or spec or conversion):
            raise _unfit(pattern, f"{{{field}}} is not known in it", f"Known: {known}.")
    wrong = sorted({c for c in pattern if c in FORBIDDEN or ord(c) < 32 or ord(c) == 127})
    if wrong:
        raise _unfit(
            pattern,
            f"not every system takes {' '.join(map(repr, wrong))} in a name",
            "The folder is chosen separately.",
        )
    if not pattern.strip(" .") or pattern != pattern.strip() or pattern.endswith("."):
        raise _unfit(pattern, "it is empty, or begins or ends with a space or dot", "")
    if len(pattern) > MAX_PATTERN:
        raise _unfit(pattern, f"it is longer than {MAX_PATTERN} characters", "")
    if pattern.split(".")[0].lower() in RESERVED:
        raise _unfit(pattern, "Windows keeps this name for a device", "")


def expand(pattern: str, moment: datetime) -> str:
    """The name that a pattern gives at a moment."""
    return pattern.format(
        date=f"{moment:%Y%m%d}",
        time=f"{moment:%H%M%S}",
        ms=f"{moment.microsecond // 1000:03d}",
    )


def reserve(
    folder: Path, prefix: str, suffix: str, now: Callable[[], datetime] = datetime.now
) -> Path:
    """Creates an empty file with a new name, so that nobody else can take it.

    The name is ``PREFIX-YYYYMMDD-HHMMSS-mmm[-N]SUFFIX`` in local time.

    Args:
        folder: Created if it is missing.
        prefix: Start of the name.
        suffix: End of the name, with its dot.
        now: Source of the time.

    Raises:
        RecordingError: The folder or file cannot be created; says why.
    """
    stem = expand("{date}-{time}-{ms}", now())
    return reserve_together(folder, f"{prefix}-{stem}", (suffix,))[0]


def reserve_together(folder: Path, stem: str, suffixes: Sequence[str]) -> tuple[Path, ...]:
    """Creates empty files that share a new name and differ in their endings.

    Args:
        folder: Created if it is missing.
        stem: The name; a number is added if one of the files is there already.
        suffixes: The endings, each with its dot.

    Raises:
        RecordingError: The folder or a file cannot be created; says why.
    """
    _make(folder)
    for number in range(MAX_SAME_NAME):
        paths = [folder / f"{stem}{f'-{number + 1}' if number else ''}{end}" for end in suffixes]
        try:
            _create_all(paths)
        except FileExistsError:
            continue
        except OSError as error:
            raise write_error(folder, error) from error
        return tuple(paths)
    raise RecordingError(f"There is no free name for {stem} in {folder}.", "Empty the folder.")


def claim(*paths: Path) -> None:
    """Creates empty files of these names, and their folder; all of them, or none.

    Raises:
        RecordingError: One exists already, or cannot be created.
    """
    _make(paths[0].parent)
    try:
        _create_all(paths)
    except FileExistsError as error:
        raise RecordingError(
            f"{error.filename or paths[0]} exists already.",
            "Choose another name: nothing is overwritten.",
        ) from error
    except OSError as error:
        raise write_error(paths[0], error) from error


def claim_target(
    target: Path, pattern: str, suffixes: Sequence[str], now: Callable[[], datetime]
) -> tuple[Path, ...]:
    """Creates the first files of a recording, empty.

    Args:
        target: The first file itself, or a folder for files named by the pattern.
        pattern: See `expand`.
        suffixes: One for each file; a target with the first one's ending is a file.
        now: Source of the wall time.

    Raises:
        RecordingError: As `claim` and `reserve_together`.
    """
    if target.suffix.lower() == suffixes[0] and not target.is_dir():
        others = [target.with_name(f"{target.stem}{end}") for end in suffixes[1:]]
        claim(target, *others)
        return (target, *others)
    return reserve_together(target, expand(pattern, now()), suffixes)


def write_error(target: Path, error: OSError) -> RecordingError:
    """The sentence a user reads when `target` cannot be written."""
    return RecordingError(
        f"{target} cannot be written: {error.strerror or error}.",
        "Choose another folder, or free some space.",
    )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error


def _create_all(paths: Sequence[Path]) -> None:
    made: list[Path] = []
    try:
        for path in paths:
            path.open("xb").close()
            made.append(path)
    except OSError:
        for path in made:
            path.unlink(missing_ok=True)
        raise


def _unfit(pattern: str, why: str, hint: str) -> ConfigError:
    return ConfigError(f"The name {pattern!r} cannot be used: {why}.", hint)
