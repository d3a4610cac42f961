"""Whose results are whose, when a film is finished, and what two runs at a time do."""

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
def film(tmp_path):
    path = tmp_path / "films" / "clip.mp4"
    path.parent.mkdir()
    path.write_bytes(b"pictures")
    return path


def wanted_of(film, model="abc", **settings):
    return fingerprint(film, model, {"smoothing_s": 0.25, **settings})


def plan(film, folder=None, suffix=".csv", annotate=None):
    return find_results(film, folder or film.parent, suffix, annotate)


def finish(film, folder=None, suffix=".csv", annotate=None, **wanted):
    """Does a film without looking at it."""
    results = plan(film, folder, suffix, annotate)
    claim = OutputLock(results)
    assert claim.held
    part_of(results.log).write_text(f"rows of {film}", "utf-8")
    named = {"log": str(results.log), "annotated": None}
    if results.annotated is not None:
        results.annotated.parent.mkdir(exist_ok=True)
        part_of(results.annotated).write_bytes(b"annotated")
        named["annotated"] = str(results.annotated)
    made = wanted_of(film, **wanted)
    claim.complete({**named, "source": source_of(results), "made_with": made})
    claim.give_up()
    return results


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_results_stand_beside_the_film_and_are_recognised(film):
    finish(film)
    assert names(film.parent) == ["clip.fer.csv", "clip.fer.json", "clip.mp4"]
    again = plan(film)
    assert again.log.name == "clip.fer.csv"
    assert stale_reason(again, wanted_of(film)) is None
    assert [is_result(path) for path in sorted(film.parent.iterdir())] == [True, True, False]


def test_a_film_is_finished_only_for_the_same_film_model_and_settings(film, tmp_path):
    finish(film)
    done = plan(film)
    assert "model" in stale_reason(done, wanted_of(film, model="other"))
    assert "settings" in stale_reason(done, wanted_of(film, smoothing_s=1.0))
    assert "clip.fer.mp4" in stale_reason(plan(film, annotate=tmp_path / "a"), wanted_of(film))
    assert "clip.fer.jsonl" in stale_reason(plan(film, suffix=".jsonl"), wanted_of(film))
    wanted = wanted_of(film)
    film.write_bytes(b"other pictures")
    assert "video has changed" in stale_reason(done, wanted_of(film))
    done.log.unlink()
    assert "clip.fer.csv" in stale_reason(done, wanted)


def test_a_finished_annotated_film_is_finished_without_annotation_too(film, tmp_path):
    finish(film, annotate=tmp_path / "a", show_ids=True)
    assert stale_reason(plan(film), wanted_of(film)) is None
    wanted = wanted_of(film, show_ids=False)
    assert "settings" in stale_reason(plan(film, annotate=tmp_path / "a"), wanted)


def test_films_of_one_name_have_results_of_their_own_and_keep_them(film, tmp_path):
    other = tmp_path / "more" / "clip.mkv"
    other.parent.mkdir()
    other.write_bytes(b"more")
    out, annotate = tmp_path / "out", tmp_path / "annotated"
    for path in (film, other):
        finish(path, out, annotate=annotate)
    assert names(out) == ["clip-2.fer.csv", "clip-2.fer.json", "clip.fer.csv", "clip.fer.json"]
    assert names(annotate) == ["clip-2.fer.mp4", "clip.fer.mp4"]
    for path, name in ((other, "clip-2.fer"), (film, "clip.fer")):
        results = plan(path, out, annotate=annotate)
        assert (results.log.stem, results.annotated.stem) == (name, name)
        assert stale_reason(results, wanted_of(path)) is None
        assert results.log.read_text("utf-8") == f"rows of {path}"


@pytest.mark.parametrize("name", ["clip.fer.csv", "clip.fer.json"])
def test_a_strangers_file_is_left_alone(film, name):
    (film.parent / name).write_text('{"theirs": true}', "utf-8")
    results = finish(film)
    assert results.log.name == "clip-2.fer.csv"
    assert (film.parent / name).read_text("utf-8") == '{"theirs": true}'
    assert plan(film).log.name == "clip-2.fer.csv"


def test_a_strangers_annotated_film_is_left_alone(film, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "clip.fer.mp4").write_bytes(b"theirs")
    assert finish(film, annotate=tmp_path / "a").annotated.name == "clip-2.fer.mp4"
    assert (tmp_path / "a" / "clip.fer.mp4").read_bytes() == b"theirs"


def test_a_film_that_moves_with_its_results_stays_finished(film, tmp_path):
    finish(film)
    moved = film.parent.rename(tmp_path / "moved") / film.name
    assert stale_reason(plan(moved), wanted_of(moved)) is None


def test_another_format_takes_the_place_of_the_first(film):
    finish(film)
    finish(film, suffix=".jsonl")
    assert names(film.parent) == ["clip.fer.json", "clip.fer.jsonl", "clip.mp4"]


def test_giving_up_leaves_nothing_and_what_was_finished_before(film, tmp_path):
    finish(film)
    results = plan(film, annotate=tmp_path / "a")
    claim = OutputLock(results)
    part_of(results.log).write_text("half", "utf-8")
    (tmp_path / "a").mkdir()
    part_of(results.annotated).write_bytes(b"half")
    silent_of(results.annotated).write_bytes(b"half")
    claim.give_up()
    assert names(film.parent) == ["clip.fer.csv", "clip.fer.json", "clip.mp4"]
    assert names(tmp_path / "a") == []
    assert stale_reason(plan(film), wanted_of(film)) is None


CLAIM = """
import pathlib, sys
from fer_live.batch.job_files import OutputLock, find_results, part_of
film, annotate = map(pathlib.Path, sys.argv[1:])
results = find_results(film, film.parent, ".csv", annotate)
claim = OutputLock(results)
part_of(results.log).write_text("half")
annotate.mkdir(exist_ok=True)
part_of(results.annotated).write_text("half")
print("held", claim.held, flush=True)
sys.stdin.read()
"""


def test_another_run_keeps_its_hands_off_until_the_first_is_killed(film, tmp_path):
    command = [sys.executable, "-c", CLAIM, str(film), str(tmp_path / "a")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held True\n"
        assert not OutputLock(plan(film)).held
        assert part_of(plan(film).log).read_text("utf-8") == "half"
        other.kill()
    # Without --annotate now: the half-written annotated film of the other run goes all the same.
    claim = OutputLock(plan(film))
    assert claim.held
    assert names(tmp_path / "a") == []
    claim.give_up()
    assert names(film.parent) == ["clip.mp4"]


def test_a_kill_between_the_last_renamings_is_made_good(film):
    results = plan(film)
    claim = OutputLock(results)
    part_of(results.log).write_text("whole", "utf-8")
    part_of(results.log).replace(results.log)
    claim._file.close()  # as the operating system does when a process dies
    again = plan(film)
    assert (again.log, again.previous) == (results.log, None)
    assert finish(film).log == results.log
    assert names(film.parent) == ["clip.fer.csv", "clip.fer.json", "clip.mp4"]


def analysed(film, annotate, model):
    """A film done anew, its part files complete, and the claim on them."""
    results = plan(film, annotate=annotate)
    claim = OutputLock(results, wanted_of(film, model))
    assert (claim.held, claim.ready) == (True, None)
    part_of(results.log).write_text("new rows", "utf-8")
    part_of(results.annotated).write_bytes(b"new film")
    named = {"log": str(results.log), "annotated": str(results.annotated)}
    made = {"source": source_of(results), "made_with": wanted_of(film, model)}
    return results, claim, {**named, **made}


def test_results_that_could_not_get_their_names_are_kept_for_another_try(film, tmp_path):
    finish(film, annotate=tmp_path / "a")
    results, claim, summary = analysed(film, tmp_path / "a", "new")
    results.log.unlink()
    results.log.mkdir()  # nothing can take its place, as on Windows when a program has it open
    with pytest.raises(RecordingError, match=r"clip\.fer\.csv cannot be replaced.*part\.csv"):
        claim.complete(summary)
    claim.give_up()
    assert part_of(results.log).read_text("utf-8") == "new rows"
    results.log.rmdir()
    again = plan(film, annotate=tmp_path / "a")
    assert (again.log, again.annotated) == (results.log, results.annotated)
    second = OutputLock(again, wanted_of(film, "new"))
    assert (second.held, second.ready) == (True, summary)
    second.complete(second.ready)
    second.give_up()
    assert results.log.read_text("utf-8") == "new rows"
    assert results.annotated.read_bytes() == b"new film"
    assert names(film.parent) == ["clip.fer.csv", "clip.fer.json", "clip.mp4"]
    assert names(tmp_path / "a") == ["clip.fer.mp4"]
    assert stale_reason(plan(film, annotate=tmp_path / "a"), wanted_of(film, "new")) is None


@pytest.mark.parametrize("held", ["clip.fer.csv", "clip.fer.mp4"])
def test_no_result_is_exchanged_while_another_program_holds_one(film, tmp_path, monkeypatch, held):
    finish(film, annotate=tmp_path / "a")
    old_rows = plan(film).log.read_text("utf-8")
    results, claim, summary = analysed(film, tmp_path / "a", "new")
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
    again = OutputLock(plan(film, annotate=tmp_path / "a"), wanted_of(film, "new"))
    assert again.ready == summary
    again.give_up()
    assert part_of(results.log).read_text("utf-8") == "new rows"


def test_a_missing_part_is_no_complete_result(film, tmp_path):
    results, claim, summary = analysed(film, tmp_path, "new")
    part_of(results.annotated).unlink()
    with pytest.raises(RecordingError):
        claim.complete(summary)
    claim.give_up()
    assert names(film.parent) == ["clip.mp4"]


def test_parts_made_with_something_else_are_not_kept(film, tmp_path):
    finish(film, annotate=tmp_path / "a")
    results, claim, summary = analysed(film, tmp_path / "a", "new")
    results.log.unlink()
    results.log.mkdir()
    with pytest.raises(RecordingError):
        claim.complete(summary)
    claim.give_up()
    results.log.rmdir()
    other = OutputLock(plan(film, annotate=tmp_path / "a"), wanted_of(film, "third"))
    assert other.ready is None
    assert not part_of(results.log).exists()
    other.give_up()


def test_a_damaged_claim_is_nobodys(film):
    results = plan(film)
    part_of(results.summary).write_text('{"sour', "utf-8")
    finish(film)
    assert json.loads(results.summary.read_text("utf-8"))["source"] == {"path": "clip.mp4"}


def test_a_folder_that_cannot_be_written_is_told(film, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(RecordingError, match="cannot be written"):
        OutputLock(plan(film, tmp_path / "file"))
