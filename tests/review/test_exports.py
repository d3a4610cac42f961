"""Exports, read by other readers than our own."""

import csv
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from fer_live.cli.main import app
from fer_live.core.errors import RecordingError, ReviewError
from fer_live.review.corrections import Corrections, MarkerNote
from fer_live.review.elan import without_overlap
from fer_live.review.exports import export
from fer_live.review.session import open_session
from fer_live.review.sidecar import save_corrections
from fer_live.review.spans import Span
from fer_live.session_log.reader import read_log
from tests.report.test_page import Page, figures_in

from .sessions import now, played, session_in, write_video

SHOWN = [{1: "happy", 2: "sad"}] * 4 + [{1: "sad"}] * 4 + [{3: "sad"}] * 2


def reviewed(tmp_path):
    corrections = (
        Corrections()
        .rename(1, "Ann <&>")
        .merge(3, 1)
        .set_label((1,), Span(0.2, 0.4), "neutral")
        .add_marker(MarkerNote(0.55, 4, "-- look --"))
        .leave_out(Span(0.6, 0.7))
    )
    return session_in(tmp_path, *SHOWN).corrected(corrections)


def test_csv_holds_every_column_and_what_was_replaced(tmp_path):
    session = reviewed(tmp_path)
    (path,) = export(session, ".csv")
    assert path.name == "s-reviewed.csv"
    with session.log.open(newline="", encoding="utf-8") as file:
        logged = list(csv.DictReader(file))
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    extra = {"name", "logged_identity", "logged_label"}
    assert set(rows[0]) == set(logged[0]) | extra
    faces = [row for row in rows if row["kind"] == "face"]
    assert len(faces) == 13  # of 14, one is left out
    ann = [row for row in faces if row["identity"] == "1"]
    assert {row["name"] for row in ann} == {"Ann <&>"}
    assert [row["label"] for row in ann] == (
        ["happy"] * 2 + ["neutral"] * 2 + ["sad"] * 3 + ["sad"] * 2
    )
    assert [row["logged_label"] for row in ann[:4]] == ["happy"] * 4
    assert [float(row["confidence"]) for row in ann[1:3]] == pytest.approx([0.7, 0.1])
    assert [row["logged_identity"] for row in ann[-2:]] == ["3", "3"]
    assert [row["flags"].split()[-1:] for row in ann[1:3]] == [[], ["corrected"]]
    times = [float(row["time_s"]) for row in rows]
    assert times == sorted(times)
    (marker,) = [row for row in rows if row["kind"] == "marker"]
    assert (marker["marker"], marker["text"]) == ("4", "-- look --")
    # Nothing else of a row changes.
    changed = {"label", "flags", "identity", "confidence", *extra}
    by_place = {(r["time_s"], r["logged_identity"]): r for r in faces}
    for row in logged:
        found = by_place.get((row["time_s"], row["identity"]))
        if row["kind"] == "face" and found is not None:
            assert {k: v for k, v in found.items() if k not in changed} == {
                k: v for k, v in row.items() if k not in changed
            }


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_csv_of_logs_in_other_formats_reads_the_same(tmp_path, suffix):
    one = session_in(tmp_path, *SHOWN, name=f"other{suffix}")
    csv_one = session_in(tmp_path, *SHOWN)
    corrections = Corrections().set_label((1,), Span(0.0, 0.3), "sad").merge(3, 2)
    found = [
        read_log(export(session.corrected(corrections), ".csv")[0]) for session in (one, csv_one)
    ]
    assert found[0].label.tolist() == found[1].label.tolist()
    assert found[0].identity.tolist() == found[1].identity.tolist()
    assert found[0].damaged == found[1].damaged == 0
    again = csv_one.corrected(corrections).table
    assert found[1].label.tolist() == again.label.tolist()


def test_the_report_shows_what_was_corrected(tmp_path):
    (path,) = export(reviewed(tmp_path), ".html")
    text = path.read_text("utf-8")
    page = " ".join(Page(text).text)
    assert "Ann <&>" in page
    assert "Corrected in review (s.review.json): 1 label, 1 merged face, 1 named face" in page
    assert "0.1 s left out" in page
    figures = figures_in(text)
    assert [one["name"] for one in figures["faces"]] == ["Ann <&>", ""]
    assert figures["faces"][0]["shares"]["neutral"] == pytest.approx(2 / 9, abs=0.01)


CUE = re.compile(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})\n<v ([^>]+)>(.+)\n")


def test_subtitles_tell_each_label_of_each_face(tmp_path):
    (path,) = export(reviewed(tmp_path), ".vtt")
    text = path.read_text("utf-8")
    assert text.startswith("WEBVTT\n\n")
    cues = [(float(one[2]), float(one[5]), one[6], one[7]) for one in CUE.findall(text)]
    assert ("Ann &lt;&amp;&gt;", "neutral") in {cue[2:] for cue in cues}
    neutral = next(cue for cue in cues if cue[3] == "neutral")
    assert neutral[:2] == (0.2, 0.4)
    assert [cue[0] for cue in cues] == sorted(cue[0] for cue in cues)
    for block in text.strip().split("\n\n")[2:]:
        assert CUE.fullmatch(block + "\n"), block
    assert all(cue[1] <= 0.6 or cue[0] >= 0.7 for cue in cues)


ORDER = [
    "HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "LANGUAGE", "CONTROLLED_VOCABULARY",
]  # fmt: skip
"""Order of the elements in the schema EAFv3.0."""


def test_annotations_are_what_elan_reads(tmp_path):
    pympi = pytest.importorskip("pympi")
    (path,) = export(reviewed(tmp_path), ".eaf")
    found = pympi.Elan.Eaf(str(path))
    assert set(found.get_tier_names()) == {"Ann <&>", "Face 2", "Markers"}
    assert found.get_annotation_data_for_tier("Ann <&>") == [
        (0, 200, "happy"),
        (200, 400, "neutral"),
        (400, 600, "sad"),
        (700, 1000, "sad"),
    ]
    assert found.get_annotation_data_for_tier("Markers") == [(550, 1050, "4 -- look --")]
    root = ET.parse(path).getroot()
    tags = [child.tag for child in root]
    assert tags == sorted(tags, key=ORDER.index)
    assert (root.get("FORMAT"), root.get("VERSION")) == ("3.0", "3.0")
    slots = {one.get("TIME_SLOT_ID"): int(one.get("TIME_VALUE")) for one in root.iter("TIME_SLOT")}
    types = {one.get("LINGUISTIC_TYPE_ID") for one in root.iter("LINGUISTIC_TYPE")}
    ids = [one.get("ANNOTATION_ID") for one in root.iter("ALIGNABLE_ANNOTATION")]
    assert len(ids) == len(set(ids))
    for tier in root.iter("TIER"):
        assert tier.get("LINGUISTIC_TYPE_REF") in types
        last_ms = 0
        for one in tier.iter("ALIGNABLE_ANNOTATION"):
            first, end = slots[one.get("TIME_SLOT_REF1")], slots[one.get("TIME_SLOT_REF2")]
            assert last_ms <= first < end
            last_ms = end
    labels = {one.text for one in root.iter("CVE_VALUE")}
    assert {"happy", "sad", "neutral", "unsure"} <= labels


def test_intervals_of_a_tier_never_overlap():
    assert without_overlap([(5, 9, "b"), (0, 6, "a"), (5, 5, "c"), (20, 20, "d")]) == [
        (0, 5, "a"),
        (5, 6, "c"),
        (6, 9, "b"),
        (20, 21, "d"),
    ]


def test_annotations_name_the_video(tmp_path):
    session = open_session(played(tmp_path))[0]
    (path,) = export(session, ".eaf", tmp_path / "out.eaf", now)
    media = ET.parse(path).getroot().find("HEADER/MEDIA_DESCRIPTOR")
    assert media.get("MEDIA_URL") == (tmp_path / "clip.mp4").as_uri()
    assert media.get("RELATIVE_MEDIA_URL") == "./clip.mp4"
    assert media.get("MIME_TYPE") == "video/mp4"


def test_times_are_those_of_the_video(tmp_path):
    log = played(tmp_path)
    video = write_video(tmp_path / "later.mp4")
    session = open_session(log)[0].corrected(Corrections(video=str(video)))
    moved = replace(session, stretches=(replace(session.stretches[0], start_s=0.5, begins_s=7.0),))
    text = export(moved, ".vtt")[0].read_text("utf-8")
    assert "00:00:07.000 --> 00:00:07.500\n<v Face 1>happy" in text


def test_nothing_is_overwritten(tmp_path):
    session = reviewed(tmp_path)
    first, second = (export(session, ".vtt")[0].name for _ in range(2))
    assert (first, second) == ("s-reviewed.vtt", "s-reviewed-2.vtt")
    with pytest.raises(RecordingError, match="exists already"):
        export(session, ".csv", session.log)
    with pytest.raises(ReviewError, match=r"no export named \.doc"):
        export(session, ".doc", tmp_path / "a.doc")


def test_the_command_exports_the_corrections(tmp_path):
    session = reviewed(tmp_path)
    save_corrections(session.log, session.corrections, now)
    outs = [tmp_path / f"out{end}" for end in (".csv", ".html", ".vtt", ".eaf")]
    flags = [part for out in outs for part in ("--export", str(out))]
    done = CliRunner().invoke(app, ["review", str(session.log), *flags])
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [str(out) for out in outs]
    assert "Ann &lt;&amp;&gt;" in outs[2].read_text("utf-8")
