"""The dependency direction, and what a command loads, checked on the code itself."""

import ast
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from fer_live.core.formats import IMAGE_SUFFIXES, VIDEO_SUFFIXES

PACKAGE = Path(__file__).resolve().parent.parent / "fer_live"

STAGES = ["core", "capture", "detection", "classification", "tracking", "overlay"]
STAGES += ["session_log", "recording", "live", "batch"]
"""Each part may import the parts before it."""

ALLOWED = {name: set(STAGES[:place]) for place, name in enumerate(STAGES)}
ALLOWED["outputs"] = {"core", "session_log"}
ALLOWED["report"] = {"core", "session_log", "tracking"}
ALLOWED["review"] = {"core", "capture", "session_log", "report"}
ALLOWED["training"] = {"core", "capture", "detection", "classification"}
ALLOWED["evaluation"] = ALLOWED["training"] | {"training"}
ALLOWED["bench"] = set(STAGES)
ALLOWED["web"] = set(STAGES)
ALLOWED["gui"] = set(STAGES) - {"batch"} | {"report", "outputs", "review"}
ALLOWED["cli"] = set(ALLOWED) | {"gui", "web"}

MOST_FILES = 17
"""More files than this directly in one folder are too many to find one's way in."""

SLOW = ("torch", "PySide6", "flask", "tornado", "lightning", "pandas", "matplotlib", "cv2", "av")
SLOW += (
    "numpy",
    "PIL",
    "onnx",
    "onnxruntime",
    "safetensors",
    "requests",
    "websockets",
    "pythonosc",
    "pylsl",
    "pyvirtualcam",
    "distributed",
    "pyarrow",
)


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


def test_the_public_interface_knows_no_user_interface():
    assert imports(PACKAGE / "api.py") <= set(STAGES)
    assert imports(PACKAGE / "__init__.py") <= set(STAGES) | {"api"}


def module_imports(path: Path) -> set[str]:
    """Modules of fer_live that a module imports anywhere in its text, with their full names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules() -> dict[str, Path]:
    return {module_name(path): path for path in PACKAGE.rglob("*.py")}


def import_graph() -> dict[str, set[str]]:
    paths = modules()
    return {
        name: (module_imports(path) & set(paths)) - {name, "fer_live"}
        for name, path in paths.items()
    }


def test_no_modules_import_each_other_in_a_circle():
    with pytest.raises(CycleError):
        TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()
    TopologicalSorter(import_graph()).prepare()


WINDOW_LAYERS = ["protocols", "widgets", "window", "controllers", "player"]
WINDOW_LAYERS += ["settings", "review", "main_window"]
"""Each part of gui may import the parts before it."""


@pytest.mark.parametrize("layer", WINDOW_LAYERS)
def test_a_part_of_the_window_never_imports_a_later_one(layer):
    later = WINDOW_LAYERS[WINDOW_LAYERS.index(layer) + 1 :]
    root = PACKAGE / "gui" / layer
    paths = sorted(root.rglob("*.py")) or [root.with_suffix(".py")]
    for path in paths:
        parts = [name.split(".") for name in module_imports(path)]
        imported = {names[2] for names in parts if names[:2] == ["fer_live", "gui"] and names[2:]}
        assert not imported & set(later), f"{path.name} imports {imported & set(later)}"


def test_every_part_has_its_edges_in_this_list():
    parts = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert parts == set(ALLOWED)


def test_no_module_is_there_for_tests_alone():
    used = set().union(*import_graph().values())
    entries = {"fer_live", "fer_live.__main__", "fer_live.cli.main"}
    packages = {name for name, path in modules().items() if path.name == "__init__.py"}
    assert modules().keys() - used - packages <= entries


def suffix_lists(path: Path) -> list[int]:
    """Lines of a module where several suffixes of images or videos stand in one list."""
    suffixes = IMAGE_SUFFIXES | VIDEO_SUFFIXES
    lines = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            listed = {e.value for e in node.elts if isinstance(e, ast.Constant)}
        elif isinstance(node, ast.Dict):
            listed = {e.value for e in node.keys if isinstance(e, ast.Constant)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            listed = set(re.findall(r"\*(\.\w+)", node.value))
        else:
            continue
        if len(listed & suffixes) > 1:
            lines.append(node.lineno)
    return lines


def test_suffixes_of_images_and_videos_are_listed_once(tmp_path):
    found = {module_name(path): suffix_lists(path) for path in PACKAGE.rglob("*.py")}
    home = found.pop("fer_live.core.formats")
    assert len(home) == 2
    assert not {name: lines for name, lines in found.items() if lines}
    twin = tmp_path / "twin.py"
    twin.write_text('A = (".png", ".jpg")\nB = "Videos (*.mp4 *.mkv)"\nC = (".mp4", ".csv")\n')
    assert suffix_lists(twin) == [1, 2]


def test_folders_are_small_enough_to_look_through():
    for folder in {path.parent for path in PACKAGE.rglob("*.py")}:
        assert len(list(folder.glob("*.py"))) <= MOST_FILES, folder


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
