"""Corrections as values, and the file that keeps them."""

import json

import pytest

from fer_live.core.errors import ReviewError
from fer_live.review.corrections import Corrections, LabelSpan, MarkerNote
from fer_live.review.sidecar import load_corrections, save_corrections, sidecar_of
from fer_live.review.spans import Span, united

from .sessions import now


def spans(corrections, identity):
    return [(one.span, one.label) for one in corrections.labels if identity in one.identities]


def test_a_later_label_replaces_the_part_of_an_earlier_one_that_it_covers():
    found = Corrections().set_label((1,), Span(0, 10), "happy").set_label((1,), Span(4, 6), "sad")
    assert spans(found, 1) == [
        (Span(0, 4), "happy"),
        (Span(4, 6), "sad"),
        (Span(6, 10), "happy"),
    ]
    restored = found.set_label((1,), Span(3, 7), None)
    assert spans(restored, 1) == [(Span(0, 3), "happy"), (Span(7, 10), "happy")]


def test_a_label_of_one_face_leaves_the_others_alone():
    both = Corrections().set_label((1, 2), Span(0, 10), "happy")
    found = both.set_label((2,), Span(0, 5), "sad")
    assert spans(found, 1) == [(Span(0, 10), "happy")]
    assert spans(found, 2) == [(Span(0, 5), "sad"), (Span(5, 10), "happy")]
    assert found.label_at(2, 4.9) == "sad"
    assert found.label_at(2, 5.0) == "happy"
    assert found.label_at(3, 1.0) is None


def test_merging_faces_keeps_the_name_and_follows_earlier_merging():
    found = Corrections().rename(3, "Ann").merge(3, 2).merge(2, 1)
    assert found.merged == {3: 1, 2: 1}
    assert found.names == {1: "Ann"}
    assert found.face_of(3) == 1
    assert found.split(1).merged == {}


def test_two_faces_cannot_have_one_name():
    named = Corrections().rename(1, "  Ann \n Lee ")
    assert named.names == {1: "Ann Lee"}
    with pytest.raises(ReviewError, match="Another face is named Ann Lee already"):
        named.rename(2, "Ann Lee")
    assert named.rename(1, "Ann Lee") == named
    assert named.rename(1, " ").names == {}
    with pytest.raises(ReviewError, match="Another face is named Bo already"):
        Corrections().rename(1, "Bo", {2: "Bo"})
    assert Corrections().rename(2, "", {2: "Bo"}).names == {2: ""}
    assert Corrections().rename(2, "", {2: "Bo"}).rename(2, "Bo", {2: "Bo"}).names == {}


def test_spans_left_out_unite_and_can_be_taken_back_in_part():
    found = Corrections().leave_out(Span(5, 6)).leave_out(Span(1, 3)).leave_out(Span(2, 4))
    assert found.left_out == (Span(1, 4), Span(5, 6))
    assert found.take_in(Span(2, 5.5)).left_out == (Span(1, 2), Span(5.5, 6))
    assert found.is_left_out(1)
    assert not found.is_left_out(4)
    assert united([Span(2, 2)]) == ()


def test_removing_a_logged_marker_and_adding_it_again_leaves_no_trace():
    logged = MarkerNote(1.5, 2, "begin")
    removed = Corrections().remove_marker(logged)
    assert removed.markers_removed == (logged,)
    assert removed.add_marker(logged) == Corrections()
    moved = Corrections().replace_marker(logged, MarkerNote(2.0, 2, "begin"))
    assert moved.markers_removed == (logged,)
    assert moved.markers_added == (MarkerNote(2.0, 2, "begin"),)
    assert moved.remove_marker(MarkerNote(2.0, 2, "begin")).markers_added == ()


def full() -> Corrections:
    return Corrections(
        markers_removed=(MarkerNote(0.5, 1, ""),),
        markers_added=(MarkerNote(1.25, 9, 'Ünïcode "quoted"'),),
        labels=(LabelSpan((1, 3), Span(0.0, 2.5), "happy"),),
        merged={3: 1},
        names={1: "Ann"},
        left_out=(Span(4.0, 5.0),),
        video="other.mp4",
    )


def test_corrections_come_back_as_they_were_saved(tmp_path):
    log = tmp_path / "s.csv"
    log.write_text("untouched")
    path = save_corrections(log, full(), now)
    assert path == sidecar_of(log) == tmp_path / "s.review.json"
    assert load_corrections(log) == (full(), "")
    assert log.read_text() == "untouched"
    assert [file.name for file in tmp_path.iterdir() if file != log] == ["s.review.json"]


def test_a_log_without_corrections_has_none(tmp_path):
    assert load_corrections(tmp_path / "s.csv") == (Corrections(), "")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"version": 2}', "\x00", "[" * 100_000, '{"version": 1, "labels": 3}'],
)
def test_a_damaged_file_is_one_sentence_and_is_kept(tmp_path, text):
    log, path = tmp_path / "s.csv", tmp_path / "s.review.json"
    path.write_text(text)
    found, problem = load_corrections(log)
    assert found == Corrections()
    assert problem.startswith(("The corrections in s.review.json can't", "1 correction in s.rev"))
    assert problem.endswith("kept as s.review.json.bad when you correct something.")
    save_corrections(log, full(), now)
    assert (tmp_path / "s.review.json.bad").read_text() == text
    assert load_corrections(log) == (full(), "")


BAD_ENTRIES = {
    "labels": {"identities": [1], "start_s": 3, "end_s": 2, "label": "happy"},
    "left_out": {"start_s": "x", "end_s": 2},
    "markers_added": {"time_s": float("nan"), "marker": 1, "text": ""},
    "markers_removed": {"time_s": 1, "marker": 1},
}


@pytest.mark.parametrize("name", BAD_ENTRIES)
def test_an_entry_that_cannot_be_read_costs_only_itself(tmp_path, name):
    log = tmp_path / "s.csv"
    path = save_corrections(log, full(), now)
    data = json.loads(path.read_text("utf-8"))
    data[name].append(BAD_ENTRIES[name])
    path.write_text(json.dumps(data))
    found, problem = load_corrections(log)
    assert found == full()
    assert problem.startswith("1 correction in s.review.json can't be read.")


def test_faces_merged_in_a_circle_are_not_followed(tmp_path):
    log = tmp_path / "s.csv"
    path = save_corrections(log, Corrections(merged={2: 1}), now)
    data = json.loads(path.read_text("utf-8"))
    data["merged"] = {"2": 1, "1": 2, "4": 3}
    path.write_text(json.dumps(data))
    found, problem = load_corrections(log)
    assert found.merged == {4: 3}
    assert problem.startswith("2 corrections")


def test_corrections_that_cannot_be_saved_say_so(tmp_path):
    log = tmp_path / "file" / "s.csv"
    (tmp_path / "file").write_text("a file where the folder would be")
    with pytest.raises(ReviewError, match=r"can't be saved as .*s\.review\.json"):
        save_corrections(log, full(), now)
