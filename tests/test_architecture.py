"""The dependency direction, and what a command loads, checked on the code itself."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "fer_live"

GROUND = {"types", "labels", "errors", "paths", "config"}
STAGES = ["capture", "faces", "emotion", "tracking", "overlay", "recording", "pipeline", "gui"]
ALLOWED = {name: set(STAGES[:place]) | GROUND for place, name in enumerate(STAGES)}
ALLOWED["report"] = {"recording"} | GROUND
ALLOWED["gui"].add("report")
ALLOWED["training"] = {"capture", "emotion", "faces"} | GROUND
ALLOWED["evaluation"] = {"emotion", "faces", "training"} | GROUND
ALLOWED["bench"] = set(STAGES[: STAGES.index("gui")]) | GROUND
ALLOWED["web"] = set(STAGES[: STAGES.index("gui")]) | GROUND

SLOW = ("torch", "PySide6", "flask", "waitress", "lightning", "pandas", "matplotlib", "cv2", "av")


def imports(path: Path) -> set[str]:
    """Parts of fer_live that a module imports anywhere in its text."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "fer_live" and len(parts) > 1:
                found.add(parts[1])
    return found - {"__version__"}


@pytest.mark.parametrize("part", sorted(ALLOWED))
def test_a_stage_never_imports_a_later_one(part):
    modules = list((PACKAGE / part).rglob("*.py"))
    assert modules
    for module in modules:
        later = imports(module) - ALLOWED[part] - {part}
        assert not later, f"{module.name} imports {later}"


def test_the_ground_floor_stands_on_itself():
    for name in GROUND:
        assert imports(PACKAGE / f"{name}.py") <= GROUND


@pytest.mark.parametrize("library", ["PySide6", "flask"])
def test_only_the_top_knows_the_user_interface(library):
    top = {"gui", "web"}
    for module in PACKAGE.rglob("*.py"):
        if module.relative_to(PACKAGE).parts[0] not in top:
            assert f"import {library}" not in module.read_text("utf-8"), module
            assert f"from {library}" not in module.read_text("utf-8"), module


@pytest.mark.parametrize(
    "command",
    [
        *([], ["run"], ["predict"], ["report"], ["train"], ["evaluate"], ["compare"], ["serve"]),
        *(["explore"], ["explain"], ["export"]),
    ],
)
def test_help_is_quick_because_it_loads_nothing_slow(command):
    code = (
        "import sys; from fer_live.cli.main import app\n"
        f"try: app({[*command, '--help']!r})\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        f"print('LOADED', [m for m in {SLOW!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip().endswith("LOADED []")
