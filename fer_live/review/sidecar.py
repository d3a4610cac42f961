"""The file that keeps a session's corrections, beside its log: ``NAME.review.json``."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from fer_live.core.errors import ReviewError
from fer_live.core.files import atomic_write, spare_name
from fer_live.core.labels import clean_name
from fer_live.review.corrections import Corrections, LabelSpan, MarkerNote
from fer_live.review.spans import Span, united
from fer_live.session_log.reader import LONGEST_S

SUFFIX = ".review.json"
VERSION = 1
"""Version of the file's layout."""
_BAD = (ValueError, TypeError, KeyError, OverflowError, AttributeError)
"""Exceptions raised by a value of the wrong kind."""

T = TypeVar("T")


def sidecar_of(log: Path) -> Path:
    """The file with the corrections of a log."""
    return log.with_name(f"{log.stem}{SUFFIX}")


def load_corrections(log: Path) -> tuple[Corrections, str]:
    """Reads the corrections of a log; never fails.

    Returns:
        The corrections, and one sentence about what could not be read; empty if all was. A file
        of which anything cannot be read is left as it is until corrections are saved.
    """
    path = sidecar_of(log)
    try:
        data = _read(path)
    except FileNotFoundError:
        return Corrections(), ""
    except (OSError, ValueError, RecursionError) as error:
        return (
            Corrections(),
            f"The corrections in {path.name} can't be read ({error}). {_kept(path)}",
        )
    corrections, damaged = _parsed(data)
    if not damaged:
        return corrections, ""
    what = "1 correction" if damaged == 1 else f"{damaged} corrections"
    return corrections, f"{what} in {path.name} can't be read. {_kept(path)}"


def save_corrections(log: Path, corrections: Corrections, now: Callable[[], datetime]) -> Path:
    """Writes the corrections of a log; the file is replaced whole or not at all.

    A file of which anything could not be read is kept under another name.

    Args:
        log: The log, which stays as it is.
        corrections: What to keep.
        now: Returns the wall time.

    Returns:
        The path of the file.

    Raises:
        ReviewError: It cannot be written.
    """
    path = sidecar_of(log)
    text = json.dumps(_values(log, corrections, now()), indent=2, ensure_ascii=False) + "\n"
    try:
        if _damaged(path):
            path.replace(spare_name(path))
        with atomic_write(path) as part:
            part.write_text(text, "utf-8", errors="replace")
    except OSError as error:
        raise ReviewError(
            f"The corrections can't be saved as {path}: {error.strerror or error}.",
            "Make the folder writable; until then they last as long as this window.",
        ) from error
    return path


def _kept(path: Path) -> str:
    return f"The file is kept as {spare_name(path).name} when you correct something."


def _damaged(path: Path) -> bool:
    try:
        return bool(_parsed(_read(path))[1])
    except FileNotFoundError:
        return False
    except (OSError, ValueError, RecursionError):
        return True


def _read(path: Path) -> dict[str, Any]:
    data = json.loads(path.read_text("utf-8"))
    if not isinstance(data, dict):
        raise ValueError("it is not a JSON object")
    if data.get("version") != VERSION:
        raise ValueError("it was written by another version of this program")
    return data


def _values(log: Path, corrections: Corrections, moment: datetime) -> dict[str, Any]:
    return {
        "version": VERSION,
        "log": log.name,
        "saved": moment.astimezone().isoformat(timespec="seconds"),
        "video": corrections.video,
        "names": {str(face): name for face, name in sorted(corrections.names.items())},
        "merged": {str(face): into for face, into in sorted(corrections.merged.items())},
        "labels": [
            {"identities": one.identities, **_times(one.span), "label": one.label}
            for one in corrections.labels
        ],
        "left_out": [_times(span) for span in corrections.left_out],
        "markers_added": [_marker_values(one) for one in corrections.markers_added],
        "markers_removed": [_marker_values(one) for one in corrections.markers_removed],
    }


def _times(span: Span) -> dict[str, float]:
    return {"start_s": span.start_s, "end_s": span.end_s}


def _marker_values(marker: MarkerNote) -> dict[str, Any]:
    return {"time_s": marker.time_s, "marker": marker.key, "text": marker.text}


def _parsed(data: Mapping[str, Any]) -> tuple[Corrections, int]:
    """The corrections in a file's values, and how many of them could not be read."""
    lost = 0

    def each(name: str, kind: type, parse: Callable[[Any], T]) -> list[T]:
        nonlocal lost
        values = data.get(name, kind())
        if not isinstance(values, kind):
            lost += 1
            return []
        found = []
        entries: Any = values.items() if isinstance(values, dict) else values
        for value in entries:
            try:
                found.append(parse(value))
            except _BAD:
                lost += 1
        return found

    corrections = Corrections(
        markers_removed=tuple(sorted(each("markers_removed", list, _marker))),
        markers_added=tuple(sorted(each("markers_added", list, _marker))),
        merged=dict(each("merged", dict, lambda item: (_identity(item[0]), _identity(item[1])))),
        names=dict(each("names", dict, _name)),
        left_out=united(each("left_out", list, _span)),
        video=data["video"] if isinstance(data.get("video"), str) else "",
    )
    for one in each("labels", list, _label):
        # Spans of one face that overlap, as no version writes them: the later one counts.
        corrections = corrections.set_label(one.identities, one.span, one.label)
    chained = [i for i, into in corrections.merged.items() if into in corrections.merged]
    if chained:
        kept = {i: into for i, into in corrections.merged.items() if i not in chained}
        return Corrections(**{**vars(corrections), "merged": kept}), lost + len(chained)
    return corrections, lost


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LONGEST_S:
        raise ValueError(f"{value!r} is no time")
    return float(value)


def _identity(value: Any) -> int:
    identity = int(value)
    if isinstance(value, bool | float) or identity < 1:
        raise ValueError(f"{value!r} is no identity")
    return identity


def _span(value: Any) -> Span:
    span = Span(_number(value["start_s"]), _number(value["end_s"]))
    if not span.start_s < span.end_s:
        raise ValueError("a span has no length")
    return span


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _marker(value: Any) -> MarkerNote:
    key = _identity(value["marker"])
    return MarkerNote(_number(value["time_s"]), key, _text(value["text"]))


def _name(item: tuple[Any, Any]) -> tuple[int, str]:
    return _identity(item[0]), clean_name(_text(item[1]))


def _label(value: Any) -> LabelSpan:
    identities = tuple(sorted(map(_identity, value["identities"])))
    label = _text(value["label"])
    if not identities or not label:
        raise ValueError("a label has no face or no name")
    return LabelSpan(identities, _span(value), label)
