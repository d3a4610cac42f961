"""HTML pages and their parts."""

import json
from html.parser import HTMLParser

from fer_live.core.html import Html, heading, json_script, page, paragraph, png_image, table

NASTY = "<script>alert('x')</script>\"&'"


class Tags(HTMLParser):
    """Every tag with its attributes, and the text between them."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def test_plain_text_stays_text_in_every_part():
    parts = [paragraph(NASTY), heading(NASTY), table([NASTY], [[NASTY]], NASTY), NASTY]
    found = Tags(page(NASTY, parts))
    assert not [tag for tag, _ in found.tags if tag == "script"]
    assert "".join(found.text).count(NASTY) == 7


def test_html_is_inserted_as_it_is():
    found = Tags(paragraph(Html("<b>bold</b>")))
    assert [tag for tag, _ in found.tags] == ["p", "b"]


def test_a_tables_number_columns_are_marked():
    found = Tags(table(["name", "n"], [["a", "1"]], numbers={1}))
    cells = [(tag, attrs) for tag, attrs in found.tags if tag in ("th", "td")]
    assert cells == [("th", {}), ("th", {"class": "n"}), ("th", {}), ("td", {"class": "n"})]


def test_data_in_a_script_cannot_end_it():
    value = {"text": NASTY}
    element = json_script("figures", value)
    assert element.count("<") == 2
    assert json.loads(element[element.index(">") + 1 : element.rindex("<")]) == value


def test_an_image_is_inside_the_page_and_described():
    ((_, _), (tag, attributes)) = Tags(png_image(b"png", NASTY, width=96)).tags
    assert tag == "img"
    assert attributes["alt"] == NASTY
    assert attributes["src"] == "data:image/png;base64,cG5n"
    assert attributes["width"] == "96"
