"""Pieces of HTML that several parts of a report use."""

from collections.abc import Iterable, Sequence
from html import escape

from fer_live.report.words import colour, label_name

MAX_ROWS = 200
"""Longest table."""
NOTHING = "\u2013"
"""In a cell that has no value."""


def keyed(label: str | None) -> str:
    """A label with its colour."""
    key = f'<span class="key" style="background:{colour(label)}"></span>'
    return f"{key}{escape(label_name(label))}"


def more(entries: Sequence[object]) -> str:
    """What a table left out for its length."""
    rest = len(entries) - MAX_ROWS
    return f'<p class="soft">And {rest} more, in the log.</p>' if rest > 0 else ""


def table(
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    caption: str = "",
    numbers: Iterable[int] = (),
) -> str:
    """A table; cells and names are HTML, the first cell of a row is its heading."""
    right = frozenset(numbers)

    def cell(tag: str, place: int, text: str) -> str:
        return f"<{tag}{' class=n' if place in right else ''}>{text}</{tag}>"

    head = "".join(cell("th", place, name) for place, name in enumerate(names))
    body = "".join(
        "<tr>" + "".join(cell("td" if i else "th", i, text) for i, text in enumerate(row)) + "</tr>"
        for row in rows
    )
    title = f"<caption>{caption}</caption>" if caption else ""
    return (
        f'<div class="scroll"><table>{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
