"""Whose results are whose, when a video is finished, and what two runs at a time do."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fer_live.batch.job_files import (
    OutputLock,
    find_results,
    fingerprint,
    is_result,
    part_of,
    silent_of,
    source_of,
    stale_reason,
)
from fer_live.core.errors import RecordingError


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "videos" / "clip.mp4"
    path.parent.mkdir()
    path.write_bytes(b"pictures")
    return path


def wanted_of(video, model="abc", **settings):
    return fingerprint(video, model, {"smoothing_s": 0.25, **settings})


def plan(video, folder=None, suffix=".csv", annotate=None):
    return find_results(video, folder or video.parent, suffix, annotate)


def finish(video, folder=None, suffix=".csv", annotate=None, **wanted):
    """Does a video without looking at it."""
    results = plan(video, folder, suffix, annotate)
    claim = OutputLock(results)
    assert claim.held
    part_of(results.log).write_text(f"rows of {video}", "utf-8")
    named = {"log": str(results.log), "annotated": None}
    if results.annotated is not None:
        results.annotated.parent.mkdir(exist_ok=True)
        part_of(results.annotated).write_bytes(b"annotated")
        named["annotated"] = str(results.annotated)
    made = wanted_of(video, **wanted)
    claim.complete({**named, "source": source_of(results), "made_with": made})
    claim.give_up()
    return results


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_results_stand_beside_the_video_and_are_recognised(video):
    finish(video)
    assert names(video.parent) == ["clip.fer.csv", "clip.fer.json", "clip.mp4"]
    again = plan(video)
    assert again.log.name == "clip.fer.csv"
    assert stale_reason(again, wanted_of(video)) is None
    assert [is_result(path) for path in sorted(video.parent.iterdir())] == [True, True, False]


def test_a_video_is_finished_only_for_the_same_video_model_and_settings(video, tmp_path):
    finish(video)
    done = plan(video)
    assert "model" in stale_reason(done, wanted_of(video, model="other"))
    assert "settings" in stale_reason(done, wanted_of(video, smoothing_s=1.0))
    assert "clip.fer.mp4" in stale_reason(plan(video, annotate=tmp_path / "a"), wanted_of(video))
    assert "clip.fer.jsonl" in stale_reason(plan(video, suffix=".jsonl"), wanted_of(video))
    wanted = wanted_of(video)
    video.write_bytes(b"other pictures")
    assert "video has changed" in stale_reason(done, wanted_of(video))
    done.log.unlink()
    assert "clip.fer.csv" in stale_reason(done, wanted)


def test_a_finished_annotated_video_is_finished_without_annotation_too(video, tmp_path):
    finish(video, annotate=tmp_path / "a", show_ids=True)
    assert stale_reason(plan(video), wanted_of(video)) is None
    wanted = wanted_of(video, show_ids=False)
    assert "settings" in stale_reason(plan(video, annotate=tmp_path / "a"), wanted)


def test_videos_of_one_name_have_results_of_their_own_and_keep_them(video, tmp_path):
    other = tmp_path / "more" / "clip.mkv"
    other.parent.mkdir()
    other.write_bytes(b"more")
    out, annotate = tmp_path / "out", tmp_path / "annotated"
    for path in (video, other):
        finish(path, out, annotate=annotate)
    assert names(out) == ["clip-2.fer.csv", "clip-2.fer.json", "clip.fer.csv", "clip.fer.json"]
    assert names(annotate) == ["clip-2.fer.mp4", "clip.fer.mp4"]
    for path, name in ((other, "clip-2.fer"), (video, "clip.fer")):
        results = plan(path, out, annotate=annotate)
        assert (results.log.stem, results.annotated.stem) == (name, name)
        assert stale_reason(results, wanted_of(path)) is None
        assert results.log.read_text("utf-8") == f"rows of {path}"


@pytest.mark.parametrize("name", ["clip.fer.csv", "clip.fer.json"])
def test_a_strangers_file_is_left_alone(video, name):
    (video.parent / name).write_text('{"theirs": true}', "utf-8")
    results = finish(video)
    assert results.log.name == "clip-2.fer.csv"
    assert (video.parent / name).read_text("utf-8") == '{"theirs": true}'
    assert plan(video).log.name == "clip-2.fer.csv"


def test_a_strangers_annotated_video_is_left_alone(video, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "clip.fer.mp4").write_bytes(b"theirs")
    assert finish(video, annotate=tmp_path / "a").annotated.name == "clip-2.fer.mp4"
    assert (tmp_path / "a" / "clip.fer.mp4").read_bytes() == b"theirs"


def test_a_video_that_moves_with_its_results_stays_finished(video, tmp_path):
    finish(video)
    moved = video.parent.rename(tmp_path / "moved") / video.name
    assert stale_reason(plan(moved), wanted_of(moved)) is None


def test_another_format_takes_the_place_of_the_first(video):
    finish(video)
    finish(video, suffix=".jsonl")
    assert names(video.parent) == ["clip.fer.json", "clip.fer.jsonl", "clip.mp4"]


def test_giving_up_leaves_nothing_and_what_was_finished_before(video, tmp_path):
    finish(video)
    results = plan(video, annotate=tmp_path / "a")
    claim = OutputLock(results)
    part_of(results.log).write_text("half", "utf-8")
    (tmp_path / "a").mkdir()
    part_of(results.annotated).write_bytes(b"half")
    silent_of(results.annotated).write_bytes(b"half")
    claim.give_up()
    assert names(video.parent) == ["clip.fer.csv", "clip.fer.json", "clip.mp4"]
    assert names(tmp_path / "a") == []
    assert stale_reason(plan(video), wanted_of(video)) is None


CLAIM = """
import pathlib, sys
from fer_live.batch.job_files import OutputLock, find_results, part_of
video, annotate = map(pathlib.Path, sys.argv[1:])
results = find_results(video, video.parent, ".csv", annotate)
claim = OutputLock(results)
part_of(results.log).write_text("half")
annotate.mkdir(exist_ok=True)
part_of(results.annotated).write_text("half")
print("held", claim.held, flush=True)
sys.stdin.read()
"""


def test_another_run_keeps_its_hands_off_until_the_first_is_killed(video, tmp_path):
    command = [sys.executable, "-c", CLAIM, str(video), str(tmp_path / "a")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held True\n"
        assert not OutputLock(plan(video)).held
        assert part_of(plan(video).log).read_text("utf-8") == "half"
        other.kill()
    # Without --annotate now: the half-written annotated video of the other run goes all the same.
    claim = OutputLock(plan(video))
    assert claim.held
    assert names(tmp_path / "a") == []
    claim.give_up()
    assert names(video.parent) == ["clip.mp4"]


def test_a_kill_between_the_last_renamings_is_made_good(video):
    results = plan(video)
    claim = OutputLock(results)
    part_of(results.log).write_text("whole", "utf-8")
    part_of(results.log).replace(results.log)
    claim._file.close()  # as the operating system does when a process dies
    again = plan(video)
    assert (again.log, again.previous) == (results.log, None)
    assert finish(video).log == results.log
    assert names(video.parent) == ["clip.fer.csv", "clip.fer.json", "clip.mp4"]


def analysed(video, annotate, model):
    """A video done anew, its part files complete, and the claim on them."""
    results = plan(video, annotate=annotate)
    claim = OutputLock(results, wanted_of(video, model))
    assert (claim.held, claim.ready) == (True, None)
    part_of(results.log).write_text("new rows", "utf-8")
    part_of(results.annotated).write_bytes(b"new video")
    named = {"log": str(results.log), "annotated": str(results.annotated)}
    made = {"source": source_of(results), "made_with": wanted_of(video, model)}
    return results, claim, {**named, **made}


def test_results_that_could_not_get_their_names_are_kept_for_another_try(video, tmp_path):
    finish(video, annotate=tmp_path / "a")
    results, claim, summary = analysed(video, tmp_path / "a", "new")
    results.log.unlink()
    results.log.mkdir()  # nothing can take its place, as on Windows when a program has it open
    with pytest.raises(RecordingError, match=r"clip\.fer\.csv cannot be replaced.*part\.csv"):
        claim.complete(summary)
    claim.give_up()
    assert part_of(results.log).read_text("utf-8") == "new rows"
    results.log.rmdir()
    again = plan(video, annotate=tmp_path / "a")
    assert (again.log, again.annotated) == (results.log, results.annotated)
    second = OutputLock(again, wanted_of(video, "new"))
    assert (second.held, second.ready) == (True, summary)
    second.complete(second.ready)
    second.give_up()
    assert results.log.read_text("utf-8") == "new rows"
    assert results.annotated.read_bytes() == b"new video"
    assert names(video.parent) == ["clip.fer.csv", "clip.fer.json", "clip.mp4"]
    assert names(tmp_path / "a") == ["clip.fer.mp4"]
    assert stale_reason(plan(video, annotate=tmp_path / "a"), wanted_of(video, "new")) is None


@pytest.mark.parametrize("held", ["clip.fer.csv", "clip.fer.mp4"])
def test_no_result_is_exchanged_while_another_program_holds_one(video, tmp_path, monkeypatch, held):
    finish(video, annotate=tmp_path / "a")
    old_rows = plan(video).log.read_text("utf-8")
    results, claim, summary = analysed(video, tmp_path / "a", "new")
    replace = Path.replace

    def as_on_windows(path, target):
        if Path(target).name == held:
            raise PermissionError(13, "Permission denied")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", as_on_windows)
    with pytest.raises(RecordingError, match="cannot be replaced: Permission denied"):
        claim.complete(summary)
    claim.give_up()
    assert results.log.read_text("utf-8") == old_rows
    assert results.annotated.read_bytes() == b"annotated"
    monkeypatch.undo()
    again = OutputLock(plan(video, annotate=tmp_path / "a"), wanted_of(video, "new"))
    assert again.ready == summary
    again.give_up()
    assert part_of(results.log).read_text("utf-8") == "new rows"


def test_a_missing_part_is_no_complete_result(video, tmp_path):
    results, claim, summary = analysed(video, tmp_path, "new")
    part_of(results.annotated).unlink()
    with pytest.raises(RecordingError):
        claim.complete(summary)
    claim.give_up()
    assert names(video.parent) == ["clip.mp4"]


def test_parts_made_with_something_else_are_not_kept(video, tmp_path):
    finish(video, annotate=tmp_path / "a")
    results, claim, summary = analysed(video, tmp_path / "a", "new")
    results.log.unlink()
    results.log.mkdir()
    with pytest.raises(RecordingError):
        claim.complete(summary)
    claim.give_up()
    results.log.rmdir()
    other = OutputLock(plan(video, annotate=tmp_path / "a"), wanted_of(video, "third"))
    assert other.ready is None
    assert not part_of(results.log).exists()
    other.give_up()


def test_a_damaged_claim_is_nobodys(video):
    results = plan(video)
    part_of(results.summary).write_text('{"sour', "utf-8")
    finish(video)
    assert json.loads(results.summary.read_text("utf-8"))["source"] == {"path": "clip.mp4"}


def test_a_folder_that_cannot_be_written_is_told(video, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(RecordingError, match="cannot be written"):
        OutputLock(plan(video, tmp_path / "file"))
