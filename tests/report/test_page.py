"""The report's HTML file."""

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import numpy as np
import pytest

from fer_live.core.errors import RecordingError
from fer_live.core.types import Face
from fer_live.report.formatting import clock, duration, percent
from fer_live.report.page import render, write_report
from fer_live.report.summary import summarise
from fer_live.session_log.reader import read_log
from fer_live.session_log.schema import SessionAbout
from tests.session_log.logs import face, result, session_log, write_log

from .test_summary import HAPPY, SAD, one_face, random_session

LETTER_UNITS = 6.5
"""Width of a digit of the axis' 11-pixel type, drawing units: no less in any usual typeface."""
NASTY = "<script>alert('x')</script>\"&'</svg>"
VOID = {"meta", "br"}


class Page(HTMLParser):
    """Checks that tags are balanced; collects text outside scripts and all attributes."""

    def __init__(self, text):
        super().__init__()
        self.open, self.text, self.attributes, self.scripts = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        inside = self.open[-1] if self.open else ""
        (self.scripts if inside in ("script", "style") else self.text).append(data)


def page_of(tmp_path, results, **options):
    write_log(tmp_path / "s.csv", results, **options)
    return write_report(tmp_path / "s.csv").read_text("utf-8")


def figures_in(text):
    return json.loads(re.search(r'id="figures">(.*?)</script>', text, re.S)[1])


def test_the_page_carries_the_figures(tmp_path):
    text = page_of(tmp_path, random_session(0))
    found = summarise(read_log(tmp_path / "s.csv"))
    figures = figures_in(text)
    assert figures["frames"] == found.frames
    assert figures["changes"] == found.changes
    assert figures["shares"]["happy"] == pytest.approx(found.shares["happy"], abs=1e-6)
    assert [f["identity"] for f in figures["faces"]] == [1, 2, 5]
    words = "".join(Page(text).text)
    assert f"{found.frames} frames".replace(" ", "\u00a0") in words
    assert percent(found.shares["happy"]) in words
    for one in found.faces:
        assert f"Face {one.identity}" in words
        assert duration(one.seen_s) in words


def test_the_page_needs_nothing_from_outside(tmp_path):
    page = Page(page_of(tmp_path, random_session(1)))
    assert not [a for a in page.attributes if a[1] in ("src", "href", "srcset", "data", "action")]
    code = "".join(page.scripts)
    assert not re.search(r"https?:|//[a-z]|url\(|@import|fetch|XMLHttpRequest", code)


def test_names_of_users_and_files_stay_text(tmp_path):
    path = tmp_path / "a<b>&.csv"
    log, _ = session_log(path, about=SessionAbout(NASTY, NASTY, NASTY))
    log.start()
    log.submit(result(0, 0.0, [face()]))
    log.submit(result(1, 0.1, [face()]))
    log.mark(1, NASTY)
    log.note("source_lost", NASTY)
    log.stop()
    text = write_report(path).read_text("utf-8")
    page = Page(text)
    assert "".join(page.text).count(NASTY) >= 5
    assert [a[0] for a in page.attributes].count("script") == 2  # type and id of the data
    assert text.count("<script") == 2
    assert figures_in(text)["markers"][0]["text"] == NASTY


def test_classes_of_any_name_stay_text(tmp_path):
    labels = (NASTY, "happy")
    one = Face(1, (9.0, 9.0, 99.0, 99.0), 1.0, NASTY, 0.9, np.array([0.9, 0.1], np.float32))
    results = [result(i, i / 10, [one], labels=labels) for i in range(30)]
    page = Page(page_of(tmp_path, results))
    assert NASTY in "".join(page.text)


def test_no_face_and_a_single_frame_have_a_page(tmp_path):
    for name, results in (("none", one_face(None, None)), ("one", one_face(HAPPY))):
        (tmp_path / name).mkdir()
        Page(page_of(tmp_path / name, results))
    assert "No face was found" in (tmp_path / "none/s.html").read_text("utf-8")


def test_a_video_has_no_date_of_its_own(tmp_path):
    write_log(tmp_path / "clip.csv", [result(i, i, [face()], position_s=i / 25) for i in range(3)])
    assert "its recording date is not known" in write_report(tmp_path / "clip.csv").read_text()
    assert "not known" not in page_of(tmp_path, one_face(HAPPY))


def test_a_log_cut_off_says_so(tmp_path):
    write_log(tmp_path / "s.jsonl", one_face(HAPPY, SAD, HAPPY))
    whole = (tmp_path / "s.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "s.jsonl").write_bytes(b"".join(whole[:-2]) + whole[-2][:40])
    text = write_report(tmp_path / "s.jsonl").read_text("utf-8")
    assert "was not closed properly" in text
    assert figures_in(text)["frames"] == 2


def test_a_report_takes_no_other_files_place(tmp_path):
    write_log(tmp_path / "s.csv", one_face(HAPPY))
    assert write_report(tmp_path / "s.csv").name == "s.html"
    assert write_report(tmp_path / "s.csv").name == "s-2.html"
    (tmp_path / "mine.html").write_text("mine")
    with pytest.raises(RecordingError, match="exists already"):
        write_report(tmp_path / "s.csv", tmp_path / "mine.html")
    assert (tmp_path / "mine.html").read_text() == "mine"


def test_many_faces_and_a_long_time_stay_a_small_file(tmp_path):
    rng = np.random.default_rng(5)
    results = []
    for index in range(6000):
        who = 1 + index // 20  # 300 faces, one after the other
        results.append(result(index, index * 0.6, [face(who, *(HAPPY, SAD)[rng.integers(2)])]))
    text = page_of(tmp_path, results)
    assert len(text.encode()) < 2_000_000
    assert len(figures_in(text)["faces"]) == 300
    Page(text)


def test_the_page_is_the_same_each_time(tmp_path):
    write_log(tmp_path / "s.csv", random_session(2))
    found = summarise(read_log(tmp_path / "s.csv"))
    made = datetime(2026, 1, 1, tzinfo=UTC)
    assert render(found, made) == render(found, made)


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (0.001, "<1%"), (0.5, "50%"), (0.999, ">99%"), (1, "100%")],
)
def test_percents_never_hide_a_little(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (3599.6, "1 h 0 min"),
        (7260, "2 h 1 min"),
    ],
)
def test_durations(seconds, text):
    assert duration(seconds).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("seconds", "tenths", "text"),
    [
        (0, False, "0:00"),
        (65.96, False, "1:05"),
        (65.96, True, "1:06.0"),
        (3725, False, "1:02:05"),
        (-2, True, "-0:02.0"),
    ],
)
def test_places_in_the_session(seconds, tenths, text):
    assert clock(seconds, tenths=tenths) == text


@pytest.mark.parametrize("seconds", [0.7, 9.0, 61.0, 599.0, 7300.0])
def test_no_label_of_an_axis_is_cut(tmp_path, seconds):
    """The first label begins and the last one ends inside the drawing."""
    times = np.linspace(0, seconds, 40)
    page = page_of(tmp_path, [result(n, t, [face()]) for n, t in enumerate(times)])
    width = float(re.search(r'viewBox="0 0 (\d+) ', page)[1])
    labels = re.findall(
        r'<text class="axis" x="([\d.]+)" y="[\d.]+" text-anchor="(\w+)">([^<]+)<', page
    )
    assert labels
    for x, anchor, text in labels:
        room = LETTER_UNITS * len(text)
        left = float(x) - {"start": 0, "middle": room / 2, "end": room}[anchor]
        assert left >= 0, text
        assert left + room <= width, text
