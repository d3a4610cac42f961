"""Brings the translations of the window up to date with its texts: run it after changing a text.

``lupdate`` adds new texts to the .ts files and removes old ones; a person translates the new ones,
with Qt Linguist or a text editor. ``lrelease`` then makes the .qm files that the window reads. Both
belong to PySide6. A language is added by its .ts file and an entry in `fer_live.gui.language`.
"""

import subprocess
import sys
from pathlib import Path

import PySide6

GUI = Path(__file__).resolve().parent.parent / "fer_live" / "gui"
FOLDER = GUI / "translations"
TOOLS = Path(PySide6.__file__).parent
OPTIONS = (
    *("-no-obsolete", "-locations", "none", "-sort-messages", "-source-language", "en"),
    *("-tr-function-alias", "QT_TR_NOOP+=tr_later"),
)
"""Without line numbers and in alphabetical order, two people's changes rarely touch each other."""


def tool(name: str) -> str:
    """Path of one of Qt's programs."""
    return str(TOOLS / (f"{name}.exe" if sys.platform == "win32" else name))


def update(target: Path) -> None:
    """Brings one .ts file up to date; English has only the texts with a plural."""
    sources = sorted(str(path.relative_to(GUI)) for path in GUI.rglob("*.py"))
    plural = ["-pluralonly"] if target.stem.endswith("_en") else []
    language = ["-target-language", target.stem.rpartition("_")[2]]
    subprocess.run(
        [tool("lupdate"), *sources, *OPTIONS, *plural, *language, "-ts", str(target)],
        check=True,
        cwd=GUI,
        stdout=subprocess.DEVNULL,
    )


def release(source: Path, target: Path) -> None:
    """Makes a .qm file from a .ts file."""
    subprocess.run([tool("lrelease"), "-silent", str(source), "-qm", str(target)], check=True)


def main() -> int:
    """Updates and releases all languages; tells what is left to translate."""
    left = 0
    for path in sorted(FOLDER.glob("*.ts")):
        update(path)
        release(path, path.with_suffix(".qm"))
        unfinished = path.read_text("utf-8").count('type="unfinished"')
        left += unfinished
        print(f"{path.name}: {unfinished} to translate")  # noqa: T201
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
