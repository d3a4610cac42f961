"""The documentation: it builds without a network and says what the code says."""

import html
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import typer

import fer_live
from fer_live.cli.main import app
from fer_live.core.settings import Settings
from fer_live.gui.window.actions import ACTIONS
from fer_live.session_log.schema import COLUMNS, FLAGS, KINDS

ROOT = Path(__file__).resolve().parents[2]
OFFLINE = """
import socket, sys
def refuse(*_):
    raise OSError("the documentation must build without a network")
socket.socket.connect = socket.getaddrinfo = refuse
from mkdocs.__main__ import cli
cli(["build", "--strict", "--quiet", "--site-dir", sys.argv[1]])
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def words(site, page):
    text = (site / page / "index.html").read_text("utf-8")
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def test_every_command_and_option_is_on_the_page(site):
    page = words(site, "command-line")
    commands = typer.main.get_command(app).commands
    assert len(commands) >= 13
    for name, command in commands.items():
        assert f"fer-live {name}" in page
        for parameter in command.params:
            for flag in parameter.opts:
                if flag.startswith("--") and flag != "--help":
                    assert flag in page, f"{name} {flag}"


def test_every_column_kind_and_flag_of_the_log_is_on_the_page(site):
    page = words(site, "recordings").splitlines()
    cells = {line.strip() for line in page}
    assert {column.name for column in COLUMNS} <= cells
    assert {column.meaning for column in COLUMNS if "see " not in column.meaning} <= cells
    assert {*KINDS, *FLAGS} <= cells


def test_every_key_and_setting_is_on_the_page(site):
    page = words(site, "window")
    for spec in ACTIONS:
        assert spec.tip in page
    for field in fields(Settings):
        assert f"FER_LIVE_{field.name.upper()}" in page


def test_every_public_name_is_on_the_page(site):
    page = (site / "python-api" / "index.html").read_text("utf-8")
    for name in set(fer_live.__all__) - {"__version__"}:
        assert re.search(rf'id="fer_live\.[a-z_.]+\.{name}"', page), name


def test_every_example_is_on_the_page(site):
    page = words(site, "examples")
    for path in (ROOT / "examples").glob("*.py"):
        assert path.name in page


def test_a_page_loads_nothing_from_another_server(site):
    loaded = re.compile(r'<(?:script|img|iframe|source)[^>]+src="(?:https?:)?//|<link[^>]+//[^>]+>')
    for path in site.rglob("*.html"):
        found = [tag for tag in loaded.findall(path.read_text("utf-8")) if "canonical" not in tag]
        assert not found, path
    for path in site.rglob("*.css"):
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", path.read_text("utf-8"))


def test_the_version_has_its_changes():
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"## [{fer_live.__version__}] - 20" in changes


def test_the_readme_names_files_that_are_there():
    for name in ("README.md", "CONTRIBUTING.md", "models/default.md", "benchmarks/README.md"):
        path = ROOT / name
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{name}: {target}"


def test_the_contributors_guide_names_files_that_are_there():
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for name in re.findall(r"`([a-z_/]+\.(?:py|md))`", guide):
        assert (ROOT / name).exists() or (ROOT / "fer_live" / name).exists(), name
