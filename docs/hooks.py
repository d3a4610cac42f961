"""Parts of the pages that are made from the code, so that they stay in step with it.

A line ``<!-- generated: NAME -->`` in a page is replaced by what the function of that name returns.
"""

import html
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from fer_live.core.formats import IMAGE_SUFFIXES, VIDEO_SUFFIXES
from fer_live.core.licences import LIBRARIES, PARTS
from fer_live.core.naming import FIELDS
from fer_live.core.settings import ENVIRONMENT_PREFIX, Settings
from fer_live.session_log.schema import COLUMNS, FLAGS, KINDS, RAW, SMOOTHED

ROOT = Path(__file__).resolve().parent.parent
MARK = re.compile(r"^<!-- generated: ([a-z -]+) -->$", re.MULTILINE)
PAGE_LINK = re.compile(r"\]\((?:\.\./)*docs/")
"""The beginning of a link from a file of the repository to a page."""
FILE_LINK = re.compile(r"\[([^\]]+)\]\((?:(?:\.\./)+|README|CHANGELOG|CONTRIBUTING)[^)]*\)")
"""A link to a file of the repository that is no page; its text is kept."""


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by MkDocs for each page."""
    return MARK.sub(lambda match: GENERATED[match[1]](), markdown)


def command_line() -> str:
    """Every command with its options, as Typer documents them."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "commands.md"
        command = [sys.executable, "-m", "typer", "fer_live.cli.main", "utils", "docs"]
        subprocess.run(
            [*command, "--name", "fer-live", "--output", str(out)],
            check=True,
            capture_output=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        return out.read_text("utf-8").partition("\n")[2]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)


def text(words: str) -> str:
    """Words of the code in a table's cell; backticks become code."""
    linked = words.replace("see KINDS", "see [Kinds of row](#kinds-of-row)")
    linked = linked.replace("see FLAGS", "see [Flags](#flags)")
    return html.escape(linked, quote=False).replace("|", "\\|")


def log_columns() -> str:
    """The columns of a session log."""
    rows = [(f"`{c.name}`", c.kind, text(c.meaning)) for c in COLUMNS]
    rows += [
        (f"`{SMOOTHED}LABEL`", "float", "one column per class: smoothed probability, as shown"),
        (f"`{RAW}LABEL`", "float", "one column per class: of the face's last classification"),
    ]
    return table(("column", "type", "meaning"), rows)


def licences() -> str:
    """The parts of the program and the libraries it asks for, with their licences."""
    rows = [
        (f"`{c.name}`", text(c.purpose), text(c.licence), text(c.note))
        for c in (*PARTS, *LIBRARIES)
    ]
    return table(("name", "for", "licence", "what it asks"), rows)


def meanings(head: str, values: dict[str, str]) -> Callable[[], str]:
    """A table of names and what they mean."""
    return lambda: table((head, "meaning"), [(f"`{n}`", text(m)) for n, m in values.items()])


def settings() -> str:
    """Every setting with its default and its environment variable."""
    explained = setting_meanings()
    return table(
        ("setting", "default", "meaning", "environment variable"),
        [
            (
                f"`{f.name}`",
                default(getattr(Settings(), f.name)),
                text(explained[f.name]),
                f"`{ENVIRONMENT_PREFIX}{f.name.upper()}`",
            )
            for f in fields(Settings)
        ],
    )


def setting_meanings() -> dict[str, str]:
    """What each setting means, from the class's docstring."""
    _, _, arguments = (Settings.__doc__ or "").partition("Args:")
    found: dict[str, str] = {}
    for names, words in re.findall(r"^ {8}([a-z_, ]+): (.+(?:\n {12}.+)*)", arguments, re.M):
        for name in names.split(", "):
            found[name] = " ".join(words.split()).replace("``", "`")
    return found


def default(value: object) -> str:
    """A default value for people to read."""
    if value in ("", ()):
        return ""
    if isinstance(value, Path):
        return "`fer_live` in the folder of pictures"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def shortcuts() -> str:
    """The window's keys and what they do, by menu."""
    from fer_live.gui.window.actions import shortcut_groups

    return shortcut_tables(shortcut_groups())


def review_shortcuts() -> str:
    """The same of the review."""
    from fer_live.gui.review.review_actions import shortcut_rows

    return shortcut_tables(shortcut_rows())


def shortcut_tables(groups: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """Keys and what they do, a table for each menu."""
    parts = []
    for menu, rows in groups.items():
        shown = [
            (" or ".join(f"`{k}`" for k in keys.split(" or ")), text(does)) for keys, does in rows
        ]
        parts.append(f"### {menu}\n\n" + table(("key", "does"), shown))
    return "\n\n".join(parts)


def suffixes(values: Iterable[str]) -> Callable[[], str]:
    """File name suffixes in one line."""
    return lambda: ", ".join(f"`{suffix}`" for suffix in sorted(values))


def examples() -> str:
    """Every program in ``examples/`` with its source."""
    parts = []
    for path in sorted((ROOT / "examples").glob("*.py")):
        source = path.read_text("utf-8").rstrip()
        parts.append(f"## {path.name}\n\n```python\n{source}\n```\n")
    return "\n".join(parts)


def repository_file(name: str) -> Callable[[], str]:
    """A Markdown file of the repository as a page."""

    def read() -> str:
        markdown = PAGE_LINK.sub("](", (ROOT / name).read_text("utf-8"))
        markdown = markdown.replace("](models/default.md)", "](model-card.md)")
        return FILE_LINK.sub(r"\1", markdown)

    return read


GENERATED: dict[str, Callable[[], str]] = {
    "command line": command_line,
    "licences": licences,
    "log columns": log_columns,
    "log kinds": meanings("kind", KINDS),
    "log flags": meanings("flag", FLAGS),
    "name fields": meanings("field", {f"{{{n}}}": m for n, m in FIELDS.items()}),
    "settings": settings,
    "shortcuts": shortcuts,
    "review shortcuts": review_shortcuts,
    "image suffixes": suffixes(IMAGE_SUFFIXES),
    "video suffixes": suffixes(VIDEO_SUFFIXES),
    "examples": examples,
    "model card": repository_file("models/default.md"),
    "measurements": repository_file("benchmarks/README.md"),
    "contributing": repository_file("CONTRIBUTING.md"),
    "changelog": repository_file("CHANGELOG.md"),
}
