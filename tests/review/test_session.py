"""Which video belongs to a log, and what its corrections make of it."""

import shutil

import numpy as np
import pytest

from fer_live.core.errors import RecordingError, ReviewError
from fer_live.review.corrected import check_merge
from fer_live.review.corrections import Corrections, MarkerNote
from fer_live.review.session import open_session
from fer_live.review.spans import Span
from fer_live.session_log.schema import SessionAbout
from tests.session_log.logs import result, session_log, write_log

from .sessions import frames, played, session_in, write_video

TWO = [{1: "happy", 2: "sad"}, {1: "happy", 2: "sad"}, {1: "sad"}, {1: "sad"}, {3: "happy"}, {}]


def labels(table, identity):
    at = table.identity == identity
    return [table.names[i] for i in table.label[at]]


def test_a_corrected_label_holds_in_its_span_for_its_face_only(tmp_path):
    session = session_in(tmp_path, *TWO)
    found = session.corrected(Corrections().set_label((1,), Span(0.1, 0.3), "neutral"))
    assert labels(found.table, 1) == ["happy", "neutral", "neutral", "sad"]
    assert labels(found.table, 2) == ["sad", "sad"]
    corrected = found.table.has("corrected") & (found.table.identity == 1)
    assert corrected[found.table.identity == 1].tolist() == [False, True, True, False]
    assert found.table.confidence[found.table.identity == 1] == pytest.approx([0.7, 0.1, 0.1, 0.8])
    assert labels(session.table, 1) == ["happy", "happy", "sad", "sad"]
    assert np.array_equal(found.table.probabilities, session.table.probabilities, equal_nan=True)


def test_a_corrected_label_is_no_longer_unsure_and_may_be_so(tmp_path):
    session = session_in(tmp_path, {1: "unsure"}, {1: None}, {1: "happy"})
    corrections = Corrections().set_label((1,), Span(0.0, 0.2), "happy")
    found = session.corrected(corrections.set_label((1,), Span(0.2, 0.3), "unsure")).table
    assert labels(found, 1) == ["happy", "happy", "unsure"]
    assert found.has("unsure").tolist() == [False, False, True]
    assert not found.has("unclassified").any()


def test_merged_faces_are_one_and_named(tmp_path):
    session = session_in(tmp_path, *TWO)
    assert session.identities == (1, 2, 3)
    found = session.corrected(Corrections().rename(3, "Ann").merge(3, 1))
    assert found.identities == (1, 2)
    assert labels(found.table, 1) == ["happy", "happy", "sad", "sad", "happy"]
    assert found.logged_identities(1) == (1, 3)
    assert (found.name_of(1), found.name_of(2)) == ("Ann", "Face 2")


def test_faces_seen_together_cannot_be_merged(tmp_path):
    session = session_in(tmp_path, *TWO)
    check_merge(session.table, 3, 1)
    with pytest.raises(ReviewError, match=r"Face 1 and Face 2 are in the picture .* 0:00\.0"):
        check_merge(session.table, 2, 1)
    left_out = session.corrected(Corrections().leave_out(Span(0.0, 0.2)))
    check_merge(left_out.table, 2, 1)


def test_spans_left_out_have_no_rows(tmp_path):
    session = session_in(tmp_path, *TWO)
    found = session.corrected(Corrections().leave_out(Span(0.1, 0.4)))
    assert found.table.time_s.tolist() == [0.0, 0.0, 0.4, 0.5]
    assert found.identities == (1, 2, 3)
    assert (found.start_s, found.end_s) == (session.start_s, session.end_s)


def test_markers_as_corrected(tmp_path):
    log, clock = session_log(tmp_path / "s.csv", wait=True)
    log.start()
    for index in range(5):
        log.submit(result(index, 0.1 * index))
        clock.now_s = 1000.0 + 0.1 * index
        if index in (1, 3):
            log.mark(index, f"note {index}")
    log.stop()
    session = open_session(tmp_path / "s.csv")[0]
    first, second = session.markers
    assert (first.key, first.text, second.key) == (1, "note 1", 3)
    corrections = Corrections().remove_marker(first).add_marker(MarkerNote(0.4, 5, "new"))
    found = session.corrected(corrections)
    assert found.markers == (second, MarkerNote(0.4, 5, "new"))
    assert session.corrected(corrections.leave_out(Span(0.35, 0.5))).markers == (second,)
    (event,) = [event for event in found.table.events if event.text == "new"]
    assert event.wall_time.timestamp() == pytest.approx(session.table.wall_s[4], abs=1e-3)


def test_label_changes_are_places_to_go_to(tmp_path):
    session = session_in(tmp_path, *TWO)
    assert session.changes_s() == pytest.approx((0.0, 0.2, 0.4))


def test_the_source_file_is_the_video(tmp_path):
    session = open_session(played(tmp_path))[0]
    (one,) = session.stretches
    assert (one.video, one.start_s, one.begins_s) == (tmp_path / "clip.mp4", 0.0, 0.0)
    assert one.end_s == pytest.approx(2.0)
    assert session.stretch_at(1.5).in_video(1.5) == pytest.approx(1.5)
    assert session.stretch_at(2.0) is one
    assert session.stretch_at(2.5) is None


def test_a_file_played_twice_has_two_stretches(tmp_path):
    video = write_video(tmp_path / "clip.mp4")
    results = frames(*[{1: "happy"}] * 8, position=True)
    again = [
        result(8 + i, 0.8 + i * 0.1, one.faces, position_s=0.3 + i * 0.1)
        for i, one in enumerate(results[:4])
    ]
    write_log(tmp_path / "clip.csv", [*results, *again], about=SessionAbout("clip.mp4", path=video))
    session = open_session(tmp_path / "clip.csv")[0]
    assert [one.begins_s for one in session.stretches] == [0.0, 0.3]
    assert session.stretch_at(0.5).in_video(0.5) == pytest.approx(0.5)
    second = session.stretches[1]
    assert session.stretch_at(second.start_s + 0.1).in_video(second.start_s + 0.1) == pytest.approx(
        0.4
    )


def test_recordings_are_found_also_in_parts_and_without_overlay(tmp_path):
    log, _ = session_log(tmp_path / "s.csv", wait=True)
    shown = frames(*[{1: "happy"}] * 10)
    log.start()
    for index, one in enumerate(shown):
        log.submit(one)
        if index in (1, 5):
            log.recording(tmp_path / f"part-{index}.mp4", one.frame, 0.0)
        if index in (4, 9):
            log.recording_off(one.frame)
    log.stop()
    assert open_session(tmp_path / "s.csv")[0].stretches == ()
    for name in ("part-1.mp4", "part-5.mp4", "part-5-clean.mp4"):
        (tmp_path / name).write_bytes(b"")
    first, second = open_session(tmp_path / "s.csv")[0].stretches
    assert (first.video.name, first.drawn, first.start_s) == ("part-1.mp4", True, 0.1)
    assert first.end_s == pytest.approx(0.5)
    assert (second.video.name, second.drawn) == ("part-5-clean.mp4", False)
    assert second.in_video(0.7) == pytest.approx(0.2)


def test_a_moved_folder_and_an_old_log_still_find_their_video(tmp_path):
    old = tmp_path / "old"
    old.mkdir()
    played(old)
    shutil.move(old, tmp_path / "new")
    assert open_session(tmp_path / "new" / "clip.csv")[0].stretches[0].video.parent.name == "new"
    rows = (tmp_path / "new" / "clip.csv").read_text("utf-8").splitlines(keepends=True)
    kept = [row for row in rows if not row.startswith("position")]
    (tmp_path / "new" / "clip.csv").write_text("".join(kept), "utf-8")
    assert open_session(tmp_path / "new" / "clip.csv")[0].stretches[0].video.name == "clip.mp4"


def test_a_video_is_opened_by_its_own_name_too(tmp_path):
    played(tmp_path)
    assert open_session(tmp_path / "clip.mp4")[0].log == tmp_path / "clip.csv"
    (tmp_path / "clip.csv").rename(tmp_path / "clip.fer.csv")
    assert open_session(tmp_path / "clip.mp4")[0].log == tmp_path / "clip.fer.csv"
    with pytest.raises(RecordingError, match=r"no session log beside lonely\.mp4"):
        open_session(write_video(tmp_path / "lonely.mp4", 2))


def test_the_users_choice_of_video_wins(tmp_path):
    session = open_session(played(tmp_path))[0]
    other = write_video(tmp_path / "other.mp4")
    found = session.corrected(Corrections(video=str(other)))
    assert [one.video for one in found.stretches] == [other]


def test_a_log_without_a_frame_cannot_be_reviewed(tmp_path):
    log, _ = session_log(tmp_path / "s.csv")
    log.start()
    log.mark(1)
    log.stop()
    with pytest.raises(RecordingError, match="has no frame"):
        open_session(tmp_path / "s.csv")


def test_logged_names_stay_follow_merging_and_can_be_taken_away(tmp_path):
    write_log(tmp_path / "s.csv", [one.with_name(3, "Bo") for one in frames(*TWO)])
    session = open_session(tmp_path / "s.csv")[0]
    assert session.names == {3: "Bo"}
    merged = session.corrected(Corrections().merge(3, 1))
    assert merged.names == merged.table.face_names == {1: "Bo"}
    nameless = session.corrected(Corrections().rename(3, "", session.logged_names))
    assert nameless.names == {}
    assert nameless.name_of(3) == "Face 3"
