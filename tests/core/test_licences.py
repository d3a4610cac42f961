"""The licences that the program states, compared with the packages themselves."""

import re
import tomllib
from importlib.metadata import distribution, distributions
from pathlib import Path

import pytest
from typer.testing import CliRunner

import fer_live
from fer_live.cli.main import app
from fer_live.core.licences import LIBRARIES, PARTS, installed_components, licence_text

ROOT = Path(__file__).resolve().parents[2]
OTHER_WORDS = {
    "MIT License": "MIT",
    "GNU General Public License v2": "GPL-2.0-only",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "ZPL 2.1": "ZPL-2.1",
    "LicenseRef-NVIDIA": "NVIDIA",
    "This is free and unencumbered software": "Unlicense",
    "License agreement for matplotlib": "Matplotlib",
}
"""How texts of packages begin that are not SPDX identifiers."""


def stated(package):
    """The licence that an installed package's own description states."""
    about = distribution(package).metadata
    # Not by []: of importlib_metadata, which other libraries import, that raises KeyError.
    text = about.get("License-Expression") or about.get("License", "").strip()
    if not text:
        classifiers = about.get_all("Classifier") or []
        text = next(c.rpartition(" :: ")[2] for c in classifiers if c.startswith("License ::"))
    begins = [known for words, known in OTHER_WORDS.items() if text.startswith(words)]
    return begins[0] if begins else text


def test_every_library_that_the_program_asks_for_is_listed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    asked = [
        *project["dependencies"],
        *(n for e in extras if e not in ("dev", "docs", "test") for n in extras[e]),
    ]
    names = {re.match(r"[\w.-]+", text)[0].lower() for text in asked}
    listed = {known.name.rstrip("*").lower() for known in LIBRARIES}
    assert names <= listed


@pytest.mark.parametrize(
    "known", [c for c in installed_components() if c.versions], ids=lambda c: c.name
)
def test_a_library_has_the_licence_that_its_package_states(known):
    stem = known.name.rstrip("*")
    for package in distributions():
        name = package.metadata["Name"] or ""
        if name == stem or (known.name.endswith("*") and name.startswith(stem)):
            own = re.split(r"[;,' ]", known.licence)[0]
            assert own in re.split(r" AND | OR |[ ,]", stated(name)), (name, stated(name))


def test_a_wheel_with_gpl_libraries_is_said_to_be_under_the_gpl():
    folder = Path(distribution("av").locate_file("av.libs"))
    if not list(folder.glob("libx26*")):
        pytest.skip("this PyAV was built without x264 and x265")
    (av,) = [known for known in LIBRARIES if known.name == "av"]
    assert "GPL-2.0-or-later" in av.licence


def test_the_version_comes_first_and_the_licences_follow():
    done = CliRunner().invoke(app, ["--version"])
    first, _, rest = done.stdout.partition("\n")
    assert (done.exit_code, first) == (0, f"fer-live {fer_live.__version__}")
    assert rest.strip() == licence_text()
    for word in ("MIT", "PySide6", "LGPL", "x264", "opencv-python", "onnxruntime"):
        assert word in rest


def test_what_is_not_installed_is_not_listed():
    names = [component.name for component in installed_components()]
    assert names[: len(PARTS)] == [part.name for part in PARTS]
    present = {d.metadata["Name"] for d in distributions()}
    assert ("pylsl" in names) == ("pylsl" in present)
    assert ("nvidia-*" in names) == any(str(n).startswith("nvidia-") for n in present)


def test_the_texts_that_the_list_points_to_are_there():
    for part in PARTS:
        for path in re.findall(r"(?:assets|models)/[\w/.]+\w", part.note):
            assert (ROOT / path).is_file()
