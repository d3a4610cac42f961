"""Which outputs belong to which video, when a video is finished, and two runs at a time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fer_live.batch.job_files import (
    OutputLock,
    find_outputs,
    fingerprint,
    is_output,
    part_of,
    silent_of,
    source_of,
    stale_reason,
)
from fer_live.core.errors import RecordingError
from fer_live.session_log.files import journal_of


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "videos" / "clip.mp4"
    path.parent.mkdir()
    path.write_bytes(b"pictures")
    return path


def fingerprint_of(video, model="abc", **settings):
    return fingerprint(video, model, {"smoothing_s": 0.25, **settings})


def plan(video, folder=None, suffix=".csv", annotate=None):
    return find_outputs(video, folder or video.parent, suffix, annotate)


def finish(video, folder=None, suffix=".csv", annotate=None, **current):
    """Completes a video's outputs without an analysis."""
    outputs = plan(video, folder, suffix, annotate)
    lock = OutputLock(outputs)
    assert lock.held
    part_of(outputs.log).write_text(f"rows of {video}", "utf-8")
    named = {"log": str(outputs.log), "annotated": None}
    if outputs.annotated is not None:
        outputs.annotated.parent.mkdir(exist_ok=True)
        part_of(outputs.annotated).write_bytes(b"annotated")
        named["annotated"] = str(outputs.annotated)
    made = fingerprint_of(video, **current)
    lock.complete({**named, "source": source_of(outputs), "made_with": made})
    lock.give_up()
    return outputs


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_results_stand_beside_the_video_and_are_recognised(video):
    finish(video)
    assert names(video.parent) == ["clip.fer.csv", "clip.fer.json", "clip.mp4"]
    again = plan(video)
    assert again.log.name == "clip.fer.csv"
    assert stale_reason(again, fingerprint_of(video)) is None
    assert [is_output(path) for path in sorted(video.parent.iterdir())] == [True, True, False]


def test_a_video_is_finished_only_for_the_same_video_model_and_settings(video, tmp_path):
    finish(video)
    done = plan(video)
    assert "model" in stale_reason(done, fingerprint_of(video, model="other"))
    assert "settings" in stale_reason(done, fingerprint_of(video, smoothing_s=1.0))
    assert "clip.fer.mp4" in stale_reason(
        plan(video, annotate=tmp_path / "a"), fingerprint_of(video)
    )
    assert "clip.fer.jsonl" in stale_reason(plan(video, suffix=".jsonl"), fingerprint_of(video))
    current = fingerprint_of(video)
    video.write_bytes(b"other pictures")
    assert "video has changed" in stale_reason(done, fingerprint_of(video))
    done.log.unlink()
    assert "clip.fer.csv" in stale_reason(done, current)


def test_a_finished_annotated_video_is_finished_without_annotation_too(video, tmp_path):
    finish(video, annotate=tmp_path / "a", show_ids=True)
    assert stale_reason(plan(video), fingerprint_of(video)) is None
    current = fingerprint_of(video, show_ids=False)
    assert "settings" in stale_reason(plan(video, annotate=tmp_path / "a"), current)


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
        outputs = plan(path, out, annotate=annotate)
        assert (outputs.log.stem, outputs.annotated.stem) == (name, name)
        assert stale_reason(outputs, fingerprint_of(path)) is None
        assert outputs.log.read_text("utf-8") == f"rows of {path}"


@pytest.mark.parametrize("name", ["clip.fer.csv", "clip.fer.json"])
def test_a_foreign_file_is_left_alone(video, name):
    (video.parent / name).write_text('{"theirs": true}', "utf-8")
    outputs = finish(video)
    assert outputs.log.name == "clip-2.fer.csv"
    assert (video.parent / name).read_text("utf-8") == '{"theirs": true}'
    assert plan(video).log.name == "clip-2.fer.csv"


def test_a_foreign_annotated_video_is_left_alone(video, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "clip.fer.mp4").write_bytes(b"theirs")
    assert finish(video, annotate=tmp_path / "a").annotated.name == "clip-2.fer.mp4"
    assert (tmp_path / "a" / "clip.fer.mp4").read_bytes() == b"theirs"


def test_a_video_that_moves_with_its_results_stays_finished(video, tmp_path):
    finish(video)
    moved = video.parent.rename(tmp_path / "moved") / video.name
    assert stale_reason(plan(moved), fingerprint_of(moved)) is None


def test_another_format_takes_the_place_of_the_first(video):
    finish(video)
    finish(video, suffix=".jsonl")
    assert names(video.parent) == ["clip.fer.json", "clip.fer.jsonl", "clip.mp4"]


def test_giving_up_leaves_nothing_and_what_was_finished_before(video, tmp_path):
    finish(video)
    outputs = plan(video, annotate=tmp_path / "a")
    lock = OutputLock(outputs)
    part_of(outputs.log).write_text("half", "utf-8")
    (tmp_path / "a").mkdir()
    part_of(outputs.annotated).write_bytes(b"half")
    silent_of(outputs.annotated).write_bytes(b"half")
    lock.give_up()
    assert names(video.parent) == ["clip.fer.csv", "clip.fer.json", "clip.mp4"]
    assert names(tmp_path / "a") == []
    assert stale_reason(plan(video), fingerprint_of(video)) is None


CLAIM = """
import pathlib, sys
from fer_live.batch.job_files import OutputLock, find_outputs, part_of
video, annotate = map(pathlib.Path, sys.argv[1:])
outputs = find_outputs(video, video.parent, ".csv", annotate)
lock = OutputLock(outputs)
part_of(outputs.log).write_text("half")
annotate.mkdir(exist_ok=True)
part_of(outputs.annotated).write_text("half")
print("held", lock.held, flush=True)
sys.stdin.read()
"""


def test_another_run_skips_a_video_until_the_first_is_killed(video, tmp_path):
    command = [sys.executable, "-c", CLAIM, str(video), str(tmp_path / "a")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held True\n"
        assert not OutputLock(plan(video)).held
        assert part_of(plan(video).log).read_text("utf-8") == "half"
        other.kill()
    # Without --annotate now: the half-written annotated video of the other run is removed too.
    lock = OutputLock(plan(video))
    assert lock.held
    assert names(tmp_path / "a") == []
    lock.give_up()
    assert names(video.parent) == ["clip.mp4"]


def test_a_kill_between_the_last_renamings_is_repaired(video):
    outputs = plan(video)
    lock = OutputLock(outputs)
    part_of(outputs.log).write_text("whole", "utf-8")
    part_of(outputs.log).replace(outputs.log)
    lock._file.close()  # as the operating system does when a process dies
    again = plan(video)
    assert (again.log, again.previous) == (outputs.log, None)
    assert finish(video).log == outputs.log
    assert names(video.parent) == ["clip.fer.csv", "clip.fer.json", "clip.mp4"]


def analysed(video, annotate, model):
    """A video analysed again, its part files complete, and the lock on them."""
    outputs = plan(video, annotate=annotate)
    lock = OutputLock(outputs, fingerprint_of(video, model))
    assert (lock.held, lock.ready) == (True, None)
    part_of(outputs.log).write_text("new rows", "utf-8")
    part_of(outputs.annotated).write_bytes(b"new video")
    named = {"log": str(outputs.log), "annotated": str(outputs.annotated)}
    made = {"source": source_of(outputs), "made_with": fingerprint_of(video, model)}
    return outputs, lock, {**named, **made}


def test_outputs_that_could_not_be_renamed_are_kept_for_another_attempt(video, tmp_path):
    finish(video, annotate=tmp_path / "a")
    outputs, lock, summary = analysed(video, tmp_path / "a", "new")
    outputs.log.unlink()
    outputs.log.mkdir()  # nothing can take its place, as on Windows when a program has it open
    with pytest.raises(RecordingError, match=r"clip\.fer\.csv cannot be replaced.*part\.csv"):
        lock.complete(summary)
    lock.give_up()
    assert part_of(outputs.log).read_text("utf-8") == "new rows"
    outputs.log.rmdir()
    again = plan(video, annotate=tmp_path / "a")
    assert (again.log, again.annotated) == (outputs.log, outputs.annotated)
    second = OutputLock(again, fingerprint_of(video, "new"))
    assert (second.held, second.ready) == (True, summary)
    second.complete(second.ready)
    second.give_up()
    assert outputs.log.read_text("utf-8") == "new rows"
    assert outputs.annotated.read_bytes() == b"new video"
    assert names(video.parent) == ["clip.fer.csv", "clip.fer.json", "clip.mp4"]
    assert names(tmp_path / "a") == ["clip.fer.mp4"]
    assert stale_reason(plan(video, annotate=tmp_path / "a"), fingerprint_of(video, "new")) is None


@pytest.mark.parametrize("held", ["clip.fer.csv", "clip.fer.mp4"])
def test_no_output_is_replaced_while_another_program_holds_one(video, tmp_path, monkeypatch, held):
    finish(video, annotate=tmp_path / "a")
    old_rows = plan(video).log.read_text("utf-8")
    outputs, lock, summary = analysed(video, tmp_path / "a", "new")
    replace = Path.replace

    def as_on_windows(path, target):
        if Path(target).name == held:
            raise PermissionError(13, "Permission denied")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", as_on_windows)
    with pytest.raises(RecordingError, match="cannot be replaced: Permission denied"):
        lock.complete(summary)
    lock.give_up()
    assert outputs.log.read_text("utf-8") == old_rows
    assert outputs.annotated.read_bytes() == b"annotated"
    monkeypatch.undo()
    again = OutputLock(plan(video, annotate=tmp_path / "a"), fingerprint_of(video, "new"))
    assert again.ready == summary
    again.give_up()
    assert part_of(outputs.log).read_text("utf-8") == "new rows"


def test_a_missing_part_is_no_complete_result(video, tmp_path):
    outputs, lock, summary = analysed(video, tmp_path, "new")
    part_of(outputs.annotated).unlink()
    with pytest.raises(RecordingError):
        lock.complete(summary)
    lock.give_up()
    assert names(video.parent) == ["clip.mp4"]


def test_parts_made_with_something_else_are_not_kept(video, tmp_path):
    finish(video, annotate=tmp_path / "a")
    outputs, lock, summary = analysed(video, tmp_path / "a", "new")
    outputs.log.unlink()
    outputs.log.mkdir()
    with pytest.raises(RecordingError):
        lock.complete(summary)
    lock.give_up()
    outputs.log.rmdir()
    other = OutputLock(plan(video, annotate=tmp_path / "a"), fingerprint_of(video, "third"))
    assert other.ready is None
    assert not part_of(outputs.log).exists()
    other.give_up()


def test_a_damaged_lock_belongs_to_nobody(video):
    outputs = plan(video)
    part_of(outputs.summary).write_text('{"sour', "utf-8")
    finish(video)
    assert json.loads(outputs.summary.read_text("utf-8"))["source"] == {"path": "clip.mp4"}


def test_a_folder_that_cannot_be_written_is_reported(video, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(RecordingError, match="cannot be written"):
        OutputLock(plan(video, tmp_path / "file"))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_longest_name_of_a_video_leaves_room_for_its_outputs(tmp_path, suffix):
    begin = "\u00e9" * 120 + "1234567890"
    videos = [tmp_path / f"{begin}{end}.mp4" for end in "AB"]
    taken = set()
    for video in videos:
        video.write_bytes(b"pictures")
        outputs = finish(video, suffix=suffix, annotate=tmp_path / "out")
        silent_of(outputs.annotated).touch()
        journal_of(part_of(outputs.log)).touch()
        assert plan(video, suffix=suffix, annotate=tmp_path / "out").previous is not None
        taken |= {outputs.log, outputs.annotated}
    assert len(taken) == 4
