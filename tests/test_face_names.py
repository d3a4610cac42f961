"""A face's name goes into picture, cards, log, report and live outputs, and stays with it."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_live.core.labels import MAX_NAME, clean_name, face_title
from fer_live.overlay.draw import OverlayOptions, label_texts
from fer_live.report.page import write_report
from fer_live.session_log.reader import read_log
from tests.live.fakes import BLACK, Parts
from tests.live.test_engine import Run
from tests.outputs.support import result as output_result
from tests.outputs.test_messages import messages
from tests.scripted_source import Pictures, ScriptedSource
from tests.session_log.logs import face, result, session_log


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Anna", "Anna"),
        ("  Anna \t Maria\n", "Anna Maria"),
        ("", ""),
        (" \n ", ""),
        ("x" * 100, "x" * MAX_NAME),
        ("Jürgen 李", "Jürgen 李"),
    ],
)
def test_a_name_is_one_short_line(typed, name):
    assert clean_name(typed) == name


def test_a_face_in_words():
    assert face_title(3, "") == "Face 3"
    assert face_title(3, "Anna") == "Anna"


def test_a_running_engine_names_a_face_as_long_as_it_stays():
    parts = Parts()
    with Run(ScriptedSource([Pictures(BLACK, None)], live=True, fps=200), parts) as run:
        run.until_results(1)
        run.engine.set_name(1, " Anna \n")
        run.seen.wait_for(lambda seen: seen.results[-1].faces[0].name == "Anna")
        run.engine.set_name(2, "somebody else")
        before = len(run.seen.results)
        run.until_results(before + 3)
        assert run.seen.results[-1].faces[0].name == "Anna"
        run.engine.set_name(1, "")
        run.seen.wait_for(lambda seen: seen.results[-1].faces[0].name == "")


def test_a_result_with_a_name_is_another_result():
    before = result(0, 0.0, (face(1), face(2)))
    after = before.with_name(2, "Anna")
    assert [f.name for f in after.faces] == ["", "Anna"]
    assert [f.name for f in before.faces] == ["", ""]


def test_the_picture_shows_the_name_instead_of_the_number():
    named = replace(face(7), name="Anna")
    assert label_texts(named, OverlayOptions())[0] == "happy 70%  Anna"
    assert label_texts(named, OverlayOptions(show_ids=False))[0] == "happy 70%  Anna"
    assert label_texts(face(7), OverlayOptions())[0] == "happy 70%  #7"
    assert OverlayOptions().show_ids


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_the_log_has_the_name_from_when_it_was_given(tmp_path, suffix):
    path = tmp_path / f"log{suffix}"
    log, clock = session_log(path)
    log.start()
    for n in range(6):
        clock.now_s = 1000.0 + n / 10
        first = replace(face(1), name="Anna, =1+1" if n >= 3 else "")
        log.submit(result(n, n / 10, (first, face(2))))
    log.stop()
    if suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["kind"] == "face"]
        assert [row["name"] for row in rows if row["identity"] == "1"] == [
            *[""] * 3,
            *["Anna, =1+1"] * 3,
        ]
        assert {row["name"] for row in rows if row["identity"] == "2"} == {""}
    assert read_log(path).face_names == {1: "Anna, =1+1"}


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("last", ["", "Berta"])
def test_the_last_name_counts_also_where_it_was_taken_away(tmp_path, suffix, last):
    path = tmp_path / f"log{suffix}"
    log, clock = session_log(path)
    log.start()
    for n in range(6):
        clock.now_s = 1000.0 + n / 10
        faces = (replace(face(1), name="Anna" if n < 3 else last), replace(face(2), name="Carl"))
        log.submit(result(n, n / 10, faces[: 2 if n < 5 else 1]))
    log.stop()
    names = {1: last, 2: "Carl"} if last else {2: "Carl"}
    assert read_log(path).face_names == names
    page = Path(write_report(path)).read_text("utf-8")
    assert (f"{last or 'Face 1'} over time") in page
    assert "Anna over time" not in page


def test_a_log_without_names_is_read_as_before(tmp_path):
    path = tmp_path / "log.csv"
    log, _ = session_log(path)
    log.start()
    log.submit(result(0, 0.0, (face(1),)))
    log.stop()
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    at = lines[0].index("name")
    old = tmp_path / "old.csv"
    with old.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([cell for n, cell in enumerate(row) if n != at] for row in lines)
    table = read_log(old)
    assert table.face_names == {}
    assert np.array_equal(table.identity, read_log(path).identity)


def test_the_report_uses_the_names(tmp_path):
    path = tmp_path / "log.csv"
    log, clock = session_log(path)
    log.start()
    for n in range(30):
        clock.now_s = 1000.0 + n / 10
        log.submit(result(n, n / 10, (replace(face(1), name="<Anna & Co>"), face(2))))
    log.mark(1, "here")
    log.stop()
    page = Path(write_report(path)).read_text("utf-8")
    assert "&lt;Anna &amp; Co&gt; over time" in page
    assert "<Anna & Co>" not in page.split("<script", 1)[0]
    assert "Face 2" in page
    assert "Face 1" not in page
    assert "&lt;Anna &amp; Co&gt;: happy" in page


def test_live_messages_carry_the_name_of_a_named_face():
    faces = (replace(face(1), name="Änna"), face(2))
    shown = replace(output_result(), faces=faces, labels=("happy", "sad", "neutral"))
    sent = json.loads(messages(shown).frames[0].json(0))["faces"]
    assert sent[0]["name"] == "Änna"
    assert "name" not in sent[1]
