"""The page's files: complete, of the right kind, and without any outside address."""

import re
from pathlib import Path

import pytest

import fer_live.web

PAGE = Path(fer_live.web.__file__).parent / "page"
FILES = sorted(PAGE.iterdir())

OWN = {"http://www.w3.org/2000/svg"}
"""A name, not an address: nothing is ever loaded from it."""

KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_names_an_outside_address(path):
    found = set(re.findall(r"(?:https?:|wss?:|ftp:)?//[\w.-]+\.[\w./-]+", path.read_text("utf-8")))
    assert found <= OWN


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_served_with_its_kind(client, path):
    response = client.get(f"/page/{path.name}")
    assert response.status_code == 200
    assert response.mimetype == KINDS[path.suffix]
    assert response.data == path.read_bytes()


def test_everything_the_page_refers_to_is_there(client):
    page = client.get("/")
    assert page.mimetype == "text/html"
    wanted = set(re.findall(r'(?:href|src)="(/[^"]+)"', page.text))
    for path in FILES:
        if path.suffix == ".js":
            imported = re.findall(r'from "\./([^"]+)"', path.read_text("utf-8"))
            wanted |= {f"/page/{name}" for name in imported}
    assert len(wanted) >= 5
    for address in wanted:
        assert client.get(address).status_code == 200, address


def test_the_page_says_that_nothing_is_stored_and_what_it_cannot_know(client):
    text = " ".join(client.get("/").text.split())
    assert "stores none of them" in text
    assert "not what a person feels" in text


def test_scripts_and_styles_stand_in_files_alone(client):
    # The policy would refuse any other, and the page would be without them.
    page = client.get("/").text
    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*\ssrc=)", page)
