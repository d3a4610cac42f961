"""HTML pages that refer to no other file: escaped text, tables, PNG images, style and page.

`Html` marks text that is HTML already. All other text is escaped where it enters a page, so a file
name or a marker's text cannot change the page's structure.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

NO_VALUE = "\u2013"
"""Text of a table cell that has no value."""


class Html(str):
    """Text that is HTML already and is inserted as it is."""


def to_html(text: str) -> Html:
    """Escapes plain text for content and quoted attributes; returns `Html` unchanged."""
    return text if isinstance(text, Html) else Html(escape(text))


def join(*parts: str) -> Html:
    """Concatenates parts; those that are plain text are escaped."""
    return Html("".join(map(to_html, parts)))


def paragraph(text: str) -> Html:
    """A paragraph."""
    return Html(f"<p>{to_html(text)}</p>")


def heading(text: str, level: int = 2) -> Html:
    """A heading; level 1 is the page's own, 2 a section's."""
    return Html(f"<h{level}>{to_html(text)}</h{level}>")


def section(title: str, *parts: str) -> Html:
    """A section with its heading; parts that are plain text are escaped."""
    return Html(f"<section>{heading(title)}{join(*parts)}</section>")


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    caption: str = "",
    numbers: Iterable[int] = (),
) -> Html:
    """A table whose first cell of each row is the row's heading.

    Args:
        header: Column names.
        rows: Cells; plain text is escaped.
        caption: Shown above the table; empty for none.
        numbers: Indices of the columns aligned to the right.
    """
    right = frozenset(numbers)

    def cell(tag: str, column: int, text: str) -> str:
        return f"<{tag}{' class=n' if column in right else ''}>{to_html(text)}</{tag}>"

    head = "".join(cell("th", column, name) for column, name in enumerate(header))
    body = "".join(
        f"<tr>{''.join(cell('td' if i else 'th', i, text) for i, text in enumerate(row))}</tr>"
        for row in rows
    )
    title = f"<caption>{to_html(caption)}</caption>" if caption else ""
    return Html(
        f'<div class="scroll"><table>{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def png_image(png: bytes, alt: str, *, width: int | None = None) -> Html:
    """A PNG file's bytes as an image inside the page.

    Args:
        png: The file's content.
        alt: What the image shows, for readers who cannot see it.
        width: Shown width in CSS pixels, drawn with sharp pixel edges; None is the image's own.
    """
    data = base64.b64encode(png).decode("ascii")
    shown = "" if width is None else f' class="pixels" width="{width}"'
    return Html(
        f'<figure><img{shown} alt="{escape(alt)}" src="data:image/png;base64,{data}"></figure>'
    )


def json_script(name: str, value: object) -> Html:
    """A script element that holds a value as JSON, for the page's own script and for programs.

    Args:
        name: Its ``id``.
        value: Plain JSON values.
    """
    # "<" in the data could end the script element; JSON has another way to write it.
    data = json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
    return Html(f'<script type="application/json" id="{escape(name)}">{data}</script>')


def page(title: str, body: Sequence[str], *, style: str = "", script: str = "") -> str:
    """A whole page that refers to no other file.

    Args:
        title: Shown by the browser's tab, not in the page.
        body: Parts of the page in order; plain text is escaped.
        style: CSS added to the common style, ``html.css`` beside this module.
        script: JavaScript run after the body is read; empty for none.
    """
    common = Path(__file__).with_suffix(".css").read_text("utf-8")
    code = f"<script>{script}</script>" if script else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{to_html(title)}</title><style>{common}{style}</style></head>"
        f"<body><main>\n{join(*body)}\n</main>{code}</body></html>\n"
    )
