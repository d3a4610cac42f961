"""The optional parts that pyproject.toml names: documented, and installed where they are tested."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
    "optional-dependencies"
]
NOT_ON_RUNNERS = {"lsl", "virtualcam"}
"""Extras that need a library or a device which GitHub's runners do not have."""


def named(requirement):
    """The extras in the first pair of brackets of a text."""
    return set(re.search(r"\[([a-z,]+)\]", requirement)[1].split(","))


def test_every_extra_is_described():
    page = (ROOT / "docs" / "getting-started.md").read_text("utf-8")
    assert set(re.findall(r"^\| `([a-z]+)` \|", page, re.MULTILINE)) == set(EXTRAS)


def test_the_developers_extra_holds_every_other_one():
    assert named(EXTRAS["dev"][0]) == set(EXTRAS) - {"dev"}


def test_the_desktop_jobs_install_all_that_their_tests_import():
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text("utf-8")
    (install,) = re.findall(r'pip install .*-e "(.+)"$', workflow, re.MULTILINE)
    assert named(install) == set(EXTRAS) - {"dev"} - NOT_ON_RUNNERS
